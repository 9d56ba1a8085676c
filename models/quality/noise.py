"""Image noise: changes from pixel to pixel where the image is otherwise smooth.

Immerkær's kernel (1996) gives no response to a plane surface or a uniform slope, so the remainder
on a face is noise and a little texture. Each channel is measured separately, and the noisiest
counts: colour noise hardly shows in the luma.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.face import Box
from kiosk.domain.vision.frame import Pixels
from models.alignment import inside
from models.quality.percentiles import percentile

Answers = NDArray[np.int16]
"""(height, width) or (height, width, 3): what the kernel gives."""

KERNEL = np.array([1, -2, 1], np.float32)
"""Along the rows, and along the columns."""
MOST = 8 * 255 + 1
"""More than the size of any answer to 8-bit pixels."""
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
    answers = _answers(pixels)
    median = max(_median(answers[..., each]) for each in range(3))
    return median / (MEDIAN_OF_NORMAL * GAIN)


def quiet_noise(pixels: Pixels, side: int) -> float:
    """The noise of the quietest quarter of a small image, in squares of that side in pixels."""
    down, across = pixels.shape[0] // side, pixels.shape[1] // side
    answers = _answers(pixels)[: down * side, : across * side].astype(np.float32)
    energy = np.asarray(
        cv2.resize(answers * answers, (across, down), interpolation=cv2.INTER_AREA), np.float32
    )
    quiet = max(percentile(energy[..., each], QUIET_PERCENTILE) for each in range(3))
    return math.sqrt(quiet) / GAIN


def _answers(pixels: Pixels) -> Answers:
    """The kernel's output for each pixel and channel; exact, since all values are integers."""
    made = cv2.sepFilter2D(pixels, cv2.CV_16S, KERNEL, KERNEL, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(made, np.int16)


def _median(answers: Answers) -> int:
    """The median size of the answers, the upper one of two."""
    counts = cv2.calcHist([np.abs(answers).view(np.uint16)], [0], None, [MOST], [0, MOST])
    middle = answers.size // 2
    return int(np.searchsorted(np.cumsum(counts, dtype=np.float64), middle, side="right"))
