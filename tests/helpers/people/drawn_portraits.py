"""Portraits of nobody, drawn: enough to see where and how large a simulated camera shows them."""

from __future__ import annotations

import cv2
import numpy as np

from hardware.sim.scene import Portrait
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.frame import Pixels

FACE = Box(160.0, 140.0, 180.0, 220.0)
RED, GREEN = (40, 40, 220), (40, 200, 40)


def drawn(colour: tuple[int, int, int] = RED) -> Portrait:
    """A grey wall and one oval in a colour that nothing else has."""
    pixels = np.full((600, 500, 3), 128, np.uint8)
    cv2.ellipse(pixels, (250, 250), (90, 110), 0, 0, 360, colour, -1)
    return Portrait(pixels, FACE)


def shown(pixels: Pixels, channel: int = 2) -> Box:
    """The box of what is clearly of that colour channel; of no size if nothing is."""
    others = np.delete(pixels.astype(np.int16), channel, axis=2).max(axis=2)
    found = (pixels[..., channel].astype(np.int16) - others) > 40
    if not found.any():
        return Box(0.0, 0.0, 0.0, 0.0)
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    return Box(
        float(columns[0]),
        float(rows[0]),
        float(columns[-1] - columns[0] + 1),
        float(rows[-1] - rows[0] + 1),
    )
