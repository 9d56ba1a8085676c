"""Guessing waits twice as long each time."""

from __future__ import annotations

import pytest

from kiosk.domain.access.backoff import PIN_BACKOFF, Backoff

HANDFULS = Backoff(free=5, every=5, first_seconds=60.0, longest_seconds=3600.0)
HOUR = 3600.0


def test_a_slip_of_the_finger_costs_nothing() -> None:
    assert [PIN_BACKOFF.wait(wrong) for wrong in range(3)] == [0.0, 0.0, 0.0]
    assert not any(PIN_BACKOFF.starts(wrong) for wrong in range(3))


def test_each_wait_is_twice_the_one_before() -> None:
    assert [PIN_BACKOFF.wait(wrong) for wrong in range(3, 7)] == [30.0, 60.0, 120.0, 240.0]
    assert all(PIN_BACKOFF.starts(wrong) for wrong in range(3, 7))


def test_no_wait_is_longer_than_the_longest() -> None:
    assert PIN_BACKOFF.wait(10) == HOUR
    assert PIN_BACKOFF.wait(100_000) == HOUR


@pytest.mark.parametrize(
    ("wrong", "wait", "starts"),
    [
        (4, 0.0, False),
        (5, 60.0, True),
        (6, 60.0, False),
        (9, 60.0, False),
        (10, 120.0, True),
        (15, 240.0, True),
    ],
)
def test_handfuls(wrong: int, wait: float, *, starts: bool) -> None:
    assert HANDFULS.wait(wrong) == wait
    assert HANDFULS.starts(wrong) is starts


def test_the_first_delay_need_not_fall_on_a_multiple_of_the_further_ones() -> None:
    backoff = Backoff(free=2, every=3, first_seconds=60.0, longest_seconds=HOUR)
    assert [wrong for wrong in range(10) if backoff.starts(wrong)] == [2, 5, 8]
