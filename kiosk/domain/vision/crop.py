"""The part of a picture around one face: what is sent where the rest is nobody's business."""

from __future__ import annotations

import numpy as np

from kiosk.domain.vision.face import Box
from kiosk.domain.vision.frame import Pixels

SURROUNDINGS = 2.0
"""The side of the part, as a multiple of the face's longer side."""


def around(pixels: Pixels, box: Box, surroundings: float = SURROUNDINGS) -> Pixels:
    """The square around a face, as far as it lies in the picture; empty if none of it does.

    Args:
        pixels: (height, width, 3) BGR.
        box: of the face.
        surroundings: the square's side, as a multiple of the face's longer side.
    """
    height, width = pixels.shape[:2]
    half = max(box.width, box.height) * surroundings / 2.0
    x, y = box.centre
    left, right = (round(min(max(0.0, each), width)) for each in (x - half, x + half))
    top, bottom = (round(min(max(0.0, each), height)) for each in (y - half, y + half))
    return np.ascontiguousarray(pixels[top:bottom, left:right])
