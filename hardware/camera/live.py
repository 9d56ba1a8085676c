"""Live cameras: local devices and network streams.

A read may block for many seconds, or for ever, when a camera goes away. So it is called on a thread
of its own, and only there; what `read` promises is kept by waiting for that thread, never by
trusting the device. Only the newest frame is kept, and it is handed out once.
"""

from __future__ import annotations

import atexit
import threading
import time
from typing import NamedTuple, Protocol

from kiosk.domain.errors import CameraLost
from kiosk.domain.vision.frame import LEAST_FPS, MOST_PIXELS, Frame, Instant, Pixels

CLOSE_SECONDS = 0.5
EXIT_SECONDS = 1.0
PAUSE_SECONDS = 0.02
"""After a failed read, so that a broken device never takes a whole processor."""
LEAST_SECONDS = 1 / 120
"""Between two reads. A recording behind a web address would otherwise be read as fast as it can."""
MISSES_ALLOWED = 5
"""Failed reads in a row; cheap webcams tear a frame now and then."""


class Taken(NamedTuple):
    """What a feed gave.

    Attributes:
        pixels: (height, width, 3) BGR, of its own memory.
        fresh: see `Frame.fresh`.
    """

    pixels: Pixels
    fresh: bool


class Feed(Protocol):
    """One kind of live camera, used by the reader's thread alone, but for `interrupt`."""

    remedy: str
    """What to do where this kind gives nothing."""

    def open(self) -> None:
        """Reach it.

        Raises:
            CameraLost: says why it cannot be reached.
        """
        ...

    def read(self) -> Taken | None:
        """The next picture; None where it was torn or did not come.

        Raises:
            CameraLost: there will be none.
        """
        ...

    def interrupt(self) -> None:
        """End what waits, where this kind can."""
        ...

    def close(self) -> None:
        """Let it go; also where it was not opened, or not wholly."""
        ...


class Pace(NamedTuple):
    """How a live camera begins.

    Attributes:
        warmup_frames: first frames that are thrown away.
        open_seconds: how long it may take to answer.
    """

    warmup_frames: int
    open_seconds: float


class LiveCamera:
    """A device or a stream. It begins to open when it is made; the first `read` waits for that.

    Args:
        feed: the kind.
        name: of the source, without secrets.
        pace: how it begins.
    """

    def __init__(self, feed: Feed, name: str, pace: Pace) -> None:
        self._feed = feed
        self._name = name
        self._pace = pace
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._lost: CameraLost | None = None
        self._stop = threading.Event()
        self._reader = threading.Thread(target=self._run, name=f"reader {name}", daemon=True)
        atexit.register(self._await_reader)
        self._reader.start()

    def read(self, timeout: float) -> Frame:
        """The newest frame that was not handed out yet.

        Raises:
            CameraLost: names the camera; no frame came in time, or it cannot be opened.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._frame is not None or self._lost is not None, timeout
            )
            frame, self._frame = self._frame, None
            if frame is not None:
                return frame
            raise self._lost or self._loss(
                f"delivers no frames for {timeout:g} s; {LEAST_FPS:g} a second are needed"
            )

    def close(self) -> None:
        """Let the camera go; may be called twice. Never waits long for a device that hangs."""
        self._stop.set()
        self._lose(self._loss("was closed"))
        self._feed.interrupt()
        self._reader.join(CLOSE_SECONDS)
        if not self._reader.is_alive():
            atexit.unregister(self._await_reader)

    def _await_reader(self) -> None:
        """Before the process ends: a thread inside a library at that moment would abort it."""
        self._stop.set()
        self._feed.interrupt()
        self._reader.join(self._pace.open_seconds + EXIT_SECONDS)

    def _run(self) -> None:
        """The reader's whole life. Whatever ends it becomes a loss."""
        try:
            self._feed.open()
            self._deliver()
        except CameraLost as loss:
            self._lose(loss)
        finally:
            self._lose(self._loss("failed"))
            self._feed.close()

    def _deliver(self) -> None:
        count = missed = 0
        while not self._stop.is_set() and missed <= MISSES_ALLOWED:
            taken = self._feed.read()
            at = Instant(time.monotonic())
            if taken is None:
                missed += 1
                self._stop.wait(PAUSE_SECONDS)
                continue
            self._refuse_huge(taken.pixels)
            if count >= self._pace.warmup_frames:
                index = count - self._pace.warmup_frames
                self._put(Frame(taken.pixels, at, index, fresh=taken.fresh))
            count, missed = count + 1, 0
            self._stop.wait(max(0.0, at + LEAST_SECONDS - time.monotonic()))
        self._lose(self._loss("stopped"))

    def _refuse_huge(self, pixels: Pixels) -> None:
        height, width = pixels.shape[:2]
        if height * width > MOST_PIXELS:
            raise self._loss(
                f"gives pictures of {width}x{height}, and {MOST_PIXELS:,} pixels are allowed"
            )

    def _put(self, frame: Frame) -> None:
        with self._changed:
            self._frame = frame
            self._changed.notify_all()

    def _lose(self, loss: CameraLost) -> None:
        """The first reason stands; a frame that is still there may be read before it."""
        with self._changed:
            self._lost = self._lost or loss
            self._changed.notify_all()

    def _loss(self, what: str) -> CameraLost:
        return CameraLost(f"The camera {self._name} {what}.", self._feed.remedy)
