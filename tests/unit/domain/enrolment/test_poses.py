"""People are asked to turn as far as they can, and not one direction is held against them (R20)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from enrolling import ANN, Visage, template
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.enrolment.poses import PoseCoach, PoseDirection, PosePolicy
from kiosk.domain.vision.face import Pose
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect

CENTRE, LEFT, RIGHT, UP, DOWN = PoseDirection
POLICY = PosePolicy()
EVERY = 0.125
NAN = float("nan")

TURNS = {
    CENTRE: ANN,
    LEFT: ANN.but(yaw=20.0),
    RIGHT: ANN.but(yaw=-20.0),
    UP: ANN.but(pitch=12.0),
    DOWN: ANN.but(pitch=-12.0),
}


def coached(
    *visages: Visage, coach: PoseCoach | None = None, every: float = EVERY, start: float = 10.0
) -> PoseCoach:
    """The coach after one frame of each."""
    coach = coach or PoseCoach(required=3)
    for number, visage in enumerate(visages, 1):
        coach = coach.seeing(visage.face(), Instant(start + number * every), POLICY)
    return coach


def turned(coach: PoseCoach, yaw: float) -> PoseDirection | None:
    return coach.direction(Pose(yaw, 6.5, 0.0), POLICY)


def both(*directions: PoseDirection) -> list[Visage]:
    return [TURNS[d] for d in directions for _ in range(POLICY.views)]


def test_directions_are_wanted_in_order() -> None:
    coach, wanted = PoseCoach(required=3), []
    for direction in PoseDirection:
        wanted.append(coach.wanted(POLICY))
        coach = coached(*both(direction), coach=coach)
    assert wanted == list(PoseDirection)
    assert coach.wanted(POLICY) is None
    assert coach.taken(POLICY) == frozenset(PoseDirection)


def test_left_and_right_are_the_persons_own() -> None:
    """Yaw is positive towards the picture's right edge, where a person's own left hand is."""
    assert PoseCoach(required=1).direction(Pose(20.0, 0.0, 0.0), POLICY) is LEFT
    assert PoseCoach(required=1).direction(Pose(-20.0, 0.0, 0.0), POLICY) is RIGHT


def test_ann_who_turns_the_other_way_first_loses_no_time() -> None:
    coach = coached(*both(CENTRE, RIGHT))
    assert (coach.wanted(POLICY), coach.taken(POLICY)) == (LEFT, {CENTRE, RIGHT})
    assert coached(*both(LEFT), coach=coach).wanted(POLICY) is UP


def test_a_direction_takes_all_its_views() -> None:
    assert coached(ANN).taken(POLICY) == frozenset()
    assert coached(ANN, ANN).taken(POLICY) == {CENTRE}


def test_up_and_down_are_measured_from_straight_ahead() -> None:
    """Cleo sits in a wheelchair and looks up to the camera."""
    coach = coached(ANN.but(pitch=12.0), ANN.but(pitch=14.0))
    assert coach.taken(POLICY) == {CENTRE}
    assert coach.direction(Pose(0.0, 13.0 + 7.0, 0.0), POLICY) is UP
    assert coach.direction(Pose(0.0, 13.0 + 6.5, 0.0), POLICY) is None
    assert coach.direction(Pose(0.0, 13.0 + 6.0, 0.0), POLICY) is CENTRE
    assert coach.direction(Pose(0.0, 13.0 - 6.0, 0.0), POLICY) is CENTRE
    assert coach.direction(Pose(0.0, 13.0 - 7.0, 0.0), POLICY) is DOWN


def test_left_and_right_are_measured_from_straight_ahead_too() -> None:
    """Cleo stands beside the middle."""
    coach = coached(ANN.but(yaw=6.0), ANN.but(yaw=8.0))
    assert coach.direction(Pose(17.0, 0.0, 0.0), POLICY) is LEFT
    assert coach.direction(Pose(16.5, 0.0, 0.0), POLICY) is None
    assert coach.direction(Pose(13.0, 0.0, 0.0), POLICY) is CENTRE
    assert coach.direction(Pose(1.0, 0.0, 0.0), POLICY) is CENTRE
    assert coach.direction(Pose(-3.0, 0.0, 0.0), POLICY) is RIGHT


def test_how_far_is_enough_falls_while_a_direction_is_asked_for() -> None:
    coach = coached(*both(CENTRE))
    needed = []
    for spent in (0.0, 3.0, 5.999):
        asked = replace(coach, spent=spent)
        needed.append(next(n for n in range(200) if turned(asked, n / 10.0) is LEFT) / 10.0)
        assert turned(asked, -9.9) is None
        assert turned(asked, -10.0) is RIGHT
    assert needed == [10.0, 7.5, 5.1]


def test_nobody_looks_up_before_they_looked_straight_ahead() -> None:
    coach = PoseCoach(required=3)
    assert coach.direction(Pose(0.0, 15.0, 0.0), POLICY) is CENTRE
    assert coach.direction(Pose(0.0, 20.0, 0.0), POLICY) is None
    assert coach.direction(Pose(9.9, 0.0, 0.0), POLICY) is CENTRE
    assert coach.direction(Pose(0.0, 15.5, 0.0), POLICY) is None
    assert coach.direction(Pose(0.0, -15.0, 0.0), POLICY) is CENTRE
    assert coach.direction(Pose(10.5, 0.0, 0.0), POLICY) is LEFT
    assert coach.direction(Pose(-10.5, 0.0, 0.0), POLICY) is RIGHT


@pytest.mark.parametrize(
    ("yaw", "direction"),
    [(6.0, CENTRE), (6.5, None), (9.5, None), (10.0, LEFT), (35.0, LEFT), (35.5, None)],
)
def test_the_bounds_of_a_turn(yaw: float, direction: PoseDirection | None) -> None:
    coach = coached(*both(CENTRE))
    assert coach.direction(Pose(yaw, 0.0, 0.0), POLICY) is direction
    mirrored = RIGHT if direction is LEFT else direction
    assert coach.direction(Pose(0.0, 35.0, 0.0), POLICY) is UP
    assert coach.direction(Pose(-yaw, 0.0, 0.0), POLICY) is mirrored


def test_a_head_between_two_directions_is_in_the_wanted_one_or_in_none() -> None:
    between = Pose(20.0, 12.0, 0.0)
    assert coached(*both(CENTRE)).direction(between, POLICY) is LEFT
    assert coached(*both(CENTRE, LEFT)).direction(between, POLICY) is None
    assert coached(*both(CENTRE, LEFT, RIGHT)).direction(between, POLICY) is UP


@pytest.mark.parametrize(
    "pose", [(NAN, 0.0), (0.0, NAN), (NAN, NAN), (90.0, 0.0), (0.0, 36.0), (0.0, -36.0)]
)
def test_no_direction_is_seen_in_no_number_or_beyond_the_bounds(pose: tuple[float, float]) -> None:
    coach = coached(*both(CENTRE))
    assert coach.direction(Pose(*pose, 0.0), POLICY) is None
    assert coached(ANN.but(yaw=pose[0], pitch=pose[1]), coach=coach).counts == {CENTRE: 2}


@pytest.mark.parametrize(
    "poor",
    [
        ANN.but(measured=False),
        ANN.but(defects=(Defect.BLURRED,)),
        ANN.but(pad=None),
        ANN.but(extracted=False),
    ],
)
def test_a_poor_view_is_not_taken(poor: Visage) -> None:
    coach = coached(ANN, poor, poor)
    assert (coach.counts, len(coach.samples)) == ({CENTRE: 1}, 1)


def test_the_centre_comes_first_and_in_each_direction_the_sharpest() -> None:
    left = [ANN.but(yaw=20.0, sharpness=sharpness) for sharpness in (40.0, 90.0)]
    straight = [ANN.but(sharpness=sharpness) for sharpness in (20.0, 30.0, 50.0, 40.0)]
    coach = coached(*left, *straight)
    kept = [(s.direction, s.quality.measures.sharpness) for s in coach.samples]
    centre = [(CENTRE, sharpness) for sharpness in (50.0, 40.0, 30.0, 20.0)]
    assert kept == [*centre, (LEFT, 90.0), (LEFT, 40.0)]
    assert {s.surroundings for s in coach.samples} == {3.0}


def test_further_views_join_those_that_have_fewest_as_the_mean_of_them_all() -> None:
    turned = [
        ANN.but(yaw=20.0, sharpness=sharpness, apart=apart)
        for sharpness, apart in ((40.0, 0.0), (30.0, 0.0), (50.0, 0.3), (20.0, 0.2), (10.0, 0.4))
    ]
    first, second = coached(*turned).samples
    assert [first.views, second.views] == [3, 2]
    assert [s.quality.measures.sharpness for s in (first, second)] == [50.0, 30.0]
    assert [first.at, second.at] == [10.0 + 3 * EVERY, 10.0 + 2 * EVERY]
    three = np.sum([template("ann", apart).vector for apart in (0.0, 0.3, 0.4)], axis=0)
    np.testing.assert_allclose(first.template.vector, three / np.linalg.norm(three), atol=0.01)
    np.testing.assert_allclose(second.template.vector, template("ann", 0.1).vector, atol=1e-6)


def test_of_views_that_are_as_sharp_the_first_are_kept() -> None:
    coach = coached(*[ANN.but(yaw=20.0)] * 4)
    assert [sample.at for sample in coach.samples] == [10.0 + EVERY, 10.0 + 2 * EVERY]


def test_a_sample_is_that_of_its_frame() -> None:
    (sample,) = coached(ANN.but(picture=True, yaw=3.0)).samples
    assert (sample.at, sample.pose) == (10.0 + EVERY, Pose(3.0, 0.0, 0.0))
    assert (sample.pad.score, sample.picture is not None) == (0.75, True)
    assert repr(sample) == "PoseSample(centre, at=10.125)"


def test_a_direction_that_ben_cannot_do_is_passed_over() -> None:
    coach = coached(*both(CENTRE))
    waits = round(POLICY.direction_seconds / EVERY)
    coach = coached(*[ANN] * (waits - 1), coach=coach, start=10.0 + 2 * EVERY)
    assert (coach.wanted(POLICY), coach.passed) == (LEFT, frozenset())
    coach = coached(ANN, coach=coach, start=10.0 + (waits + 1) * EVERY)
    assert (coach.wanted(POLICY), coach.passed, coach.spent) == (RIGHT, {LEFT}, 0.0)


def test_a_direction_that_was_passed_over_can_still_come() -> None:
    coach = PoseCoach(required=3, passed=frozenset({CENTRE}))
    coach = coached(ANN, coach=coach)
    assert (coach.passed, coach.wanted(POLICY)) == (frozenset(), CENTRE)


def test_every_direction_begins_with_all_its_time() -> None:
    coach = coached(*[ANN.but(extracted=False)] * 9)
    assert coach.spent == 8 * EVERY
    coach = coached(ANN, coach=coach, start=10.0 + 9 * EVERY)
    assert coach.spent == 9 * EVERY
    coach = coached(ANN, coach=coach, start=10.0 + 10 * EVERY)
    assert coach.spent == 0.0


def test_time_without_the_face_is_not_held_against_a_direction() -> None:
    coach = coached(ANN.but(pad=None), ANN.but(pad=None), every=100.0)
    assert (coach.spent, coach.passed) == (0.5, frozenset())


@pytest.mark.parametrize("at", [NAN, 10.0 + EVERY, 0.0])
def test_a_clock_that_jumps_passes_nothing_over(at: float) -> None:
    coach = coached(ANN.but(pad=None))
    assert coach.seeing(ANN.but(pad=None).face(), Instant(at), POLICY).spent == 0.0


def test_nothing_is_passed_over_once_all_is_done() -> None:
    coach = coached(*both(*PoseDirection), *[ANN] * 3)
    assert (coach.spent, coach.passed, coach.fill(POLICY)) == (0.0, frozenset(), 0.0)


@pytest.mark.parametrize("required", [1, 2, 3, 4, 5])
def test_enough_is_what_is_required(required: int) -> None:
    coach = PoseCoach(required=required)
    for number, direction in enumerate(PoseDirection, 1):
        coach = coached(*both(direction), coach=coach)
        assert coach.enough(POLICY) is (number >= required)


def test_the_ring_fills_with_the_turn_and_with_what_is_taken() -> None:
    coach = coached(*both(CENTRE))
    fills = []
    for yaw in (0.0, -6.0, 2.5, 5.0, 12.0):
        coach = coached(ANN.but(yaw=yaw), coach=coach)
        fills.append(coach.fill(POLICY))
    assert fills == pytest.approx([0.0, 0.0, 0.125, 0.25, 0.75], abs=0.02)
    assert PoseCoach(required=3).fill(POLICY) == 0.0


def test_the_ring_never_empties_what_was_taken() -> None:
    coach = coached(*both(CENTRE), ANN.but(yaw=20.0), ANN.but(yaw=-6.0))
    assert coach.fill(POLICY) == 0.5


def test_the_ring_of_the_centre_fills_towards_it() -> None:
    assert coached(ANN.but(yaw=20.0, extracted=False)).fill(POLICY) == 0.25
    assert coached(ANN.but(yaw=4.0, extracted=False)).fill(POLICY) == 0.5
    assert coached(ANN.but(pitch=30.0, extracted=False)).fill(POLICY) == 0.25
    assert coached(ANN.but(yaw=NAN, extracted=False)).fill(POLICY) == 0.0


@given(
    st.lists(st.tuples(st.floats(), st.floats()), max_size=40),
    st.floats(0.01, 2.0),
)
def test_whatever_a_head_does_the_ring_stays_within_its_bounds(
    poses: list[tuple[float, float]], every: float
) -> None:
    coach = coached(*[ANN.but(yaw=yaw, pitch=pitch) for yaw, pitch in poses], every=every)
    assert 0.0 <= coach.fill(POLICY) <= 1.0
    turned = POLICY.views * (len(PoseDirection) - 1)
    assert len(coach.samples) <= POLICY.centre_views + turned
    assert not coach.taken(POLICY) & coach.passed
