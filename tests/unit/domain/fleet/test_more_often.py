"""The tests of whether something has become more frequent."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.domain.fleet.comparison import (
    MOST_EXACT,
    Frequency,
    FrequencyPair,
    Share,
    SharePair,
    frequency_chance,
    share_chance,
    share_rise,
)


@st.composite
def shares(draw: st.DrawFn, most: int = 40) -> Share:
    trials = draw(st.integers(1, most))
    return Share(draw(st.integers(0, trials)), trials)


pairs = st.builds(SharePair, shares(), shares())


def fisher(pair: SharePair) -> Fraction:
    """Fisher's exact test of one side, counted out."""
    events, after = pair.before.events + pair.after.events, pair.after.trials
    whole = pair.before.trials + after
    ways = sum(
        comb(events, n) * comb(whole - events, after - n)
        for n in range(pair.after.events, min(events, after) + 1)
    )
    return Fraction(ways, comb(whole, after))


@given(pairs)
def test_one_device_is_compared_by_fishers_test(pair: SharePair) -> None:
    assert share_chance([pair]) == pytest.approx(float(fisher(pair)), rel=1e-9)


@given(st.lists(pairs, max_size=4))
def test_the_chance_is_one(found: list[SharePair]) -> None:
    assert 0.0 <= share_chance(found) <= 1.0


@given(pairs)
def test_one_more_event_is_never_likelier(pair: SharePair) -> None:
    assume(pair.after.events < pair.after.trials)
    more = SharePair(pair.before, Share(pair.after.events + 1, pair.after.trials))
    assert share_chance([more]) <= share_chance([pair]) + 1e-12


@given(pairs, st.integers(1, 30))
def test_a_device_without_events_changes_nothing(pair: SharePair, trials: int) -> None:
    quiet = SharePair(Share(0, trials), Share(0, trials))
    assert share_chance([pair, quiet]) == pytest.approx(share_chance([pair]))


@given(st.integers(1, 9), st.integers(1, 9), st.floats(0.05, 0.95), st.sampled_from((0.01, 0.1)))
def test_chance_alone_is_taken_for_a_rise_no_more_often_than_said(
    before: int, after: int, share: float, limit: float
) -> None:
    """Counted out: every result of two spans with the same share, weighed by how likely it is."""
    wrong = 0.0
    for one, other in product(range(before + 1), range(after + 1)):
        pair = SharePair(Share(one, before), Share(other, after))
        if share_chance([pair]) <= limit:
            likely = comb(before, one) * comb(after, other)
            events, none = one + other, before + after - one - other
            wrong += likely * share**events * (1 - share) ** none
    assert wrong <= limit + 1e-9


def test_two_devices_that_do_not_change_are_no_rise_though_the_sum_is() -> None:
    """The busy door of the canary ring has always refused more; now it reports more as well."""
    busy, quiet = SharePair(Share(40, 100), Share(400, 1000)), SharePair(Share(9, 900), Share(0, 9))
    summed = SharePair(Share(49, 1000), Share(400, 1009))
    assert share_chance([summed]) < 1e-9
    assert share_chance([busy, quiet]) > 0.3
    assert share_rise([busy, quiet]) < 0.01


def test_many_events_are_compared_as_few_are() -> None:
    exact = [SharePair(Share(240, 5000), Share(270, 5000))]
    more = [SharePair(Share(480, 10_000), Share(540, 10_000))]
    assert sum(it.before.events + it.after.events for it in exact) <= MOST_EXACT
    assert sum(it.before.events + it.after.events for it in more) > MOST_EXACT
    halves = [SharePair(Share(240, 5000), Share(259, 5000)) for _ in range(2)]
    whole = [SharePair(Share(240, 5000), Share(259, 5000)), *halves]
    assert share_chance(whole) == pytest.approx(share_chance(halves), abs=0.1)
    assert share_chance(more) == pytest.approx(0.028, abs=0.004)


@given(st.integers(0, 30), st.integers(0, 30), st.floats(0.1, 500), st.floats(0.1, 500))
def test_frequencies_are_compared_by_the_binomial_test(
    before: int, after: int, hours: float, later: float
) -> None:
    part, events = later / (hours + later), before + after
    counted = sum(
        comb(events, n) * part**n * (1 - part) ** (events - n) for n in range(after, events + 1)
    )
    pair = FrequencyPair(Frequency(before, hours), Frequency(after, later))
    assert frequency_chance([pair]) == pytest.approx(counted, rel=1e-6, abs=1e-12)


def test_where_there_is_nothing_to_compare_with_there_is_no_rise() -> None:
    assert share_chance([SharePair(Share(0, 0), Share(9, 9))]) == 1.0
    assert share_rise([SharePair(Share(0, 0), Share(9, 9))]) == 0.0
    assert frequency_chance([FrequencyPair(Frequency(0, 0.0), Frequency(9, 1.0))]) == 1.0


@pytest.mark.parametrize(("events", "trials"), [(-1, 3), (4, 3)])
def test_there_are_no_more_events_than_trials(events: int, trials: int) -> None:
    with pytest.raises(ValueError, match=str(events)):
        Share(events, trials)
