"""Where a face counts, and which way its owner is told to move."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.domain.prompts import OF_DEFECT, Prompt
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.lane import BYSTANDER, INSIDE, Lane, LanePosition, place, too_close
from kiosk.domain.vision.oval import PROPORTION, Oval
from kiosk.domain.vision.quality import Defect

WIDTH, HEIGHT = 800, 400
LANE = Lane(centre_x=0.5, centre_y=0.5, height=0.8, min_face=0.25, max_face=0.75, notice_face=0.125)
"""In that picture an oval from x 280 to 520 and from y 40 to 360."""

OVAL = Oval(400, 200, 120, 160)
CAMERAS = [(640, 480), (1280, 720), (480, 640), (720, 1280), (1920, 1080)]


def at(x: float, y: float, share: float = 0.3, wide: float = 0.9) -> LanePosition:
    """A face with its middle there, so high a share of the picture."""
    high = share * HEIGHT
    box = Box(x - high * wide / 2, y - high / 2, high * wide, high)
    return place(box, WIDTH, HEIGHT, LANE)


@pytest.mark.parametrize("camera", CAMERAS, ids=str)
def test_the_lane_has_a_faces_proportions_with_every_camera(camera: tuple[int, int]) -> None:
    oval = LANE.oval(*camera)
    assert oval.radius_x / oval.radius_y == pytest.approx(3 / 4)
    assert 2 * oval.radius_y == pytest.approx(0.8 * min(camera))
    assert (oval.centre_x, oval.centre_y) == (camera[0] / 2, camera[1] / 2)


@pytest.mark.parametrize("camera", CAMERAS, ids=str)
def test_a_turned_camera_changes_nothing_for_the_person(camera: tuple[int, int]) -> None:
    """The same face, as many pixels from the middle, in the picture and in the turned one."""
    width, height = camera
    for size, off in product((0.1, 0.2, 0.3, 0.6, 0.8), (-0.3, -0.1, 0.0, 0.1, 0.3)):
        high = size * min(camera)
        across = off * min(camera) - high * 0.45
        box = Box(width / 2 + across, height / 2 - high / 2, high * 0.9, high)
        turned = Box(height / 2 + across, width / 2 - high / 2, high * 0.9, high)
        assert place(box, width, height, LANE) == place(turned, height, width, LANE)
        assert too_close(box, width, height, LANE) is too_close(turned, height, width, LANE)


def test_a_face_in_the_middle_counts() -> None:
    assert at(400, 200) == INSIDE


@given(st.floats(250, 550), st.floats(20, 380), st.floats(20, 300), st.floats(20, 400))
def test_the_share_of_a_box_is_what_counting_its_points_says(
    x: float, y: float, width: float, height: float
) -> None:
    across, down = np.meshgrid(
        x - width / 2 + (np.arange(400) + 0.5) * width / 400,
        y - height / 2 + (np.arange(400) + 0.5) * height / 400,
    )
    counted = (((across - 400) / 120) ** 2 + ((down - 200) / 160) ** 2 <= 1.0).mean()
    assert OVAL.share(Box(x - width / 2, y - height / 2, width, height)) == pytest.approx(
        float(counted), abs=0.012
    )


@pytest.mark.parametrize(
    ("x", "y", "defect"),
    [
        (280, 200, Defect.OFF_RIGHT),
        (520, 200, Defect.OFF_LEFT),
        (400, 40, Defect.OFF_UP),
        (400, 360, Defect.OFF_DOWN),
    ],
    ids=["picture's left edge", "picture's right edge", "top", "bottom"],
)
def test_half_a_face_outside_is_present_and_not_inside(x: int, y: int, defect: Defect) -> None:
    """Nobody's evidence is gathered while half the face is outside the oval they see."""
    middle = (x + (400 - x) * 0.06, y + (200 - y) * 0.06)
    assert at(*middle) == LanePosition(inside=False, present=True, blocks=True, defect=defect)


