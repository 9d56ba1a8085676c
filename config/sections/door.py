"""The door."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from config.sections.common import Section
from kiosk.domain.door import DoorRules


class DoorSettings(Section):
    """Which driver moves the lock, and for how long."""

    driver: Literal["simulated"] = "simulated"
    """Only the simulated door exists so far."""
    release_seconds: float = Field(5.0, ge=0.5, le=60.0)
    """How long a grant releases the lock."""
    max_release_seconds: float = Field(60.0, ge=0.5, le=600.0)
    """No release is longer."""
    max_age_seconds: float = Field(1.0, ge=0.1, le=5.0)
    """Evidence older than this releases nothing."""
    held_open_seconds: float = Field(30.0, ge=1.0, le=3600.0)
    """Open for longer than this after a release is held open."""

    @model_validator(mode="after")
    def _fits(self) -> DoorSettings:
        if self.release_seconds > self.max_release_seconds:
            raise ValueError("release_seconds must not exceed max_release_seconds")
        return self

    def rules(self) -> DoorRules:
        """As the domain takes it."""
        return DoorRules(self.max_age_seconds, self.max_release_seconds, self.held_open_seconds)
