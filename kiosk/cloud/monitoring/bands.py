"""Bands of similarity: what may be said of how alike people are, without saying whose it was."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

TOPS: Final = (90.0, 95.0, 98.0, 99.0, 99.5)
MARGINS: Final = (0.5, 1.0, 2.0, 5.0)
NOBODY, ALONE = "nobody", "alone"


def top_band(similarities: Sequence[float]) -> str:
    """The band of the best similarity; `nobody` where there is none."""
    return _band(similarities[0], TOPS) if similarities else NOBODY


def margin_band(similarities: Sequence[float]) -> str:
    """The band of its lead over the second; `alone` without one, `nobody` without a first."""
    if not similarities:
        return NOBODY
    if len(similarities) == 1:
        return ALONE
    return _band(similarities[0] - similarities[1], MARGINS)


def _band(value: float, bounds: Sequence[float]) -> str:
    """`99-99.5` for a value from 99 up to less than 99.5."""
    at = bisect_right(bounds, value)
    if at == 0:
        return f"<{bounds[0]:g}"
    return f"{bounds[at - 1]:g}-{bounds[at]:g}" if at < len(bounds) else f">={bounds[-1]:g}"
