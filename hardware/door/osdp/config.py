"""What an OSDP wire is set to: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hardware.door.contacts import Contacts


@dataclass(frozen=True, slots=True, kw_only=True)
class OsdpConfig:
    """A reader or I/O module that the kiosk commands.

    Attributes:
        port: the serial port's device file.
        baud: bits a second.
        address: of the device, 0 to 126.
        key_file: the key of the secure channel; None only where `allow_insecure`.
        allow_insecure: no secure channel at all.
        output: the lock's output, 0 the first.
        operator_output: the door operator's; None where there is none.
        led: the LED that shows green while released; None for none.
        buzzer: whether the device beeps at a release.
        housing: whether the device is asked about its own tamper switch.
        contacts: what hangs on its inputs, 0 the first.
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
