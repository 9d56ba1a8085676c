"""A crop is the one that OpenCV samples from three channels, wherever it lies."""

from __future__ import annotations

import numpy as np
import pytest

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels
from models.alignment import Affine, warped

SIZES = (128, 160, 256)
BORDERS = (cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT)


def frame() -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)


def matrix(rng: np.random.Generator, size: int) -> Affine:
    """From a crop to a turned square that may reach far beyond the frame."""
    side, angle = rng.uniform(20, 700), rng.uniform(-np.pi, np.pi)
    across, down = np.cos(angle) * side / size, np.sin(angle) * side / size
    x, y = rng.uniform(-100, 740), rng.uniform(-100, 580)
    return np.array([[across, -down, x], [down, across, y]])


@pytest.mark.parametrize("flags", [0, cv2.WARP_INVERSE_MAP], ids=["onto crop", "onto frame"])
@pytest.mark.parametrize("border", BORDERS, ids=["replicate", "constant"])
@pytest.mark.parametrize("size", SIZES)
def test_four_channels_are_sampled_as_three(size: int, border: int, flags: int) -> None:
    rng, pixels = np.random.default_rng(size), frame()
    for _ in range(20):
        onto = matrix(rng, size)
        onto = onto if flags else np.asarray(cv2.invertAffineTransform(onto))
        made = warped(pixels, onto, size, border, flags)
        three = cv2.warpAffine(
            pixels, onto, (size, size), flags=cv2.INTER_LINEAR | flags, borderMode=border
        )
        assert np.array_equal(made, three)
        assert made.shape == (size, size, 3)
