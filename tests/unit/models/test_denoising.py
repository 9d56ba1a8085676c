"""Non-local means are those of OpenCV, to the bit: attack detection was measured with them."""

from __future__ import annotations

import numpy as np
import pytest

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels
from models.denoising import COLOURS, LIGHT, MOST, PatchWindow, non_local_means, weights_of

PATCH, SEARCH = 3, 9
SHIPPED = 5.0
"""The least strength of the attack detector."""
STRONGEST = 22.0
"""What 16 bits are enough for."""


def soft(height: int = 128, width: int = 128) -> Pixels:
    rng = np.random.default_rng(5)
    patches = rng.uniform(0, 255, (9, 9, 3)).astype(np.float32)
    return np.clip(cv2.resize(patches, (width, height)), 0, 255).astype(np.uint8)


def noisy(deviation: float, height: int = 128, width: int = 128) -> Pixels:
    rng = np.random.default_rng(6)
    made = soft(height, width) + rng.normal(0.0, deviation, (height, width, 3))
    return np.clip(np.round(made), 0, 255).astype(np.uint8)


def chequered() -> Pixels:
    """The greatest differences that there are: sums of them take far more than 16 bits."""
    colours = np.array([[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 255]], np.uint8)
    down, across = np.indices((64, 64))
    return np.asarray(colours[(down + across // 3) % 4])


def by_opencv(crop: Pixels, strength: float, patch: int = PATCH, search: int = SEARCH) -> Pixels:
    made = cv2.fastNlMeansDenoisingColored(crop, None, strength, strength, patch, search)
    return np.asarray(made, np.uint8)


@pytest.mark.parametrize("strength", [0.3, SHIPPED, 5.37, 9.0, 14.999, STRONGEST], ids=str)
@pytest.mark.parametrize(
    "crop",
    [soft(), noisy(3.0), noisy(12.0), noisy(200.0), chequered(), np.zeros((40, 40, 3), np.uint8)],
    ids=["soft", "noisy", "noisier", "nothing but noise", "chequered", "black"],
)
def test_each_pixel_is_opencvs(
    crop: Pixels, strength: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = by_opencv(crop, strength)
    monkeypatch.delattr(cv2, "fastNlMeansDenoisingColored")
    assert np.array_equal(non_local_means(crop, strength, PATCH, SEARCH), expected)


@pytest.mark.parametrize("window", [(3, 5), (5, 11), (7, 21), (1, 3)], ids=str)
@pytest.mark.parametrize("size", [(128, 128), (61, 97), (97, 61)], ids=str)
def test_so_it_is_with_other_windows_and_crops(
    window: tuple[int, int], size: tuple[int, int]
) -> None:
    crop = noisy(6.0, *size)
    made = non_local_means(crop, SHIPPED, *window)
    assert np.array_equal(made, by_opencv(crop, SHIPPED, *window))
    assert not np.array_equal(made, crop) or window[0] == 1


@pytest.mark.parametrize("strength", [STRONGEST + 1, 40.0, 75.0], ids=str)
def test_a_strength_for_which_16_bits_are_too_few_is_opencvs_own(
    strength: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    crop = noisy(25.0)
    expected, asked = by_opencv(crop, strength), list[tuple[object, ...]]()

    def watched(*given: object) -> Pixels:
        asked.append(given[2:])
        return expected

    monkeypatch.setattr(cv2, "fastNlMeansDenoisingColored", watched)
    assert np.array_equal(non_local_means(crop, strength, PATCH, SEARCH), expected)
    assert asked == [(strength, strength, PATCH, SEARCH)]


@pytest.mark.parametrize("planes", [LIGHT, COLOURS])
def test_a_distance_that_does_not_fit_has_no_weight(planes: int) -> None:
    window = PatchWindow(PATCH // 2, SEARCH // 2)
    for strength in np.linspace(1.0, STRONGEST, 50):
        weights = weights_of(window, float(strength), planes)
        assert weights is not None
        assert weights[0] == window.whole
        assert weights[MOST >> window.shift] == 0.0, "or what is cut off would count"
        assert (np.diff(weights) <= 0).all()
        assert np.array_equal(weights, np.round(weights))
