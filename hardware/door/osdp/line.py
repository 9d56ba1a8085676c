"""The serial line of OSDP, as libosdp's channel: it raises nothing, and sends no command twice.

libosdp sends a command again when no answer came, a second later and with nobody's leave. A door
that was told twice, or late, is a door that opens for nobody: while an order is out the line
refuses a frame that repeats the last one. An answer is taken once, and only by who asked.
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
    """One device's end of a serial line. Of one thread, but for `wake`.

    Args:
        port: the device file.
        baud: bits a second.
        address: of the device.
        way: which frames are read: replies by a panel, commands by a reader.
        section: where in the settings all this stands, for messages.
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
        """Whether the port is open, as far as its last use told."""
        return self._port is not None

    @property
    def asking(self) -> bool:
        """Whether an answer is still to come."""
        return self._asked is not None

    def open(self) -> None:
        """See that the port is open and that nothing old waits on it, in either direction.

        Raises:
            DoorTimeout: it is absent, busy, or not ours to use.
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
        """Open it as often as it is lost, until somebody stops it; then let it go.

        Args:
            serve: works with the open line, and returns once it is lost.
            lost: is told why it cannot be opened.
            stopping: whether that is the end.
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
        """Close the port; it is opened anew by `open`."""
        port, self._port = self._port, None
        if port is not None:
            try:
                port.close()
            except _BROKEN:
                return

    def close_bell(self) -> None:
        """Let go of what `wake` rings; nothing of this line is used after that."""
        os.close(self._bell)

    def wake(self) -> None:
        """End `wait` at once."""
        os.eventfd_write(self._bell, 1)

    def wait(self, seconds: float) -> None:
        """Wait for bytes, for `wake`, or for that long."""
        files = [self._bell]
        if self._port is not None:
            files.append(self._port.fileno())
        ready, _, _ = select.select(files, [], [], seconds)
        if self._bell in ready:
            os.eventfd_read(self._bell)

    # -- what the library calls; an exception here would be lost, or worse -----------------------

    def read(self, max_bytes: int) -> bytes:
        """Whole frames that are ours, `max_bytes` at a time."""
        if not self._ready:
            for frame in self._frames.feed(self._take()):
                self._admit(frame)
        part, self._ready = self._ready[:max_bytes], self._ready[max_bytes:]
        return part

    def write(self, buf: bytes) -> int:
        """Send a frame, unless it is the last one again while nothing may be repeated."""
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
        """Forget what is half read."""
        self._frames.clear()

    # -- within ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._frames.clear()
        self._ready = b""
        self._asked = self._last = None
        self.strict = False
        self.heard = None

    def _admit(self, frame: OsdpFrame) -> None:
        """A reply is heard once, and only as the answer to what was asked last."""
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
        """What the port has; what was begun too long ago is not waited for any more."""
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
