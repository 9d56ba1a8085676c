"""A Modbus relay board in its rig: a real server in a process of its own, TCP or serial.

`REPLAY` is left out: a Modbus frame that is sent again is obeyed again, and nothing in the
protocol could tell (`docs/doors/modbus.md`). There is no key to be wrong either.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import tempfile
import threading
from abc import abstractmethod
from datetime import datetime
from pathlib import Path

import modbus_board
from door_rig import RULES, Fault, Rig
from loopback_proxy import LoopbackProxy
from pty_proxy import PtyProxy

from hardware.door.contacts import Contact, Contacts
from hardware.door.modbus.config import ModbusConfig
from hardware.door.modbus.door import ModbusDoor
from hardware.door.relay_door import RelayDoor
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Instant
from kiosk.pipeline.clock import SystemClock

ANSWER_SECONDS = 1.0
LATE_SECONDS = 0.8
LOCK, OPERATOR = 0, 1
CONTACTS = Contacts(
    leaf=Contact(0, "closed"),
    tamper=Contact(1, "closed"),
    exit_button=Contact(2, "open"),
    fire=Contact(3, "closed"),
    neighbour=Contact(4, "closed"),
)
COMMON = ModbusConfig(mode="flash-coil", coil=LOCK, operator_coil=OPERATOR, contacts=CONTACTS)
PLAIN = {"mode": "coil"}
FLASH_COIL = {"mode": "flash-coil", "flash_address": 0x200, "operator_flash_address": 0x201}
FLASH_REGISTER = {**FLASH_COIL, "mode": "flash-register", "flash_address": 0x300}
FLASH_REGISTER["operator_flash_address"] = 0x301


class ModbusRig(Rig):
    """What is common to both lines.

    Attributes:
        board: what the board is and does now; lives on when its process is killed.
    """

    door: ModbusDoor

    def __init__(self, **wire: object) -> None:
        self.timed_by_device = wire["mode"] != "coil"
        self.faults = frozenset(
            {Fault.KILL, Fault.CUT, Fault.GARBAGE, Fault.LATE, Fault.DUPLICATE}
            | (set() if self.timed_by_device else {Fault.THREAD})
        )
        self._directory = tempfile.TemporaryDirectory(prefix="board")
        self._file = Path(self._directory.name) / "board"
        self._file.write_bytes(bytes(ctypes.sizeof(modbus_board.Board)))
        self.board = modbus_board.shared(self._file)
        for contact in CONTACTS.fitted().values():
            self.board.closed[contact.place] = contact.normally == "closed"
        self._process: subprocess.Popen[str] | None = None
        self._wire = wire
        self._lay_line()
        self._power_up()
        self.door = self.another_door(**wire)

    def another_door(self, answer_seconds: float = ANSWER_SECONDS, **wire: object) -> ModbusDoor:
        """A driver on the same line: with these settings, or with those of `door`."""
        settings = {name: getattr(COMMON, name) for name in COMMON.__slots__}
        made = ModbusConfig(**{**settings, **self._place(), **(wire or self._wire)})
        return ModbusDoor(made, RULES, SystemClock(), answer_seconds)

    @property
    def unlocked(self) -> bool:
        return self._process is not None and self.board.is_on(LOCK)

    @property
    def releases(self) -> int:
        return self.board.releases[LOCK]

    def move_leaf(self, *, to_open: bool) -> None:
        self.board.closed[0] = not to_open

    def break_(self, fault: Fault) -> None:
        if fault is Fault.KILL:
            self._power_down()
        elif fault is Fault.THREAD:
            end_thread(self.door)
        else:
            self._break_line(fault)

    def mend(self) -> None:
        self._mend_line()
        if self._process is None:
            self._power_up()

    def close(self) -> None:
        self.door.close()
        self._power_down()
        self._take_line_up()
        self._directory.cleanup()

    def _power_up(self) -> None:
        """A board begins with its relays off."""
        for relay in range(modbus_board.LINES):
            self.board.until[relay] = 0.0
        self._process = subprocess.Popen(
            [sys.executable, modbus_board.__file__, *self._server(), str(self._file)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._served_at(int(self._process.stdout.readline()))

    def _power_down(self) -> None:
        """And without power they fall off."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    @abstractmethod
    def _place(self) -> dict[str, object]:
        """Where the driver finds it."""

    @abstractmethod
    def _server(self) -> tuple[str, str]:
        """What the board's process is told."""

    @abstractmethod
    def _served_at(self, port: int) -> None:
        """The board listens."""

    @abstractmethod
    def _lay_line(self) -> None: ...

    @abstractmethod
    def _break_line(self, fault: Fault) -> None: ...

    @abstractmethod
    def _mend_line(self) -> None: ...

    @abstractmethod
    def _take_line_up(self) -> None: ...


