"""Settings of the Modbus driver, over TCP or a serial line."""

from __future__ import annotations

import ipaddress
from typing import Literal

from pydantic import Field, field_validator, model_validator

from config.sections.common import Section
from config.sections.doors.contact import ContactSettings

MAX_INPUT_SPAN = 64
"""Maximum distance between inputs, since all are read in one request."""

Address = int | None


class ModbusInput(ContactSettings):
    """A contact on an input of the device."""

    input: int = Field(ge=0, le=0xFFFF)
    """Its number in the device's table, counted from 0."""


class ModbusSettings(Section):
    """A Modbus relay, over TCP or a serial line."""

    host: str | None = None
    """The device's IP address: a hanging name server must not block the door."""
    port: int = Field(502, ge=1, le=0xFFFF)
    """Its TCP port."""
    serial_port: str | None = Field(None, pattern=r"^/dev/[\w./:-]+$")
    """Or the serial port, for RTU: best one of `/dev/serial/by-id/`, which stays the same."""
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = 9600
    """The serial port's speed."""
    parity: Literal["none", "even", "odd"] = "none"
    """The serial port's parity."""
    stop_bits: int = Field(1, ge=1, le=2)
    """The serial port's stop bits."""
    unit: int = Field(1, ge=1, le=255)
    """The device's number (slave address); never 0, the broadcast address, which gets no answer."""

    mode: Literal["coil", "flash-coil", "flash-register"]
    """How a release ends. `flash-coil`, `flash-register`: by the device's own timer. `coil`: by the
    kiosk; if its process is killed the lock stays as it was."""
    coil: int = Field(ge=0, le=0xFFFF)
    """The lock's output, counted from 0. On is released."""
    flash_address: Address = Field(None, ge=0, le=0xFFFF)
    """Where the time of a release is written: a coil's address, or a holding register's."""
    unit_ms: int = Field(100, ge=10, le=1000)
    """Duration of one unit of that time."""
    operator_coil: Address = Field(None, ge=0, le=0xFFFF)
    """The output that starts a door operator, where there is one."""
    operator_flash_address: Address = Field(None, ge=0, le=0xFFFF)
    """Where the time of its pulse is written."""

    inputs_as: Literal["discrete", "coil"] = "discrete"
    """Which table the inputs are in."""
    leaf: ModbusInput | None = None
    """The door position switch; at rest while the leaf is shut."""
    tamper: ModbusInput | None = None
    """The tamper contact."""
    exit_button: ModbusInput | None = None
    """The exit button (REX). The door must open from within without the kiosk all the same."""
    fire: ModbusInput | None = None
    """The fire panel's contact."""
    neighbour: ModbusInput | None = None
    """The other door of an interlock; at rest while that is shut and locked."""

    @field_validator("host")
    @classmethod
    def _in_numbers(cls, host: str | None) -> str | None:
        if host is None:
            return None
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise ValueError("host must be an address in numbers, such as 192.0.2.10") from None
        return host

    @model_validator(mode="after")
    def _one_line(self) -> ModbusSettings:
        if (self.host is None) == (self.serial_port is None):
            raise ValueError("name either host or serial_port")
        return self

    @model_validator(mode="after")
    def _whole(self) -> ModbusSettings:
        flashes = self.mode != "coil"
        if flashes != (self.flash_address is not None):
            raise ValueError("flash_address belongs to the flash modes, and they need it")
        operator_flashes = flashes and self.operator_coil is not None
        if operator_flashes != (self.operator_flash_address is not None):
            raise ValueError(
                "operator_flash_address belongs to operator_coil in the flash modes, "
                "and they need it"
            )
        return self

    @model_validator(mode="after")
    def _apart(self) -> ModbusSettings:
        outputs = [self.coil, self.operator_coil]
        if self.mode == "flash-coil":
            outputs += [self.flash_address, self.operator_flash_address]
        elif self.flash_address is not None and self.flash_address == self.operator_flash_address:
            raise ValueError("flash_address and operator_flash_address must differ")
        numbers = [number for number in outputs if number is not None]
        if len(set(numbers)) < len(numbers):
            raise ValueError("coil, operator_coil and the flash addresses must differ")
        return self

    @model_validator(mode="after")
    def _readable(self) -> ModbusSettings:
        fitted = (self.leaf, self.tamper, self.exit_button, self.fire, self.neighbour)
        numbers = [contact.input for contact in fitted if contact is not None]
        if len(set(numbers)) < len(numbers):
            raise ValueError("each input can have one contact only")
        if numbers and max(numbers) - min(numbers) >= MAX_INPUT_SPAN:
            raise ValueError(f"the inputs must lie within {MAX_INPUT_SPAN} of each other")
        if self.inputs_as == "coil" and set(numbers) & {self.coil, self.operator_coil}:
            raise ValueError("an input must not be an output of the door")
        return self
