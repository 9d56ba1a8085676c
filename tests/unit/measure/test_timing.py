"""Median and 95th percentile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.measure.timing import Spread, spread


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0], Spread(1, 3.0, 3.0)),
        ([2.0, 1.0], Spread(2, 1.5, 2.0)),
        (list(range(1, 21)), Spread(20, 10.5, 19)),
        (list(range(1, 101)), Spread(100, 50.5, 95)),
    ],
)
def test_known_spreads(values: list[float], expected: Spread) -> None:
    assert spread(values) == expected


def test_nothing_has_no_spread() -> None:
    assert spread([]) is None


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200))
def test_the_slow_value_was_measured_and_few_are_slower(values: list[float]) -> None:
    found = spread(values)
    assert found is not None
    assert found.p95 in values
    assert sum(v > found.p95 for v in values) <= 0.05 * len(values)
    assert sum(v >= found.p95 for v in values) > 0.05 * len(values)
