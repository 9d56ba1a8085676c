"""Which way a head is turned: signs seen with one's own eyes, so that none can be swapped (R3)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from hardware.camera.codec import cv2
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Pixels
from models.landmarks import pose_of

Find = Callable[[Pixels], Face]
Read = Callable[[str], Pixels]
Matrix = NDArray[np.float64]
real = [pytest.mark.data, pytest.mark.weights]

TO_THE_LEFT_EDGE = ["Federico_Trillo_0001", "Bill_Frist_0002", "Mohammad_Khatami_0010"]
TO_THE_RIGHT_EDGE = ["Steven_Spielberg_0002", "Coco_dEste_0001", "Pervez_Musharraf_0005"]
LOOKING_DOWN = ["Jelena_Dokic_0001", "Michel_Kratochvil_0001", "Ruth_Bader_Ginsburg_0001"]
LOOKING_UP = ["Tatiana_Gratcheva_0001", "Jason_Kidd_0002", "Adolfo_Rodriguez_Saa_0002"]


class TestRealHeads:
    pytestmark = real

    @pytest.mark.parametrize("name", TO_THE_LEFT_EDGE)
    def test_turned_to_the_picture_s_left_edge_is_negative(
        self, face_in: Find, photograph: Read, name: str
    ) -> None:
        assert face_in(photograph(name)).pose.yaw < -25.0

    @pytest.mark.parametrize("name", TO_THE_RIGHT_EDGE)
    def test_turned_to_the_picture_s_right_edge_is_positive(
        self, face_in: Find, photograph: Read, name: str
    ) -> None:
        assert face_in(photograph(name)).pose.yaw > 25.0

    @pytest.mark.parametrize("name", LOOKING_DOWN)
    def test_looking_down_is_negative(self, face_in: Find, photograph: Read, name: str) -> None:
        """R3: the founding documents' limits are -30 (down) and 45 (up)."""
        assert face_in(photograph(name)).pose.pitch < -15.0

    @pytest.mark.parametrize("name", LOOKING_UP)
    def test_looking_up_is_positive(self, face_in: Find, photograph: Read, name: str) -> None:
        assert face_in(photograph(name)).pose.pitch > 25.0

    @pytest.mark.parametrize("degrees", [-20.0, -10.0, 10.0, 20.0])
    def test_a_head_leaned_clockwise_rolls_positive_by_as_much(
        self, face_in: Find, portraits: dict[str, Pixels], degrees: float
    ) -> None:
        changes = [
            face_in(_leaned(pixels, face_in(pixels), degrees)).pose.roll - face_in(pixels).pose.roll
            for pixels in list(portraits.values())[:4]
        ]
        assert np.mean(changes) == pytest.approx(degrees, abs=3.0)

    def test_a_mirrored_head_turns_and_leans_the_other_way(
        self, face_in: Find, portraits: dict[str, Pixels]
    ) -> None:
        for pixels in portraits.values():
            seen, mirrored = face_in(pixels).pose, face_in(_mirrored(pixels)).pose
            assert mirrored.yaw == pytest.approx(-seen.yaw, abs=6.0)
            assert mirrored.roll == pytest.approx(-seen.roll, abs=4.0)
            assert mirrored.pitch == pytest.approx(seen.pitch, abs=6.0)


def _leaned(pixels: Pixels, face: Face, degrees: float) -> Pixels:
    """The picture turned clockwise about the face; OpenCV counts the other way round."""
    turn = cv2.getRotationMatrix2D(face.box.centre, -degrees, 1.0)
    return np.asarray(cv2.warpAffine(pixels, turn, pixels.shape[1::-1]), np.uint8)


def _mirrored(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[:, ::-1])


# -- the mathematics -----------------------------------------------------------------------------


def turned(yaw: float, pitch: float, roll: float, size: float = 1.0) -> Matrix:
    """(4, 4) of a head leaned, then lifted, then turned: y is up, the camera looks along -z."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), np.sin(r), 0], [-np.sin(r), np.cos(r), 0], [0, 0, 1]])
    matrix = np.eye(4)
    matrix[:3, :3] = size * about_y @ about_x @ about_z
    matrix[:3, 3] = (3.0, -2.0, -40.0)
    return matrix


@pytest.mark.parametrize("yaw", [-45.0, -10.0, 0.0, 30.0])
@pytest.mark.parametrize("pitch", [-30.0, 0.0, 45.0])
def test_yaw_and_pitch_are_where_the_nose_points(yaw: float, pitch: float) -> None:
    """Wherever the head is, however large it is, and however it leans."""
    for roll in (-25.0, 0.0, 25.0):
        pose = pose_of(turned(yaw, pitch, roll, size=1.3))
        assert (pose.yaw, pose.pitch) == pytest.approx((yaw, pitch), abs=1e-6)


@pytest.mark.parametrize("roll", [-30.0, 0.0, 12.5, 30.0])
def test_roll_is_how_a_frontal_head_leans(roll: float) -> None:
    assert pose_of(turned(0.0, 0.0, roll)).roll == pytest.approx(roll, abs=1e-6)
