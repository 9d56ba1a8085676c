"""Carrying out what was decided: audit, then door, then screen. Nothing is dropped or reordered.

If the journal cannot be written the door stays shut. If the door does not do as told the screen
never says that it did. Either is reported as a fault, and the kiosk goes out of service.
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
from kiosk.journal.recorder import JOURNAL_ERRORS, JournalRecorder


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """A decision and what came of it.

    Attributes:
        decision: as it was written down.
        release_ms: from the capture of the deciding evidence to the door's acknowledgement; None
            where the door was not released.
    """

    decision: Decision
    release_ms: float | None

    @property
    def released(self) -> bool:
        """Whether the door was released."""
        return self.release_ms is not None


Happened = DecisionOutcome | AuditFault
"""What others may want to know of: a decision that was carried out, a fault or its end."""


class Admits(Protocol):
    """The door's end of a decision; see `kiosk.door.authorizer`."""

    def admit(self, decision: Decision, order: ReleaseDoor) -> bool:
        """Whether the door was released; writes down what comes of it."""
        ...

    def forget(self, effect: Forget) -> None:
        """Whoever is asked for a factor is asked no more."""
        ...

    def remember(self, effect: Remember) -> None:
        """What is held against whoever comes next is made durable, and a lockout is told."""
        ...


class Tended(Protocol):
    """The door itself, between the orders; see `kiosk.door.controller`."""

    def tend(self) -> None:
        """Hear what the door says, and keep it as it is to be."""
        ...

    def recover(self) -> None:
        """Secure the door and hear from it; raises while it does not answer."""
        ...


class Effects:
    """Carries out effects. Owned by one thread.

    Args:
        authorizer: lets in whom the rules let in.
        door: the door's keeper.
        recorder: writes down.
        clock: stamps faults.
        show: puts a view on the screen.
        report: takes a fault back to the session.
        observe: is told of every decision after it was carried out, or failed to be, and of
            every fault and its end.
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
        """In order; the first that fails, or that the door's end refuses, ends it."""
        self.guard(lambda: self._carry_out(effects, view))

    def guard(self, work: Callable[[], None]) -> None:
        """Do something at the door's end; what fails in it is a fault of its part."""
        try:
            work()
        except JOURNAL_ERRORS as error:
            self._fail(Part.JOURNAL, error.problem)
        except DoorError as error:
            self._fail(Part.DOOR, error.problem)
        except StoreError as error:
            self._fail(Part.STORE, error.problem)

    def suspect(self, part: Part) -> None:
        """Count a part as broken until it has shown that it works."""
        self._broken.add(part)

    def tend(self) -> None:
        """Hear what the door says, and keep it as it is to be; a door that is lost is a fault."""
        if Part.DOOR in self._broken:
            self._try(Part.DOOR)
        else:
            self.guard(self._door.tend)

    def try_to_recover(self) -> None:
        """See whether what broke works again. To be called now and then."""
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
            self._recorder.note("journal", {"detail": "can be written again"})
        elif part is Part.DOOR:
            self._door.recover()

    def _write_fault(self, fault: AuditFault) -> None:
        """A fault is shown even where it cannot be written down."""
        try:
            self._recorder.fault(fault)
        except JOURNAL_ERRORS as error:
            self._fail(Part.JOURNAL, error.problem)

    def _fail(self, part: Part, detail: str) -> None:
        self.suspect(part)
        self._report(Faulted(self._clock.monotonic(), part, detail))
