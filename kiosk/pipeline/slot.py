"""One-place mailboxes that pass frames between threads; a slow reader delays nobody.

`LatestSlot` keeps the newest item and counts those it replaced, since a decision about an old frame
is worth less than one about a new frame. `EverySlot` is for replays that must lose nothing:
its writer waits until the last item was taken.
"""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Closed(Exception):
    """The slot was closed; no more items will come. The normal end of a loop, not a fault."""


class LatestSlot(Generic[Item]):
    """A one-place mailbox in which a new item replaces an unread one."""

    def __init__(self) -> None:
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
        """Put an item; never waits.

        Raises:
            Closed: the slot was finished or closed.
        """
        with self._changed:
            self._refuse_if_finished()
            self._replaced += self._item is not None
            self._leave(item)

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

    def _leave(self, item: Item) -> None:
        self._item = item
        self._changed.notify_all()

    def _refuse_if_finished(self) -> None:
        if self._finished:
            raise Closed


class EverySlot(LatestSlot[Item]):
    """A one-place mailbox in which nothing is replaced: the writer waits for the reader."""

    def put(self, item: Item) -> None:
        """Put an item once the one before it was taken.

        Raises:
            Closed: the slot was finished or closed, before or during the wait.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._finished or self._item is None)
            self._refuse_if_finished()
            self._leave(item)
