"""Where a face counts, and which way its owner is told to move."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.domain.face import Box
from kiosk.domain.guidance import OF_DEFECT, Prompt
from kiosk.domain.lane import BYSTANDER, INSIDE, Lane, Place, place, too_close
from kiosk.domain.quality import Defect

WIDTH, HEIGHT = 800, 400
LANE = Lane(
    centre_x=0.5,
    centre_y=0.5,
    radius_x=0.25,
    radius_y=0.5,
    min_face=0.25,
    max_face=0.75,
    notice_face=0.125,
)


def at(x: float, y: float, share: float = 0.5) -> Place:
    """A face with its middle there, so high a share of the picture."""
    side = share * HEIGHT
    return place(Box(x - side / 2, y - side / 2, side, side), WIDTH, HEIGHT, LANE)


def off(defect: Defect) -> Place:
    return Place(inside=False, defect=defect)


def test_a_face_in_the_middle_counts() -> None:
    assert at(400, 200) == INSIDE


@pytest.mark.parametrize(
    ("inside", "outside", "defect"),
    [
        pytest.param((200, 200), (199, 200), Defect.OFF_RIGHT, id="picture's left edge"),
        pytest.param((600, 200), (601, 200), Defect.OFF_LEFT, id="picture's right edge"),
        pytest.param((400, 0), (400, -1), Defect.OFF_UP, id="top"),
        pytest.param((400, 400), (400, 401), Defect.OFF_DOWN, id="bottom"),
    ],
)
def test_the_lane_ends_at_its_radius(
    inside: tuple[int, int], outside: tuple[int, int], defect: Defect
) -> None:
    assert at(*inside) == INSIDE
    assert at(*outside) == off(defect)


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


def test_the_lane_is_an_ellipse_not_a_box() -> None:
    assert at(400 + 0.9 * 200, 200 + 0.9 * 200).inside is False
    assert at(400 + 0.7 * 200, 200 + 0.7 * 200) == INSIDE


def test_the_nearer_way_is_told() -> None:
    assert at(400 + 250, 200 + 100) == off(Defect.OFF_LEFT)
    assert at(400 + 100, 200 + 250) == off(Defect.OFF_DOWN)
    assert at(400 + 200, 200 + 200) == off(Defect.OFF_LEFT)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.12, BYSTANDER),
        (0.125, off(Defect.TOO_FAR)),
        (0.24, off(Defect.TOO_FAR)),
        (0.25, INSIDE),
        (0.75, INSIDE),
        (0.9, INSIDE),
    ],
)
def test_the_size_of_a_face_that_counts(share: float, expected: Place) -> None:
    assert at(400, 200, share) == expected


def test_a_bystander_is_told_nothing_wherever_they_are() -> None:
    assert at(10, 10, 0.1) == BYSTANDER
    assert BYSTANDER.defect is None


def test_a_face_outside_is_sent_inside_before_it_is_called_closer() -> None:
    assert at(50, 200, 0.2) == off(Defect.OFF_RIGHT)


def test_too_close_still_blocks_the_lane() -> None:
    near = Box(250, 50, 304, 304)
    assert too_close(near, HEIGHT, LANE)
    assert place(near, WIDTH, HEIGHT, LANE) == INSIDE
    assert not too_close(Box(250, 50, 300, 300), HEIGHT, LANE)


def test_a_lane_beside_the_middle() -> None:
    aside = Lane(0.25, 0.75, 0.1, 0.2, 0.25, 0.75, 0.125)
    assert place(Box(150, 250, 100, 100), WIDTH, HEIGHT, aside) == INSIDE
    assert place(Box(350, 150, 100, 100), WIDTH, HEIGHT, aside) == off(Defect.OFF_LEFT)


@given(st.floats(-200, 1000), st.floats(-200, 600), st.floats(0.01, 2.0))
def test_a_face_is_inside_or_told_what_to_do_or_a_bystander(
    x: float, y: float, share: float
) -> None:
    away = math.hypot((x - 400) / 200, (y - 200) / 200)
    limits = ((away, 1.0), (share, LANE.min_face), (share, LANE.notice_face))
    assume(not any(math.isclose(value, limit, rel_tol=1e-6) for value, limit in limits))
    found = at(x, y, share)
    assert found.inside is (away < 1.0 and share > LANE.min_face)
    assert (found.defect is None) is (found.inside or share < LANE.notice_face)
