"""The movement of a face and of what is beside it, from one frame to the next.

Phase correlation (Kuglin and Hines 1975) of three places: the face, and a strip on either side
beyond the hair and above the shoulders. For that, 64 x 64 grey pixels of each are kept until the
next frame, and no longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.face import Box, Face
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.surroundings import Motion, Shift

MOST_SECONDS = 0.25
"""Frames further apart are not compared."""
FACE = 0.45
"""Half the width and height of the place on the face, as a share of the face's."""
NEAR, FAR = 1.1, 1.9
"""Where a strip begins and ends: widths of the face from its middle. Hair seldom reaches it."""
ABOVE, BELOW = 0.9, 0.2
"""Where it begins and ends: heights of the face above its middle, and below."""
LEAST_WIDTH = 0.15
"""A strip of fewer widths of the face is cut off by the frame's edge, and says too little."""
SEEN_PX = 64
LEAST_PX = 16
WINDOW = cv2.createHanningWindow((SEEN_PX, SEEN_PX), cv2.CV_32F)

Patch = NDArray[np.float32]
"""(64, 64) grey, less its mean: a light that keeps still would look like a surface that does."""
Place = tuple[int, int, int, int]
"""Left, top, right, bottom; pixels of the frame."""


@dataclass(frozen=True, slots=True)
class _Seen:
    at: Instant
    size: tuple[int, ...]
    places: Sequence[Place]
    patches: Sequence[Patch]
    face: tuple[float, float]
    """Width and height."""


class SurroundingsWatch:
    """Compares each frame with the one before. Owned by one thread."""

    def __init__(self) -> None:
        self._before: _Seen | None = None

    def motion(self, frame: Frame, face: Face) -> Motion | None:
        """The movement since the frame before.

        Returns:
            None if that was too long ago or there was none, or if the face fills so much of the
            frame that there is too little beside it.
        """
        before, self._before = self._before, _seen(frame, face.box)
        if before is None or before.size != frame.pixels.shape:
            return None
        if not 0.0 < frame.captured_at - before.at <= MOST_SECONDS:
            return None
        shifts = [
            _shift(patch, frame.pixels, place, before.face[0])
            for patch, place in zip(before.patches, before.places, strict=True)
        ]
        return Motion(*shifts)


def _seen(frame: Frame, box: Box) -> _Seen | None:
    places = _places(frame, box)
    if places is None:
        return None
    patches = [_patch(frame.pixels, place) for place in places]
    size = (box.width, box.height)
    return _Seen(frame.captured_at, frame.pixels.shape, places, patches, size)


def _places(frame: Frame, box: Box) -> Sequence[Place] | None:
    """The face and both strips, inside the frame; None if one of them is too small."""
    (x, y), w, h = box.centre, box.width, box.height
    top, bottom = y - ABOVE * h, y + BELOW * h
    wanted = (
        (x - FACE * w, y - FACE * h, x + FACE * w, y + FACE * h),
        (x - FAR * w, top, x - NEAR * w, bottom),
        (x + NEAR * w, top, x + FAR * w, bottom),
    )
    places = [_clipped(frame, place) for place in wanted]
    least = max(LEAST_PX, LEAST_WIDTH * w)
    wide = all(right - left >= least for left, _, right, _ in places)
    return (
        places if wide and all(bottom - top >= LEAST_PX for _, top, _, bottom in places) else None
    )


def _clipped(frame: Frame, place: tuple[float, float, float, float]) -> Place:
    left, top, right, bottom = (round(edge) for edge in place)
    return max(left, 0), max(top, 0), min(right, frame.width), min(bottom, frame.height)


def _patch(pixels: Pixels, place: Place) -> Patch:
    left, top, right, bottom = place
    cut = pixels[top:bottom, left:right]
    small = cv2.resize(cut, (SEEN_PX, SEEN_PX), interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.float32)
    return np.asarray(grey - grey.mean(), np.float32)


def _shift(patch: Patch, pixels: Pixels, place: Place, width: float) -> Shift:
    """How far the place's content has moved, in widths of the face."""
    left, top, right, bottom = place
    (across, down), _ = cv2.phaseCorrelate(patch, _patch(pixels, place), WINDOW)
    per_width = SEEN_PX * width
    return across * (right - left) / per_width, down * (bottom - top) / per_width
