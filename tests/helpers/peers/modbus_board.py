"""A relay board behind a real Modbus server, in a process of its own. Run as a script, or read.

Eight relays and eight inputs. A relay is switched as a coil, flashed through the coils from 0x200
(as Waveshare's boards are) or the registers from 0x300, in tenths of a second, by the board's own
timer. What it does is written into a file that whoever started it can look at and turn.
"""

from __future__ import annotations

import asyncio
import ctypes
import mmap
import struct
import sys
import time
from pathlib import Path

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import NoSuchIdException
from pymodbus.framer import FramerType
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.pdu import bit_message as bits
from pymodbus.pdu import register_message as registers
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

LINES = 8
FLASH_COILS, FLASH_REGISTERS = 0x200, 0x300
STEADY = float("inf")
UNIT = 1


class Board(ctypes.Structure):
    """What the board is and does; both sides see one copy.

    `until` is when each relay falls off (0 off, infinite steady), `releases` how often each was
    switched on, `closed` what lies on its inputs. A relay that is `stuck` moves no more.
    """

    _fields_ = (
        ("until", ctypes.c_double * LINES),
        ("releases", ctypes.c_uint32 * LINES),
        ("closed", ctypes.c_uint8 * LINES),
        ("stuck", ctypes.c_uint8 * LINES),
        ("fails", ctypes.c_uint8),
    )
    until: ctypes.Array[ctypes.c_double]
    releases: ctypes.Array[ctypes.c_uint32]
    closed: ctypes.Array[ctypes.c_uint8]
    stuck: ctypes.Array[ctypes.c_uint8]
    fails: int

    def is_on(self, relay: int) -> bool:
        """Whether it is on now."""
        return time.monotonic() < float(self.until[relay])  # type: ignore[arg-type] # a float

    def switch(self, relay: int, seconds: float) -> None:
        """On for so long; 0 for off."""
        if seconds:
            self.releases[relay] += 1  # type: ignore[assignment, operator] # an int
        if not self.stuck[relay]:
            until = time.monotonic() + seconds if seconds else 0.0
            self.until[relay] = until  # type: ignore[assignment] # a float


def shared(path: Path) -> Board:
    """The board that a file holds."""
    with path.open("r+b") as file:
        return Board.from_buffer(mmap.mmap(file.fileno(), ctypes.sizeof(Board)))


BOARD = Board()


def _reach(request: ModbusPDU, first: int, count: int = 1) -> int | None:
    """The relay or input that is meant; None where the board has none."""
    if request.dev_id != UNIT:
        raise NoSuchIdException("another board's")
    at = request.address - first
    return at if at >= 0 and at + count <= LINES else None


def _refused(request: ModbusPDU, code: ExcCodes = ExcCodes.ILLEGAL_ADDRESS) -> ModbusPDU:
    return ExceptionResponse(request.function_code, ExcCodes.DEVICE_BUSY if BOARD.fails else code)


class ReadCoils(bits.ReadCoilsRequest):
    async def datastore_update(self, context: object, device_id: int) -> ModbusPDU:
        del context, device_id
        at = _reach(self, 0, self.count)
        if at is None or BOARD.fails:
            return _refused(self)
        return bits.ReadCoilsResponse(bits=[BOARD.is_on(at + i) for i in range(self.count)])


class ReadInputs(bits.ReadDiscreteInputsRequest):
    async def datastore_update(self, context: object, device_id: int) -> ModbusPDU:
        del context, device_id
        at = _reach(self, 0, self.count)
        if at is None or BOARD.fails:
            return _refused(self)
        found = [bool(BOARD.closed[at + i]) for i in range(self.count)]
        return bits.ReadDiscreteInputsResponse(bits=found)


class WriteCoil(ModbusPDU):
    function_code = 5
    rtu_frame_size = 8
    value = 0

    def encode(self) -> bytes:
        return struct.pack(">HH", self.address, self.value)

    def decode(self, data: bytes) -> None:
        self.address, self.value = struct.unpack(">HH", data[:4])

    async def datastore_update(self, context: object, device_id: int) -> ModbusPDU:
        del context, device_id
        relay, flashed = _reach(self, 0), _reach(self, FLASH_COILS)
        if BOARD.fails or relay is flashed is None:
            return _refused(self)
        if flashed is not None and 0 < self.value <= 0x7FFF:
            BOARD.switch(flashed, self.value / 10)
        elif relay is not None and self.value in {0, 0xFF00}:
            BOARD.switch(relay, STEADY if self.value else 0.0)
        else:
            return _refused(self, ExcCodes.ILLEGAL_VALUE)
        return self


class WriteRegister(registers.WriteSingleRegisterRequest):
    async def datastore_update(self, context: object, device_id: int) -> ModbusPDU:
        del context, device_id
        relay = _reach(self, FLASH_REGISTERS)
        if relay is None or BOARD.fails:
            return _refused(self)
        BOARD.switch(relay, self.registers[0] / 10)
        return self


async def serve(kind: str, place: str) -> None:
    """Serve over TCP, saying on which port, or over a serial port, until killed."""
    device = SimDevice(UNIT, simdata=[SimData(0, values=[0], datatype=DataType.REGISTERS)])
    manners = {
        "ignore_missing_devices": True,
        "custom_pdu": [ReadCoils, ReadInputs, WriteCoil, WriteRegister],
    }
    if kind == "tcp":
        server = ModbusTcpServer(device, address=("127.0.0.1", int(place)), **manners)
        await server.serve_forever(background=True)
        print(server.transport.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - its answer
    else:
        line = ModbusSerialServer(
            device, framer=FramerType.RTU, port=place, baudrate=115200, **manners
        )
        await line.serve_forever(background=True)
        print(0, flush=True)  # noqa: T201 - its answer
    await asyncio.Event().wait()


if __name__ == "__main__":
    BOARD = shared(Path(sys.argv[3]))
    asyncio.run(serve(sys.argv[1], sys.argv[2]))
