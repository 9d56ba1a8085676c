"""Requests to a Modbus device, and the matching of its answers. Pure.

A write is answered by its exact echo; a read by as many bits as were requested.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import WriteSingleRegisterRequest

from hardware.door.modbus.config import ModbusConfig
from hardware.door.relay_door import RelayOutput
from kiosk.domain.errors import DoorUnusable

MAX_UNITS = 0x7FFF
"""The longest flash time that such devices accept."""

_ON, _OFF = 0xFF00, 0x0000
_COIL = {RelayOutput.LOCK: "door.modbus.coil", RelayOutput.OPERATOR: "door.modbus.operator_coil"}
_FLASH = {
    RelayOutput.LOCK: "door.modbus.flash_address",
    RelayOutput.OPERATOR: "door.modbus.operator_flash_address",
}


class SingleCoil(ModbusPDU):
    """Function 5, request and echo, with the raw 16-bit value.

    pymodbus turns the value into on or off; a flash time is neither.
    """

    function_code = 5
    rtu_frame_size = 8
    value = 0

    def encode(self) -> bytes:
        """The payload bytes."""
        return struct.pack(">HH", self.address, self.value)

    def decode(self, data: bytes) -> None:
        """Set address and value from payload bytes."""
        self.address, self.value = struct.unpack(">HH", data[:4])


@dataclass(frozen=True, slots=True)
class Question:
    """A request, and the condition that its answer must meet.

    Attributes:
        request: the message to send.
        fits: True if a message with the right function code is the answer.
        setting: the setting to correct if the device rejects the request.
        locks: True if it locks the door; such a request is sent even into the silent period.
    """

    request: ModbusPDU
    fits: Callable[[ModbusPDU], bool]
    setting: str
    locks: bool = False


def switch_on(config: ModbusConfig, output: RelayOutput) -> Question:
    """Switch an output on without a time limit."""
    return _write_coil(_coil(config, output), _ON, _COIL[output])


def switch_off(config: ModbusConfig, output: RelayOutput) -> Question:
    """Switch an output off; that also ends its flash."""
    return _write_coil(_coil(config, output), _OFF, _COIL[output])


def flash(config: ModbusConfig, output: RelayOutput, seconds: float) -> Question:
    """Switch an output on for a time, by the device's own timer."""
    units = units_of(config, seconds)
    address = _named(_flash_address(config, output), _FLASH[output])
    if config.mode == "flash-coil":
        return _write_coil(address, units, _FLASH[output])
    return _echoed(WriteSingleRegisterRequest(address=address, registers=[units]), _FLASH[output])


def units_of(config: ModbusConfig, seconds: float) -> int:
    """Whole device units within so many seconds: rounded down, never longer than ordered."""
    return math.floor(seconds * 1000 / config.unit_ms + 1e-6)


def is_on(config: ModbusConfig, output: RelayOutput) -> Question:
    """Read an output back."""
    return _bits(ReadCoilsRequest(address=_coil(config, output), count=1), _COIL[output])


def inputs(config: ModbusConfig, first: int, count: int) -> Question:
    """Read inputs."""
    kind = ReadCoilsRequest if config.inputs_as == "coil" else ReadDiscreteInputsRequest
    return _bits(kind(address=first, count=count), "the inputs of door.modbus and inputs_as")


def _coil(config: ModbusConfig, output: RelayOutput) -> int:
    coil = config.coil if output is RelayOutput.LOCK else config.operator_coil
    return _named(coil, _COIL[output])


def _flash_address(config: ModbusConfig, output: RelayOutput) -> int | None:
    return config.flash_address if output is RelayOutput.LOCK else config.operator_flash_address


def _named(address: int | None, setting: str) -> int:
    """Require an address: a default number could be another output's coil."""
    if address is None:
        raise DoorUnusable(f"{setting} is not set.", f"Set {setting}.")
    return address


def _write_coil(address: int, value: int, setting: str) -> Question:
    request = SingleCoil(address=address)
    request.value = value
    return _echoed(request, setting, locks=value == _OFF)


def _echoed(request: ModbusPDU, setting: str, *, locks: bool = False) -> Question:
    def fits(answer: ModbusPDU) -> bool:
        return answer.encode() == request.encode()

    return Question(request, fits, setting, locks)


def _bits(request: ModbusPDU, setting: str) -> Question:
    size = (request.count + 7) // 8 * 8
    return Question(request, lambda answer: len(answer.bits) == size, setting)
