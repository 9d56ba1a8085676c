"""Recordings as cameras. Frames are returned once each, in order, with the recording's own time.

Nothing here waits, so a replay gives the same result on every machine. `Paced` plays one in real
time: it then behaves like a camera, including late and missing frames.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from hardware.camera.codec import cv2
from kiosk.domain.errors import CameraLost, EndOfSource, ImageError
from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import MOST_PIXELS, Frame, Instant, Pixels


class FolderReplay:
    """Images as frames, at a fixed rate. They may differ in size.

    Args:
        images: at least one, in playing order.
        fps: frames per second.
    """

    def __init__(self, images: Sequence[Path], fps: float) -> None:
        self._images = tuple(images)
        self._fps = fps
        self._index = 0
        self._closed = False

    def read(self, timeout: float) -> Frame:  # noqa: ARG002 - a file never has to be waited for
        """The next frame.

        Raises:
            ImageError: an image cannot be read; the error names it, and the next read continues
                after it.
            EndOfSource: the recording has ended.
            CameraLost: the replay was closed.
        """
        index = self._index
        if self._closed:
            raise replay_closed(self._images[0].parent)
        if index >= len(self._images):
            raise EndOfSource(str(self._images[0].parent))
        self._index += 1
        return Frame(_pixels(self._images[index]), Instant(index / self._fps), index)

    def close(self) -> None:
        """Stop; no resource is held. May be called twice."""
        self._closed = True


class Paced:
    """A replay at the pace of a camera: frames come when they are due, stamped with real time.

    It drops no frames, and plays none faster than they were recorded: a caller that reads too late
    gets the next frame at once, and everything after it comes so much later.

    Args:
        replay: frames with the recording's time.
        now: real monotonic seconds.
    """

    def __init__(self, replay: Camera, now: Callable[[], float] = time.monotonic) -> None:
        self._replay = replay
        self._now = now
        self._stop = threading.Event()
        self._start: float | None = None
        self._pending: Frame | None = None

    def read(self, timeout: float) -> Frame:
        """The next frame, when it is due.

        Raises:
            CameraLost: it is not due within ``timeout``, or the replay was closed.
            EndOfSource: the recording has ended.
        """
        frame = self._pending or self._replay.read(timeout)
        self._pending = frame
        now = self._now()
        if self._start is None:
            self._start = now - frame.captured_at
        early = self._start + frame.captured_at - now
        self._start += max(0.0, -early)
        if self._stop.wait(min(max(0.0, early), timeout)):
            raise CameraLost("The replay was closed while it was read.")
        if early > timeout:
            raise CameraLost(f"The recording shows no frame for {timeout:g} s.")
        self._pending = None
        return replace(frame, captured_at=Instant(self._now()))

    def close(self) -> None:
        """End a waiting read and close the replay; may be called twice."""
        self._stop.set()
        self._replay.close()


def _pixels(path: Path) -> Pixels:
    """(height, width, 3) BGR, rotated upright according to the file's metadata."""
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        pixels = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (OSError, cv2.error) as error:
        raise _unreadable(path) from error
    if pixels is None or pixels.shape[0] * pixels.shape[1] > MOST_PIXELS:
        raise _unreadable(path)
    return np.asarray(pixels, np.uint8)


def _unreadable(path: Path) -> ImageError:
    return ImageError(
        f"The picture {path} cannot be read, or has more than {MOST_PIXELS:,} pixels.",
        "Remove it from the folder, or save it again.",
    )


def replay_closed(path: Path) -> CameraLost:
    """The error of a replay that is read after its end."""
    return CameraLost(f"The replay of {path} was closed.")
