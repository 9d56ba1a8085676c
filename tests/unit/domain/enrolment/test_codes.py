"""A code answers only if it newly appears: no poster and no T-shirt consents (R73, R79)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.enrolment.acts.codes import SETTLE_SECONDS, CodeSightings, Sighting
from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.vision.frame import Instant

EVERY, GONE, ASKED = 0.25, 1.5, 100.0
YES, NO, NONE, BOTH = {Answer.YES}, {Answer.NO}, set[Answer](), {Answer.YES, Answer.NO}


def after(*searches: set[Answer], every: float = EVERY, start: float = ASKED) -> CodeSightings:
    """The sightings after these searches."""
    sightings = CodeSightings()
    for number, there in enumerate(searches):
        at = Instant(start + number * every)
        sightings = sightings.after(at, frozenset(there), GONE)
    return sightings


def answer(*searches: set[Answer], every: float = EVERY) -> Answer | None:
    return after(*searches, every=every).answer(Instant(ASKED))


def test_ann_holds_up_a_code_and_it_answers_once_it_has_settled() -> None:
    assert answer(*[NONE] * 7, YES, YES) is None
    assert answer(*[NONE] * 7, YES, YES, YES) is Answer.YES
    assert answer(*[NONE] * 7, NO, NO, NO) is Answer.NO


def test_a_code_has_to_have_been_away_for_long_enough() -> None:
    away = round(GONE / EVERY)
    assert answer(*[NONE] * away, YES, YES, YES) is Answer.YES
    assert answer(*[NONE] * (away - 1), YES, YES, YES) is None


def test_a_poster_that_was_there_before_answers_nothing() -> None:
    assert answer(*[YES] * 40) is None


def test_a_print_on_clothes_that_is_missed_now_and_then_answers_nothing() -> None:
    assert answer(*[YES, NONE, NONE, YES, NONE, YES, NONE, NONE, NONE, NONE] * 8) is None


def test_a_code_that_ben_moves_is_missed_now_and_then_and_answers_still() -> None:
    assert answer(*[NONE] * 8, YES, NONE, NONE, YES) is Answer.YES


def test_a_code_that_is_gone_does_not_answer() -> None:
    assert answer(*[NONE] * 8, YES, YES, YES, NONE) is None
    assert answer(*[NONE] * 8, YES, YES, YES, *[NONE] * 7, YES) is None


def test_a_sheet_with_both_codes_answers_nothing() -> None:
    assert answer(*[NONE] * 8, *[BOTH] * 8) is None
    assert answer(*[NONE] * 8, YES, BOTH, YES, YES, YES) is None
    assert answer(*[NONE] * 8, YES, NO, YES, YES, YES) is None
    assert answer(*[NONE] * 8, NO, YES, YES, YES) is Answer.YES
    assert answer(*[NONE] * 8, BOTH, YES, YES, YES) is None


def test_a_code_that_appeared_before_its_time_answers_nothing() -> None:
    sightings = after(*[NONE] * 8, *[YES] * 20)
    appeared = ASKED + 8 * EVERY
    assert sightings.answer(Instant(appeared)) is Answer.YES
    assert sightings.answer(Instant(appeared + 0.01)) is None
    assert sightings.answer(Instant(float("nan"))) is None


def test_one_code_answers_one_question() -> None:
    sightings = after(*[NONE] * 8, *[YES] * 20)
    assert sightings.answer(Instant(ASKED + 8 * EVERY + 0.5)) is None


def test_searches_that_are_far_apart_prove_no_absence() -> None:
    assert answer(*[NONE] * 8, YES, YES, YES, every=1.0) is Answer.YES
    assert answer(*[NONE] * 8, YES, YES, YES, every=1.01) is None


def test_the_first_search_proves_no_absence_before_it() -> None:
    assert answer(YES, YES, YES) is None


@pytest.mark.parametrize("at", [float("nan"), ASKED, 0.0, ASKED + 1.75])
def test_a_search_at_no_later_time_proves_nothing(at: float) -> None:
    before = after(*[NONE] * 8)
    assert before.searched_at == ASKED + 1.75
    assert before.after(Instant(at), frozenset(YES), GONE) == before


def test_a_code_settles_exactly_then() -> None:
    sightings = after(*[NONE] * 8)
    first = ASKED + 2.0
    for at in (first, first + SETTLE_SECONDS - 0.01):
        sightings = sightings.after(Instant(at), frozenset(YES), GONE)
        assert sightings.answer(Instant(0.0)) is None
    settled = Sighting(seen_at=Instant(SETTLE_SECONDS), appeared_at=Instant(0.0))
    assert CodeSightings(yes=settled).answer(Instant(0.0)) is Answer.YES


@given(st.lists(st.sampled_from([YES, BOTH, NO]), max_size=60), st.integers(0, 5))
def test_what_is_never_away_never_answers(searches: list[set[Answer]], missed: int) -> None:
    """However the searches go: what is missed for less than `GONE` at a time is no answer."""
    every = [seen for there in searches for seen in (there | YES, *[there - YES] * missed)]
    assert answer(*every) is not Answer.YES
