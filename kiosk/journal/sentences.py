"""Plain-language sentences for audit entries. Scores are only in the entry itself."""

from __future__ import annotations

from kiosk.domain.audit import AuditEntry
from kiosk.journal.events.registry import event_of


def sentence(entry: AuditEntry) -> str:
    """One sentence about an entry; for an event unknown to this version, its name."""
    said = event_of(entry).sentence()
    return "".join(character if character.isprintable() else " " for character in said)
