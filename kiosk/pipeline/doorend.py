"""The door's end of a kiosk, put together. It decides nothing.

What is known of comings and goings, and what an operator has ordered, outlive a restart: a lockdown
that a power cut lifts is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, Protocol

from kiosk.domain.access import Decision, Event, Overruled
from kiosk.domain.calendar import Moment
from kiosk.domain.errors import StoreCorrupt
from kiosk.domain.guidance import View
from kiosk.domain.lock import ReleaseOrder
from kiosk.domain.passage import By, Command, Condition
from kiosk.domain.policy import AccessPolicy, Hold
from kiosk.domain.ports import AuditLog, Clock, Door
from kiosk.domain.presence import Presence, decoded, encoded, reset
from kiosk.domain.states import Reason
from kiosk.domain.template import SubjectId
from kiosk.pipeline.doorkeeper import Doorkeeper
from kiosk.pipeline.doorman import Doorman, Doorway, People
from kiosk.pipeline.effects import Effects, Happened, Outcome
from kiosk.pipeline.ledger import Ledger


class Kept(Protocol):
    """What outlives a restart, as plain values."""

    def load(self) -> dict[str, Any] | None:
        """None where nothing was kept yet. Raises StoreError."""
        ...

    def save(self, presence: dict[str, Any]) -> None:
        """Durable when it returns. Raises StoreError."""
        ...


@dataclass(frozen=True, slots=True)
class DoorParts:
    """What a door's end is made of.

    Attributes:
        door: the wire.
        doorway: what rules it.
        people: rules and factors of each.
        kept: what outlives a restart.
        zone: where the clock on the wall hangs.
    """

    door: Door
    doorway: Doorway
    people: People
    kept: Kept
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class DoorListeners:
    """Who is told what.

    Attributes:
        show: puts a view on the screen.
        report: takes events to the session.
        observe: is told of every decision that was carried out, and of faults.
        changed: is told whenever the door adds up to something else.
    """

    show: Callable[[View], None]
    report: Callable[[Event], None]
    observe: Callable[[Happened], None]
    changed: Callable[[Condition], None]


class DoorEnd:
    """Everything behind a decision. All but `hold` is for one thread, the effects loop's.

    Args:
        parts: what it is made of.
        journal: durable when `append` returns.
        clock: the machine's.
        listeners: who is told what.

    Raises:
        StoreError: what was kept cannot be read.
    """

    def __init__(
        self, parts: DoorParts, journal: AuditLog, clock: Clock, listeners: DoorListeners
    ) -> None:
        self._parts = parts
        self._clock = clock
        self._listeners = listeners
        self.ledger = Ledger(journal, clock)
        self.keeper = Doorkeeper(
            door=parts.door,
            passage=parts.doorway.passage,
            clock=clock,
            note=self.ledger.note,
            changed=listeners.changed,
            entered=self._entered,
        )
        presence, hold = self._load()
        self.doorman = Doorman(
            people=parts.people,
            keeper=self.keeper,
            doorway=parts.doorway,
            presence=presence,
            moment=self._moment,
            ledger=self.ledger,
            report=listeners.report,
            observe=self._observe,
            keep=self._keep,
        )
        self.doorman.hold = hold
        self.effects = Effects(
            doorman=self.doorman,
            door=self,
            ledger=self.ledger,
            clock=clock,
            show=listeners.show,
            report=listeners.report,
            observe=listeners.observe,
        )
        self._held = False

    def policy(self, policy: AccessPolicy) -> AccessPolicy:
        """The policy, with what an operator has ordered. May be asked by any thread."""
        hold = self.doorman.hold
        return policy if hold is None else replace(policy, hold=hold)

    # -- the door itself -------------------------------------------------------------------------

    def tend(self) -> None:
        """Tell the door what schedule and operator say, and hear what it says."""
        if not self._held and self.doorman.hold is Hold.LOCKED_DOWN:
            self._held = True
            self.keeper.tell(Command.LOCK_DOWN)
        self.doorman.tend()
        self.keeper.tend()

    def recover(self) -> None:
        """Secure the door and hear from it; raises while it does not answer."""
        self.keeper.recover()

    # -- what an operator orders; each was written down before -----------------------------------

    def release(self, seconds: float | None = None) -> Reason | None:
        """Release the door for somebody whom an operator lets in."""
        length = self._parts.doorway.passage.release_seconds if seconds is None else seconds
        return self.keeper.release(ReleaseOrder(length, self._clock.monotonic()), By.OPERATOR)

    def deny(self) -> None:
        """Say no to whoever is there, and lock what was released for them."""
        self._listeners.report(Overruled(self._clock.monotonic()))
        self.keeper.tell(Command.SECURE)

    def hold(self, hold: Hold | None) -> None:
        """Pause faces, lock down, or lift both; it is kept before it counts."""
        self._save(self.doorman.presence, hold)
        self.doorman.hold = hold
        self._held = hold is Hold.LOCKED_DOWN
        self.keeper.tell(Command.LOCK_DOWN if self._held else Command.LIFT)

    def secure(self) -> None:
        """Lock now."""
        self.keeper.tell(Command.SECURE)

    def reset_passback(self, subject: SubjectId | None) -> None:
        """Forget who is inside: one, or everybody."""
        self.doorman.forget_passing(reset(self.doorman.presence, subject))

    # -- within ----------------------------------------------------------------------------------

    def _moment(self) -> Moment:
        return Moment(self._clock.utc().astimezone(self._parts.zone), self._clock.monotonic())

    def _entered(self) -> None:
        self.doorman.entered()

    def _observe(self, decision: Decision, release_ms: float | None) -> None:
        self._listeners.observe(Outcome(decision, release_ms))

    def _keep(self, presence: Presence) -> None:
        self._save(presence, self.doorman.hold)

    def _save(self, presence: Presence, hold: Hold | None) -> None:
        self._parts.kept.save(
            {"presence": encoded(presence), "hold": None if hold is None else hold.value}
        )

    def _load(self) -> tuple[Presence, Hold | None]:
        match self._parts.kept.load():
            case None:
                return Presence(), None
            case {"presence": presence, "hold": None}:
                return decoded(presence, self._moment()), None
            case {"presence": presence, "hold": ("paused" | "locked_down") as hold}:
                return decoded(presence, self._moment()), Hold(hold)
        raise StoreCorrupt(
            "What an operator ordered, and who is inside, cannot be read.",
            "Restore the kiosk's home from a backup.",
        )
