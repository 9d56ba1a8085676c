"""OSDP with the kiosk as a reader of an existing panel. The panel decides, and owns the lock.

The channel's key is not part of the settings: `key_file` names its file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from config.sections.common import Section
from config.sections.doors.osdp import SERIAL_PORT, Baud


class OsdpPdSettings(Section):
    """OSDP with the kiosk as a reader of an existing panel."""

    port: str = Field(pattern=SERIAL_PORT)
    """The serial port: best one of `/dev/serial/by-id/`, which stays the same."""
    baud: Baud = 9600
    """Its speed; the panel has the same."""
    address: int = Field(0, ge=0, le=126)
    """The kiosk's address at the panel."""
    key_file: Path | None = None
    """The file with the 32 hex digits of the secure channel's key; the panel has the same."""
    allow_insecure: bool = False
    """No secure channel: anyone with access to the cable can imitate the panel and read every
    credential. `kiosk doctor` reports it."""
    reader: int = Field(0, ge=0, le=1)
    """The kiosk's reader number at the panel."""
    card_format: Literal["wiegand-26", "raw-32", "raw-64"] = "wiegand-26"
    """How a person's credential number is sent."""
    facility_code: int | None = Field(None, ge=0, le=255)
    """The facility code of `wiegand-26`; compulsory with it."""
    granted_by: Literal["led-green", "output"] = "led-green"
    """What the panel does when it grants: turns our LED green, or switches our output on."""
    denied_by: Literal["led-red", "nothing"] = "led-red"
    """The panel's signal for a grant: it turns the kiosk's LED green, or switches its output on."""
    led: int = Field(0, ge=0, le=7)
    """The panel's signal for a denial; with `nothing`, the absence of any signal."""
    output: int = Field(0, ge=0, le=7)
    """The output that it uses for its answer, counted from 0."""
    panel_seconds: float = Field(1.5, ge=0.2, le=2.0)
    """How long the panel has for its answer, once it has fetched the number."""

    @model_validator(mode="after")
    def _secure(self) -> OsdpPdSettings:
        if self.allow_insecure == (self.key_file is not None):
            raise ValueError(
                "key_file must name the key of the secure channel; a panel that has no such "
                "channel takes allow_insecure = true instead, never both"
            )
        return self

    @model_validator(mode="after")
    def _whole(self) -> OsdpPdSettings:
        if (self.card_format == "wiegand-26") != (self.facility_code is not None):
            raise ValueError('facility_code belongs to card_format = "wiegand-26", which needs it')
        return self
