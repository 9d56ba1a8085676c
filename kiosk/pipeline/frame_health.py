"""Detects frozen and black pictures, which look like a working camera but are not.

An encoder that sends only changes repeats the same picture, bit for bit, while nothing moves. Such
a picture is fresh and not frozen. But no living person is in it, and so it is no evidence.

Time is that of the frames, so a recording is judged the same on every machine.
"""

from __future__ import annotations

import zlib

import numpy as np

from kiosk.domain.vision.frame import LEAST_FPS, Frame, Instant, Pixels

STEP_PX = 4
"""The sampling step in pixels, across and down: fine enough to show a sensor's noise."""

RATE_SECONDS = 4.0
"""The period over which the frame rate is measured; a brief dropout does not make a camera slow."""

BLACK_LEVEL = 20
BLACK_SHARE = 0.995
"""A frame is black if this share of its samples is at most `BLACK_LEVEL` of 255. A dark room at
night is not black: a lamp, a window or the screen's own light is in it."""


class FrameWatch:
    """Tracks how long the picture has been unchanged, or black, and the frame rate.

    Args:
        frozen_seconds: identical frames for this long mean a frozen camera.
        black_seconds: black frames for this long mean a covered or broken camera.
    """

    def __init__(self, frozen_seconds: float, black_seconds: float) -> None:
        self._frozen_seconds = frozen_seconds
        self._black_seconds = black_seconds
        self._slow: float | None = None
        self.reset()

    def reset(self) -> None:
        """Forget every frame after a reopening. A slow camera stays slow until measured again."""
        self._digest: int | None = None
        self._same_since: Instant | None = None
        self._frozen_since: Instant | None = None
        self._black_since: Instant | None = None
        self._rate_from: tuple[Instant, int] | None = None
        self._still = False
        self._lively = False

    @property
    def lively(self) -> bool:
        """True if the last frame proved that the camera works: new, not black, not too slow."""
        return self._lively

    @property
    def slow(self) -> bool:
        """True if the frame rate is too low. Reopening the camera does not cure that."""
        return self._slow is not None

    @property
    def still(self) -> bool:
        """True if nothing has changed for so long that no living person is in the picture."""
        return self._still

    def check(self, frame: Frame) -> str | None:
        """Check the next frame.

        Returns:
            The camera's problem, for the journal; None while there is none.
        """
        samples = np.ascontiguousarray(frame.pixels[::STEP_PX, ::STEP_PX])
        at, digest, black = frame.captured_at, zlib.crc32(samples.data), _is_black(samples)
        moved = self._digest is not None and digest != self._digest
        if self._same_since is None or moved:
            self._same_since = at
        if self._frozen_since is None or moved or frame.fresh:
            self._frozen_since = at
        if not black:
            self._black_since = None
        elif self._black_since is None:
            self._black_since = at
        self._still = at - self._same_since >= self._frozen_seconds
        new = moved or (frame.fresh and self._digest is not None)
        self._digest = digest
        self._measure(frame)
        self._lively = new and not black and self._slow is None
        return self._complaint(at)

    def _measure(self, frame: Frame) -> None:
        """Measure the frame rate by the camera's count, which includes frames not processed."""
        at, index = self._rate_from or (frame.captured_at, frame.index)
        self._rate_from = (at, index)
        seconds = frame.captured_at - at
        if seconds >= RATE_SECONDS:
            rate = (frame.index - index) / seconds
            self._slow = rate if rate < LEAST_FPS else None
            self._rate_from = (frame.captured_at, frame.index)

    def _complaint(self, at: Instant) -> str | None:
        """The problem, black first: a covered camera may be frozen too; the cover is the cause."""
        if self._black_since is not None and at - self._black_since >= self._black_seconds:
            return f"the picture has been black for {self._black_seconds:g} s"
        if self._frozen_since is not None and at - self._frozen_since >= self._frozen_seconds:
            return f"the picture has not changed for {self._frozen_seconds:g} s"
        if self._slow is not None:
            return f"only {self._slow:.1f} frames a second come, and {LEAST_FPS:g} are needed"
        return None


def _is_black(samples: Pixels) -> bool:
    return float(np.mean(samples <= BLACK_LEVEL)) >= BLACK_SHARE
