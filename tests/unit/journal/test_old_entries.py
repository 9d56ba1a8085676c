"""Journals of before are read as the events they were, and read out as they always were."""

from __future__ import annotations

import pytest
from old_entries import ODD_ENTRIES, OLD_ENTRIES

from kiosk.domain.audit import AuditEntry, Value
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.registry import EVENTS, UnknownEvent, event_of
from kiosk.journal.sentences import sentence

AT = "2026-05-04T09:00:00+00:00"


@pytest.mark.parametrize(("event", "details", "said"), OLD_ENTRIES + ODD_ENTRIES)
def test_an_old_entry_is_read_out_as_ever(event: str, details: dict[str, Value], said: str) -> None:
    assert sentence(AuditEntry(AT, event, details)) == said


@pytest.mark.parametrize(("name", "details"), [old[:2] for old in OLD_ENTRIES])
def test_an_old_entry_is_its_event_and_written_again_as_it_was(
    name: str, details: dict[str, Value]
) -> None:
    event = event_of(AuditEntry(AT, name, details))
    assert isinstance(event, JournalEvent)
    assert (event.name, event.details()) == (name, details)


@pytest.mark.parametrize(("name", "details"), [odd[:2] for odd in ODD_ENTRIES])
def test_an_entry_of_another_version_is_read_as_it_stands(
    name: str, details: dict[str, Value]
) -> None:
    event = event_of(AuditEntry(AT, name, details))
    assert isinstance(event, UnknownEvent)
    assert (event.name, event.details()) == (name, details)


def test_every_class_has_an_old_entry() -> None:
    """A class that is added later brings one: from then on it is read for ever."""
    assert {type(event_of(AuditEntry(AT, *old[:2]))) for old in OLD_ENTRIES} == set(EVENTS)
