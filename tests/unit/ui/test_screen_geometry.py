"""Where the picture and the oval lie, for every screen and every camera."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.vision.lane import Lane
from kiosk.ui.geometry import PictureArea, lay, oval, small, upright

LANE = Lane(0.5, 0.5, 0.9, 0.2, 0.8, 0.1)
SIZES = st.tuples(st.integers(64, 4096), st.integers(64, 4096))
PLACES = st.floats(0.0, 1.0)


def room(width: int, height: int, top: int = 0, edge: float = 0.0) -> PictureArea:
    return PictureArea(0, top, width, height, edge, edge)


def lane_at(across: float, down: float, height: float) -> Lane:
    """A lane in the picture: its place as a share of what the picture leaves it."""
    reach = height * 0.375
    x = reach + across * (1 - 2 * reach)
    y = height / 2 + down * (1 - height)
    return Lane(x, y, height, 0.2, 0.8, 0.1)


LANES = st.builds(lane_at, PLACES, PLACES, st.floats(0.2, 1.0))


def test_a_picture_of_the_rooms_own_shape_fills_it_exactly() -> None:
    laid = lay((640, 400), room(1280, 800), LANE)
    assert (laid.scale, laid.left, laid.top) == (2.0, 0.0, 0.0)


def test_a_wide_picture_in_an_upright_room_is_cropped_at_both_sides_alike() -> None:
    laid = lay((640, 480), room(1080, 1400, top=300), LANE)
    assert laid.scale == pytest.approx(1400 / 480)
    assert laid.left == pytest.approx((1080 - 640 * 1400 / 480) / 2)
    assert laid.top == pytest.approx(300)


def test_the_picture_shrinks_before_the_oval_is_cut() -> None:
    laid = lay((640, 480), room(1280, 500), LANE)
    seen = oval(LANE, laid)
    assert 2 * seen.radius_y == pytest.approx(500)
    assert laid.left > 0
    assert laid.left == pytest.approx(1280 - laid.right)


def test_the_pictures_left_edge_is_seen_at_the_right_as_in_a_mirror() -> None:
    laid = lay((640, 480), room(640, 480), LANE)
    assert laid.point(0, 0) == (640, 0)
    assert laid.point(640, 480) == (0, 480)
    assert laid.point(100, 50) == (540, 50)


def test_a_lane_left_of_the_middle_is_an_oval_right_of_it_where_the_picture_just_fits() -> None:
    lane = Lane(0.3, 0.4, 0.5, 0.2, 0.8, 0.1)
    seen = oval(lane, lay((640, 480), room(640, 480), lane))
    assert seen.centre_x == pytest.approx(0.7 * 640)
    assert seen.centre_y == pytest.approx(0.4 * 480)
    assert (seen.radius_x, seen.radius_y) == pytest.approx((90, 120))


@given(SIZES, SIZES, st.integers(0, 500), st.floats(0, 12), LANES)
def test_the_oval_lies_wholly_in_its_room(
    frame: tuple[int, int],
    size: tuple[int, int],
    top: int,
    edge: float,
    lane: Lane,
) -> None:
    """Whatever the screen, the camera and the lane: a face's proportions, and nothing cut off."""
    seen = oval(lane, lay(frame, room(*size, top=top, edge=edge), lane))
    assert seen.radius_x / seen.radius_y == pytest.approx(3 / 4)
    assert seen.centre_x - seen.radius_x >= edge - 1e-6
    assert seen.centre_x + seen.radius_x <= size[0] - edge + 1e-6
    assert seen.centre_y - seen.radius_y >= top + edge - 1e-6
    assert seen.centre_y + seen.radius_y <= top + size[1] - edge + 1e-6


@given(frame=SIZES, size=SIZES)
def test_a_bare_edge_is_left_only_for_the_ovals_sake(
    frame: tuple[int, int], size: tuple[int, int]
) -> None:
    laid = lay(frame, room(*size), LANE)
    seen = oval(LANE, laid)
    tall = math.isclose(2 * seen.radius_y, size[1], rel_tol=1e-6)
    wide = math.isclose(2 * seen.radius_x, size[0], rel_tol=1e-6)
    if not tall and not wide:
        assert laid.left <= 1e-6
        assert laid.top <= 1e-6
        assert laid.right >= size[0] - 1e-6
        assert laid.top + frame[1] * laid.scale >= size[1] - 1e-6


@given(SIZES, SIZES, st.floats(0, 2 * math.pi), LANES)
def test_the_oval_is_the_lane_seen_through_the_pictures_own_transform(
    frame: tuple[int, int], size: tuple[int, int], turn: float, lane: Lane
) -> None:
    """R11: what holds for one point of the lane's edge holds for the oval's."""
    laid = lay(frame, room(*size), lane)
    seen, there = oval(lane, laid), lane.oval(*frame)
    edge = laid.point(
        there.centre_x + there.radius_x * math.cos(turn),
        there.centre_y + there.radius_y * math.sin(turn),
    )
    offset = seen.offset(edge)
    assert offset[0] ** 2 + offset[1] ** 2 == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("screen", "stands", "is_small"),
    [
        ((1080, 1920), True, False),
        ((480, 800), True, False),
        ((800, 480), False, True),
        ((1024, 600), False, True),
        ((1280, 800), False, False),
    ],
    ids=str,
)
def test_the_kinds_of_screens(screen: tuple[int, int], stands: object, is_small: object) -> None:
    assert upright(screen) is stands
    assert small(screen) is is_small
