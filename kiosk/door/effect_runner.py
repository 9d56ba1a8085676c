"""Carries out decisions: journal, then door, then screen. Nothing is dropped or reordered.

If the journal cannot be written, the door stays locked. If the door does not obey, the screen never
shows that it did. Either failure is reported as a fault, and the kiosk goes out of service.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.domain.access.machine import (
    Audit,
    AuditFault,
    Decision,
    Effect,
    Event,
    Faulted,
    Forget,
    Part,
    Recovered,
    ReleaseDoor,
    Remember,
    Show,
)
from kiosk.domain.errors import DoorError, StoreError
from kiosk.domain.ports import Clock
from kiosk.domain.prompts import View
from kiosk.journal.events.keeping import JournalReported
from kiosk.journal.recorder import JOURNAL_ERRORS, JournalRecorder


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """A decision and its result.

    Attributes:
        decision: as it was recorded.
        release_ms: milliseconds from the capture of the deciding evidence to the door's
            acknowledgement; None where the door was not released.
    """

    decision: Decision
    release_ms: float | None

    @property
    def released(self) -> bool:
        """True if the door was released."""
        return self.release_ms is not None


Happened = DecisionOutcome | AuditFault
"""An event for observers: a decision that was carried out, a fault or its end."""


class Admits(Protocol):
    """The access authorizer; see `kiosk.door.authorizer`."""

    def admit(self, decision: Decision, order: ReleaseDoor) -> bool:
        """True if the door was released; records the outcome."""
        ...

    def forget(self, effect: Forget) -> None:
        """Stop asking the current person for a second factor."""
        ...

    def remember(self, effect: Remember) -> None:
        """Store the lockout state durably, and announce a lockout."""
        ...


class Tended(Protocol):
    """The door between orders; see `kiosk.door.controller`."""

    def tend(self) -> None:
        """Poll the door and keep it in its intended state."""
        ...

    def recover(self) -> None:
        """Secure the door and read its status; raises while it does not answer."""
        ...


class EffectRunner:
    """Carries out effects. Owned by one thread.

    Args:
        authorizer: admits people according to the rules.
        door: the door, tended between orders.
        recorder: writes the journal.
        clock: stamps faults.
        show: puts a view on the screen.
        report: passes a fault to the session.
        observe: receives every decision after it was carried out or failed to be, and every fault
            and its end.
    """

    def __init__(
        self,
        *,
        authorizer: Admits,
        door: Tended,
        recorder: JournalRecorder,
        clock: Clock,
        show: Callable[[View], None],
        report: Callable[[Event], None],
        observe: Callable[[Happened], None],
    ) -> None:
        self._authorizer = authorizer
        self._door = door
        self._recorder = recorder
        self._clock = clock
        self._show = show
        self._report = report
        self._observe = observe
        self._broken: set[Part] = set()

    def carry_out(self, effects: tuple[Effect, ...], view: View) -> None:
        """Carry out effects in order; the first failure or refused release stops the rest."""
        self.guard(lambda: self._carry_out(effects, view))

    def guard(self, work: Callable[[], None]) -> None:
        """Run work of the door subsystem; an error in it is a fault of the part concerned."""
        try:
            work()
        except JOURNAL_ERRORS as error:
            self._fail(Part.JOURNAL, error.problem)
        except DoorError as error:
            self._fail(Part.DOOR, error.problem)
        except StoreError as error:
            self._fail(Part.STORE, error.problem)

    def suspect(self, part: Part) -> None:
        """Count a part as broken until it has proved to work."""
        self._broken.add(part)

    def tend(self) -> None:
        """Poll the door and keep it in its intended state; a lost door is a fault."""
        if Part.DOOR in self._broken:
            self._try(Part.DOOR)
        else:
            self.guard(self._door.tend)

    def try_to_recover(self) -> None:
        """Retry every broken part. Called periodically."""
        for part in tuple(self._broken):
            self._try(part)

    def _try(self, part: Part) -> None:
        try:
            self._probe(part)
        except (*JOURNAL_ERRORS, DoorError):
            return
        self._broken.discard(part)
        self._report(Recovered(self._clock.monotonic(), part))

    def _carry_out(self, effects: tuple[Effect, ...], view: View) -> None:
        recognised: Decision | None = None
        for effect in effects:
            match effect:
                case Audit(decision=decision) if decision.granted:
                    recognised = decision
                case Audit(decision=decision):
                    self._refuse(decision)
                case AuditFault():
                    self._write_fault(effect)
                    self._observe(effect)
                case ReleaseDoor() if recognised is None or not self._admit(recognised, effect):
                    return
                case Forget():
                    self._authorizer.forget(effect)
                case Remember():
                    self._authorizer.remember(effect)
                case Show():
                    self._show(view)

    def _admit(self, decision: Decision, order: ReleaseDoor) -> bool:
        return self._authorizer.admit(decision, order)

    def _refuse(self, decision: Decision) -> None:
        try:
            self._recorder.decision(decision)
        finally:
            self._observe(DecisionOutcome(decision, None))

    def _probe(self, part: Part) -> None:
        if part is Part.JOURNAL:
            self._recorder.note(JournalReported("can be written again"))
        elif part is Part.DOOR:
            self._door.recover()

    def _write_fault(self, fault: AuditFault) -> None:
        """Record a fault. It is shown even where it cannot be recorded."""
        try:
            self._recorder.fault(fault)
        except JOURNAL_ERRORS as error:
            self._fail(Part.JOURNAL, error.problem)

    def _fail(self, part: Part, detail: str) -> None:
        self.suspect(part)
        self._report(Faulted(self._clock.monotonic(), part, detail))
