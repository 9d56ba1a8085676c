"""What a kiosk last wrote of calls that are not sent for a while."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from kiosk.cloud.client.observing import CallGroup
from kiosk.cloud.monitoring.circuits_said import CircuitSaid, told_in
from kiosk.domain.audit import SealedEntry
from kiosk.journal.events.cloud import CloudCircuitChanged, CloudSpendingChanged
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.running import Started, Stopped

DAY = datetime(2026, 11, 28, 8, tzinfo=UTC)
STARTED = Started("camera", "standard")
SHUT, OPEN = (CloudCircuitChanged("search", shut) for shut in (True, False))


def told(*events: JournalEvent) -> Mapping[CallGroup, CircuitSaid]:
    """What is told of events that were written an hour after each other."""
    entries = [each.entry(DAY + timedelta(hours=n)) for n, each in enumerate(events)]
    return told_in(SealedEntry(n, each, "", "") for n, each in enumerate(entries))


def said(hour: int, *, shut: bool) -> CircuitSaid:
    return CircuitSaid(shut, DAY + timedelta(hours=hour))


def test_a_kiosk_that_wrote_of_no_failure_sends_since_its_start() -> None:
    both = dict.fromkeys(CallGroup, said(0, shut=False))
    assert told(STARTED, CloudSpendingChanged(stopped=True)) == both


def test_the_last_change_counts_for_its_own_calls() -> None:
    shut = told(STARTED, SHUT)
    assert shut == {CallGroup.SEARCH: said(1, shut=True), CallGroup.REST: said(0, shut=False)}
    assert told(STARTED, SHUT, OPEN)[CallGroup.SEARCH] == said(2, shut=False)


def test_what_another_process_wrote_before_the_start_counts_no_more() -> None:
    assert told(STARTED, SHUT, STARTED)[CallGroup.SEARCH] == said(2, shut=False)


def test_nothing_is_known_before_a_start_or_after_an_end() -> None:
    assert told() == told(STARTED, Stopped()) == {}
    assert told(CloudCircuitChanged("another", shut=True)) == {}
    assert told(SHUT) == {CallGroup.SEARCH: said(0, shut=True)}
