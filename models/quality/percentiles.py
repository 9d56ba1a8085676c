"""Percentiles of a few thousand values, as `numpy.percentile` gives them and many times as fast.

The place of a percentile between two values is interpolated linearly, numpy's default. Floats take
one partial sort, 8-bit values a histogram.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BYTES = 256


def percentile(values: NDArray[np.floating], share: float) -> float:
    """The percentile of the values of an array.

    Args:
        values: of any shape; not empty.
        share: 0 to 100.
    """
    flat = values.ravel()
    lower, upper, between = _place(flat.size, share)
    ordered = np.partition(flat, (lower, upper))
    return _between(float(ordered[lower]), float(ordered[upper]), between)


def byte_percentiles(values: NDArray[np.uint8], *shares: float) -> list[float]:
    """The percentiles of the values of an array, which is not empty."""
    flat = values.ravel()
    places = [_place(flat.size, share) for share in shares]
    ranks = [rank for lower, upper, _ in places for rank in (lower, upper)]
    counts = np.cumsum(np.bincount(flat, minlength=BYTES))
    found = np.searchsorted(counts, ranks, side="right").tolist()
    return [
        _between(low, high, between)
        for low, high, (_, _, between) in zip(found[::2], found[1::2], places, strict=True)
    ]


def medians(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median of each column of a small (rows, columns) array."""
    ordered, middle = np.sort(rows, axis=0), len(rows) // 2
    if len(rows) % 2:
        return np.asarray(ordered[middle])
    return np.asarray((ordered[middle - 1] + ordered[middle]) / 2)


def _place(count: int, share: float) -> tuple[int, int, float]:
    """The two ranks that a percentile lies between, and how far it is from the lower one."""
    at = (count - 1) * share / 100
    lower = int(at)
    return lower, min(lower + 1, count - 1), at - lower


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share
