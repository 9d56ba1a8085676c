"""Location and wiring of a Modbus device: the settings in the form that the driver takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hardware.door.contacts import Contacts


@dataclass(frozen=True, slots=True)
class ModbusConfig:
    """Location and wiring of the device; exactly one of host and serial port is set.

    Attributes:
        mode: how a release ends. "coil": by the kiosk; "flash-coil" and "flash-register": by the
            device, after the kiosk writes the duration in units to the flash address of a coil or
            register.
        coil: the lock's output: on means released. Switched off to lock, always read back.
        host: the device's IP address.
        port: its TCP port.
        serial_port: its serial port, instead of a host.
        baud: the serial port's speed.
        parity: "none", "even" or "odd".
        stop_bits: 1 or 2.
        unit: the device's unit number (slave address).
        flash_address: the address that takes a duration for the lock.
        unit_ms: duration of one unit.
        operator_coil: the door operator's output.
        operator_flash_address: the address that takes a duration for the door operator.
        inputs_as: the Modbus table of the inputs.
        contacts: the contacts on the inputs.
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
        """The device, as text for a message."""
        place = self.serial_port or f"{self.host}:{self.port}"
        return f"The Modbus device {self.unit} at {place}"

    @property
    def where_setting(self) -> str:
        """The setting that gives its location."""
        return "door.modbus.serial_port" if self.serial_port else "door.modbus.host"
