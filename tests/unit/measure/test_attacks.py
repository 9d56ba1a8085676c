"""Counting presentations: which rate each belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.measure.attacks import AttackResult, tally
from kiosk.measure.discovery import Presentation
from kiosk.measure.rates import Rate
from kiosk.measure.watching import PadVerdict, Watched

THRESHOLD = 0.4


def seen(
    species: str | None, attempts: PadVerdict | list[PadVerdict], *scores: float, frames: int = 10
) -> tuple[Presentation, Watched]:
    each = (attempts,) if isinstance(attempts, PadVerdict) else tuple(attempts)
    return Presentation(Path("somewhere"), species), Watched(frames, scores, each)


@pytest.fixture
def result() -> AttackResult:
    return tally(
        [
            seen(None, PadVerdict.BONA_FIDE, 0.9, 0.39),
            seen(None, PadVerdict.ATTACK, 0.4),
            seen(None, PadVerdict.UNDECIDED, 0.8),
            seen(None, PadVerdict.NO_RESPONSE),
            seen("print", PadVerdict.ATTACK, 0.1, 0.2, 0.5),
            seen("print", PadVerdict.UNDECIDED, 0.3),
            seen("phone", PadVerdict.BONA_FIDE, 0.9),
            seen("phone", PadVerdict.NO_RESPONSE, frames=7),
        ],
        THRESHOLD,
    )


def test_whoever_was_not_let_in_is_an_error_of_a_bona_fide_presentation(
    result: AttackResult,
) -> None:
    assert result.bona_fide.failed == Rate(2, 3)


def test_a_non_response_is_told_apart(result: AttackResult) -> None:
    assert result.bona_fide.no_response == Rate(1, 4)
    assert result.bona_fide.not_let_in == Rate(3, 4)
    assert result.species["phone"].no_response == Rate(1, 2)


def test_every_species_has_a_rate_of_its_own(result: AttackResult) -> None:
    assert result.species["print"].passed == Rate(0, 2)
    assert result.species["phone"].passed == Rate(1, 1)
    assert list(result.species) == ["print", "phone"]


def test_frames_are_held_against_the_threshold_itself(result: AttackResult) -> None:
    assert result.bona_fide.frames_passed == Rate(3, 4), "0.4 passes, 0.39 does not"
    assert result.bona_fide.frames_failed == Rate(1, 4)
    assert result.species["print"].frames_passed == Rate(1, 4)
    assert (result.bona_fide.frames, result.species["phone"].frames) == (40, 17)


def test_every_presentation_is_counted_once(result: AttackResult) -> None:
    assert result.bona_fide.presentations == 4
    assert sum(result.bona_fide.verdicts.values()) == 4
    assert result.bona_fide.responses == 3


def test_without_attacks_there_is_no_species() -> None:
    assert tally([seen(None, PadVerdict.BONA_FIDE, 0.9)], THRESHOLD).species == {}


REFUSED_THEN_LET_IN = [PadVerdict.ATTACK, PadVerdict.UNDECIDED, PadVerdict.BONA_FIDE]


def test_a_person_who_is_let_in_at_a_second_try_was_refused() -> None:
    """As at the door: they stood there and were told no."""
    people = tally(
        [
            seen(None, REFUSED_THEN_LET_IN, 0.9),
            seen(None, [PadVerdict.BONA_FIDE, PadVerdict.ATTACK], 0.9),
            seen(None, [PadVerdict.ATTACK, PadVerdict.ATTACK], 0.1),
        ],
        THRESHOLD,
    ).bona_fide
    assert people.failed == Rate(2, 3)
    assert people.verdicts[PadVerdict.ATTACK] == 2
    assert people.retried == Rate(1, 2)


def test_an_attack_that_works_at_a_second_try_has_worked() -> None:
    attacks = tally([seen("print", REFUSED_THEN_LET_IN, 0.9)], THRESHOLD).species["print"]
    assert attacks.passed == Rate(1, 1)
    assert attacks.retried == Rate(0, 0)
