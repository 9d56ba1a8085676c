"""Whether something has become more frequent: exact tests for few counts, the normal one for many.

Each device is compared with itself before, and what they show is put together (the exact test of
Mantel and Haenszel): a busy door with many refusals and a quiet one with few say nothing about a
change merely because one of them reports more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import erfc, exp, lgamma, log, sqrt

MOST_EXACT = 1000
"""Events up to which the sum is counted out; beyond it, the normal distribution is as good."""
LEAST_HOURS = 1 / 3600
"""A second. Nothing is concluded from a shorter span: its share of all may round to nothing."""
_Counted = tuple[int, Sequence[float]]
"""The least number that can be, and the chance of each from there on."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of so many.

    Attributes:
        events: those that count, such as refusals.
        trials: all, such as decisions.
    """

    events: int
    trials: int

    def __post_init__(self) -> None:
        """Raises ValueError: there cannot be so many."""
        if not 0 <= self.events <= self.trials:
            raise ValueError(self.events)


@dataclass(frozen=True, slots=True)
class SharePair:
    """The same device before and after a change."""

    before: Share
    after: Share


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often in a span of time.

    Attributes:
        events: how many.
        hours: the span.
    """

    events: int
    hours: float

    @property
    def told(self) -> bool:
        """True if the span is long enough to be compared."""
        return self.hours >= LEAST_HOURS


@dataclass(frozen=True, slots=True)
class FrequencyPair:
    """The same device before and after a change."""

    before: Frequency
    after: Frequency


def share_chance(pairs: Iterable[SharePair]) -> float:
    """The chance of as many events after or more, if no device's share has changed; 1 for none."""
    known = [pair for pair in pairs if pair.before.trials and pair.after.trials]
    drawn = [(_draw(pair), pair.after.events) for pair in known]
    return _chance(drawn)


def frequency_chance(pairs: Iterable[FrequencyPair]) -> float:
    """The chance of as many events after or more, if no device's frequency has changed."""
    known = [pair for pair in pairs if pair.before.told and pair.after.told]
    drawn = [(_split(pair), pair.after.events) for pair in known]
    return _chance(drawn)


def share_rise(pairs: Iterable[SharePair]) -> float:
    """By how much the share has risen, over all devices; weighed by what came after."""
    known = [pair for pair in pairs if pair.before.trials]
    trials = sum(pair.after.trials for pair in known)
    usual = (pair.after.trials * pair.before.events / pair.before.trials for pair in known)
    more = sum(pair.after.events for pair in known) - sum(usual)
    return more / trials if trials else 0.0


# -- one device ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Draw:
    """A distribution of what came after, given what came in all."""

    most: int
    mean: float
    variance: float
    counted: Callable[[], _Counted]


def _draw(pair: SharePair) -> _Draw:
    """How many of all events fall after, if they fall anywhere alike: hypergeometric."""
    after, whole = pair.after.trials, pair.before.trials + pair.after.trials
    events = pair.before.events + pair.after.events
    part = after / whole
    spread = events * part * (1 - part) * (whole - events) / (whole - 1)

    def counted() -> _Counted:
        low, high = max(0, events - pair.before.trials), min(events, after)
        ways = _ways(whole, after)
        return low, [
            exp(_ways(events, n) + _ways(whole - events, after - n) - ways)
            for n in range(low, high + 1)
        ]

    return _Draw(events, events * part, spread, counted)


def _split(pair: FrequencyPair) -> _Draw:
    """How many of all events fall after, if they come as often as before: binomial."""
    events = pair.before.events + pair.after.events
    part = pair.after.hours / (pair.before.hours + pair.after.hours)

    def counted() -> _Counted:
        return 0, [
            exp(_ways(events, n) + n * log(part) + (events - n) * log(1 - part))
            for n in range(events + 1)
        ]

    return _Draw(events, events * part, events * part * (1 - part), counted)


def _ways(of: int, taken: int) -> float:
    """The logarithm of the binomial coefficient."""
    return lgamma(of + 1) - lgamma(taken + 1) - lgamma(of - taken + 1)


# -- all together --------------------------------------------------------------------------------


def _chance(drawn: Sequence[tuple[_Draw, int]]) -> float:
    """The chance that the sum is as high as it was, or higher."""
    seen = sum(events for _, events in drawn)
    if sum(draw.most for draw, _ in drawn) <= MOST_EXACT:
        return _counted_chance([draw.counted() for draw, _ in drawn], seen)
    mean = sum(draw.mean for draw, _ in drawn)
    spread = sum(draw.variance for draw, _ in drawn)
    if spread <= 0:
        return 1.0
    return erfc((seen - 0.5 - mean) / sqrt(2 * spread)) / 2


def _counted_chance(parts: Sequence[_Counted], seen: int) -> float:
    low, sums = 0, [1.0]
    for least, chances in parts:
        together = [0.0] * (len(sums) + len(chances) - 1)
        for n, chance in enumerate(sums):
            for more, each in enumerate(chances):
                together[n + more] += chance * each
        low, sums = low + least, together
    return min(1.0, sum(sums[max(0, seen - low) :]))
