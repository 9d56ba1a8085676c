"""Which face is which from frame to frame. A number is never used twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.vision.face import UNSEEN, Box, EyeClosure, Face, Pose, TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.tracking import TrackingPolicy, Tracks

POLICY = TrackingPolicy(min_overlap=0.3, max_gap_seconds=0.5)
FRAME = 0.125


def face(x: float, y: float = 0.0, side: float = 100.0) -> Face:
    mesh = np.zeros((478, 2), np.float32)
    return Face(Box(x, y, side, side), mesh, Pose(0.0, 0.0, 0.0), EyeClosure(0.0, 0.0))


class Follower:
    """Follows faces by their places, an eighth of a second apart."""

    def __init__(self, policy: TrackingPolicy = POLICY) -> None:
        self.policy, self.tracks, self.now = policy, Tracks(), 0.0

    def see(self, *places: float, after: float = FRAME) -> list[int]:
        self.now += after
        faces = [face(x) for x in places]
        self.tracks, tracked = self.tracks.follow(faces, Instant(self.now), self.policy)
        assert [one.face for one in tracked] == faces
        return [one.track for one in tracked]


def test_a_face_keeps_its_number_while_it_moves_a_little() -> None:
    follower = Follower()
    assert [follower.see(x) for x in (0, 20, 40, 60, 200)] == [[1], [1], [1], [1], [2]]


def test_a_face_that_was_seen_again_is_known_only_where_it_is_now() -> None:
    follower = Follower()
    follower.see(0)
    follower.see(20)
    assert [(track.id, track.box.x) for track in follower.tracks.known] == [(1, 20)]


def test_a_face_in_anothers_place_goes_on_under_a_number_of_its_own() -> None:
    follower = Follower()
    assert follower.see(0, 300) == [1, 2]
    follower.tracks, new = follower.tracks.apart(TrackId(1))
    assert new == 3
    assert follower.see(0, 300, 600) == [3, 2, 4]


def test_faces_that_nobody_sees_have_no_number_of_a_face() -> None:
    assert UNSEEN not in Follower().see(0, 300)


def test_two_faces_keep_their_numbers_in_whatever_order_they_are_found() -> None:
    follower = Follower()
    assert follower.see(0, 300) == [1, 2]
    assert follower.see(310, 10) == [2, 1]


def test_crossing_faces_share_no_number() -> None:
    """While they cross somebody may be taken for somebody new, but two are never one."""
    follower = Follower()
    for step in range(30):
        numbers = follower.see(step * 10, 300 - step * 10)
        assert len(set(numbers)) == 2


def test_the_best_overlap_wins() -> None:
    follower = Follower()
    assert follower.see(0) == [1]
    assert follower.see(40, 5) == [2, 1]


def test_a_face_upon_two_known_ones_is_the_one_that_it_overlaps_more() -> None:
    follower = Follower()
    assert follower.see(0, 60) == [1, 2]
    assert follower.see(20) == [1]


def test_a_face_that_comes_back_within_the_gap_is_the_same() -> None:
    follower = Follower()
    assert follower.see(0) == [1]
    assert follower.see() == []
    assert follower.see(0, after=POLICY.max_gap_seconds - FRAME) == [1]


def test_a_face_that_comes_back_after_the_gap_is_new() -> None:
    follower = Follower()
    assert follower.see(0) == [1]
    follower.see()
    assert follower.see(0, after=POLICY.max_gap_seconds) == [2]


def test_a_face_seen_all_along_does_not_grow_old() -> None:
    follower = Follower()
    assert {tuple(follower.see(0)) for _ in range(50)} == {(1,)}


def test_what_was_forgotten_is_gone() -> None:
    follower = Follower()
    follower.see(0, 300)
    follower.see(0, after=POLICY.max_gap_seconds + FRAME)
    assert [track.id for track in follower.tracks.known] == [3]


@pytest.mark.parametrize(("x", "same"), [(53.0, True), (55.0, False)])
def test_the_least_overlap(x: float, *, same: bool) -> None:
    """A shift of 53 of 100 px overlaps by 0.307, one of 55 by 0.290."""
    follower = Follower()
    follower.see(0)
    assert (follower.see(x) == [1]) is same


def test_an_overlap_exactly_as_large_as_asked_is_enough() -> None:
    follower = Follower(TrackingPolicy(min_overlap=1 / 3, max_gap_seconds=0.5))
    follower.see(0)
    assert follower.see(50) == [1]


@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 8).map(lambda x: x * 40.0), max_size=4),
            st.sampled_from((FRAME, 0.4, 0.6, 3.0)),
        ),
        max_size=30,
    )
)
def test_no_number_is_ever_used_twice(frames: list[tuple[list[float], float]]) -> None:
    follower, last_seen = Follower(), dict[int, float]()
    for places, after in frames:
        numbers = follower.see(*places, after=after)
        assert len(set(numbers)) == len(numbers)
        for number in numbers:
            seen_at = last_seen.get(number)
            if seen_at is None:
                assert number == max(last_seen, default=0) + 1
            else:
                assert follower.now - seen_at <= POLICY.max_gap_seconds
            last_seen[number] = follower.now


def test_overlap_of_boxes() -> None:
    box = Box(0, 0, 10, 10)
    assert box.overlap(box) == 1.0
    assert box.overlap(Box(5, 0, 10, 10)) == pytest.approx(50 / 150)
    assert box.overlap(Box(10, 0, 10, 10)) == 0.0
    assert box.overlap(Box(0, 10, 10, 10)) == 0.0
    assert box.overlap(Box(20, 20, 10, 10)) == 0.0
    assert box.overlap(Box(20, 0, 10, 10)) == 0.0
    assert box.overlap(Box(0, 20, 10, 10)) == 0.0
    assert box.overlap(Box(9.5, 0, 10, 10)) == pytest.approx(5 / 195)
    assert box.overlap(Box(0, 9.5, 10, 10)) == pytest.approx(5 / 195)


@pytest.mark.parametrize(("width", "height"), [(0, 10), (10, 0), (0, 0)])
def test_a_box_without_area_overlaps_nothing_not_even_itself(width: int, height: int) -> None:
    flat = Box(5, 5, width, height)
    assert flat.overlap(flat) == 0.0


def test_a_box_knows_what_it_contains() -> None:
    box = Box(10, 20, 30, 40)
    assert box.centre == (25, 40)
    assert all(box.contains(point) for point in ((10, 20), (40, 60), (25, 40)))
    outside = ((9, 40), (41, 40), (25, 19), (25, 61))
    assert not any(box.contains(point) for point in outside)
