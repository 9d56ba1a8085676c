"""A face whose surroundings follow it is part of a picture that somebody holds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.vision.attack import PadResult, life
from kiosk.domain.vision.surroundings import (
    LEAST_MOVED,
    LEAST_SHARE,
    LEAST_STEPS,
    Following,
    Motion,
    Shift,
    following,
)

STILL = (0.0, 0.0)
SURE = Following(moved=LEAST_MOVED, share=LEAST_SHARE + 0.25, error=0.25)
"""Just enough of everything."""
Place = Callable[[Shift], Shift]


def walk(count: int = LEAST_STEPS, size: float = 0.02) -> list[Shift]:
    """A face that sways: so many steps of that length, in all directions."""
    return [(size * math.cos(at), size * math.sin(at)) for at in range(count)]


def follows(share: float) -> Place:
    return lambda face: (share * face[0], share * face[1])


def beside(faces: list[Shift], left: Place, right: Place) -> list[Motion]:
    return [Motion(face, left(face), right(face)) for face in faces]


def found(steps: list[Motion]) -> Following:
    result = following(steps)
    assert result is not None
    return result


def test_a_background_that_moves_with_the_face_belongs_to_a_picture() -> None:
    told = found(beside(walk(), follows(1.0), follows(1.0)))
    assert told.moved == pytest.approx(0.02)
    assert told.share == pytest.approx(1.0)
    assert told.error == pytest.approx(0.0, abs=1e-6)
    assert told.carried


def test_a_background_that_keeps_still_belongs_to_a_person() -> None:
    assert found(beside(walk(), follows(0.0), follows(0.0))).carried is False


@pytest.mark.parametrize("one", [0, 1])
def test_somebody_who_walks_along_behind_makes_nobody_a_picture(one: int) -> None:
    sides = [follows(1.0), follows(0.0)]
    told = found(beside(walk(), sides[one], sides[1 - one]))
    assert told.share == pytest.approx(0.0)
    assert not told.carried


def test_the_side_that_surely_follows_less_counts() -> None:
    """Not the one of the smaller share, if that is more certain."""
    faces = walk(16)
    steps = beside(faces, follows(0.6), follows(0.8))
    jolted = [
        replace(s, right=(s.right[0], s.right[1] + 0.04 * (-1) ** i)) for i, s in enumerate(steps)
    ]
    told = found(jolted)
    assert told.share == pytest.approx(0.8, abs=0.1)
    assert told.error > 0.2
    assert told.share - told.error < 0.6


def test_the_error_is_that_of_least_squares() -> None:
    """The slope's standard error through the origin, with one parameter."""
    faces = [(0.02, 0.0)] * 8
    steps = [Motion(f, (0.02 + 0.01 * (-1) ** i, 0.0), (0.02, 0.0)) for i, f in enumerate(faces)]
    told = found(steps)
    assert told.share == pytest.approx(1.0)
    assert told.error == pytest.approx(math.sqrt(8 * 0.01**2 / 15 / (8 * 0.02**2)))


def test_too_few_steps_say_nothing() -> None:
    steps = beside(walk(), follows(1.0), follows(1.0))
    assert following(steps[1:]) is None
    assert following(()) is None


def test_a_face_that_takes_no_step_says_nothing() -> None:
    assert following(beside([STILL] * 20, follows(1.0), lambda _: (0.1, 0.1))) is None


def test_just_enough_is_enough() -> None:
    assert SURE.carried
    assert not replace(SURE, moved=math.nextafter(LEAST_MOVED, 0.0)).carried
    assert not replace(SURE, share=math.nextafter(SURE.share, 0.0)).carried
    assert not replace(SURE, error=0.2500001).carried


@pytest.mark.parametrize("number", ["moved", "share", "error"])
def test_an_invalid_number_counts_against_the_face(number: str) -> None:
    """R48: what cannot be computed opens no door."""
    assert replace(SURE, **{number: math.nan}).carried


@pytest.mark.parametrize("place", ["face", "left", "right"])
def test_a_step_that_is_no_number_counts_against_the_face(place: str) -> None:
    steps = beside(walk(), follows(0.0), follows(0.0))
    broken = [replace(steps[0], **{place: (math.nan, 0.0)}), *steps[1:]]
    assert found(broken).carried


@given(st.lists(st.tuples(*[st.floats(-1.0, 1.0)] * 2), min_size=8, max_size=40))
def test_whatever_the_face_does_before_a_still_wall_it_is_not_carried(faces: list[Shift]) -> None:
    told = following(beside(faces, follows(0.0), follows(0.0)))
    assert told is None or not told.carried


# -- the evidence of a run -------------------------------------------------------------------------


def results(score: float, share: float) -> tuple[PadResult, ...]:
    steps = beside(walk(), follows(share), follows(share))
    return tuple(PadResult(score, "detector/1", step) for step in steps)


def test_a_picture_that_is_held_has_no_life_whatever_the_network_says() -> None:
    """R48: one cue that is sure is enough."""
    assert life(results(1.0, share=1.0)) == 0.0


def test_a_background_that_keeps_still_adds_nothing_to_the_score() -> None:
    assert life(results(0.25, share=0.0)) == 0.25


def test_frames_without_a_step_are_judged_by_their_score() -> None:
    carried, unknown = results(1.0, share=1.0), (PadResult(0.5, "detector/1"),) * 8
    assert life(unknown) == 0.5
    assert life(carried[1:] + unknown) == pytest.approx((7 + 4) / 15)
    assert life(unknown + carried) == 0.0
    assert life(()) == 0.0
