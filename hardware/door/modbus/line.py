"""The two lines that Modbus is spoken over: TCP, and a serial port. Bytes, nothing of their sense.

Every wait has an end that the caller names. What goes wrong is an `OSError`, whatever the line.
"""

from __future__ import annotations

import select
import socket
import struct
import termios
import time
from contextlib import suppress
from typing import Protocol

import serial

_FORGET = struct.pack("ii", 1, 0)
"""Closing a socket drops what it still had to send, instead of sending it for minutes."""


class ModbusLine(Protocol):
    """A line to a device, opened when it is first used."""

    def open(self, until: float, /) -> None:
        """See that the line is open, and that nothing old waits on it.

        Args:
            until: monotonic seconds.

        Raises:
            OSError: it cannot be opened.
        """
        ...

    def send(self, frame: bytes) -> None:
        """Send a frame.

        Raises:
            OSError: the line is broken.
        """
        ...

    def receive(self, until: float) -> bytes:
        """What came next; empty if nothing did.

        Raises:
            OSError: the line is broken.
        """
        ...

    def close(self) -> None:
        """Let the line go."""
        ...


class TcpLine:
    """A connection.

    Args:
        host: an address in numbers: a name server that hangs must not hold the door.
        port: usually 502.
    """

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)
        self._socket: socket.socket | None = None

    def open(self, until: float) -> None:
        """Connect, unless the connection is whole and quiet: else it ended, or speaks unasked."""
        if self._socket is not None and not _readable(self._socket, 0.0):
            return
        self.close()
        self._socket = socket.create_connection(self._place, max(until - time.monotonic(), 0.001))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, frame: bytes) -> None:
        """Send a frame."""
        self._whole().sendall(frame)

    def receive(self, until: float) -> bytes:
        """What came next; empty if nothing did."""
        line = self._whole()
        if not _readable(line, until - time.monotonic()):
            return b""
        chunk = line.recv(4096)
        if not chunk:
            raise ConnectionResetError("closed by the device")
        return chunk

    def close(self) -> None:
        """Hang up at once: what was not delivered by now must never be, cable or no cable."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _FORGET)
            self._socket.close()
        self._socket = None

    def _whole(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionResetError("not connected")
        return self._socket


class RtuLine:
    """A serial port, for RTU.

    Args:
        port: the device's path.
        baud: bits a second.
        parity: none, even or odd.
        stop_bits: one or two.
        send_seconds: how long sending may take.
    """

    def __init__(
        self, port: str, baud: int, parity: str, stop_bits: int, send_seconds: float
    ) -> None:
        self._name = port
        self._baud = baud
        self._parity = parity[0].upper()
        self._stop_bits = stop_bits
        self._send_seconds = send_seconds
        self._quiet_seconds = max(0.00175, 38.5 / baud)  # 3.5 characters of 11 bits end a frame
        self._port: serial.Serial | None = None

    def open(self, _until: float) -> None:
        """Open the port, leave it quiet for as long as ends a frame, and forget what waited.

        It opens at once or not at all: there is nothing to wait for.
        """
        try:
            self._port = self._port or self._opened()
            time.sleep(self._quiet_seconds)
            self._port.reset_input_buffer()
        except termios.error as error:
            raise OSError(*error.args) from error

    def send(self, frame: bytes) -> None:
        """Send a frame."""
        self._whole().write(frame)

    def receive(self, until: float) -> bytes:
        """What came next; empty if nothing did."""
        port = self._whole()
        return bytes(port.read(256)) if _readable(port, until - time.monotonic()) else b""

    def close(self) -> None:
        """Let the port go."""
        if self._port is not None:
            self._port.close()
        self._port = None

    def _opened(self) -> serial.Serial:
        return serial.Serial(
            self._name,
            baudrate=self._baud,
            parity=self._parity,
            stopbits=self._stop_bits,
            timeout=0,
            write_timeout=self._send_seconds,
            exclusive=True,
        )

    def _whole(self) -> serial.Serial:
        if self._port is None:
            raise ConnectionResetError("not open")
        return self._port


def _readable(line: socket.socket | serial.Serial, seconds: float) -> bool:
    poll = select.poll()
    poll.register(line, select.POLLIN)
    return bool(poll.poll(max(seconds, 0.0) * 1000))
