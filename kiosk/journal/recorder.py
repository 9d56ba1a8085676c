"""The journal recorder. Entries are durable when its methods return.

A kiosk has one: whoever wants to know what happens subscribes to it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime

from kiosk.domain.access.machine import AuditFault, Decision
from kiosk.domain.errors import JournalTampered, JournalUnwritable
from kiosk.domain.ports import AuditLog
from kiosk.journal.details import decision_event, fault_event
from kiosk.journal.events.event import JournalEvent

Writes = Callable[[JournalEvent], None]
"""Writes an event to the journal; raises one of `JOURNAL_ERRORS` where it cannot."""

Listener = Callable[[JournalEvent, datetime], None]
"""Receives an event and its time, UTC, in whole milliseconds."""

JOURNAL_ERRORS = (JournalUnwritable, JournalTampered)


class JournalRecorder:
    """Writes events as entries, and tells listeners of them. May be used by any number of threads.

    Args:
        journal: durable when `append` returns.
        utc: the wall clock; stamps the entries.

    Each method that writes raises one of `JOURNAL_ERRORS` where the entry could not be made
    durable.
    """

    def __init__(self, journal: AuditLog, utc: Callable[[], datetime]) -> None:
        self._journal = journal
        self._utc = utc
        self._at_once: list[Listener] = []
        self._afterwards: list[Listener] = []

    def subscribe(self, listener: Listener, *, durable: bool = False) -> None:
        """Tell a listener of every event from now on.

        Args:
            listener: called in the thread that records, which waits for it. What it raises is
                dropped: it keeps neither the entry nor another listener from the event.
            durable: False tells it of each event as it happens, before it is written and whether or
                not it can be: an alarm that waited for the journal would be lost with it. True
                tells it afterwards, and only of events that the journal holds.
        """
        (self._afterwards if durable else self._at_once).append(listener)

    def note(self, event: JournalEvent) -> None:
        """Tell of an event, and write it; a journal failure stops no notification."""
        at = self._now()
        _notify(self._at_once, event, at)
        self._append(event, at)

    def tell(self, event: JournalEvent) -> None:
        """Tell only those who hear of events at once; raises nothing."""
        _notify(self._at_once, event, self._now())

    def write(self, event: JournalEvent) -> None:
        """Write only: for an event that was told already, and is retried until it is written."""
        self._append(event, self._now())

    def decision(self, decision: Decision) -> None:
        """Record a decision before it takes effect."""
        self.note(decision_event(decision))

    def fault(self, fault: AuditFault) -> None:
        """Record the fault or the recovery of a part."""
        self.note(fault_event(fault))

    def _append(self, event: JournalEvent, at: datetime) -> None:
        self._journal.append(event.entry(at))
        _notify(self._afterwards, event, at)

    def _now(self) -> datetime:
        now = self._utc()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _notify(listeners: list[Listener], event: JournalEvent, at: datetime) -> None:
    for listener in tuple(listeners):
        with contextlib.suppress(Exception):
            listener(event, at)
