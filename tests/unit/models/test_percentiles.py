"""The percentiles of the quality measures are those of numpy, for whatever is measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.quality.percentiles import byte_percentiles, medians, percentile

SHARES = st.floats(0.0, 100.0)
FLOATS = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=1, max_dims=2, max_side=40),
    elements=st.floats(0.0, 1e6, width=32),
)
BYTES = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=2, max_side=40))


@given(FLOATS, SHARES)
def test_of_floats(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]], share: float) -> None:
    theirs = np.percentile(values.astype(np.float64), share)
    assert percentile(values, share) == pytest.approx(theirs, rel=1e-12)


@given(BYTES, SHARES, SHARES)
def test_of_bytes(
    values: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], low: float, high: float
) -> None:
    theirs = np.percentile(values, (low, high))
    assert byte_percentiles(values, low, high) == pytest.approx(theirs.tolist(), abs=1e-9)


@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 9), st.just(3)), elements=SHARES))
def test_medians_of_columns(rows: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    assert medians(rows) == pytest.approx(np.median(rows, axis=0))
