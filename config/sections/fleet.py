"""Settings of a fleet: how often a kiosk looks, and for how long it lets in without word."""

from __future__ import annotations

from pydantic import Field

from config.sections.common import Section


class FleetSettings(Section):
    """For a kiosk that `kiosk device enrol` has made a device of a fleet; else without effect."""

    poll_seconds: float = Field(30.0, ge=1.0, le=3600.0)
    """Seconds between two looks into the fleet's store, each up to a fifth more or less."""
    fresh_hours: float = Field(24.0, ge=0.1, le=720.0)
    """Hours without word from the publisher, after which its people need a second factor."""
    report_seconds: float = Field(300.0, ge=10.0, le=86_400.0)
    """Seconds between two reports of this kiosk's health, each up to a fifth more or less."""
    hand_in_journal: bool = True
    """Whether the journal is handed in, sealed to the fleet's admins."""
    journal_seconds: float = Field(900.0, ge=60.0, le=86_400.0)
    """Seconds for which new entries of the journal wait before they are handed in together."""
