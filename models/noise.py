"""How noisy a picture is: what changes from pixel to pixel where nothing else does.

Immerkær's kernel (1996) answers neither to a plain surface nor to an even slope, so what is left
on a face is noise and a little texture. Each colour is measured by itself, and the noisiest
counts: colour noise hardly shows in the luma.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.face import Box
from kiosk.domain.vision.frame import Pixels
from models.alignment import inside

KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
GAIN = 6.0
"""Of the kernel: white noise of deviation 1 comes out of it with this one."""

MEDIAN_OF_NORMAL = 0.6745
QUIET_PERCENTILE = 25
"""Lashes, hair and letters are in few places, noise is everywhere: the quieter places tell it."""

SEEN_PX = 40
"""So wide is a face in the crop that attack detection sees."""
LEAST_PX = 16
COARSE_WEIGHT = 3.0
"""Noise that is still there at that size does so much more harm than noise that averages out."""


def face_noise(pixels: Pixels, box: Box) -> float:
    """The noise on a face: fine as the sensor's own, or coarse as compression and scaling leave it.

    Args:
        pixels: (height, width, 3) BGR.
        box: the face.

    Returns:
        The standard deviation in 8-bit units of fine noise, or `COARSE_WEIGHT` times that of what
        is left at the size at which attack detection sees the face, whichever is more. Not a
        number where the face has too few pixels.
    """
    region = inside(pixels, box)
    height, width = region.shape[:2]
    if min(height, width) < LEAST_PX:
        return float("nan")
    across = min(SEEN_PX, width)
    size = (across, max(LEAST_PX, round(height * across / width)))
    small = np.asarray(cv2.resize(region, size, interpolation=cv2.INTER_AREA), np.uint8)
    return max(fine_noise(region), COARSE_WEIGHT * quiet_noise(small, 4))


def fine_noise(pixels: Pixels) -> float:
    """The noise of most pixels, by the median: half of them may be something else."""
    answers = np.abs(_answers(pixels)).reshape(-1, pixels.shape[2])
    middle = answers.shape[0] // 2
    medians = np.partition(answers, middle, axis=0)[middle]
    return float(medians.max() / (MEDIAN_OF_NORMAL * GAIN))


def quiet_noise(pixels: Pixels, side: int) -> float:
    """The noise of the quieter quarter of a small picture, in squares of so many pixels a side."""
    down, across = pixels.shape[0] // side, pixels.shape[1] // side
    answers = _answers(pixels)[: down * side, : across * side]
    energy = cv2.resize(answers * answers, (across, down), interpolation=cv2.INTER_AREA)
    quiet = np.percentile(energy.reshape(-1, pixels.shape[2]), QUIET_PERCENTILE, axis=0)
    return float(np.sqrt(quiet.max()) / GAIN)


def _answers(pixels: Pixels) -> NDArray[np.float32]:
    made = cv2.filter2D(pixels, cv2.CV_32F, KERNEL, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(made, np.float32)
