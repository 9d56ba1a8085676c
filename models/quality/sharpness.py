"""Sharpness of a face, 0 to 100, independent of light, contrast and camera noise.

Rekognition's unit is not public; this is a measure of this project, version 1. Its value 15 is
where templates of increasingly blurred faces begin to drift (R4).
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.frame import Pixels
from models.quality.crop import OFFSET_PX
from models.quality.percentiles import percentile

Plane = NDArray[np.float32]

ZERO, FULL = 0.11, 0.58
"""Raw values that are mapped to 0 and 100."""

NOISE_SHARE, NOISE_PERCENTILE = 1.7, 15
"""Noise correction: this multiple of the energy at this percentile (flat areas) is subtracted."""

CONTRAST_FLOOR = 0.2

_DIRECTIONS: tuple[Plane, ...] = tuple(
    np.array(kernel, np.float32)
    for kernel in (
        [[0, 0, 0], [-1, 0, 1], [0, 0, 0]],
        [[0, -1, 0], [0, 0, 0], [0, 1, 0]],
        [[-0.7, 0, 0], [0, 0, 0], [0, 0, 0.7]],
        [[0, 0, -0.7], [0, 0, 0], [0.7, 0, 0]],
    )
)


def sharpness(luma: Pixels) -> float:
    """Measure fine detail in its weakest direction, relative to the face's own contrast.

    Motion blurs in one direction only, so the weakest direction counts.

    Args:
        luma: (160, 160) of an `UprightFace`.

    Returns:
        0 to 100.
    """
    left, top = OFFSET_PX
    inner = luma[top + 24 : top + 108, left + 12 : left + 100].astype(np.float32)
    fine_grain, middle, coarse_grain = (_blurred(inner, sigma) for sigma in (1.0, 2.0, 4.0))
    fine, coarse = fine_grain - middle, middle - coarse_grain
    weakest = min(_above_noise(fine, direction) for direction in _DIRECTIONS)
    deviation = float(cv2.meanStdDev(coarse)[1][0, 0])
    raw = math.sqrt(weakest) / (deviation + CONTRAST_FLOOR)
    return min(max(100.0 * (raw - ZERO) / (FULL - ZERO), 0.0), 100.0)


def _blurred(plane: Plane, sigma: float) -> Plane:
    return np.asarray(
        cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), np.float32
    )


def _above_noise(plane: Plane, direction: Plane) -> float:
    change = cv2.filter2D(plane, -1, direction)
    energy = cv2.boxFilter(change * change, -1, (9, 9), borderType=cv2.BORDER_REFLECT)
    floor = NOISE_SHARE * percentile(np.asarray(energy, np.float32), NOISE_PERCENTILE)
    return max(cv2.mean(energy)[0] - floor, 0.0)
