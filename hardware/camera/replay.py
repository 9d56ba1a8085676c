"""Recordings as cameras. Frames are returned once each, in order, with the recording's own time.

Nothing here waits, so a replay gives the same result on every machine. `Paced` plays one in real
time: it then behaves like a camera, including late and missing frames.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from hardware.camera.codec import cv2
from hardware.camera.video import Foreign, Picture, TooLarge, Video
from kiosk.domain.errors import CameraLost, EndOfSource, ImageError, SourceError
from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import MOST_PIXELS, Frame, Instant, Pixels

USUAL_FPS = 30.0


class FileReplay:
    """A video file, frame by frame. `captured_at` is the frame's time from the video's start.

    A file that is cut off in the middle of a frame ends with the last complete frame.

    Raises:
        SourceError: the file is not a readable video, or its images are too large.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file = _file(path)
        self._video: Video | None = None
        try:
            self._video = Video(self._file)
            self._next: Picture | None = self._video.first()
        except Foreign as error:
            self.close()
            raise _no_video(path, error) from error
        fps = self._video.fps
        self._interval = 1.0 / (fps if 0.0 < fps <= 1000.0 else USUAL_FPS)  # noqa: PLR2004 - sane
        self._last: Frame | None = None

    def read(self, timeout: float) -> Frame:  # noqa: ARG002 - a file never has to be waited for
        """The next frame.

        Raises:
            EndOfSource: the recording has ended.
            CameraLost: the replay was closed.
        """
        with self._lock:
            if self._file.closed:
                raise _closed(self._path)
            picture = self._next or self._following()
            if picture is None:
                raise EndOfSource(str(self._path))
            self._next = None
            self._last = self._after(self._last, picture)
            return self._last

    def close(self) -> None:
        """Close the file; may be called twice."""
        with self._lock:
            video, self._video = self._video, None
            if video is not None:
                video.close()
            self._file.close()

    def _following(self) -> Picture | None:
        """The next image; None at the end, and where the file is damaged."""
        with contextlib.suppress(Foreign):
            return None if self._video is None else self._video.read()
        return None

    def _after(self, last: Frame | None, picture: Picture) -> Frame:
        """The next frame, with an increasing time: some files have no or wrong timestamps."""
        seconds, fresh = picture.seconds or 0.0, picture.fresh
        if last is None:
            return Frame(picture.pixels, Instant(max(0.0, seconds)), 0, fresh=fresh)
        at = seconds if seconds > last.captured_at else last.captured_at + self._interval
        return Frame(picture.pixels, Instant(at), last.index + 1, fresh=fresh)


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
            raise _closed(self._images[0].parent)
        if index >= len(self._images):
            raise EndOfSource(str(self._images[0].parent))
        self._index += 1
        return Frame(_pixels(self._images[index]), Instant(index / self._fps), index)

    def close(self) -> None:
        """Stop; no resource is held. May be called twice."""
        self._closed = True


class Paced:
    """A replay at the pace of a camera: frames come when they are due, stamped with real time.

    It drops no frames: a caller that reads too rarely gets the next frame at once.

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


def _file(path: Path) -> BinaryIO:
    """Open the file here by path: FFmpeg opens nothing, and a colon in it is no protocol."""
    try:
        return path.open("rb")
    except OSError as error:
        raise SourceError(
            f"The file {path} cannot be read: {error.strerror}.", "Let the kiosk's user read it."
        ) from error


def _no_video(path: Path, error: Foreign) -> SourceError:
    if isinstance(error, TooLarge):
        return SourceError(
            f"The file {path} has pictures of {error.width}x{error.height}, and {MOST_PIXELS:,} "
            "pixels are allowed.",
            "Make them smaller.",
        )
    return SourceError(
        f"The file {path} is no video that can be read.",
        "Try it in a player; a recording that was cut off may need to be repaired, and pictures "
        f"may have {MOST_PIXELS:,} pixels.",
    )


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


def _closed(path: Path) -> CameraLost:
    return CameraLost(f"The replay of {path} was closed.")
