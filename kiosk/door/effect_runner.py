"""Carries out effects: journal, then door, then screen. Nothing is dropped or reordered.

If the journal cannot be written, the door stays locked. If the door does not obey, the screen never
shows that it did. Either failure is reported as a fault, and the kiosk goes out of service.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.domain.access.machine import (
    Admit,
    Audit,
    AuditFault,
    CheckFactor,
    Decision,
    Effect,
    Event,
    Faulted,
    Part,
    ReadBadge,
    Reason,
    Recognised,
    Recovered,
    Remember,
    Show,
    decided,
)
from kiosk.domain.enrolment.effects import NoteStep
from kiosk.domain.errors import DoorError, StoreError
from kiosk.domain.ports import Clock
from kiosk.domain.prompts import View
from kiosk.domain.vision.frame import Instant
from kiosk.journal.details import recognition_event
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


Happened = DecisionOutcome | AuditFault | NoteStep
"""An event for observers: a decision that was carried out, a fault or its end, a step of an
enrolment."""


class Admits(Protocol):
    """The access authorizer; see `kiosk.door.authorizer`."""

    def admit(self, person: Recognised) -> None:
        """Authorise and release, or refuse; records the outcome and answers."""
        ...


class Checks(Protocol):
    """The second factors; see `kiosk.door.factor_checker`."""

    def check(self, effect: CheckFactor) -> None:
        """Check a factor that was asked for, and answer."""
        ...

    def read(self, text: str, shown_at: Instant) -> None:
        """Report the owner of a badge that nobody asked for."""
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
        factors: checks second factors.
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
        factors: Checks,
        door: Tended,
        recorder: JournalRecorder,
        clock: Clock,
        show: Callable[[View], None],
        report: Callable[[Event], None],
        observe: Callable[[Happened], None],
    ) -> None:
        self._authorizer = authorizer
        self._factors = factors
        self._door = door
        self._recorder = recorder
        self._clock = clock
        self._show = show
        self._report = report
        self._observe = observe
        self._broken: set[Part] = set()

    def carry_out(self, effects: tuple[Effect, ...], view: View) -> None:
        """Carry out effects in order; the first failure stops the rest."""
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
        for effect in effects:
            match effect:
                case Audit(record=record):
                    self._write(record)
                case AuditFault():
                    self._write_fault(effect)
                    self._observe(effect)
                case Admit(person=person):
                    self._authorizer.admit(person)
                case CheckFactor():
                    self._factors.check(effect)
                case ReadBadge(presented=presented):
                    self._factors.read(presented.text, presented.at)
                case Remember():
                    self._factors.remember(effect)
                case Show():
                    self._show(view)

    def _write(self, record: Decision | Recognised) -> None:
        """Record the end of a session, or a recognition, about which nothing is decided yet."""
        if isinstance(record, Recognised):
            self._write_recognised(record)
            return
        try:
            self._recorder.decision(record)
        finally:
            self._observe(DecisionOutcome(record, None))

    def _write_recognised(self, person: Recognised) -> None:
        try:
            self._recorder.note(recognition_event(person))
        except JOURNAL_ERRORS:
            self._observe(DecisionOutcome(decided(person, Reason.FAULT), None))
            raise

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
