"""Nods and shakes are understood, and nobody answers by looking around, walking or trembling."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.enrolment.acts.gestures import (
    GesturePolicy,
    HeadAt,
    Heads,
    answer_of,
    following,
    turning_points,
)
from kiosk.domain.enrolment.answers import Act, Answer, Given
from kiosk.domain.vision.frame import Instant

POLICY = GesturePolicy()
FPS = 15.0
NAN = float("nan")
Moves = Callable[[float], float]
"""Degrees or radii at a time in seconds."""


def at_rest(_: float) -> float:
    return 0.0


def swinging(width: float, hertz: float = 1.5, start: float = 1.0, times: float = 2.0) -> Moves:
    """From rest to one side and back, so many times; the side is that of the width's sign."""

    def move(at: float) -> float:
        phase = (at - start) * hertz
        return width * (1 - math.cos(2 * math.pi * phase)) / 2 if 0.0 <= phase <= times else 0.0

    return move


def shaking(width: float, hertz: float = 1.2, start: float = 1.0, times: float = 1.5) -> Moves:
    """From the middle to one side, to the other, and so on."""

    def move(at: float) -> float:
        phase = (at - start) * hertz
        return width / 2 * math.sin(2 * math.pi * phase) if 0.0 <= phase <= times else 0.0

    return move


def path(*points: tuple[float, float]) -> Moves:
    """Straight from point to point, in seconds and degrees or radii."""
    times, values = zip(*points, strict=True)
    return lambda at: float(np.interp(at, times, values))


def answers(
    yaw: Moves = at_rest,
    pitch: Moves = at_rest,
    across: Moves = at_rest,
    fps: float = FPS,
    seconds: float = 5.0,
    policy: GesturePolicy = POLICY,
) -> list[Given]:
    """The answers of somebody who moves so; what answered is not looked at again."""
    moments = [number / fps for number in range(round(seconds * fps))]
    moves = (HeadAt(Instant(10.0 + t), yaw(t), pitch(t), across(t)) for t in moments)
    return answered(moves, policy)


def answered(heads: Iterable[HeadAt], policy: GesturePolicy = POLICY) -> list[Given]:
    seen: Heads = ()
    found = []
    for head in heads:
        seen = following(seen, head, policy)
        given_now = answer_of(seen, policy)
        if given_now is not None:
            found.append(given_now)
            seen = ()
    return found


def acts(found: list[Given]) -> list[tuple[Answer, Act]]:
    return [(one.answer, one.act) for one in found]


NOD, SHAKE = (Answer.YES, Act.NOD), (Answer.NO, Act.SHAKE)
TARGET_YES, TARGET_NO = (Answer.YES, Act.TARGET), (Answer.NO, Act.TARGET)


# -- nods ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fps", [8.0, 10.0, 15.0, 30.0])
@pytest.mark.parametrize("hertz", [1.0, 1.5, 2.2])
@pytest.mark.parametrize("width", [-10.0, -16.0, -30.0, 12.0])
def test_ann_nods(width: float, hertz: float, fps: float) -> None:
    found = answers(pitch=swinging(width, hertz), fps=fps)
    assert acts(found) == [NOD]


