"""The two Modbus transports: TCP and a serial port. They carry bytes and do not interpret them.

The caller sets a deadline for every wait. Every failure is an `OSError`, on either transport.
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
"""SO_LINGER value: closing a socket drops unsent data instead of sending it for minutes."""


class ModbusLine(Protocol):
    """A line to a device, opened at first use."""

    def open(self, until: float, /) -> None:
        """Open the line if necessary, and discard old input.

        Args:
            until: deadline in monotonic seconds.

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
        """The next bytes; empty if none came in time.

        Raises:
            OSError: the line is broken.
        """
        ...

    def close(self) -> None:
        """Close the line."""
        ...


class TcpLine:
    """A TCP connection.

    Args:
        host: an IP address: a hanging name server must not block the door.
        port: usually 502.
    """

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)
        self._socket: socket.socket | None = None

    def open(self, until: float) -> None:
        """Connect, unless the existing connection is intact and has no unread input."""
        if self._socket is not None and not _readable(self._socket, 0.0):
            return
        self.close()
        self._socket = socket.create_connection(self._place, max(until - time.monotonic(), 0.001))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, frame: bytes) -> None:
        """Send a frame."""
        self._whole().sendall(frame)

    def receive(self, until: float) -> bytes:
        """The next bytes; empty if none came in time."""
        line = self._whole()
        if not _readable(line, until - time.monotonic()):
            return b""
        chunk = line.recv(4096)
        if not chunk:
            raise ConnectionResetError("closed by the device")
        return chunk

    def close(self) -> None:
        """Close at once, so that undelivered data is never delivered, even after a cable fault."""
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
        baud: bits per second.
        parity: none, even or odd.
        stop_bits: one or two.
        send_seconds: send timeout.
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
        """Open the port, keep it quiet for one frame gap, and discard old input.

        Opening a serial port succeeds or fails at once, so no deadline is needed.
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
        """The next bytes; empty if none came in time."""
        port = self._whole()
        return bytes(port.read(256)) if _readable(port, until - time.monotonic()) else b""

    def close(self) -> None:
        """Close the port."""
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
