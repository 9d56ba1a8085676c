"""Where a gesture ends and something else begins: at each limit, and a little beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from kiosk.domain.enrolment.acts import gestures
from kiosk.domain.enrolment.acts.gestures import (
    GesturePolicy,
    HeadAt,
    Heads,
    answer_of,
    following,
)
from kiosk.domain.enrolment.answers import Act, Answer
from kiosk.domain.vision.frame import Instant

POLICY = GesturePolicy()
EIGHTH = 0.125
"""Seconds between frames: so far apart that nothing is smoothed, and exact in a float."""
Point = tuple[float, float]
"""Seconds, and degrees or radii."""

NOD, SHAKE = (Answer.YES, Act.NOD), (Answer.NO, Act.SHAKE)
TARGET_NO = (Answer.NO, Act.TARGET)


def moving(
    *,
    pitch: Sequence[Point] = ((0, 0),),
    yaw: Sequence[Point] = ((0, 0),),
    across: Sequence[Point] = ((0, 0),),
) -> Heads:
    """Straight from point to point, until the last of all."""
    end = max(points[-1][0] for points in (pitch, yaw, across))
    moments = np.arange(round(end / EIGHTH) + 1) * EIGHTH
    columns = [
        np.interp(moments, [at for at, _ in points], [there for _, there in points])
        for points in (yaw, pitch, across)
    ]
    rows = zip(moments, *columns, strict=True)
    return tuple(HeadAt(Instant(float(at)), float(y), float(p), float(x)) for at, y, p, x in rows)


def turns(*degrees: float, seconds: float = 0.5) -> list[Point]:
    """From one to the next, in so many seconds each."""
    return [(number * seconds, there) for number, there in enumerate(degrees)]


def act(heads: Heads, policy: GesturePolicy = POLICY) -> tuple[Answer, Act] | None:
    """What all of these frames answer at their end."""
    found = answer_of(heads, policy)
    return None if found is None else (found.answer, found.act)


def first_act(heads: Heads, policy: GesturePolicy = POLICY) -> tuple[Answer, Act] | None:
    """What is answered first by somebody who is seen frame by frame."""
    seen: Heads = ()
    for head in heads:
        seen = following(seen, head, policy)
        if (found := act(seen, policy)) is not None:
            return found
    return None


# -- the numbers that hold where nobody sets others ----------------------------------------------

LEANT = [(0, 0), (0.25, 0.8), (2, 0.8), (2.25, 0)]
HELD_LONG = [(0, 0), (0.25, 0.8), (6.25, 0.8), (6.5, 0)]
"""From the middle to the middle in six seconds and a half."""


@pytest.mark.parametrize(
    ("heads", "answered", "why"),
    [
        (moving(yaw=turns(0, 12.5, 0, 12.5)), SHAKE, "shakes by half a degree more than the least"),
        (moving(yaw=turns(0, 11.5, 0, 11.5)), None, "shakes by half a degree less than the least"),
        (moving(pitch=turns(0, -8, 4, -4)), NOD, "one swing is 1.5 times as wide as another"),
        (moving(pitch=turns(0, -8, 12, 4)), None, "one swing is 2.5 times as wide as another"),
        (
            moving(pitch=[(0, 5), (EIGHTH, 0), (2, 0), (2.5, -8), (3, 0), (3.5, -8)]),
            NOD,
            "looked up more than three seconds before the nod was complete",
        ),
        (moving(across=LEANT, yaw=[(0, 14.5)]), TARGET_NO, "looks just at the screen"),
        (moving(across=LEANT, yaw=[(0, 15.5)]), None, "looks just past the screen"),
        (moving(across=[*LEANT[:2], (5.5, 0.8), (5.75, 0)]), TARGET_NO, "came within memory"),
        (moving(across=HELD_LONG), None, "nobody remembers how they came"),
        (
            tuple(head for head in moving(across=LEANT) if not 0.5 < head.at < 1.5),
            None,
            "a second is missing",
        ),
        (
            tuple(head for head in moving(across=LEANT) if not 0.5 < head.at < 1.0),
            TARGET_NO,
            "half a second is missing",
        ),
    ],
)
def test_the_usual_limits_are_these_numbers(
    heads: Heads, answered: tuple[Answer, Act] | None, why: str
) -> None:
    """All numbers of the policy that are spelled out stand here: a new one changes this table."""
    assert first_act(heads) == answered, why


# -- nod and shake -------------------------------------------------------------------------------


def test_a_shake_is_wide_enough_exactly_at_its_least_width() -> None:
    least = POLICY.shake_degrees
    assert act(moving(yaw=turns(0, least, 0, least))) == SHAKE
    assert act(moving(yaw=turns(0, least - 0.01, 0, least - 0.01))) is None


def test_what_only_smoothing_makes_wide_enough_is_no_nod() -> None:
    """At 15 frames a second, the smoothed curve goes beyond three that are alike."""
    width = 0.9 * POLICY.nod_degrees
    pitch = [*[0.0] * 8, *[-width] * 3, *[0.0] * 3, *[-width] * 3, *[0.0] * 3, *[-width] * 3]
    heads = tuple(HeadAt(Instant(n / 15), 0.0, there, 0.0) for n, there in enumerate(pitch))
    smooth = gestures._smooth(heads, pitch, POLICY.smooth_seconds)
    assert max(smooth) - min(smooth) > POLICY.nod_degrees
    assert first_act(heads, replace(POLICY, nod_degrees=width)) == NOD
    assert first_act(heads) is None


def test_the_first_swing_begins_where_the_head_was_last_near_its_start() -> None:
    """It has left once it has come more than a quarter of the way."""

    def rested(at: float) -> Heads:
        return moving(pitch=[(0, 4), (EIGHTH, at), (1.125, at), (1.5, -4), (2, 4), (2.5, -4)])

    assert act(rested(4.0)) == NOD
    assert act(rested(2.0)) == NOD
    assert act(rested(1.9)) is None, "it was on its way for more than a second"


def test_a_nod_counts_until_its_last_turn_is_a_swing_ago() -> None:
    policy = replace(POLICY, swing_seconds=0.5)
    nod = turns(0, -8, 0, -8)
    for rest, answer in ((0.0, NOD), (0.5, NOD), (0.5 + EIGHTH, None)):
        assert act(moving(pitch=[*nod, (1.5 + rest, -8)]), policy) == answer, rest


def test_what_the_head_did_before_its_last_three_swings_says_nothing() -> None:
    assert act(moving(pitch=[(0, -20), (1, 0), (1.5, -8), (2, 0), (2.5, -8)])) == NOD


def test_the_face_keeps_quiet_from_where_the_first_swing_begins() -> None:
    """After an eighth of a second it has come a quarter of the way, and has not left yet."""
    nod = turns(0, -8, 0, -8)
    for jerked, answer in ((0, NOD), (2, None)):
        heights = [9.0 if number == jerked else 0.0 for number in range(13)]
        yaw = turns(*heights, seconds=EIGHTH)
        across = [(at, height / 9) for at, height in yaw]
        assert act(moving(pitch=nod, yaw=yaw)) == answer, jerked
        assert act(moving(pitch=nod, across=across)) == answer, jerked


# -- smoothing -----------------------------------------------------------------------------------

IRREGULAR = [0, 1, 3, 4, 5, 8, 9, 10, 12, 13, 16, 20, 21, 22, 23, 24, 25, 29, 30, 32]
"""Sixteenths of a second; some frames are exactly four apart, and some have too few near them."""


def at_times(sixteenths: Sequence[float]) -> Heads:
    return tuple(HeadAt(Instant(number / 16), 0.0, 0.0, 0.0) for number in sixteenths)


def test_each_value_is_smoothed_with_exactly_those_near_in_time() -> None:
    times = np.array(IRREGULAR) / 16
    values = np.random.default_rng(3).normal(0.0, 5.0, len(times))
    expected, counts = [], set()
    for at, value in zip(times, values, strict=True):
        near = np.abs(times - at) <= 0.25
        counts.add(int(near.sum()))
        fit = np.polyfit(times[near] - at, values[near], 2)[-1] if near.sum() > 3 else value
        expected.append(float(fit))
    assert {3, 4, 5} <= counts
    smooth = gestures._smooth(at_times(IRREGULAR), [float(value) for value in values], 0.25)
    assert smooth == pytest.approx(expected)


@pytest.mark.parametrize("curve", [(0.0, 0.0, 7.0), (0.0, -20.0, 3.0), (16.0, -5.0, 1.0)])
def test_a_line_and_a_parabola_stay_as_they_are(curve: tuple[float, float, float]) -> None:
    heads = at_times(IRREGULAR)
    values = [float(np.polyval(curve, head.at)) for head in heads]
    assert gestures._smooth(heads, values, 0.25) == pytest.approx(values)


def test_three_values_are_not_smoothed_and_four_are() -> None:
    assert gestures._parabola([-1.0, 0.0, 1.0], [0.0, 1.0, 0.0], 9.0) == 9.0
    four = gestures._parabola([-1.0, -0.5, 0.0, 0.5], [0.0, 0.0, 1.0, 0.0], 9.0)
    assert four == pytest.approx(np.polyfit([-1.0, -0.5, 0.0, 0.5], [0.0, 0.0, 1.0, 0.0], 2)[-1])


def test_values_of_only_two_moments_are_left_as_they_are() -> None:
    assert gestures._parabola([-1.0, -1.0, 0.0, 0.0], [0.0, 1.0, 2.0, 3.0], 3.0) == 3.0


def test_frames_that_come_quickly_are_smoothed_too() -> None:
    """The determinant is an eighth; the two at time 0 are averaged, as the ends say nothing."""
    assert gestures._parabola([-0.5, 0.0, 0.0, 0.5], [0.0, 1.0, 0.0, 0.0], 1.0) == 0.5


def test_times_are_far_enough_apart_exactly_at_the_determinant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for least, value in ((0.125, 0.5), (0.126, 1.0)):
        monkeypatch.setattr(gestures, "LEAST_APART", least)
        assert gestures._parabola([-0.5, 0.0, 0.0, 0.5], [0.0, 1.0, 0.0, 0.0], 1.0) == value


# -- targets -------------------------------------------------------------------------------------

WAY = [0.0, *[0.8] * 8, 0.0]
"""To a side, there for 1.75 seconds and back, in quarters of a second."""
QUARTER = 0.25


def leaning(across: Sequence[float]) -> Heads:
    return tuple(HeadAt(Instant(n * QUARTER), 0.0, 0.0, x) for n, x in enumerate(across))


def test_a_hold_is_broken_by_any_frame_outside() -> None:
    assert act(leaning(WAY)) == TARGET_NO
    for number in range(2, 8):
        across = [0.5 if index == number else x for index, x in enumerate(WAY)]
        assert act(leaning(across)) is None, number


def test_whoever_looks_elsewhere_once_in_a_target_has_not_answered() -> None:
    for number in range(1, 9):
        heads = list(leaning(WAY))
        heads[number] = replace(heads[number], yaw=POLICY.target_yaw + 0.1)
        assert act(tuple(heads)) is None, number


def test_who_comes_from_half_the_way_has_not_come_from_the_middle() -> None:
    assert act(leaning([0.0, 0.5, *WAY[1:]])) == TARGET_NO
    assert act(leaning([0.5, 0.5, *WAY[1:]])) is None


def test_the_way_back_ends_with_the_frame_in_the_middle() -> None:
    assert act(leaning([*WAY[:-1], 0.5, 0.5, 0.0])) == TARGET_NO
    assert act(leaning([*WAY[:-1], 0.5, 0.5, 0.5, 0.0])) is None
