"""The tests of counts where they change their way of counting, and where there is little to count.

What is expected is counted out in whole numbers, or is the normal distribution of Python itself.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, sqrt
from statistics import NormalDist

import pytest

from kiosk.domain.fleet.comparison import (
    Frequency,
    FrequencyPair,
    Share,
    SharePair,
    frequency_chance,
    share_chance,
    share_rise,
)

PAIR = SharePair(Share(3, 20), Share(6, 15))
NOTHING = Share(0, 0)
MUCH = Share(2000, 3000)
CLOSE = 1e-3
"""How near the normal distribution comes to a sum of a thousand draws."""


def counted_out(pair: SharePair) -> float:
    """The hypergeometric distribution from what was seen, by the trials that the events hit."""
    events = pair.before.events + pair.after.events
    before, after = pair.before.trials, pair.after.trials
    ways = sum(
        comb(after, n) * comb(before, events - n)
        for n in range(pair.after.events, min(events, after) + 1)
    )
    return float(Fraction(ways, comb(before + after, events)))


def normal(pair: SharePair) -> float:
    """The normal distribution of the same mean and variance from half an event below."""
    events = pair.before.events + pair.after.events
    before, after = pair.before.trials, pair.after.trials
    whole = before + after
    mean = Fraction(events * after, whole)
    variance = mean * Fraction(before * (whole - events), whole * (whole - 1))
    return NormalDist(-float(mean), sqrt(variance)).cdf(-(pair.after.events - 0.5))


def binomial(of: int, part: Fraction, least: int) -> float:
    """The chance of so many of them or more, each of which comes with the same chance."""
    return float(sum(comb(of, n) * part**n * (1 - part) ** (of - n) for n in range(least, of + 1)))


# -- few and many --------------------------------------------------------------------------------


def test_a_thousand_events_are_counted_out_and_one_more_is_not() -> None:
    last = SharePair(Share(985, 9900), Share(15, 100))
    first = SharePair(Share(986, 9900), Share(15, 100))
    for pair in (last, first):
        assert counted_out(pair) != pytest.approx(normal(pair), rel=0.01)
    assert share_chance([last]) == pytest.approx(counted_out(last), rel=1e-9)
    assert share_chance([first]) == pytest.approx(normal(first), rel=1e-9)


@pytest.mark.parametrize(("before", "after", "seen"), [(1, 1, 630), (2, 1, 430), (1, 2, 820)])
def test_a_sum_over_many_small_devices_is_nearly_the_one_counted_out(
    before: int, after: int, seen: int
) -> None:
    """With one event at each device, it falls after with the same chance at every one of them."""
    doors = 1200
    there = SharePair(Share(0, before), Share(1, after))
    elsewhere = SharePair(Share(1, before), Share(0, after))
    found = share_chance([there] * seen + [elsewhere] * (doors - seen))
    expected = binomial(doors, Fraction(after, before + after), seen)
    assert 0.01 < expected < 0.2
    assert found == pytest.approx(expected, abs=CLOSE)


@pytest.mark.parametrize(("hours", "later", "seen"), [(30.0, 10.0, 320), (10.0, 30.0, 920)])
def test_many_failures_are_nearly_the_binomial_distribution(
    hours: float, later: float, seen: int
) -> None:
    events = 1200
    pair = FrequencyPair(Frequency(events - seen, hours), Frequency(seen, later))
    expected = binomial(events, Fraction(int(later), int(hours + later)), seen)
    assert frequency_chance([pair]) == pytest.approx(expected, abs=CLOSE)


def test_where_every_trial_is_an_event_no_other_number_could_be() -> None:
    assert share_chance([SharePair(Share(600, 600), Share(700, 700))]) == 1.0


def test_where_all_trials_but_one_are_events_that_one_falls_anywhere_alike() -> None:
    pair = SharePair(Share(999, 1000), Share(1000, 1000))
    assert counted_out(pair) == 0.5
    assert share_chance([pair]) == pytest.approx(0.5)


# -- little to count -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        SharePair(NOTHING, NOTHING),
        SharePair(NOTHING, MUCH),
        SharePair(MUCH, NOTHING),
    ],
)
def test_a_device_without_a_before_or_an_after_is_not_compared(other: SharePair) -> None:
    """However much it reports: the others are counted out as if it were not there."""
    assert share_chance([other]) == 1.0
    assert share_chance([PAIR, other]) == share_chance([PAIR])
    assert share_chance([PAIR]) == pytest.approx(counted_out(PAIR), rel=1e-9)
    assert share_rise([other]) == 0.0
    assert share_rise([PAIR, other]) == share_rise([PAIR]) == pytest.approx(6 / 15 - 3 / 20)


@pytest.mark.parametrize(
    ("hours", "later"),
    [(0.0, 0.0), (0.0, 5.0), (5.0, 0.0), (1e-17, 100.0), (100.0, 1e-17), (5e-324, 1e9)],
)
def test_a_device_that_did_not_run_is_not_compared(hours: float, later: float) -> None:
    pair = FrequencyPair(Frequency(1, 8.0), Frequency(4, 8.0))
    other = FrequencyPair(Frequency(2, hours), Frequency(2, later))
    assert frequency_chance([other]) == 1.0
    assert frequency_chance([pair, other]) == pytest.approx(6 / 2**5, rel=1e-9)


def test_a_second_is_long_enough() -> None:
    pair = FrequencyPair(Frequency(1, 1 / 3600), Frequency(3, 1 / 3600))
    assert frequency_chance([pair]) == pytest.approx(5 / 2**4, rel=1e-9)
    shorter = FrequencyPair(Frequency(1, 1 / 3600.5), Frequency(3, 1 / 3600))
    assert frequency_chance([shorter]) == 1.0


@pytest.mark.parametrize(("hours", "later"), [(0.5, 1.5), (1.5, 0.5), (0.5, 0.5)])
def test_less_than_an_hour_is_compared(hours: float, later: float) -> None:
    pair = FrequencyPair(Frequency(1, hours), Frequency(3, later))
    expected = binomial(4, Fraction(later) / Fraction(hours + later), 3)
    assert frequency_chance([pair]) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("events", range(1, 41))
def test_none_or_more_is_certain_and_never_more_than_certain(events: int) -> None:
    """The chances of all numbers sum up to a little more than one for some of them."""
    shares = share_chance([SharePair(Share(events, 2 * events), Share(0, 30))])
    frequencies = frequency_chance([FrequencyPair(Frequency(events, 3.0), Frequency(0, 7.0))])
    assert 1.0 - 1e-12 < min(shares, frequencies) <= max(shares, frequencies) <= 1.0
