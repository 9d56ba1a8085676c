"""Work for the thread that owns the door, and calls with a bounded wait for their result.

The queue of that work is made before the kiosk and before the operators' channels, so that neither
has to know the other. A call that has not begun within its wait is never run, unless the caller
allows it to run late.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from kiosk.domain.errors import DoorTimeout, LintelError
from kiosk.door.subsystem import DoorSubsystem

Came = TypeVar("Came")


Work = Callable[[DoorSubsystem], None]


class DoorThread(Protocol):
    """Whatever passes work on to the thread that owns the door."""

    def do(self, work: Work) -> None:
        """Queue work for the door subsystem; returns at once."""
        ...


class DoorQueue:
    """The queue of the thread that owns the door. May be filled by any thread; loses nothing."""

    def __init__(self) -> None:
        self._fifo: queue.SimpleQueue[Work] = queue.SimpleQueue()

    def do(self, work: Work) -> None:
        """Queue work for the door subsystem, which an error in it makes faulty; returns at once."""
        self.put(lambda subsystem: subsystem.guard(lambda: work(subsystem)))

    def put(self, work: Work) -> None:
        """Queue work that raises nothing; returns at once."""
        self._fifo.put(work)

    def take(self, timeout: float) -> Work | None:
        """The oldest work; None if there was none within so many seconds."""
        try:
            return self._fifo.get(timeout=timeout)
        except queue.Empty:
            return None

    @property
    def waiting(self) -> int:
        """How much work waits."""
        return self._fifo.qsize()


def call_in_door_thread(
    door: DoorThread,
    work: Callable[[DoorSubsystem], Came],
    patience_seconds: float,
    *,
    late: bool = False,
) -> Came:
    """Run work in the door thread. May be called by any thread but the door's own.

    Args:
        door: leads to the thread of the door that is meant.
        work: the function to run.
        patience_seconds: the longest wait for its result.
        late: True if it may still run after the wait has ended.

    Raises:
        DoorTimeout: no result in time; says if the work may still be done.
        LintelError: the error that ended the work; it is also a fault of the kiosk.
    """
    answers: queue.SimpleQueue[Came | LintelError] = queue.SimpleQueue()
    turn = threading.Lock()
    """Taken by the first of two: the thread that begins the work, or the caller that gives up."""

    def do(subsystem: DoorSubsystem) -> None:
        if not (turn.acquire(blocking=False) or late):
            return
        try:
            answers.put(work(subsystem))
        except LintelError as error:
            answers.put(error)
            raise

    door.do(do)
    try:
        came = answers.get(timeout=patience_seconds)
    except queue.Empty:
        raise _unanswered(begun=not turn.acquire(blocking=False), late=late) from None
    if isinstance(came, LintelError):
        raise came
    return came


def _unanswered(*, begun: bool, late: bool) -> DoorTimeout:
    if begun or late:
        what = "has not answered yet" if begun else "is busy; it is done as soon as it can be"
        return DoorTimeout(f"The door {what}.", "Look at the door's state before you try again.")
    return DoorTimeout("The door is busy; nothing was done, and will not be.", "Try again.")
