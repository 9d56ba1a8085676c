"""Image noise: changes from pixel to pixel where the image is otherwise smooth.

Immerkær's kernel (1996) gives no response to a plane surface or a uniform slope, so the remainder
on a face is noise and a little texture. Each channel is measured separately, and the noisiest
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
"""Gain of the kernel: its output for white noise of standard deviation 1."""

MEDIAN_OF_NORMAL = 0.6745
QUIET_PERCENTILE = 25
"""Lashes, hair and letters are in few places, noise is everywhere: the quiet places measure it."""

SEEN_PX = 40
"""Width of a face in the crop for attack detection."""
LEAST_PX = 16
COARSE_WEIGHT = 3.0
"""Noise that remains at that size does this much more harm than noise that averages out."""


def face_noise(pixels: Pixels, box: Box) -> float:
    """Measure the noise on a face: fine sensor noise, or coarse noise of compression and scaling.

    Args:
        pixels: (height, width, 3) BGR.
        box: the face.

    Returns:
        The standard deviation of fine noise in 8-bit units, or `COARSE_WEIGHT` times that of the
        noise that remains at the face size used by attack detection, whichever is larger. NaN if
        the face has too few pixels.
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
    """The noise of most pixels, by the median: up to half of them may be texture."""
    answers = np.abs(_answers(pixels)).reshape(-1, pixels.shape[2])
    middle = answers.shape[0] // 2
    medians = np.partition(answers, middle, axis=0)[middle]
    return float(medians.max() / (MEDIAN_OF_NORMAL * GAIN))


def quiet_noise(pixels: Pixels, side: int) -> float:
    """The noise of the quietest quarter of a small image, in squares of that side in pixels."""
    down, across = pixels.shape[0] // side, pixels.shape[1] // side
    answers = _answers(pixels)[: down * side, : across * side]
    energy = cv2.resize(answers * answers, (across, down), interpolation=cv2.INTER_AREA)
    quiet = np.percentile(energy.reshape(-1, pixels.shape[2]), QUIET_PERCENTILE, axis=0)
    return float(np.sqrt(quiet.max()) / GAIN)


def _answers(pixels: Pixels) -> NDArray[np.float32]:
    made = cv2.filter2D(pixels, cv2.CV_32F, KERNEL, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(made, np.float32)
