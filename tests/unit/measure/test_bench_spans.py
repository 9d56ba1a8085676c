"""Frames within a span of time."""

from __future__ import annotations

import pytest

from kiosk.bench.fleet.spans import Span


def test_frames_of_a_span_are_counted_with_those_that_are_missing() -> None:
    looked_at = [n / 10 for n in range(100) if not 42 <= n < 47]
    told = Span(4.0, 6.0).frames(looked_at, 10.0)
    assert told["seconds"] == 2.0
    assert told["frames_per_second"] == 8.0
    assert told["lost_share"] == pytest.approx(0.2)
    assert told["longest_gap_ms"] == pytest.approx(600.0)


def test_a_span_without_frames_has_lost_all_of_them() -> None:
    told = Span(4.0, 6.0).frames([], 10.0)
    assert (told["frames_per_second"], told["lost_share"]) == (0.0, 1.0)
    assert told["longest_gap_ms"] is None
