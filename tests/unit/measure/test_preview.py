"""How fast the picture moves while it is there to be seen."""

from __future__ import annotations

import pytest

from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.measure.preview import PreviewWitness

WAITING = View(Prompt.COME_CLOSER, Tone.WAITING)
COVERED = (Tone.GRANTED, Tone.REFUSED, Tone.OFF)


class Hand:
    """A clock that is set."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def witness(clock: Hand) -> PreviewWitness:
    return PreviewWitness(clock)


def frames(witness: PreviewWitness, clock: Hand, count: int, every: float) -> None:
    for _ in range(count):
        clock.at += every
        witness.given()


def test_nothing_is_known_of_no_frame_or_of_one(witness: PreviewWitness) -> None:
    assert witness.frames_per_second() is None
    witness.given()
    assert witness.frames_per_second() is None


def test_frames_are_counted_from_the_first(witness: PreviewWitness, clock: Hand) -> None:
    frames(witness, clock, 51, 0.04)
    assert witness.frames_per_second() == pytest.approx(25.0)


@pytest.mark.parametrize("tone", COVERED)
def test_a_covered_picture_does_not_count(witness: PreviewWitness, clock: Hand, tone: Tone) -> None:
    frames(witness, clock, 26, 0.04)
    witness.shown(View(Prompt.OUT_OF_SERVICE, tone))
    witness.given()  # pulled a moment before it was covered
    clock.at += 60.0
    witness.shown(WAITING)
    frames(witness, clock, 25, 0.04)
    assert witness.frames_per_second() == pytest.approx(25.0)


def test_a_picture_that_stands_still_counts(witness: PreviewWitness, clock: Hand) -> None:
    frames(witness, clock, 26, 0.04)
    clock.at += 0.96
    frames(witness, clock, 1, 0.04)
    assert witness.frames_per_second() == pytest.approx(26 / 2.0)


def test_one_that_never_moves_again_counts_until_it_is_covered(
    witness: PreviewWitness, clock: Hand
) -> None:
    frames(witness, clock, 26, 0.04)
    clock.at += 4.0
    witness.shown(View(Prompt.OUT_OF_SERVICE, Tone.OFF))
    assert witness.frames_per_second() == pytest.approx(25 / 5.0)


def test_a_view_that_covers_nothing_changes_nothing(witness: PreviewWitness, clock: Hand) -> None:
    witness.shown(WAITING)
    frames(witness, clock, 26, 0.04)
    witness.shown(WAITING)
    frames(witness, clock, 25, 0.04)
    assert witness.frames_per_second() == pytest.approx(25.0)
