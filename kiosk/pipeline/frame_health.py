"""Is the picture alive? Frozen and black pictures look like a working camera, and are none.

An encoder that sends only what has changed gives the same picture again, to the bit, while nothing
moves. Such a picture is fresh and not frozen; but nobody living is in it, and so it is no evidence.

Time is that of the frames, so a recording is judged alike on every machine.
"""

from __future__ import annotations

import zlib

import numpy as np

from kiosk.domain.vision.frame import LEAST_FPS, Frame, Instant, Pixels

STEP_PX = 4
"""Every so many pixels are looked at, across and down: enough that a sensor's noise shows."""

RATE_SECONDS = 4.0
"""The rate is measured over so long: a camera that falters now and then is no slow one."""

BLACK_LEVEL = 20
BLACK_SHARE = 0.995
"""A frame is black where nearly no sample is brighter than that of 255. A dark room at night is
not: a lamp, a window or the screen's own light is somewhere in it."""


class FrameWatch:
    """Remembers since when the picture has been the same, and since when black, and how many come.

    Args:
        frozen_seconds: identical frames for so long are a frozen camera.
        black_seconds: black frames for so long are a covered or broken camera.
    """

    def __init__(self, frozen_seconds: float, black_seconds: float) -> None:
        self._frozen_seconds = frozen_seconds
        self._black_seconds = black_seconds
        self._slow: float | None = None
        self.reset()

    def reset(self) -> None:
        """Forget every frame: the camera was opened again. A slow one has to prove itself."""
        self._digest: int | None = None
        self._same_since: Instant | None = None
        self._frozen_since: Instant | None = None
        self._black_since: Instant | None = None
        self._rate_from: tuple[Instant, int] | None = None
        self._still = False
        self._lively = False

    @property
    def lively(self) -> bool:
        """Whether the last frame proved that the camera works: new, not black, not too slow."""
        return self._lively

    @property
    def slow(self) -> bool:
        """Whether too few frames come. Opening the camera again does not help against that."""
        return self._slow is not None

    @property
    def still(self) -> bool:
        """Whether for so long nothing has changed that no living person is in the picture."""
        return self._still

    def check(self, frame: Frame) -> str | None:
        """Look at the next frame.

        Returns:
            What is wrong with the camera, for the journal; None if nothing is, so far.
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
        """Frames are counted by the camera: those that nobody had time to look at came too."""
        at, index = self._rate_from or (frame.captured_at, frame.index)
        self._rate_from = (at, index)
        seconds = frame.captured_at - at
        if seconds >= RATE_SECONDS:
            rate = (frame.index - index) / seconds
            self._slow = rate if rate < LEAST_FPS else None
            self._rate_from = (frame.captured_at, frame.index)

    def _complaint(self, at: Instant) -> str | None:
        """Black first: a covered camera may be frozen too, and that is what to look for."""
        if self._black_since is not None and at - self._black_since >= self._black_seconds:
            return f"the picture has been black for {self._black_seconds:g} s"
        if self._frozen_since is not None and at - self._frozen_since >= self._frozen_seconds:
            return f"the picture has not changed for {self._frozen_seconds:g} s"
        if self._slow is not None:
            return f"only {self._slow:.1f} frames a second come, and {LEAST_FPS:g} are needed"
        return None


def _is_black(samples: Pixels) -> bool:
    return float(np.mean(samples <= BLACK_LEVEL)) >= BLACK_SHARE
