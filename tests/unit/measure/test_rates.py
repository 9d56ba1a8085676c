"""Rates and their bounds: known values, and the binomial distribution summed term by term."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.measure.rates import Rate, beta_share, between, percent

TAIL = 0.025


def at_most(k: int, n: int, p: float) -> float:
    """The chance of at most k errors in n trials, summed."""
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))


@pytest.mark.parametrize(
    ("errors", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),
        (1, 20, 0.001265, 0.248732),
        (5, 100, 0.016432, 0.112835),
        (10, 10, 0.691503, 1.0),
    ],
)
def test_bounds_are_the_published_ones(errors: int, trials: int, low: float, high: float) -> None:
    assert Rate(errors, trials).bounds == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 120).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_bounds_leave_exactly_the_tails(counts: tuple[int, int]) -> None:
    errors, trials = counts
    low, high = Rate(errors, trials).bounds
    assert low <= errors / trials <= high
    if errors:
        assert 1 - at_most(errors - 1, trials, low) == pytest.approx(TAIL, rel=1e-6)
    if errors < trials:
        assert at_most(errors, trials, high) == pytest.approx(TAIL, rel=1e-6)


def test_bounds_of_a_million_comparisons_agree_with_the_normal_distribution() -> None:
    low, high = Rate(1_248, 1_248_599).bounds
    half = 1.96 * math.sqrt(1_248) / 1_248_599
    assert (low, high) == pytest.approx((0.0009995 - half, 0.0009995 + half), rel=2e-3)


def test_nothing_tried_is_nothing_known() -> None:
    rate = Rate(0, 0)
    assert rate.value is None
    assert rate.bounds == (0.0, 1.0)
    assert rate.claim() == "nothing was tried, so nothing is known"
    assert percent(rate.value) == "unknown"


def test_no_errors_claim_no_more_than_the_rule_of_three() -> None:
    assert "no error in 16: the true rate is below 18.8 %" in Rate(0, 16).claim()
    assert "too few trials" in Rate(0, 3).claim()
    assert "below 75 %" in Rate(0, 4).claim()


def test_errors_claim_their_bounds() -> None:
    assert Rate(5, 100).claim() == (
        "5 in 100: the true rate lies between 1.64 % and 11.3 % at 95 % confidence"
    )


@pytest.mark.parametrize(("errors", "trials"), [(3, 2), (-1, 2), (1, 0)])
def test_impossible_counts_are_refused(errors: int, trials: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Rate(errors, trials)


@given(st.floats(0.01, 0.99), st.floats(0.5, 50), st.floats(0.5, 50))
def test_both_tails_of_the_beta_distribution_make_one(x: float, a: float, b: float) -> None:
    assert beta_share(x, a, b) + beta_share(1 - x, b, a) == pytest.approx(1.0, abs=1e-9)


def test_the_beta_distribution_ends_at_its_ends() -> None:
    assert (beta_share(0.0, 2, 3), beta_share(1.0, 2, 3)) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0 %"), (0.00609, "0.609 %"), (0.18756, "18.8 %"), (0.9925, "99.25 %"), (1.0, "100 %")],
)
def test_shares_are_told_with_the_digits_that_count(share: float, words: str) -> None:
    assert percent(share) == words


def test_bounds_are_told_together() -> None:
    assert between(0.01643, 0.99657) == "1.64 to 99.66 %"
