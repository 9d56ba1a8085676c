"""A door without a lock: it follows the rules of a real one, and tests can operate its leaf.

It times a release itself, as a good lock does: the release ends even if the kiosk fails. A command
whose answer would come too late has no effect.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import NamedTuple

from hardware.door.driver import DoorDriver, Permit
from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, DoorRules, Leaf, Lock, ReleaseOrder
from kiosk.domain.errors import DoorRefused, DoorTimeout
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Instant


class Happened(Enum):
    """Event kinds of a door's history."""

    RELEASED = "released"
    SECURED = "secured"
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    PUSHED = "pushed"
    LEAF_OPENED = "leaf_opened"
    LEAF_FORCED = "leaf_forced"
    LEAF_CLOSED = "leaf_closed"
    CLOSED = "closed"


class Entry(NamedTuple):
    """One event at the door, with its time by the door's clock."""

    at: Instant
    what: Happened


class SimulatedDoor(DoorDriver):
    """Implements the `Door` port in memory.

    The first methods implement the port; those below the separator simulate the outside world.

    Args:
        rules: checks that every order must pass.
        clock: the door's time source.
        answer_seconds: answer timeout of a command.
        wait: sleeps for that time.
    """

    def __init__(
        self,
        rules: DoorRules,
        clock: Clock,
        answer_seconds: float = 0.5,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(rules, clock, answer_seconds)
        self._wait = wait
        self._changed = threading.Condition()
        self._until: Instant | None = None
        self._inputs = DoorReading(leaf=Leaf.CLOSED)
        self._history: list[Entry] = []
        self._delay = 0.0
        self._wire_whole = True

    def release(self, order: ReleaseOrder) -> Reason | None:
        """Release the lock for a limited time, counted from the arrival of the command.

        Raises:
            DoorTimeout: the wire is cut or the door is too slow; its state is unchanged.
            DoorRefused: stale evidence, a duration that is not allowed, or the door was secured
                meanwhile, or closed.
        """
        try:
            return super().release(order)
        except DoorRefused:
            with self._changed:
                self._note(self._settle(), Happened.REFUSED)
            raise

    def _release(self, order: ReleaseOrder, permit: Permit) -> Reason | None:
        self._reach()
        with self._changed:
            now = self._settle()
            permit.check()
            self._until = Instant(now + order.seconds)
            self._note(now, Happened.RELEASED)
            if order.push_seconds:
                self._note(now, Happened.PUSHED)
        return None

    def _secure(self) -> None:
        self._reach()
        with self._changed:
            self._lock(self._settle())

    def status(self) -> DoorReading:
        """Current state of lock and inputs.

        Raises:
            DoorTimeout: the wire is cut or the door is too slow.
        """
        self._reach()
        with self._changed:
            self._settle()
            lock = Lock.SECURED if self._until is None else Lock.RELEASED
            return replace(self._inputs, lock=lock)

    def _close_device(self) -> None:
        with self._changed:
            self._note(self._settle(), Happened.CLOSED)

    # -- the outside world -----------------------------------------------------------------------

    def leaf_opens(self) -> None:
        """Open the leaf, during a release or by force."""
        with self._changed:
            now = self._settle()
            if self._inputs.leaf is Leaf.OPEN:
                return
            self._inputs = replace(self._inputs, leaf=Leaf.OPEN)
            forced = self._until is None
            self._note(now, Happened.LEAF_FORCED if forced else Happened.LEAF_OPENED)

    def leaf_closes(self) -> None:
        """Close the leaf."""
        with self._changed:
            now = self._settle()
            if self._inputs.leaf is Leaf.OPEN:
                self._inputs = replace(self._inputs, leaf=Leaf.CLOSED)
                self._note(now, Happened.LEAF_CLOSED)

    def inputs(self, **changes: object) -> None:
        """Set other inputs of its reading: tampered, exit_asked, fire, neighbour_secured."""
        with self._changed:
            self._inputs = replace(self._inputs, **changes)  # type: ignore[arg-type] # by name

    def cut_wire(self) -> None:
        """Let no command arrive from now on."""
        with self._changed:
            self._wire_whole = False

    def mend_wire(self) -> None:
        """Let commands arrive again."""
        with self._changed:
            self._wire_whole = True

    def answers_after(self, seconds: float) -> None:
        """Set the time that the door takes for every command."""
        with self._changed:
            self._delay = seconds

    @property
    def unlocked(self) -> bool:
        """True if the bolt is retracted; works with the wire cut."""
        with self._changed:
            self._settle()
            return self._until is not None

    @property
    def history(self) -> tuple[Entry, ...]:
        """All events, oldest first, including the end of a release by its timer."""
        with self._changed:
            self._settle()
            return tuple(self._history)

    @property
    def releases(self) -> int:
        """Number of releases."""
        return sum(entry.what is Happened.RELEASED for entry in self.history)

    def wait_until(self, what: Happened, timeout: float) -> bool:
        """Wait until the event is in the history because of a command or a simulated action.

        Returns:
            False if it did not happen in ``timeout`` s. The end of a release by its timer wakes no
            waiter: query it.
        """
        with self._changed:
            return self._changed.wait_for(
                lambda: any(entry.what is what for entry in self._history), timeout
            )

    # -- internal --------------------------------------------------------------------------------

    def _reach(self) -> None:
        """Spend the time of a command and its answer."""
        with self._changed:
            whole, delay = self._wire_whole, self._delay
        answered = whole and delay <= self._answer_seconds
        if answered and delay == 0.0:
            return
        self._wait(delay if answered else self._answer_seconds)
        if not answered:
            with self._changed:
                self._note(self._settle(), Happened.UNANSWERED)
            raise DoorTimeout(
                f"The simulated door did not answer within {self._answer_seconds:g} s.",
                "Check its wire and its power.",
            )

    def _settle(self) -> Instant:
        """Apply a release that has expired; returns the current time."""
        now, until = self._clock.monotonic(), self._until
        if until is not None and now >= until:
            self._until = None
            self._note(until, Happened.SECURED)
        return now

    def _lock(self, now: Instant) -> None:
        """Record the locking, only if the lock was released."""
        if self._until is not None:
            self._note(now, Happened.SECURED)
        self._until = None

    def _note(self, at: Instant, what: Happened) -> None:
        self._history.append(Entry(at, what))
        self._changed.notify_all()
