"""Video files as cameras; kept apart from folders, so that these do without FFmpeg's libraries."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import BinaryIO

from hardware.camera.replay import replay_closed
from hardware.camera.video import Foreign, Picture, TooLarge, Video
from kiosk.domain.errors import EndOfSource, SourceError
from kiosk.domain.vision.frame import MOST_PIXELS, Frame, Instant

USUAL_FPS = 30.0
MOST_FPS = 1000.0
"""A file that claims more, or none, is taken to have the usual number."""


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
        self._interval = 1.0 / (fps if 0.0 < fps <= MOST_FPS else USUAL_FPS)
        self._last: Frame | None = None

    def read(self, timeout: float) -> Frame:  # noqa: ARG002 - a file never has to be waited for
        """The next frame.

        Raises:
            EndOfSource: the recording has ended.
            CameraLost: the replay was closed.
        """
        with self._lock:
            if self._file.closed:
                raise replay_closed(self._path)
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
