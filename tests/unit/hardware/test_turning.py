from __future__ import annotations

import numpy as np
import pytest
from scripted_camera import ScriptedCamera

from hardware.camera.codec import cv2
from hardware.camera.turning import Turned, turned
from kiosk.domain.vision.frame import Frame, Instant

PIXELS = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
CLOCKWISE = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


@pytest.mark.parametrize("degrees", CLOCKWISE)
def test_a_picture_is_turned_clockwise(degrees: int) -> None:
    assert np.array_equal(turned(PIXELS, degrees), cv2.rotate(PIXELS, CLOCKWISE[degrees]))


def test_a_picture_is_mirrored_after_it_was_turned() -> None:
    expected = cv2.flip(cv2.rotate(PIXELS, cv2.ROTATE_90_CLOCKWISE), 1)
    assert np.array_equal(turned(PIXELS, 90, mirror=True), expected)


def test_a_turned_camera_gives_what_the_camera_gave_and_closes_it() -> None:
    camera = ScriptedCamera(Frame(PIXELS, Instant(5.0), 7, fresh=True))
    frame = Turned(camera, 90, mirror=False).read(1.0)
    assert (frame.height, frame.width, frame.captured_at, frame.index) == (3, 2, 5.0, 7)
    assert frame.fresh
    assert frame.pixels.flags.c_contiguous
    Turned(camera, 90, mirror=False).close()
    assert camera.closed
