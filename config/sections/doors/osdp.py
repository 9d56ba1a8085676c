"""OSDP with the kiosk as controller of a reader or I/O module. The secure channel is the default.

The channel's key is not part of the settings: `key_file` names its file, by the absolute path or
the name of a systemd credential; `kiosk door learn-key` creates it.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from config.sections.common import Section
from config.sections.doors.contact import ContactSettings

Baud = Literal[9600, 19200, 38400, 57600, 115200, 230400]
SERIAL_PORT = r"^/dev/[\w./:-]+$"


class OsdpInput(ContactSettings):
    """A contact on an input of the device."""

    input: int = Field(ge=0, le=63)
    """Its number, counted from 0. An active input counts as a closed contact."""


class OsdpSettings(Section):
    """OSDP with the kiosk as controller of a reader or I/O module."""

    longest_seconds: ClassVar[float] = 25.5
    """Maximum release: the library passes 8 bits of tenths of a second to the device's timer."""

    port: str = Field(pattern=SERIAL_PORT)
    """The serial port: best one of `/dev/serial/by-id/`, which stays the same."""
    baud: Baud = 9600
    """Its speed; the device has the same."""
    address: int = Field(0, ge=0, le=126)
    """The device's address."""
    key_file: Path | None = None
    """The file with the 32 hex digits of the secure channel's key."""
    allow_insecure: bool = False
    """No secure channel: anyone with access to the cable can open the door. `kiosk doctor` reports
    it."""
    output: int = Field(0, ge=0, le=63)
    """The lock's output, counted from 0. On is released."""
    operator_output: int | None = Field(None, ge=0, le=63)
    """The output that starts a door operator, where there is one."""
    led: int | None = Field(None, ge=0, le=7)
    """The LED that is green while released and red otherwise, counted from 0."""
    buzzer: bool = False
    """Beep at a release."""
    housing: bool = True
    """Query the device's own tamper switch; off for a device that rejects the query."""
    leaf: OsdpInput | None = None
    """The door position switch; at rest while the leaf is shut."""
    tamper: OsdpInput | None = None
    """A separate tamper contact."""
    exit_button: OsdpInput | None = None
    """The exit button (REX). The door must open from within without the kiosk all the same."""
    fire: OsdpInput | None = None
    """The fire panel's contact."""
    neighbour: OsdpInput | None = None
    """The other door of an interlock; at rest while that is shut and locked."""

    @model_validator(mode="after")
    def _secure(self) -> OsdpSettings:
        if self.allow_insecure == (self.key_file is not None):
            raise ValueError(
                "key_file must name the key of the secure channel; a device that has no such "
                "channel takes allow_insecure = true instead, never both"
            )
        return self

    @model_validator(mode="after")
    def _apart(self) -> OsdpSettings:
        if self.operator_output == self.output:
            raise ValueError("output and operator_output must differ")
        fitted = (self.leaf, self.tamper, self.exit_button, self.fire, self.neighbour)
        numbers = [contact.input for contact in fitted if contact is not None]
        if len(set(numbers)) < len(numbers):
            raise ValueError("each input can have one contact only")
        return self