@pytest.mark.parametrize("turn", np.linspace(0, 2 * math.pi, 24, endpoint=False))
def test_inside_means_nine_tenths_of_the_box_all_round(turn: float) -> None:
    """From the middle outwards there is one place where a face stops to count."""
    for step in range(200):
        x, y = 400 + step * math.cos(turn), 200 + step * math.sin(turn)
        share = OVAL.share(Box(x - 54, y - 60, 108, 120))
        assert at(x, y).inside is (share >= 0.9)
        assert at(x, y).present is (share >= 0.5)
        assert at(x, y).blocks is (share >= 0.1)


@pytest.mark.parametrize(
    ("x", "y", "prompt"),
    [
        (50, 200, Prompt.MOVE_LEFT),
        (750, 200, Prompt.MOVE_RIGHT),
        (400, -50, Prompt.MOVE_DOWN),
        (400, 450, Prompt.MOVE_UP),
    ],
)
def test_mirrored_viewer_is_sent_towards_the_middle(x: int, y: int, prompt: Prompt) -> None:
    """On the mirrored screen the picture's left edge is at the right: that person goes left."""
    found = at(x, y).defect
    assert found is not None
    assert OF_DEFECT[found] is prompt


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (88, INSIDE),
        (87, LanePosition(present=True, blocks=True, defect=Defect.OFF_UP)),
        (40, LanePosition(present=True, blocks=True, defect=Defect.OFF_UP)),
        (39, LanePosition(blocks=True, defect=Defect.OFF_UP)),
        (-8, LanePosition(blocks=True, defect=Defect.OFF_UP)),
        (-9, LanePosition(defect=Defect.OFF_UP)),
    ],
)
def test_a_share_exactly_as_large_as_asked_is_enough(y: int, expected: LanePosition) -> None:
    """So narrow a face of 120 pixels has 108, 60 and 12 of them below the oval's top at 40."""
    assert at(400, y, wide=0.0) == expected


def test_the_lane_is_an_ellipse_not_a_box() -> None:
    corner, nearer = at(400 + 0.8 * 120, 200 + 0.8 * 160), at(400 + 0.3 * 120, 200 + 0.3 * 160)
    assert not corner.inside
    assert nearer == INSIDE


def test_the_nearer_way_is_told() -> None:
    assert at(400 + 250, 200 + 100).defect is Defect.OFF_LEFT
    assert at(400 + 50, 200 + 250).defect is Defect.OFF_DOWN
    assert at(400 + 120, 200 + 160).defect is Defect.OFF_LEFT


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.12, BYSTANDER),
        (0.125, LanePosition(defect=Defect.TOO_FAR)),
        (0.199, LanePosition(defect=Defect.TOO_FAR)),
        (0.2, LanePosition(blocks=True, defect=Defect.TOO_FAR)),
        (0.201, LanePosition(blocks=True, defect=Defect.TOO_FAR)),
        (0.249, LanePosition(blocks=True, defect=Defect.TOO_FAR)),
        (0.25, INSIDE),
        (0.5, INSIDE),
        (0.9, LanePosition(present=True, blocks=True, defect=Defect.TOO_CLOSE)),
    ],
)
def test_the_size_of_a_face_that_counts(share: float, expected: LanePosition) -> None:
    assert at(400, 200, share) == expected


def test_a_bystander_is_told_nothing_wherever_they_are() -> None:
    assert at(10, 10, 0.1) == BYSTANDER
    assert at(400, 200, 0.1) == BYSTANDER
    assert BYSTANDER.defect is None


def test_a_face_outside_is_sent_inside_before_it_is_called_closer() -> None:
    assert at(50, 200, 0.19) == LanePosition(defect=Defect.OFF_RIGHT)


@pytest.mark.parametrize(
    ("x", "y", "defect"),
    [
        (520, 200, Defect.TOO_FAR),
        (400, 360, Defect.TOO_FAR),
        (400, 40, Defect.TOO_FAR),
        (524, 200, Defect.OFF_LEFT),
        (400, 370, Defect.OFF_DOWN),
        (400, 30, Defect.OFF_UP),
        (400, -40, Defect.OFF_UP),
        (490, 320, Defect.OFF_LEFT),
    ],
)
def test_a_far_face_is_called_closer_if_its_middle_is_in_the_oval_or_on_its_edge(
    x: int, y: int, defect: Defect
) -> None:
    assert at(x, y, 0.15) == LanePosition(defect=defect)


