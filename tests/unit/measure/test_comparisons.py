"""All pairs, against a reader's own way of counting them: one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.domain.errors import BadInput
from kiosk.measure import comparisons
from kiosk.measure.comparisons import Highest, counts, error_points, points_at
from kiosk.measure.rates import Rate

RATES = (3, 10, 100)


def people(
    images: int, persons: int, seed: int, dimensions: int = 8
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Unit vectors near a centre for each person."""
    rng = np.random.default_rng(seed)
    whose = rng.integers(0, persons, images)
    centres = rng.normal(size=(persons, dimensions))
    vectors = centres[whose] + rng.normal(size=(images, dimensions)) * 0.7
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), whose


def one_by_one(
    vectors: NDArray[np.float32], whose: NDArray[np.intp], one_in: int
) -> tuple[int, int]:
    """False matches and false non-matches at the lowest threshold that the rate allows."""
    scores = vectors @ vectors.T
    mated, others = [], []
    for i, j in itertools.combinations(range(len(whose)), 2):
        (mated if whose[i] == whose[j] else others).append(float(scores[i, j]))
    allowed = len(others) // one_in
    candidates = sorted({*others, *mated, 2.0})
    threshold = next(t for t in candidates if sum(s >= t for s in others) <= allowed)
    return sum(s >= threshold for s in others), sum(s < threshold for s in mated)


@given(st.integers(3, 40), st.integers(2, 6), st.integers(0, 10_000))
def test_error_rates_are_those_of_counting_one_by_one(images: int, persons: int, seed: int) -> None:
    vectors, whose = people(images, persons, seed)
    mated, non_mated = counts(whose)
    if not (mated and non_mated):
        return
    points = error_points(vectors, whose, RATES)
    for one_in, point in zip(RATES, points, strict=True):
        assert (point.false_matches.errors, point.false_non_matches.errors) == one_by_one(
            vectors, whose, one_in
        )
        assert point.false_matches.trials == non_mated
        assert point.false_non_matches.trials == mated


@given(st.integers(3, 40), st.integers(2, 6), st.integers(0, 10_000))
def test_rates_at_given_thresholds_are_those_of_counting_one_by_one(
    images: int, persons: int, seed: int
) -> None:
    vectors, whose = people(images, persons, seed)
    mated, non_mated = counts(whose)
    if not (mated and non_mated):
        return
    scores = vectors @ vectors.T
    pairs = list(itertools.combinations(range(images), 2))
    reached = float(scores[pairs[seed % len(pairs)]])
    for point in points_at(vectors, whose, {10: 0.3, 100: reached, 1000: 2.0}):
        least = np.float32(point.threshold)
        matches = [(i, j) for i, j in pairs if scores[i, j] >= least]
        false = sum(whose[i] != whose[j] for i, j in matches)
        assert point.false_matches == Rate(false, non_mated)
        assert point.false_non_matches == Rate(mated - (len(matches) - false), mated)


def test_a_threshold_keeps_the_rate_that_it_is_for() -> None:
    vectors, whose = people(40, 5, 3)
    points = points_at(vectors, whose, {1000: 0.9, 10: 0.2})
    assert [(point.one_in, point.threshold) for point in points] == [(1000, 0.9), (10, 0.2)]
    with pytest.raises(BadInput, match="of different people"):
        points_at(vectors, np.zeros(40, np.intp), {10: 0.2})


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, whose = people(150, 20, 7)
    whole = error_points(vectors, whose, RATES)
    monkeypatch.setattr(comparisons, "ROWS", 7)
    in_blocks = error_points(vectors, whose, RATES)
    for one, other in zip(whole, in_blocks, strict=True):
        assert one.threshold == pytest.approx(other.threshold, abs=1e-6)
        assert one.false_matches == other.false_matches
        assert one.false_non_matches == other.false_non_matches


def test_equal_scores_never_let_more_through_than_allowed() -> None:
    vectors = np.tile(np.array([1.0, 0.0], np.float32), (20, 1))
    whose = np.repeat(np.arange(10), 2)
    (point,) = error_points(vectors, whose, (10,))
    assert point.false_matches.errors == 0
    assert point.false_non_matches.value == 1.0
    assert point.threshold > 1.0


def test_a_rate_is_shown_only_by_enough_comparisons() -> None:
    vectors, whose = people(40, 5, 3)
    few, many = error_points(vectors, whose, (10_000, 10))
    assert (few.shown, many.shown) == (False, True)
    assert few.false_matches.errors == 0


@given(st.integers(1, 20), st.lists(st.lists(st.integers(0, 30), max_size=30), max_size=12))
def test_the_highest_of_a_stream_are_kept_exactly(count: int, chunks: list[list[int]]) -> None:
    highest = Highest(count)
    for chunk in chunks:
        highest.add(np.array(chunk, np.float32))
    everything = sorted((n for chunk in chunks for n in chunk), reverse=True)
    assert highest.ranked().tolist() == everything[:count]


def test_memory_is_bounded_by_what_is_kept() -> None:
    highest = Highest(10)
    for start in range(0, 10_000, 10):
        highest.add(np.arange(start, start + 10, dtype=np.float32))
        assert sum(len(kept) for kept in highest._kept) <= 20
    assert highest.ranked().tolist() == list(range(9_999, 9_989, -1))


def test_people_with_one_image_each_cannot_be_measured() -> None:
    vectors, _ = people(5, 5, 1)
    with pytest.raises(BadInput, match="of one person"):
        error_points(vectors, np.arange(5), RATES)


def test_one_person_cannot_be_measured() -> None:
    vectors, _ = people(5, 5, 1)
    with pytest.raises(BadInput, match="of different people"):
        error_points(vectors, np.zeros(5, np.intp), RATES)