@pytest.mark.parametrize("fps", [8.0, 15.0, 30.0])
@pytest.mark.parametrize("hertz", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("width", [30.0, -40.0, 60.0])
def test_ben_shakes_his_head(width: float, hertz: float, fps: float) -> None:
    assert acts(answers(yaw=shaking(width, hertz), fps=fps)) == [SHAKE]


def test_a_nod_is_complete_in_its_last_swing() -> None:
    (found,) = answers(pitch=swinging(-16.0, hertz=1.5))
    assert 10.0 + 1.0 + 2.5 / 3 < found.at < 10.0 + 1.0 + 3.5 / 3


@pytest.mark.parametrize("drift", [-4.0, -2.0, 2.0, 4.0])
def test_a_nod_is_understood_while_the_head_drifts(drift: float) -> None:
    nod = swinging(-16.0)
    found = answers(pitch=lambda at: nod(at) + drift * at, yaw=lambda at: drift * at)
    assert acts(found) == [NOD]


def test_a_nod_is_understood_though_the_head_trembles() -> None:
    noise = np.random.default_rng(1).normal(0.0, 0.8, (2, 200))
    nod = swinging(-16.0)
    found = answers(
        pitch=lambda at: nod(at) + noise[0, round(at * FPS)],
        yaw=lambda at: noise[1, round(at * FPS)],
    )
    assert acts(found) == [NOD]


def test_one_dip_of_the_head_is_no_nod() -> None:
    """Who looks at the phone in their hand and up again has not answered."""
    assert answers(pitch=swinging(-25.0, times=1.0)) == []
    assert answers(pitch=path((0, 0), (1, 0), (1.4, -30), (2.4, -30), (2.8, 0))) == []


def test_a_slow_nod_is_no_nod() -> None:
    assert answers(pitch=swinging(-16.0, hertz=0.5), seconds=8.0) == []


def test_a_small_nod_is_no_nod() -> None:
    assert answers(pitch=swinging(-5.5)) == []


def test_a_nod_that_stays_down_in_between_is_none() -> None:
    """Reading a sheet: down, a while there, up, and down again."""
    reading = path(
        (0, 0), (1, 0), (1.3, -20), (2.3, -20), (2.6, 0), (2.9, -20), (4.0, -20), (4.3, 0)
    )
    assert answers(pitch=reading) == []


def test_uneven_swings_are_no_nod() -> None:
    uneven = path((0, 0), (1, 0), (1.3, -25), (1.6, -17), (1.9, -25), (2.2, -17.5), (2.5, -25))
    assert answers(pitch=lambda at: uneven(at) if at < 1.9 else -25.0) == []


def test_what_was_no_nod_does_not_become_one_afterwards() -> None:
    """Once a part of it is out of the time that is looked at, the rest would be even."""
    policy = replace(POLICY, turn_seconds=1.4)
    uneven = zigzag(0, -20, -10, -20, -20, -20, -20, -20, seconds=0.25)
    assert answered(uneven, replace(policy, evenness=2.0)) != []
    assert answered(uneven, replace(policy, evenness=1.9)) == []


def test_a_nod_with_the_whole_head_turning_is_none() -> None:
    assert answers(pitch=swinging(-14.0), yaw=swinging(10.0)) == []
    assert answers(pitch=swinging(-14.0), yaw=swinging(5.0)) == []
    assert acts(answers(pitch=swinging(-14.0), yaw=swinging(3.0))) == [NOD]


def test_a_walk_is_no_nod() -> None:
    """The head of somebody who walks by bobs."""
    assert answers(pitch=swinging(-10.0), across=lambda at: 1.5 - 0.8 * at) == []
    assert acts(answers(pitch=swinging(-10.0), across=lambda at: 0.2 * at)) == [NOD]


# -- shakes and looks around ---------------------------------------------------------------------


def test_a_look_around_is_no_shake() -> None:
    looks = path((0, 0), (1, 0), (1.4, 30), (2.2, 30), (2.6, -30), (3.4, -30), (3.8, 0))
    assert answers(yaw=looks) == []


def test_a_look_to_one_side_is_no_shake() -> None:
    assert answers(yaw=path((0, 0), (1, 0), (1.3, 40), (1.7, 0), (5, 0))) == []


def test_a_slow_look_to_all_sides_is_nothing() -> None:
    assert answers(yaw=shaking(50.0, hertz=0.4, times=3), seconds=9.0) == []


def test_a_circling_head_is_nothing() -> None:
    round_and_round = {
        "yaw": lambda at: 15 * math.sin(2 * math.pi * at),
        "pitch": lambda at: 15 * math.cos(2 * math.pi * at),
    }
    assert answers(**round_and_round) == []


def test_a_small_shake_is_none() -> None:
    assert answers(yaw=shaking(11.0)) == []


# -- targets -------------------------------------------------------------------------------------


def lean(side: float, hold: float = 1.8, way: float = 0.5) -> Moves:
    """To a side, a while there, and back."""
    begin = 1.0 + way
    return path(
        (0, 0), (1, 0), (begin, side), (begin + hold, side), (begin + hold + way, 0), (9, 0)
    )


def test_cleo_who_cannot_nod_leans_into_a_target() -> None:
    """Yes is on her right, which is the left of the camera's picture."""
    assert acts(answers(across=lean(-0.8))) == [TARGET_YES]
    assert acts(answers(across=lean(0.8))) == [TARGET_NO]


@pytest.mark.parametrize(
    ("moves", "why"),
    [
        (lean(-0.55), "not far enough"),
        (lean(-0.8, hold=1.2), "not long enough"),
        (lean(-0.8, way=2.2), "slowly"),
        (path((0, -0.8), (4, -0.8), (4.4, 0)), "stood there before"),
        (path((0, 0), (1, 0), (1.5, -0.8), (9, -0.8)), "stays there"),
        (path((0, 0), (1, 0), (1.5, -0.8), (3.3, -0.8), (5, 0), (9, 0)), "comes back slowly"),
        (path((0, 0), (1, 0), (1.5, -0.65), (3.3, -1.2), (3.8, 0), (9, 0)), "moves on there"),
        (path((0, 1.2), (5, -1.2)), "walks by"),
        (path((0, 0), (1, 0), (1.5, -0.8), (2.3, 0.8), (3.1, -0.8), (3.5, 0)), "sways"),
    ],
)
def test_who_is_beside_the_middle_has_not_answered(moves: Moves, why: str) -> None:
    assert answers(across=moves, seconds=7.0) == [], why


def test_who_looks_elsewhere_from_the_target_has_not_answered() -> None:
    assert answers(across=lean(-0.8), yaw=path((0, 20), (9, 20))) == []
    assert acts(answers(across=lean(-0.8), yaw=path((0, 12), (9, 12)))) == [TARGET_YES]


def test_a_face_that_only_comes_back_to_half_the_way_has_not_answered() -> None:
    assert (
        answers(across=path((0, 0), (1, 0), (1.5, -0.8), (3.3, -0.8), (3.8, -0.4), (9, -0.4))) == []
    )


# -- breaks and invalid numbers ------------------------------------------------------------------


def sampled(pitch: Moves, moments: Sequence[float]) -> list[HeadAt]:
    return [HeadAt(Instant(t), 0.0, pitch(t), 0.0) for t in moments]


MOMENTS = [number / FPS for number in range(75)]


def test_a_break_begins_anew() -> None:
    nod = sampled(swinging(-16.0), MOMENTS)
    assert acts(answered(nod)) == [NOD]
    middle = 15 + 10
    late = [replace(head, at=Instant(head.at + 0.6)) for head in nod[middle:]]
    assert answered([*nod[:middle], *late]) == []


def test_a_break_is_one_of_more_than_its_seconds() -> None:
    head = HeadAt(Instant(10.0), 0.0, 0.0, 0.0)
    for gap, kept in ((POLICY.gap_seconds, 2), (POLICY.gap_seconds + 0.01, 1), (0.0, 1), (-1.0, 1)):
        later = replace(head, at=Instant(10.0 + gap))
        assert len(following((head,), later, POLICY)) == kept, gap


def test_what_is_out_of_memory_is_dropped() -> None:
    heads: Heads = ()
    for number in range(100):
        heads = following(heads, HeadAt(Instant(number * 0.25), 0.0, 0.0, 0.0), POLICY)
    assert heads[0].at == heads[-1].at - POLICY.memory_seconds


@pytest.mark.parametrize("field", ["at", "yaw", "pitch", "across"])
@pytest.mark.parametrize("value", [NAN, float("inf"), -float("inf")])
def test_an_invalid_number_drops_everything(field: str, value: float) -> None:
    head = HeadAt(Instant(10.0), 0.0, 0.0, 0.0)
    after = following((head,), replace(head, **{"at": Instant(10.1), field: value}), POLICY)  # type: ignore[arg-type] # a test says which field
    assert after == ()


def test_nobody_answers_with_nothing() -> None:
    assert answer_of((), POLICY) is None
    assert answer_of(tuple(sampled(at_rest, [1.0])), POLICY) is None


# -- the bounds ----------------------------------------------------------------------------------


def zigzag(*turns: float, seconds: float = 0.5) -> list[HeadAt]:
    """Straight from turn to turn, eighths of a second apart."""
    steps = round(seconds / 0.125)
    points = [(number * seconds, turn) for number, turn in enumerate(turns)]
    count = steps * (len(turns) - 1) + 1
    return sampled(path(*points), [number * 0.125 for number in range(count)])


def test_a_swing_is_wide_enough_exactly_at_its_least_width() -> None:
    assert acts(answered(zigzag(0, -6, 0, -6))) == [NOD]
    assert answered(zigzag(0, -5.9, 0, -5.9)) == []


def test_a_swing_is_quick_enough_exactly_at_its_seconds() -> None:
    policy = replace(POLICY, swing_seconds=0.5)
    nod = zigzag(0, -8, 0, -8)
    assert acts(answered(nod, policy)) == [NOD]
    assert answered(nod, replace(policy, swing_seconds=0.49)) == []


def test_swings_are_even_exactly_up_to_the_factor() -> None:
    policy = replace(POLICY, evenness=2.0)
    assert acts(answered(zigzag(0, -8, 8, 0), policy)) == [NOD]
    assert answered(zigzag(0, -8, 8.5, 0.3), policy) == []


def test_the_other_axis_is_quiet_exactly_up_to_its_share() -> None:
    policy = replace(POLICY, quiet_share=0.5)
    nod = zigzag(0, -8, 0, -8)
    turns = [replace(head, yaw=4.0 if number > 6 else 0.0) for number, head in enumerate(nod)]
    more = [replace(head, yaw=4.1 if number > 6 else 0.0) for number, head in enumerate(nod)]
    assert acts(answered(turns, policy)) == [NOD]
    assert answered(more, policy) == []


def test_the_face_stays_exactly_within_its_bounds() -> None:
    nod = zigzag(0, -8, 0, -8)
    near = [replace(head, across=0.25 if number > 6 else 0.0) for number, head in enumerate(nod)]
    far = [replace(head, across=0.26 if number > 6 else 0.0) for number, head in enumerate(nod)]
    assert acts(answered(near)) == [NOD]
    assert answered(far) == []


def test_a_target_is_held_exactly_within_its_bounds() -> None:
    policy = replace(POLICY, way_seconds=0.5, hold_seconds=1.5, target_across=0.625)

    def leant(**changes: float) -> list[tuple[Answer, Act]]:
        heads = [
            HeadAt(Instant(number * 0.25), 15.0, 0.0, across)
            for number, across in enumerate([0.25, 0.5, *[-0.625] * 6, -0.875, -0.5, -0.25])
        ]
        return acts(
            answered([replace(h, across=abs(h.across)) for h in heads], replace(policy, **changes))
        )

    assert leant() == [TARGET_NO]
    for changes in (
        {"way_seconds": 0.49},
        {"hold_seconds": 1.51},
        {"target_across": 0.63},
        {"middle_across": 0.24},
        {"hold_across": 0.24},
        {"target_yaw": 14.9},
    ):
        assert leant(**changes) == [], changes


# -- turning points ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "turns"),
    [
        ([], []),
        ([1.0], []),
        ([0, 1, 1.4, 1.1], []),
        ([0, 1, 2, 1.1], [0, 2]),
        ([0, 2], [0, 1]),
        ([0, -2], [0, 1]),
        ([0, 2, 0], [0, 1, 2]),
        ([0, -1, 2, 3, 2.5, 0, 1, 2], [1, 3, 5, 7]),
        ([0, 3, 1.5, 4, 1.5, 5, 0], [0, 1, 2, 3, 4, 5, 6]),
        ([0, 3, 2, 4, 3, 5, 0], [0, 5, 6]),
        ([5, 5, 3, 3, 5], [0, 2, 4]),
    ],
)
def test_turning_points(values: list[float], turns: list[int]) -> None:
    assert turning_points(values, 1.5) == turns


