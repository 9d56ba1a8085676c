"""The OSDP serial line as a libosdp channel: it raises nothing, and sends no command twice.

libosdp repeats an unanswered command after a second, without asking. A repeated or late command
could open the door with no authorized person present. So while an order is pending, the line
refuses a frame that repeats the last one. An answer is accepted once, and only for the last
request.
"""

from __future__ import annotations

import errno
import os
import select
import termios
import time
from collections.abc import Callable

import serial
from osdp import Channel

from hardware.door.osdp.challenges import stir
from hardware.door.osdp.frames import BUSY, MARK, Frames, OsdpFrame, Way, sent
from kiosk.domain.errors import DoorTimeout

_READ_BYTES = 1024
_WRITE_SECONDS = 0.2
_FRAGMENT_SECONDS = 0.1
_PAUSE_SECONDS = 0.25
_BROKEN = (OSError, termios.error)


class SerialLine(Channel):  # type: ignore[misc] # the library ships no types
    """One device's end of a serial line. For one thread, except `wake`.

    Args:
        port: the device file.
        baud: bits per second.
        address: of the device.
        way: direction to read: replies for a panel, commands for a reader.
        section: the settings section, for messages.
    """

    def __init__(self, port: str, baud: int, address: int, way: Way, section: str) -> None:
        super().__init__()
        self.heard_at = -1.0e9
        self.heard: OsdpFrame | None = None
        self.written = 0
        self.strict = False
        self._place, self._baud, self._section = port, baud, section
        self._asks = way is Way.REPLIES
        self._frames = Frames(address, way)
        self._port: serial.Serial | None = None
        self._ready = b""
        self._asked: int | None = None
        self._last: int | None = None
        self._byte_at = 0.0
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    @property
    def is_open(self) -> bool:
        """True if the port was open at its last use."""
        return self._port is not None

    @property
    def asking(self) -> bool:
        """True if an answer is pending."""
        return self._asked is not None

    def open(self) -> None:
        """Open the port if necessary, and discard old data in both directions.

        Raises:
            DoorTimeout: it is absent, busy, or not accessible.
        """
        try:
            if self._port is None:
                self._port = serial.Serial(
                    self._place,
                    self._baud,
                    timeout=0,
                    write_timeout=_WRITE_SECONDS,
                    exclusive=True,
                )
            self._port.reset_output_buffer()
            self._port.reset_input_buffer()
        except (*_BROKEN, ValueError) as error:
            self.let_go()
            raise self._unopened(error) from error
        self._begin()

    def keep(
        self,
        serve: Callable[[], None],
        lost: Callable[[DoorTimeout], None],
        stopping: Callable[[], bool],
    ) -> None:
        """Reopen the port whenever it is lost, until stopped; then close it.

        Args:
            serve: works with the open line, and returns once it is lost.
            lost: receives the error if the port cannot be opened.
            stopping: True to stop.
        """
        try:
            while not stopping():
                try:
                    self.open()
                except DoorTimeout as error:
                    lost(error)
                else:
                    serve()
                self.wait(_PAUSE_SECONDS)
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Close the port; `open` opens it again."""
        port, self._port = self._port, None
        if port is not None:
            try:
                port.close()
            except _BROKEN:
                return

    def close_bell(self) -> None:
        """Close the event descriptor that `wake` uses; do not use the line after that."""
        os.close(self._bell)

    def wake(self) -> None:
        """End `wait` at once."""
        os.eventfd_write(self._bell, 1)

    def wait(self, seconds: float) -> None:
        """Wait for bytes, for `wake`, or until the time is up."""
        files = [self._bell]
        if self._port is not None:
            files.append(self._port.fileno())
        ready, _, _ = select.select(files, [], [], seconds)
        if self._bell in ready:
            os.eventfd_read(self._bell)

    # -- called by the library; an exception here would be lost, or worse ------------------------

    def read(self, max_bytes: int) -> bytes:
        """Complete frames for this address, `max_bytes` at a time."""
        if not self._ready:
            for frame in self._frames.feed(self._take()):
                self._admit(frame)
        part, self._ready = self._ready[:max_bytes], self._ready[max_bytes:]
        return part

    def write(self, buf: bytes) -> int:
        """Send a frame, unless it repeats the last one while repeats are forbidden."""
        frame = sent(buf)
        if self.strict and frame.sequence == self._last:
            return -1
        if not frame.sealed:
            stir()
        if not self._put(buf):
            return -1
        self._last, self._asked = frame.sequence, frame.sequence
        self.written += 1
        return len(buf)

    def flush(self) -> None:
        """Discard a partial frame."""
        self._frames.clear()

    # -- internal --------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._frames.clear()
        self._ready = b""
        self._asked = self._last = None
        self.strict = False
        self.heard = None

    def _admit(self, frame: OsdpFrame) -> None:
        """Accept a reply once, and only as the answer to the last request."""
        if self._asks:
            busy = frame.sequence == 0 and frame.code == BUSY
            if self._asked is None or not (frame.sequence == self._asked or busy):
                return
            self._asked = None
        elif not frame.sealed:
            stir()
        self.heard, self.heard_at = frame, time.monotonic()
        self._ready += bytes([MARK]) + frame.bytes

    def _take(self) -> bytes:
        """Read the available bytes; a partial frame that is too old is discarded."""
        now = time.monotonic()
        if now - self._byte_at > _FRAGMENT_SECONDS:
            self._frames.clear()
        if self._port is None:
            return b""
        try:
            data = self._port.read(_READ_BYTES)
        except _BROKEN:
            self.let_go()
            return b""
        if data:
            self._byte_at = now
        return bytes(data)

    def _put(self, buf: bytes) -> bool:
        if self._port is None:
            return False
        try:
            return self._port.write(buf) == len(buf)
        except _BROKEN:
            self.let_go()
            return False

    def _unopened(self, error: Exception) -> DoorTimeout:
        number = getattr(error, "errno", None)
        setting = f"{self._section}.port"
        if number == errno.ENOENT:
            return DoorTimeout(
                f"The serial port {self._place} is not there.",
                f"Plug in the RS-485 adapter, or correct {setting}.",
            )
        if number == errno.EACCES:
            return DoorTimeout(
                f"The serial port {self._place} may not be used by this user.",
                f"Add the kiosk's user to the port's group (dialout), or correct {setting}.",
            )
        return DoorTimeout(
            f"The serial port {self._place} cannot be used; another program may hold it.",
            f"End what else uses it, or correct {setting}.",
        )