class ModbusTcpRig(ModbusRig):
    """Over TCP."""

    def _lay_line(self) -> None:
        self.proxy = LoopbackProxy(0)

    def _place(self) -> dict[str, object]:
        return {"host": "127.0.0.1", "port": self.proxy.port}

    def _server(self) -> tuple[str, str]:
        return "tcp", "0"

    def _served_at(self, port: int) -> None:
        self.proxy.target_port = port

    def _break_line(self, fault: Fault) -> None:
        {
            Fault.CUT: self.proxy.cut,
            Fault.GARBAGE: self.proxy.garble,
            Fault.LATE: lambda: self.proxy.delay(LATE_SECONDS),
            Fault.DUPLICATE: self.proxy.duplicate,
        }[fault]()

    def _mend_line(self) -> None:
        self.proxy.mend()

    def _take_line_up(self) -> None:
        self.proxy.close()


class ModbusSerialRig(ModbusRig):
    """Over a serial line."""

    def _lay_line(self) -> None:
        self.line = PtyProxy()

    def _place(self) -> dict[str, object]:
        return {"host": None, "serial_port": self.line.near, "baud": 115200}

    def _server(self) -> tuple[str, str]:
        return "serial", self.line.far

    def _served_at(self, port: int) -> None:
        assert port == 0

    def _break_line(self, fault: Fault) -> None:
        {
            Fault.CUT: self.line.cut,
            Fault.GARBAGE: self.line.garble,
            Fault.LATE: lambda: self.line.delay(LATE_SECONDS),
            Fault.DUPLICATE: self.line.duplicate,
        }[fault]()

    def _mend_line(self) -> None:
        self.line.mend()

    def _take_line_up(self) -> None:
        self.line.close()


def end_thread(door: RelayDoor) -> None:
    """Have the thread that ends a driver's releases die: the next look at its clock raises."""
    timer = door._timer
    assert timer is not None
    thread, clock = timer._thread, timer._clock
    heard, threading.excepthook = threading.excepthook, lambda _: None
    try:
        timer._clock = _Ends(thread, clock)
        with timer._changed:
            timer._changed.notify_all()
        thread.join(5.0)
    finally:
        timer._clock, threading.excepthook = clock, heard
    assert not thread.is_alive()


class _Ends:
    """A clock that one thread does not survive."""

    def __init__(self, thread: threading.Thread, clock: Clock) -> None:
        self._thread, self._clock = thread, clock

    def monotonic(self) -> Instant:
        if threading.current_thread() is self._thread:
            raise SystemExit
        return self._clock.monotonic()

    def utc(self) -> datetime:
        return self._clock.utc()


def plain() -> Rig:
    """TCP, and the kiosk ends the release."""
    return ModbusTcpRig(**PLAIN)


def flash() -> Rig:
    """TCP, and the board ends it, told through a coil."""
    return ModbusTcpRig(**FLASH_COIL)


def serial() -> Rig:
    """RTU, and the board ends it, told through a register."""
    return ModbusSerialRig(**FLASH_REGISTER)


def serial_plain() -> Rig:
    """RTU, and the kiosk ends the release."""
    return ModbusSerialRig(**PLAIN)
