"""Having something done in the thread that owns the door, and waiting for what comes of it.

Whoever asks waits for a bounded time. What was not begun by then never is, unless it may come late.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from kiosk.domain.errors import DoorTimeout, LintelError
from kiosk.door.subsystem import DoorSubsystem

Came = TypeVar("Came")


class DoorThread(Protocol):
    """A kiosk; see `kiosk.pipeline.live`."""

    def do(self, work: Callable[[DoorSubsystem], None]) -> None:
        """Something is to be done at the door's end, in its turn; returns at once."""
        ...


def call_in_door_thread(
    kiosk: DoorThread,
    work: Callable[[DoorSubsystem], Came],
    patience_seconds: float,
    *,
    late: bool = False,
) -> Came:
    """Have something done at the door's end. May be called by any thread but the door's own.

    Args:
        kiosk: whose door is meant.
        work: what is to be done.
        patience_seconds: how long to wait for it.
        late: whether it is still done after nobody waits for it any more.

    Raises:
        DoorTimeout: it was not done in time; says whether it still may be.
        LintelError: what ended the work; the kiosk hears of it too, as of any fault.
    """
    answers: queue.SimpleQueue[Came | LintelError] = queue.SimpleQueue()
    turn = threading.Lock()
    """Whoever takes it first has it: the thread that begins, or whoever gives up."""

    def do(end: DoorSubsystem) -> None:
        if not (turn.acquire(blocking=False) or late):
            return
        try:
            answers.put(work(end))
        except LintelError as error:
            answers.put(error)
            raise

    kiosk.do(do)
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