# -- properties ----------------------------------------------------------------------------------

SIGNS = st.sampled_from((-1.0, 0.0, 1.0))


@settings(max_examples=50)
@given(
    st.lists(st.tuples(SIGNS, SIGNS, SIGNS), max_size=100),
    st.sampled_from((8.0, 15.0, 30.0)),
)
def test_slow_movement_never_answers(steps: list[tuple[float, float, float]], fps: float) -> None:
    """However a head pans, as fast as 9 degrees and a quarter of a radius a second."""
    heads, place = [], np.zeros(3)
    for number, step in enumerate(steps):
        place = place + np.array(step) * (9.0, 9.0, 0.25) / fps
        heads.append(HeadAt(Instant(number / fps), *(float(value) for value in place)))
    assert answered(heads) == []


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from((10.0, 15.0, 20.0)))
def test_a_random_walk_never_answers(seed: int, fps: float) -> None:
    """A head that wanders by 2 degrees and a twentieth of a radius in a second."""
    steps = np.random.default_rng(seed).normal(0.0, 1.0, (round(8 * fps), 3))
    places = np.cumsum(steps * (2.0, 2.0, 0.05) / math.sqrt(fps), axis=0)
    heads = [HeadAt(Instant(n / fps), *map(float, place)) for n, place in enumerate(places)]
    assert answered(heads) == []


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_a_trembling_pose_never_answers(seed: int) -> None:
    """The pose of a face that keeps still is off by a degree and a half each time."""
    places = np.random.default_rng(seed).normal(0.0, 1.0, (150, 3)) * (1.5, 1.5, 0.03)
    heads = [HeadAt(Instant(n / FPS), *map(float, place)) for n, place in enumerate(places)]
    assert answered(heads) == []


@given(
    st.lists(st.tuples(st.floats(-40, 40), st.floats(0.6, 3.0)), max_size=12),
    st.sampled_from(("pitch", "yaw")),
)
def test_looks_that_rest_never_answer(looks: list[tuple[float, float]], axis: str) -> None:
    """Somebody looks here and there, a moment each, and every time as quickly as can be."""
    points, now = [(0.0, 0.0)], 0.5
    for degrees, rest in looks:
        points += [(now, points[-1][1]), (now + 0.2, degrees)]
        now += 0.2 + rest
    turn = path(*points, (now + 0.001, points[-1][1]))
    assert answers(**{axis: turn}, seconds=now) == []  # type: ignore[arg-type] # an axis


@settings(max_examples=50)
@given(
    st.floats(8.0, 35.0),
    st.floats(1.0, 2.2),
    st.floats(0.0, 0.9),
    st.sampled_from((10.0, 15.0, 25.0, 30.0)),
)
def test_every_clear_nod_is_understood(
    width: float, hertz: float, offset: float, fps: float
) -> None:
    found = answers(pitch=swinging(-width, hertz, start=1.0 + offset), fps=fps)
    assert acts(found) == [NOD]
