"""The journal recorder. Entries are durable when its methods return.

The only place where decisions, faults and door events become entries of the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk.domain.access.machine import AuditFault, Decision
from kiosk.domain.audit import AuditEntry, Value
from kiosk.domain.errors import JournalTampered, JournalUnwritable
from kiosk.domain.ports import AuditLog, Clock
from kiosk.journal.details import decision_details, fault_details

Told = Callable[[str, Mapping[str, Value]], None]
"""Receives an entry's event and details."""

JOURNAL_ERRORS = (JournalUnwritable, JournalTampered)


class JournalRecorder:
    """Writes entries, stamped with the wall clock.

    Args:
        journal: durable when `append` returns.
        clock: stamps the entries.
        told: receives each event before it is written: an alarm that waited for the journal would
            be lost with it.

    Each method raises one of `JOURNAL_ERRORS` where the entry could not be made durable.
    """

    def __init__(self, journal: AuditLog, clock: Clock, told: Told | None = None) -> None:
        self._journal = journal
        self._clock = clock
        self._told = told

    def note(self, event: str, details: dict[str, Value]) -> None:
        """Notify the listener, then write the entry; a journal failure stops no notification."""
        self.tell(event, details)
        self.write(event, details)

    def tell(self, event: str, details: dict[str, Value]) -> None:
        """Notify the listener only; raises nothing."""
        if self._told is not None:
            self._told(event, details)

    def write(self, event: str, details: dict[str, Value]) -> None:
        """Write the entry only: for an event already notified, and retried until it is written."""
        at = self._clock.utc().isoformat(timespec="milliseconds")
        self._journal.append(AuditEntry(at, event, details))

    def decision(self, decision: Decision) -> None:
        """Record a decision before it takes effect."""
        self.note("decision", decision_details(decision))

    def fault(self, fault: AuditFault) -> None:
        """Record the fault or the recovery of a part."""
        self.note("recovered" if fault.recovered else "fault", fault_details(fault))
