"""Live cameras: local devices and network streams.

OpenCV's read may block for many seconds, or for ever, when a camera goes away. So it is called on
a thread of its own, and only there; what `read` promises is kept by waiting for that thread, never
by trusting the device. Only the newest frame is kept, and it is handed out once.
"""

from __future__ import annotations

import atexit
import threading
import time
from dataclasses import dataclass

import numpy as np

from hardware.camera.codec import cv2
from hardware.camera.source import DeviceSource, StreamSource
from kiosk.domain.errors import CameraLost
from kiosk.domain.frame import Frame, Instant

REMEDY_DEVICE = (
    "Plug it in; `ls /dev/video*` shows the cameras; this account must be in the group `video`."
)
REMEDY_STREAM = "Check the address, the network and the camera's power."
READ_MS = 1500
"""How long a stream may keep the reader waiting. Less than the 2 s in which a loss must show."""
PLAIN_PIXELS = 640 * 480
"""Larger pictures come compressed: USB 2 carries uncompressed ones at a few frames a second."""
CLOSE_SECONDS = 0.5
EXIT_SECONDS = 1.0
PAUSE_SECONDS = 0.02
"""After a failed read, so that a broken device never takes a whole processor."""
LEAST_SECONDS = 1 / 120
"""Between two reads. A recording behind a web address would otherwise be read as fast as it can."""
MISSES_ALLOWED = 5
"""Failed reads in a row; cheap webcams tear a frame now and then."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a live camera.

    Attributes:
        width: pixels; a device chooses the nearest that it can.
        height: pixels.
        fps: frames a second.
        warmup_frames: first frames that are thrown away, since many cameras start black.
        open_seconds: how long a stream may take to answer.
    """

    width: int
    height: int
    fps: int
    warmup_frames: int
    open_seconds: float


class LiveCamera:
    """A device or a stream. It begins to open when it is made; the first `read` waits for that.

    Args:
        source: which.
        wanted: how.
    """

    def __init__(self, source: DeviceSource | StreamSource, wanted: Wanted) -> None:
        self._source = source
        self._wanted = wanted
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._lost: CameraLost | None = None
        self._stop = threading.Event()
        self._reader = threading.Thread(target=self._run, name=f"reader {source}", daemon=True)
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
            raise self._lost or self._loss(f"delivers no frames for {timeout:g} s")

    def close(self) -> None:
        """Let the camera go; may be called twice. Never waits long for a device that hangs."""
        self._stop.set()
        self._lose(self._loss("was closed"))
        self._reader.join(CLOSE_SECONDS)
        if not self._reader.is_alive():
            atexit.unregister(self._await_reader)

    def _await_reader(self) -> None:
        """Before the process ends: a thread inside OpenCV at that moment would abort it."""
        self._stop.set()
        self._reader.join(self._wanted.open_seconds + EXIT_SECONDS)

    def _run(self) -> None:
        """The reader's whole life. A foreign error becomes a loss, never a dead thread."""
        video = None
        try:
            video = self._open()
            self._deliver(video)
        except cv2.error:
            self._lose(self._loss("failed"))
        finally:
            if video is not None:
                video.release()

    def _open(self) -> cv2.VideoCapture:
        if isinstance(self._source, StreamSource):
            open_ms = int(self._wanted.open_seconds * 1000)
            patience = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, open_ms]
            patience += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_MS]
            return cv2.VideoCapture(self._source.url, cv2.CAP_FFMPEG, patience)
        video = cv2.VideoCapture(self._source.number, cv2.CAP_V4L2)
        if self._wanted.width * self._wanted.height > PLAIN_PIXELS:
            video.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        video.set(cv2.CAP_PROP_FRAME_WIDTH, self._wanted.width)
        video.set(cv2.CAP_PROP_FRAME_HEIGHT, self._wanted.height)
        video.set(cv2.CAP_PROP_FPS, self._wanted.fps)
        video.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return video

    def _deliver(self, video: cv2.VideoCapture) -> None:
        if not video.isOpened():
            self._lose(self._loss("cannot be opened"))
            return
        taken = missed = 0
        while not self._stop.is_set() and missed <= MISSES_ALLOWED:
            whole, pixels = video.read()
            at = Instant(time.monotonic())
            if not whole:
                missed += 1
                self._stop.wait(PAUSE_SECONDS)
                continue
            if taken >= self._wanted.warmup_frames:
                index = taken - self._wanted.warmup_frames
                self._put(Frame(np.asarray(pixels, np.uint8), at, index))
            taken, missed = taken + 1, 0
            self._stop.wait(max(0.0, at + LEAST_SECONDS - time.monotonic()))
        self._lose(self._loss("stopped"))

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
        device = isinstance(self._source, DeviceSource)
        return CameraLost(
            f"The camera {self._source} {what}.", REMEDY_DEVICE if device else REMEDY_STREAM
        )
