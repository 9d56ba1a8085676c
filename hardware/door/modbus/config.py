"""Where a Modbus device is and what hangs on it: its settings, as the driver takes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hardware.door.contacts import Contacts


@dataclass(frozen=True, slots=True)
class ModbusConfig:
    """Where the device is and what hangs on it; exactly one of host and serial port is named.

    Attributes:
        mode: who ends a release. "coil": the kiosk; "flash-coil" and "flash-register": the
            device, told the time by a write of that many units to a coil's or a register's flash
            address.
        coil: the lock's output: on is released. Locked by switching it off, read back always.
        host: the device's address, in numbers.
        port: its TCP port.
        serial_port: or its serial port.
        baud: the serial port's speed.
        parity: "none", "even" or "odd".
        stop_bits: 1 or 2.
        unit: the device's number on its line.
        flash_address: where a time for the lock is written.
        unit_ms: what one unit of it lasts.
        operator_coil: the door operator's output.
        operator_flash_address: where a time for that is written.
        inputs_as: which table the inputs are in.
        contacts: what hangs on them.
    """

    mode: Literal["coil", "flash-coil", "flash-register"]
    coil: int
    host: str | None = None
    port: int = 502
    serial_port: str | None = None
    baud: int = 9600
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: int = 1
    unit: int = 1
    flash_address: int | None = None
    unit_ms: int = 100
    operator_coil: int | None = None
    operator_flash_address: int | None = None
    inputs_as: Literal["discrete", "coil"] = "discrete"
    contacts: Contacts[int] = field(default_factory=Contacts)

    @property
    def where(self) -> str:
        """The device, for a person."""
        place = self.serial_port or f"{self.host}:{self.port}"
        return f"The Modbus device {self.unit} at {place}"

    @property
    def where_setting(self) -> str:
        """The setting that says where it is."""
        return "door.modbus.serial_port" if self.serial_port else "door.modbus.host"
