"""The area inside a face's outline, held against masks of the whole crop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels
from models.quality.crop import SIZE_PX, hull

OUTLINES = arrays.arrays(
    np.float64,
    st.tuples(st.integers(3, 20), st.just(2)),
    elements=st.floats(-60.0, SIZE_PX + 60.0),
)
IMAGE = np.random.default_rng(1).integers(0, 256, (SIZE_PX, SIZE_PX, 3), np.uint8)


def whole_mask(points: NDArray[np.float64]) -> Pixels:
    mask = np.zeros((SIZE_PX, SIZE_PX), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(points).astype(np.int32)), 1)
    return mask


@given(OUTLINES)
def test_the_same_pixels_are_inside_as_in_a_mask_of_the_whole_crop(
    points: NDArray[np.float64],
) -> None:
    area, whole = hull(points), whole_mask(points)
    assert whole.sum() == area.mask.sum()
    assert (area.of(whole) == area.mask).all()
    assert area.mean(IMAGE) == pytest.approx(cv2.mean(IMAGE, mask=whole))


@pytest.mark.parametrize("beyond", [(-90.0, 20.0), (200.0, 20.0), (20.0, -90.0), (20.0, 200.0)])
def test_an_area_beyond_the_crop_is_empty(beyond: tuple[float, float]) -> None:
    area = hull(np.array([(0.0, 0.0), (30.0, 0.0), (0.0, 30.0)]) + beyond)
    assert area.mask.size == 0
    assert area.of(IMAGE).size == 0
    assert tuple(area.mean(IMAGE)) == (0.0, 0.0, 0.0, 0.0)
