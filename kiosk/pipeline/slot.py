"""How one thread hands frames to another: one place, and nobody waits for a slow reader.

`LatestSlot` keeps the newest item and counts what it replaced, since a decision about an old
frame is worth less than one about a new frame. `EverySlot` is for replays that must lose nothing:
there the writer waits until its last item was taken.
"""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Closed(Exception):
    """The slot was closed; no more items will come. How loops end, not a fault."""


class LatestSlot(Generic[Item]):
    """A one-place mailbox in which a new item replaces an unread one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: Item | None = None
        self._finished = False
        self._replaced = 0

    @property
    def replaced(self) -> int:
        """How many items were replaced before anybody took them."""
        with self._changed:
            return self._replaced

    def put(self, item: Item) -> None:
        """Leave an item; never waits.

        Raises:
            Closed: the slot was finished or closed.
        """
        with self._changed:
            self._refuse_if_finished()
            self._replaced += self._item is not None
            self._leave(item)

    def take(self, timeout: float | None = None) -> Item | None:
        """Take the item, waiting for one at most ``timeout`` seconds (None: for ever, 0: not).

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
        """Accept no more; what lies there may still be taken. Wakes everybody who waits."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def close(self) -> None:
        """Accept no more and drop what lies there; may be called twice."""
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
        """Leave an item once the one before it was taken.

        Raises:
            Closed: the slot was finished or closed, before or while it waited.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._finished or self._item is None)
            self._refuse_if_finished()
            self._leave(item)
