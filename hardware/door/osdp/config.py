"""Connection settings of an OSDP device: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hardware.door.contacts import Contacts


@dataclass(frozen=True, slots=True, kw_only=True)
class OsdpConfig:
    """A reader or I/O module that the kiosk controls.

    Attributes:
        port: the serial port's device file.
        baud: bits per second.
        address: of the device, 0 to 126.
        key_file: the key of the secure channel; None only with `allow_insecure`.
        allow_insecure: True to use no secure channel.
        output: the lock's output; 0 is the first.
        operator_output: the door operator's output; None if there is none.
        led: the LED that shows green while released; None for none.
        buzzer: True if the device beeps at a release.
        housing: True if the device's own tamper switch is queried.
        contacts: the contacts on its inputs; 0 is the first.
    """

    port: str
    baud: int = 9600
    address: int = 0
    key_file: Path | None = None
    allow_insecure: bool = False
    output: int = 0
    operator_output: int | None = None
    led: int | None = None
    buzzer: bool = False
    housing: bool = True
    contacts: Contacts[int] = field(default_factory=Contacts)
