"""The part of a picture around one face."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.domain.vision.crop import around
from kiosk.domain.vision.face import Box


def test_a_face_in_the_middle_has_a_square_of_twice_its_longer_side() -> None:
    pixels = np.arange(400 * 300 * 3, dtype=np.uint8).reshape(400, 300, 3)
    part = around(pixels, Box(100.0, 150.0, 60.0, 80.0))
    assert part.shape == (160, 160, 3)
    assert np.array_equal(part, pixels[110:270, 50:210])
    assert part.flags.c_contiguous


@pytest.mark.parametrize(
    ("box", "shape"),
    [
        (Box(-20.0, -20.0, 60.0, 60.0), (70, 70, 3)),
        (Box(280.0, 380.0, 60.0, 60.0), (50, 50, 3)),
        (Box(400.0, 500.0, 10.0, 10.0), (0, 0, 3)),
    ],
)
def test_a_face_at_the_edge_has_what_lies_in_the_picture(box: Box, shape: tuple[int, ...]) -> None:
    assert around(np.zeros((400, 300, 3), np.uint8), box).shape == shape
