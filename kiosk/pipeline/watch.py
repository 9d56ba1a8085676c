"""Is the picture alive? Frozen and black pictures look like a working camera, and are none.

Time is that of the frames, so a recording is judged alike on every machine.
"""

from __future__ import annotations

import zlib

import numpy as np

from kiosk.domain.frame import Frame, Instant, Pixels

STEP_PX = 4
"""Every so many pixels are looked at, across and down: enough that a sensor's noise shows."""

BLACK_LEVEL = 20
BLACK_SHARE = 0.995
"""A frame is black where nearly no sample is brighter than that of 255. A dark room at night is
not: a lamp, a window or the screen's own light is somewhere in it."""


class FrameWatch:
    """Remembers since when the picture has been the same, and since when black.

    Args:
        frozen_seconds: identical frames for so long are a frozen camera.
        black_seconds: black frames for so long are a covered or broken camera.
    """

    def __init__(self, frozen_seconds: float, black_seconds: float) -> None:
        self._frozen_seconds = frozen_seconds
        self._black_seconds = black_seconds
        self.reset()

    def reset(self) -> None:
        """Forget every frame: the camera was opened again."""
        self._digest: int | None = None
        self._same_since: Instant | None = None
        self._black_since: Instant | None = None
        self._lively = False

    @property
    def lively(self) -> bool:
        """Whether the last frame proved that the camera works: not black, and a new picture."""
        return self._lively

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
        if not black:
            self._black_since = None
        elif self._black_since is None:
            self._black_since = at
        self._digest, self._lively = digest, moved and not black
        return self._complaint(at)

    def _complaint(self, at: Instant) -> str | None:
        """Black first: a covered camera may be frozen too, and that is what to look for."""
        if self._black_since is not None and at - self._black_since >= self._black_seconds:
            return f"the picture has been black for {self._black_seconds:g} s"
        if self._same_since is not None and at - self._same_since >= self._frozen_seconds:
            return f"the picture has not changed for {self._frozen_seconds:g} s"
        return None


def _is_black(samples: Pixels) -> bool:
    return float(np.mean(samples <= BLACK_LEVEL)) >= BLACK_SHARE
