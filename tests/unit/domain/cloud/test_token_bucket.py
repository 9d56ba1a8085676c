"""A token bucket never lets more calls through than its quota, in any second."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.cloud.bucket import LEAST, RECOVERY, WINDOW_SECONDS, TokenBucket


def sent(bucket: TokenBucket, asked: list[float], patience: float = 1000.0) -> list[float]:
    """When calls are sent that are wanted at these times."""
    times = [bucket.reserve(now, now + patience) for now in asked]
    return [at for at in times if at is not None]


def busiest_second(times: list[float], second: float = 1.0) -> int:
    """The most calls in any window of a second, wherever it begins."""
    return max((sum(begin <= at < begin + second for at in times) for begin in times), default=0)


@given(
    quota=st.floats(0.2, 60.0),
    pauses=st.lists(st.floats(0.0, 2.0), min_size=1, max_size=120),
)
def test_no_second_sees_more_than_the_quota(quota: float, pauses: list[float]) -> None:
    now, asked = 0.0, []
    for pause in pauses:
        now += pause
        asked.append(now)
    times = sent(TokenBucket(quota), asked)
    assert len(times) == len(asked)
    assert busiest_second(times) <= max(1, math.floor(quota))
    assert all(at >= wanted for at, wanted in zip(times, asked, strict=True))


@given(quota=st.floats(0.2, 0.99))
def test_below_one_a_second_calls_are_as_far_apart(quota: float) -> None:
    times = sent(TokenBucket(quota), [0.0] * 10)
    assert min(b - a for a, b in itertools.pairwise(times)) >= 1.0 / quota - 1e-9


def test_nine_tenths_of_the_quota_are_used_when_all_is_wanted() -> None:
    times = sent(TokenBucket(50.0), [0.0] * 1000)
    assert 0.9 * 50.0 <= (len(times) - 50) / times[-1] <= 50.0


def test_a_burst_is_sent_at_once_and_the_next_waits() -> None:
    times = sent(TokenBucket(5.0), [10.0] * 7)
    assert times == [10.0] * 5 + [10.0 + WINDOW_SECONDS] * 2


def test_what_would_be_too_late_takes_no_token() -> None:
    bucket = TokenBucket(1.0)
    assert bucket.reserve(0.0, 0.0) == 0.0
    assert [bucket.reserve(0.5, 1.0) for _ in range(5)] == [None] * 5
    assert bucket.reserve(0.5, 9.0) == WINDOW_SECONDS


def test_overload_halves_the_rate_once_a_second_and_it_recovers() -> None:
    bucket = TokenBucket(8.0)
    for at in (100.0, 100.2, 100.9):
        bucket.overloaded(at)
    assert bucket.rate(100.9) == pytest.approx(4.0 + 0.9 * 8.0 * RECOVERY)
    bucket.overloaded(101.0)
    assert bucket.rate(101.0) == pytest.approx(2.0 + 0.5 * 8.0 * RECOVERY)
    assert bucket.rate(101.0 + 1.0 / RECOVERY) == 8.0
    assert bucket.quota == 8.0


def test_however_often_it_is_overloaded_something_is_left() -> None:
    bucket = TokenBucket(5.0)
    for second in range(100):
        bucket.overloaded(float(second))
    assert bucket.rate(99.0) == pytest.approx(5.0 * LEAST)
    times = sent(bucket, [99.0] * 3)
    assert len(times) == 3


@given(
    quota=st.floats(1.0, 20.0),
    overloads=st.sets(st.integers(0, 60)),
)
def test_no_second_sees_more_than_the_quota_while_the_rate_changes(
    quota: float, overloads: set[int]
) -> None:
    bucket, times = TokenBucket(quota), []
    for tick in range(600):
        now = tick / 10.0
        if tick % 10 == 0 and tick // 10 in overloads:
            bucket.overloaded(now)
        at = bucket.reserve(now, now + 0.5)
        if at is not None:
            times.append(at)
    assert busiest_second(times) <= math.floor(quota)


@pytest.mark.parametrize("quota", [0.0, -1.0, math.nan, math.inf])
def test_what_is_no_quota(quota: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        TokenBucket(quota)


def test_tokens_that_came_back_long_ago_hold_nobody_up() -> None:
    bucket = TokenBucket(1.0)
    assert [bucket.reserve(now, now + 5.0) for now in (0.0, 10.0, 10.0)] == [
        0.0,
        10.0,
        10.0 + WINDOW_SECONDS,
    ]
