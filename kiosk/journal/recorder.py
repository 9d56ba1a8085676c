"""Writing things down. Whatever must come first is durable when these return.

The one place where a decision, a fault or a door's doings become entries of the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk.domain.access.machine import AuditFault, Decision
from kiosk.domain.audit import AuditEntry, Value
from kiosk.domain.errors import JournalTampered, JournalUnwritable
from kiosk.domain.ports import AuditLog, Clock
from kiosk.journal.details import decision_details, fault_details

Told = Callable[[str, Mapping[str, Value]], None]
"""Takes an entry's event and details."""

JOURNAL_ERRORS = (JournalUnwritable, JournalTampered)


class JournalRecorder:
    """Writes entries, stamped with the wall clock.

    Args:
        journal: durable when `append` returns.
        clock: stamps.
        told: hears of what is noted before it is written: an alarm that waits for the journal is
            lost with it.

    Each method raises one of `JOURNAL_ERRORS` where the entry could not be made durable.
    """

    def __init__(self, journal: AuditLog, clock: Clock, told: Told | None = None) -> None:
        self._journal = journal
        self._clock = clock
        self._told = told

    def note(self, event: str, details: dict[str, Value]) -> None:
        """That this happens now: whoever watches is told first, whatever becomes of the journal."""
        self.tell(event, details)
        self.write(event, details)

    def tell(self, event: str, details: dict[str, Value]) -> None:
        """Whoever watches, and nobody else; raises nothing."""
        if self._told is not None:
            self._told(event, details)

    def write(self, event: str, details: dict[str, Value]) -> None:
        """Into the journal alone: for what was told already, and is tried until it is written."""
        at = self._clock.utc().isoformat(timespec="milliseconds")
        self._journal.append(AuditEntry(at, event, details))

    def decision(self, decision: Decision) -> None:
        """What was decided, before anything comes of it."""
        self.note("decision", decision_details(decision))

    def fault(self, fault: AuditFault) -> None:
        """That a part broke, or works again."""
        self.note("recovered" if fault.recovered else "fault", fault_details(fault))
