from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.lane import Lane
from kiosk.ui.geometry import cover, oval

LANE = Lane(0.5, 0.5, 0.25, 0.4, 0.2, 0.8, 0.1)
SIZES = st.tuples(st.integers(64, 4096), st.integers(64, 4096))
SHARES = st.floats(0.1, 0.9)


def test_a_picture_of_the_stages_own_shape_fills_it_exactly() -> None:
    laid = cover((640, 400), (1280, 800))
    assert (laid.scale, laid.left, laid.top) == (2.0, 0.0, 0.0)


def test_a_wide_picture_on_an_upright_stage_is_cropped_at_both_sides_alike() -> None:
    laid = cover((640, 480), (1080, 1920))
    assert laid.scale == 4.0
    assert laid.left == -(2560 - 1080) / 2
    assert laid.top == 0.0


def test_the_pictures_left_edge_is_seen_at_the_right_as_in_a_mirror() -> None:
    laid = cover((640, 480), (640, 480))
    assert laid.point(0, 0) == (640, 0)
    assert laid.point(640, 480) == (0, 480)
    assert laid.point(100, 50) == (540, 50)


def test_a_lane_left_of_the_middle_is_an_oval_right_of_it() -> None:
    lane = Lane(0.3, 0.4, 0.2, 0.3, 0.2, 0.8, 0.1)
    seen = oval(lane, cover((640, 480), (640, 480)))
    assert seen.centre_x == pytest.approx(0.7 * 640)
    assert seen.centre_y == pytest.approx(0.4 * 480)
    assert (seen.radius_x, seen.radius_y) == pytest.approx((128, 144))


def test_an_oval_wider_than_an_upright_stage_keeps_its_true_size() -> None:
    seen = oval(LANE, cover((1280, 720), (1080, 1920)))
    assert seen.centre_x == 540
    assert 2 * seen.radius_x > 1080
    assert seen.radius_y == pytest.approx(0.4 * 1920)


@given(frame=SIZES, stage=SIZES)
def test_no_edge_of_the_stage_is_bare(frame: tuple[int, int], stage: tuple[int, int]) -> None:
    laid = cover(frame, stage)
    assert laid.left <= 1e-6
    assert laid.top <= 1e-6
    assert laid.left + frame[0] * laid.scale >= stage[0] - 1e-6
    assert laid.top + frame[1] * laid.scale >= stage[1] - 1e-6


@given(frame=SIZES, stage=SIZES, x=SHARES, y=SHARES, turn=st.floats(0, 2 * math.pi))
def test_the_oval_is_the_lane_seen_through_the_pictures_own_transform(
    frame: tuple[int, int], stage: tuple[int, int], x: float, y: float, turn: float
) -> None:
    """R11: what holds for one point of the lane's edge holds for the oval's."""
    lane = Lane(x, y, 0.21, 0.37, 0.2, 0.8, 0.1)
    laid = cover(frame, stage)
    seen = oval(lane, laid)
    edge = laid.point(
        (x + 0.21 * math.cos(turn)) * frame[0], (y + 0.37 * math.sin(turn)) * frame[1]
    )
    across = (edge[0] - seen.centre_x) / seen.radius_x
    down = (edge[1] - seen.centre_y) / seen.radius_y
    assert across**2 + down**2 == pytest.approx(1.0, abs=1e-6)
