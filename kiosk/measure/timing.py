"""Durations as median and 95th percentile: a mean hides the frame that came too late."""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection
from dataclasses import dataclass

SLOW_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of measured values.

    Attributes:
        count: the number of values.
        median: the middle value.
        p95: the lowest measured value that 95 in 100 do not exceed (nearest rank).
    """

    count: int
    median: float
    p95: float


def spread(values: Collection[float]) -> Spread | None:
    """The distribution of the values; None if there are none."""
    if not values:
        return None
    ranked = sorted(values)
    slow = ranked[math.ceil(SLOW_SHARE * len(ranked)) - 1]
    return Spread(len(ranked), statistics.median(ranked), slow)
