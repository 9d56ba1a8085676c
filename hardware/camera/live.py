"""Live cameras: local devices and network streams.

If a camera disappears, a read may block for many seconds or forever. So reads run on a thread of
their own, and the timeout of `read` is kept by waiting for that thread, independently of the
device. Only the newest frame is kept, and it is returned once.
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
"""Pause after a failed read, so that a broken device does not use a full CPU core."""
LEAST_SECONDS = 1 / 120
"""Minimum time between two reads; a recording at a web address would be read without pause."""
MISSES_ALLOWED = 5
"""Allowed consecutive failed reads; cheap webcams damage a frame now and then."""


class Taken(NamedTuple):
    """An image from a feed.

    Attributes:
        pixels: (height, width, 3) BGR, in its own memory.
        fresh: see `Frame.fresh`.
    """

    pixels: Pixels
    fresh: bool


class Feed(Protocol):
    """One kind of live camera, used only by the reader thread, except `interrupt`."""

    remedy: str
    """Advice for the case that this kind delivers nothing."""

    def open(self) -> None:
        """Connect to the camera.

        Raises:
            CameraLost: the reason why it cannot be opened.
        """
        ...

    def read(self) -> Taken | None:
        """The next image; None if it was damaged or did not come.

        Raises:
            CameraLost: no more images will come.
        """
        ...

    def interrupt(self) -> None:
        """End a blocked call, if this kind can."""
        ...

    def close(self) -> None:
        """Close the camera; also if it was not or not completely opened."""
        ...


class Pace(NamedTuple):
    """Start-up parameters of a live camera.

    Attributes:
        warmup_frames: number of first frames that are discarded.
        open_seconds: answer timeout.
    """

    warmup_frames: int
    open_seconds: float


class LiveCamera:
    """A device or a stream. Opening starts in the constructor; the first `read` waits for it.

    Args:
        feed: the kind.
        name: of the source, without secrets.
        pace: start-up parameters.
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
        """The newest frame that was not returned yet.

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
        """Close the camera; may be called twice. Never waits long for a hanging device."""
        self._stop.set()
        self._lose(self._loss("was closed"))
        self._feed.interrupt()
        self._reader.join(CLOSE_SECONDS)
        if not self._reader.is_alive():
            atexit.unregister(self._await_reader)

    def _await_reader(self) -> None:
        """Wait for the reader before the process exits; a thread inside a library would abort."""
        self._stop.set()
        self._feed.interrupt()
        self._reader.join(self._pace.open_seconds + EXIT_SECONDS)

    def _run(self) -> None:
        """Run the reader thread. Whatever ends it is reported as a loss."""
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
        """Record a loss; the first reason counts. A remaining frame may still be read first."""
        with self._changed:
            self._lost = self._lost or loss
            self._changed.notify_all()

    def _loss(self, what: str) -> CameraLost:
        return CameraLost(f"The camera {self._name} {what}.", self._feed.remedy)
