"""What is asked of a Modbus device, and how its answer is known. Pure.

A write is answered by its echo, to the bit; a read by as many bits as were asked for.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import WriteSingleRegisterRequest

from hardware.door.modbus_wire import ModbusWire
from kiosk.domain.errors import DoorRefused

MAX_UNITS = 0x7FFF
"""The longest flash that such devices take."""

_ON, _OFF = 0xFF00, 0x0000
_COIL = "door.modbus.coil"
_OPERATOR = "door.modbus.operator_coil"


class SingleCoil(ModbusPDU):
    """Function 5, the question and its echo, with the number as it is on the wire.

    pymodbus makes on or off of it; a flash is neither.
    """

    function_code = 5
    rtu_frame_size = 8
    value = 0

    def encode(self) -> bytes:
        """As it is on the wire."""
        return struct.pack(">HH", self.address, self.value)

    def decode(self, data: bytes) -> None:
        """From the wire."""
        self.address, self.value = struct.unpack(">HH", data[:4])


@dataclass(frozen=True, slots=True)
class Question:
    """A request, and what an answer to it must be.

    Attributes:
        request: what is asked.
        fits: whether a message with the right function code is the answer.
        setting: what to correct if the device does not know it.
        locks: whether it locks the door: that is said even into a line that should be silent.
    """

    request: ModbusPDU
    fits: Callable[[ModbusPDU], bool]
    setting: str
    locks: bool = False


def switch_on(wire: ModbusWire, coil: int) -> Question:
    """Switch an output on until further notice."""
    return _write_coil(coil, _ON, _name(wire, coil))


def switch_off(wire: ModbusWire, coil: int) -> Question:
    """Switch an output off; that also ends a flash of it."""
    return _write_coil(coil, _OFF, _name(wire, coil))


def flash(wire: ModbusWire, coil: int, seconds: float) -> Question:
    """Switch an output on for a time, by the device's own timer.

    Never longer than was ordered: a part of a unit is left out.

    Raises:
        DoorRefused: the time is shorter than a unit, or longer than the device's timer.
    """
    units = units_of(wire, seconds)
    if not 1 <= units <= MAX_UNITS:
        raise DoorRefused(
            f"A release of {seconds:g} s cannot be told to the device's timer.",
            "Correct door.modbus.unit_ms, or the times of the door.",
        )
    operator = coil != wire.coil
    address = (wire.operator_flash_address if operator else wire.flash_address) or 0
    setting = f"door.modbus.{'operator_' if operator else ''}flash_address"
    if wire.mode == "flash-coil":
        return _write_coil(address, units, setting)
    return _echoed(WriteSingleRegisterRequest(address=address, registers=[units]), setting)


def units_of(wire: ModbusWire, seconds: float) -> int:
    """The device's units of time that fit into so many seconds."""
    return math.floor(seconds * 1000 / wire.unit_ms + 1e-6)


def is_on(wire: ModbusWire, coil: int) -> Question:
    """Read an output back."""
    return _bits(ReadCoilsRequest(address=coil, count=1), _name(wire, coil))


def inputs(wire: ModbusWire, first: int, count: int) -> Question:
    """Read inputs."""
    kind = ReadCoilsRequest if wire.inputs_as == "coil" else ReadDiscreteInputsRequest
    return _bits(kind(address=first, count=count), "the inputs of door.modbus and inputs_as")


def _name(wire: ModbusWire, coil: int) -> str:
    return _COIL if coil == wire.coil else _OPERATOR


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
