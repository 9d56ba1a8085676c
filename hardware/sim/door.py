"""A door without a lock: it obeys the rules of a real one, and a test can play the street.

It keeps its own time for a release, as a good lock does: whatever becomes of the kiosk, the
release ends. A command whose answer would come too late did not happen.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import NamedTuple

from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, DoorRules, Leaf, Lock, ReleaseOrder
from kiosk.domain.errors import DoorRefused, DoorTimeout
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Instant


class Happened(Enum):
    """What a door's history tells."""

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
    """One thing that happened to the door, and when by its clock."""

    at: Instant
    what: Happened


class SimulatedDoor:
    """Fulfils the `Door` port in memory.

    The first methods are the port; those below the line are the outside world's.

    Args:
        rules: what the door will do.
        clock: the door's own time.
        answer_seconds: how long a command waits for an answer.
        wait: spends that time.
    """

    def __init__(
        self,
        rules: DoorRules,
        clock: Clock,
        answer_seconds: float = 0.5,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._answer_seconds = answer_seconds
        self._wait = wait
        self._changed = threading.Condition()
        self._until: Instant | None = None
        self._inputs = DoorReading(leaf=Leaf.CLOSED)
        self._history: list[Entry] = []
        self._delay = 0.0
        self._wire_whole = True
        self._closed = False

    def release(self, order: ReleaseOrder) -> Reason | None:
        """Release the lock for a time; the time runs from when the command arrives.

        Raises:
            DoorTimeout: the wire is cut or the door is too slow; it stays as it was.
            DoorRefused: stale evidence, a time that is not allowed, or the door was closed.
        """
        self._reach()
        with self._changed:
            now = self._settle()
            try:
                self._refuse_if_closed()
                self._rules.check(order, now)
            except DoorRefused:
                self._note(now, Happened.REFUSED)
                raise
            self._until = Instant(now + order.seconds)
            self._note(now, Happened.RELEASED)
            if order.push_seconds:
                self._note(now, Happened.PUSHED)
        return None

    def secure(self) -> None:
        """Lock at once.

        Raises:
            DoorTimeout: the wire is cut or the door is too slow; a release still ends by itself.
        """
        self._reach()
        with self._changed:
            self._secure(self._settle())

    def status(self) -> DoorReading:
        """What lock and inputs say.

        Raises:
            DoorTimeout: the wire is cut or the door is too slow.
        """
        self._reach()
        with self._changed:
            self._settle()
            lock = Lock.SECURED if self._until is None else Lock.RELEASED
            return replace(self._inputs, lock=lock)

    def close(self) -> None:
        """Secure the door and let it go; may be called twice, and with the wire cut."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            now = self._settle()
            if self._wire_whole:
                self._secure(now)
            self._note(now, Happened.CLOSED)

    # -- the outside world -----------------------------------------------------------------------

    def leaf_opens(self) -> None:
        """Somebody opens the leaf, with a release or by force."""
        with self._changed:
            now = self._settle()
            if self._inputs.leaf is Leaf.OPEN:
                return
            self._inputs = replace(self._inputs, leaf=Leaf.OPEN)
            forced = self._until is None
            self._note(now, Happened.LEAF_FORCED if forced else Happened.LEAF_OPENED)

    def leaf_closes(self) -> None:
        """The leaf falls shut."""
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
        """From now on no command arrives."""
        with self._changed:
            self._wire_whole = False

    def mend_wire(self) -> None:
        """Commands arrive again."""
        with self._changed:
            self._wire_whole = True

    def answers_after(self, seconds: float) -> None:
        """From now on the door takes so long over every command."""
        with self._changed:
            self._delay = seconds

    @property
    def unlocked(self) -> bool:
        """Whether the bolt is back, as somebody at the door would find; works without a wire."""
        with self._changed:
            self._settle()
            return self._until is not None

    @property
    def history(self) -> tuple[Entry, ...]:
        """Everything that happened, oldest first; a release's own end is in it too."""
        with self._changed:
            self._settle()
            return tuple(self._history)

    @property
    def releases(self) -> int:
        """How often it was released."""
        return sum(entry.what is Happened.RELEASED for entry in self.history)

    def wait_until(self, what: Happened, timeout: float) -> bool:
        """Wait for the first time that a command or a verb makes that happen.

        Returns:
            False if it did not in ``timeout`` s. A release's own end wakes nobody: ask for it.
        """
        with self._changed:
            return self._changed.wait_for(
                lambda: any(entry.what is what for entry in self._history), timeout
            )

    # -- within ----------------------------------------------------------------------------------

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

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise DoorRefused("The simulated door was let go.", "Start the kiosk again.")

    def _settle(self) -> Instant:
        """Let what time has done by itself be done; returns now."""
        now, until = self._clock.monotonic(), self._until
        if until is not None and now >= until:
            self._until = None
            self._note(until, Happened.SECURED)
        return now

    def _secure(self, now: Instant) -> None:
        """Only a released lock has something to write down."""
        if self._until is not None:
            self._note(now, Happened.SECURED)
        self._until = None

    def _note(self, at: Instant, what: Happened) -> None:
        self._history.append(Entry(at, what))
        self._changed.notify_all()
