"""Carrying out what was decided: audit, then door, then screen. Nothing is dropped or reordered.

If the journal cannot be written the door stays shut. If the door does not do as told the screen
never says that it did. Either is reported as a fault, and the kiosk goes out of service.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.domain.access import (
    Audit,
    AuditFault,
    Decision,
    Effect,
    Event,
    Faulted,
    Part,
    Recovered,
    ReleaseDoor,
    Show,
)
from kiosk.domain.audit import AuditEntry, Value
from kiosk.domain.errors import DoorError, JournalTampered, JournalUnwritable
from kiosk.domain.guidance import View
from kiosk.domain.lock import ReleaseOrder
from kiosk.domain.ports import AuditLog, Clock, Door
from kiosk.pipeline.records import decision_details, fault_details

JOURNAL_ERRORS = (JournalUnwritable, JournalTampered)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision and what came of it.

    Attributes:
        decision: as the machine made it.
        release_ms: from the capture of the deciding frame to the door's acknowledgement; None
            where the door was not released.
    """

    decision: Decision
    release_ms: float | None

    @property
    def released(self) -> bool:
        """Whether the door was released."""
        return self.release_ms is not None


Happened = Outcome | AuditFault
"""What others may want to know of: a decision that was carried out, a fault or its end."""


class Effects:
    """Carries out effects. Owned by one thread.

    Args:
        journal: durable when `append` returns.
        door: the lock.
        clock: stamps the journal and measures the way to the door.
        show: puts a view on the screen.
        report: takes a fault back to the session.
        observe: is told of every decision after it was carried out, or failed to be, and of
            every fault and its end.
    """

    def __init__(
        self,
        *,
        journal: AuditLog,
        door: Door,
        clock: Clock,
        show: Callable[[View], None],
        report: Callable[[Event], None],
        observe: Callable[[Happened], None],
    ) -> None:
        self._journal = journal
        self._door = door
        self._clock = clock
        self._show = show
        self._report = report
        self._observe = observe
        self._broken: set[Part] = set()

    def carry_out(self, effects: tuple[Effect, ...], view: View) -> None:
        """In order; the first failure ends it."""
        decision: Decision | None = None
        release_ms: float | None = None
        try:
            for effect in effects:
                match effect:
                    case Audit(decision=decision):
                        self._write("decision", decision_details(decision))
                    case AuditFault():
                        self._write_fault(effect)
                        self._observe(effect)
                    case ReleaseDoor():
                        release_ms = self._release(effect)
                    case Show():
                        self._show(view)
        except JOURNAL_ERRORS as error:
            self._fail(Part.JOURNAL, error.problem)
        except DoorError as error:
            self._fail(Part.DOOR, error.problem)
        if decision is not None:
            self._observe(Outcome(decision, release_ms))

    def suspect(self, part: Part) -> None:
        """Count a part as broken until it has shown that it works."""
        self._broken.add(part)

    def try_to_recover(self) -> None:
        """See whether what broke works again. To be called now and then."""
        for part in tuple(self._broken):
            try:
                self._probe(part)
            except (*JOURNAL_ERRORS, DoorError):
                continue
            self._broken.discard(part)
            self._report(Recovered(self._clock.monotonic(), part))

    def _probe(self, part: Part) -> None:
        if part is Part.JOURNAL:
            self._write("journal", {"detail": "can be written again"})
        else:
            self._door.secure()
            self._door.status()

    def _release(self, effect: ReleaseDoor) -> float:
        self._door.release(ReleaseOrder(effect.seconds, effect.captured_at))
        return (self._clock.monotonic() - effect.captured_at) * 1000

    def _write(self, event: str, details: dict[str, Value]) -> None:
        at = self._clock.utc().isoformat(timespec="milliseconds")
        self._journal.append(AuditEntry(at, event, details))

    def _write_fault(self, fault: AuditFault) -> None:
        """A fault is shown even where it cannot be written down."""
        try:
            self._write("recovered" if fault.recovered else "fault", fault_details(fault))
        except JOURNAL_ERRORS as error:
            self._fail(Part.JOURNAL, error.problem)

    def _fail(self, part: Part, detail: str) -> None:
        self.suspect(part)
        self._report(Faulted(self._clock.monotonic(), part, detail))
