"""Journals of before are read out as they always were."""

from __future__ import annotations

import pytest
from old_entries import ODD_ENTRIES, OLD_ENTRIES

from kiosk.domain.audit import AuditEntry, Value
from kiosk.journal.sentences import sentence

AT = "2026-05-04T09:00:00+00:00"


@pytest.mark.parametrize(("event", "details", "said"), OLD_ENTRIES + ODD_ENTRIES)
def test_an_old_entry_is_read_out_as_ever(event: str, details: dict[str, Value], said: str) -> None:
    assert sentence(AuditEntry(AT, event, details)) == said