def test_a_face_too_large_for_the_oval_is_told_to_step_back_wherever_it_is() -> None:
    for x in (300, 400, 500):
        assert at(x, 200, 0.85).defect is Defect.TOO_CLOSE


def test_a_face_beside_the_lane_blocks_nobody_unless_it_stands_before_the_camera() -> None:
    assert not at(700, 200, 0.5).blocks
    assert not at(700, 200, LANE.max_face).blocks
    assert at(700, 200, 0.76).blocks
    assert not at(700, 200, 0.76).present


def test_who_is_told_to_come_closer_blocks_others_only_in_the_lane() -> None:
    assert at(400, 200, 0.24).blocks
    assert not at(600, 200, 0.24).blocks


def test_too_close_still_blocks_the_lane() -> None:
    near = Box(300, 48, 220, 304)
    assert too_close(near, WIDTH, HEIGHT, LANE)
    assert place(near, WIDTH, HEIGHT, LANE).blocks
    assert not too_close(Box(250, 50, 220, 300), WIDTH, HEIGHT, LANE)


def test_a_lane_beside_the_middle() -> None:
    aside = Lane(0.25, 0.7, 0.5, 0.25, 0.75, 0.125)
    assert place(Box(155, 230, 90, 100), WIDTH, HEIGHT, aside) == INSIDE
    beside = place(Box(350, 230, 90, 100), WIDTH, HEIGHT, aside)
    assert beside == LanePosition(defect=Defect.OFF_LEFT)


@pytest.mark.parametrize("field", ["x", "y", "width", "height"])
def test_a_box_that_is_no_number_proves_nothing(field: str) -> None:
    sides = {"x": 346.0, "y": 140.0, "width": 108.0, "height": 120.0}
    assert place(Box(**sides), WIDTH, HEIGHT, LANE) == INSIDE
    lost = place(Box(**{**sides, field: math.nan}), WIDTH, HEIGHT, LANE)
    assert not lost.inside
    assert not place(Box(346, 140, 108, 0), WIDTH, HEIGHT, LANE).inside


@given(st.floats(-200, 1000), st.floats(-200, 600), st.floats(0.01, 2.0))
def test_a_face_is_inside_or_told_what_to_do_or_a_bystander(
    x: float, y: float, share: float
) -> None:
    limits = ((share, LANE.min_face), (share, LANE.notice_face))
    assume(not any(math.isclose(value, limit, rel_tol=1e-6) for value, limit in limits))
    found = at(x, y, share)
    assert (found.defect is None) is (found.inside or share < LANE.notice_face)
    assert not found.inside or (found.present and found.blocks and share > LANE.min_face)
    assert not found.present or found.blocks


def test_the_proportions_are_a_faces() -> None:
    assert PROPORTION == 3 / 4


@pytest.mark.parametrize(
    ("width", "height", "share"),
    [(0, 400, 0.8), (0, 320, 1.0), (240, 1, 0.99)],
    ids=["too high", "as high", "as wide"],
)
def test_an_oval_holds_what_would_fit_about_its_centre(
    width: int, height: int, share: float
) -> None:
    """The share that is held is met exactly; where the box lies does not matter."""
    for x in (0, 400):
        assert OVAL.holds(Box(x, 0, width, height), share)
        assert not OVAL.holds(Box(x, 0, width, height), share + 0.011)


def test_a_box_of_one_pixel_has_its_share_in_an_oval() -> None:
    assert OVAL.share(Box(400, 200, 1, 1)) == 1.0
    assert OVAL.share(Box(400, 39.5, 0, 1)) == 0.5


def test_an_oval_grows_about_its_centre() -> None:
    assert OVAL.grown(1.5) == Oval(400, 200, 180, 240)
