"""A one-place mailbox that passes frames between threads.

It keeps the newest item and counts those it replaced, since a decision about an old frame is worth
less than one about a new frame. A live camera waits for nobody; a replay may be patient, so that a
slow machine looks at its frames later, and loses none.
"""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Closed(Exception):
    """The slot was closed; no more items will come. The normal end of a loop, not a fault."""


class LatestSlot(Generic[Item]):
    """A one-place mailbox in which a new item replaces an unread one.

    Args:
        patience: seconds that a writer waits before it replaces an unread item; None: forever.
    """

    def __init__(self, patience: float | None = 0.0) -> None:
        self._patience = patience
        self._changed = threading.Condition()
        self._item: Item | None = None
        self._finished = False
        self._replaced = 0

    @property
    def replaced(self) -> int:
        """The number of items replaced before they were taken."""
        with self._changed:
            return self._replaced

    def put(self, item: Item) -> None:
        """Put an item, once the one before it was taken or the writer's patience has ended.

        Raises:
            Closed: the slot was finished or closed, before or during the wait.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._finished or self._item is None, self._patience)
            if self._finished:
                raise Closed
            self._replaced += self._item is not None
            self._item = item
            self._changed.notify_all()

    def take(self, timeout: float | None = None) -> Item | None:
        """Take the item, waiting at most ``timeout`` seconds (None: forever, 0: not at all).

        Returns:
            The item, or None if none came in time.

        Raises:
            Closed: the slot is closed, or finished and its last item was taken.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._finished or self._item is not None, timeout)
            item, self._item = self._item, None
            if item is None and self._finished:
                raise Closed
            self._changed.notify_all()
            return item

    def finish(self) -> None:
        """Accept no more items; the last one may still be taken. Wakes every waiting thread."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def close(self) -> None:
        """Accept no more items and drop the last one. Idempotent."""
        with self._changed:
            self._finished, self._item = True, None
            self._changed.notify_all()
