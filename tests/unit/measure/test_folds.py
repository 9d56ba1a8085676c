"""Ten folds: nobody decides about the pairs that chose the threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.domain.errors import BadInput
from kiosk.measure.folds import FOLDS, NO_COMPARISON, best_threshold, fold_of, folded_accuracy


def separable(count: int = 40) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Mated pairs around 0.7, the others around 0.1."""
    mated = np.arange(2 * count) < count
    rng = np.random.default_rng(1)
    return np.where(mated, 0.7, 0.1) + rng.uniform(-0.1, 0.1, 2 * count), mated


def test_pairs_that_can_be_told_apart_are() -> None:
    result = folded_accuracy(*separable())
    assert result.accuracy == 1.0
    assert result.wrong.trials == 80
    assert len(result.folds) == len(result.thresholds) == FOLDS
    assert all(0.2 <= threshold <= 0.6 for threshold in result.thresholds)


def test_one_wrong_pair_is_one_error() -> None:
    scores, mated = separable()
    scores[3] = 0.0
    result = folded_accuracy(scores, mated)
    assert (result.wrong.errors, result.accuracy) == (1, 79 / 80)
    assert min(result.folds) == 7 / 8


def test_a_fold_has_no_say_in_its_own_threshold() -> None:
    scores, mated = separable()
    before = folded_accuracy(scores, mated).thresholds
    own = fold_of(mated) == 4
    scores[own & mated] = -1.0
    scores[own & ~mated] = 1.0
    after = folded_accuracy(scores, mated)
    assert after.thresholds[4] == before[4]
    assert after.folds[4] == 0.0


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_folds_hold_equal_shares_of_both_kinds(flags: list[bool]) -> None:
    mated = np.array(flags)
    fold = fold_of(mated)
    for kind in (mated, ~mated):
        shares = np.bincount(fold[kind], minlength=FOLDS)
        assert shares.sum() == kind.sum()
        assert shares.max() - shares.min() <= 1
        assert (np.diff(fold[kind]) >= 0).all(), "neighbours stay together"


def brute_force(scores: NDArray[np.float64], mated: NDArray[np.bool_]) -> float:
    tried = [*np.unique(scores[np.isfinite(scores)]), np.inf]
    return max(float(((scores >= t) == mated).mean()) for t in tried)


@given(
    st.lists(
        st.tuples(st.integers(-5, 5).map(lambda i: i / 5), st.booleans()), min_size=2, max_size=40
    ),
    st.booleans(),
)
def test_no_threshold_is_right_more_often(pairs: list[tuple[float, bool]], gap: bool) -> None:  # noqa: FBT001
    scores, mated = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    if gap:
        scores[0] = NO_COMPARISON
    best = best_threshold(scores, mated)
    assert float(((scores >= best) == mated).mean()) == pytest.approx(brute_force(scores, mated))


def test_a_threshold_favours_neither_side() -> None:
    assert best_threshold(np.array([0.2, 0.6]), np.array([False, True])) == pytest.approx(0.4)


def test_a_face_that_was_not_acquired_is_not_let_in() -> None:
    scores, mated = separable()
    scores[[0, 79]] = NO_COMPARISON
    result = folded_accuracy(scores, mated)
    assert result.wrong.errors == 1, "the mated pair is an error, the other one is right"
    assert all(np.isfinite(result.thresholds))


def test_a_short_list_is_refused() -> None:
    scores, mated = separable(9)
    with pytest.raises(BadInput, match="9 mated and 9 non-mated"):
        folded_accuracy(scores, mated)


def test_a_list_without_a_single_comparison_is_refused() -> None:
    _, mated = separable()
    with pytest.raises(BadInput, match="In none of the listed pairs"):
        folded_accuracy(np.full(len(mated), NO_COMPARISON), mated)
