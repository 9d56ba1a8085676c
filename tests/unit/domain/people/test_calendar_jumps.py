"""Nights on which the clock jumps: the state changes at a window's edge or at the jump, only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_hours import BERLIN, wall

from kiosk.domain.people.calendar import EVERY_DAY, Schedule, Window, next_change

MINUTE = timedelta(minutes=1)
NIGHTS = [
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    # half an hour of daylight saving time
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    # at midnight: a day that begins at one, and one whose last hour comes twice
    ("America/Havana", datetime(2026, 3, 8, 5, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 10, 29, 21, tzinfo=UTC)),
    # none at all
    ("Asia/Kathmandu", datetime(2026, 3, 29, 1, tzinfo=UTC)),
]
QUARTERS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
SMALL_HOURS = st.builds(time, st.integers(0, 4), st.sampled_from([0, 15, 30, 45]))
WINDOWS = st.builds(Window, st.just(EVERY_DAY), SMALL_HOURS, SMALL_HOURS | QUARTERS)
SCHEDULES = st.builds(Schedule, st.just("any"), st.lists(WINDOWS, max_size=3).map(tuple))


def minutes_round(jump: datetime, zone: ZoneInfo, hours: int = 12) -> Iterator[datetime]:
    """Every minute from some hours before to some hours after, as the wall clock shows it."""
    start = jump - timedelta(hours=hours)
    return ((start + MINUTE * n).astimezone(zone) for n in range(2 * hours * 60))


def edges(schedule: Schedule) -> set[time]:
    return {edge for window in schedule.windows for edge in (window.begin, window.end)}


@pytest.mark.parametrize(("zone", "jump"), NIGHTS)
def test_these_are_the_nights(zone: str, jump: datetime) -> None:
    before, after = ((jump + MINUTE * n).astimezone(ZoneInfo(zone)) for n in (-1, 0))
    assert (before.utcoffset() != after.utcoffset()) is (zone != "Asia/Kathmandu")


@pytest.mark.parametrize(("zone", "jump"), NIGHTS)
@settings(max_examples=10)
@given(schedule=SCHEDULES)
def test_the_state_changes_at_edges_and_jumps_only(
    zone: str, jump: datetime, schedule: Schedule
) -> None:
    shown = [(minute, schedule.is_open(minute)) for minute in minutes_round(jump, ZoneInfo(zone))]
    for (before, was_open), (after, is_open) in pairwise(shown):
        if was_open is not is_open:
            jumped = before.utcoffset() != after.utcoffset()
            assert jumped or after.time() in edges(schedule)


@pytest.mark.parametrize(("zone", "jump"), NIGHTS)
@settings(max_examples=10)
@given(schedule=SCHEDULES, hours=st.integers(-30, 5), seconds=st.integers(0, 3599))
def test_what_comes_next_is_what_a_watch_would_find(
    zone: str, jump: datetime, schedule: Schedule, hours: int, seconds: int
) -> None:
    """Minute by minute, for a day and more: the announced moment and no earlier one."""
    start = jump + timedelta(hours=hours, seconds=seconds)
    now = start.astimezone(ZoneInfo(zone))
    first = start.replace(second=0) + MINUTE
    watched = ((first + MINUTE * n).astimezone(now.tzinfo) for n in range(26 * 60))
    found = next((m for m in watched if schedule.is_open(m) is not schedule.is_open(now)), None)
    turn = next_change(schedule, now)
    if found is None:
        assert turn is None or turn.astimezone(UTC) - start > timedelta(hours=24)
    else:
        assert turn is not None
        assert turn.astimezone(UTC) == found.astimezone(UTC)


@pytest.mark.parametrize(
    ("begin", "end", "open_at"),
    [
        # inside the hour that is skipped: not tonight
        (time(2, 15), time(2, 45), []),
        (time(2), time(3), []),
        # it begins there, or ends there, or holds it
        (time(2, 30), time(4), ["03:00", "03:59"]),
        (time(1), time(2, 30), ["01:00", "01:59"]),
        (time(1), time(4), ["01:00", "03:59"]),
    ],
)
def test_the_hour_that_is_skipped(begin: time, end: time, open_at: list[str]) -> None:
    """Berlin, 2026-03-29: 01:59 is followed by 03:00."""
    schedule = Schedule("s", (Window(EVERY_DAY, begin, end),))
    shown = minutes_round(datetime(2026, 3, 29, 1, tzinfo=UTC), BERLIN, hours=2)
    times = [f"{minute:%H:%M}" for minute in shown if schedule.is_open(minute)]
    assert [*times[:1], *times[-1:]] == open_at


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [
        (time(2), time(3), 120),
        (time(2, 15), time(2, 45), 60),
        (time(1, 30), time(2, 30), 90),
        (time(2, 30), time(3, 30), 90),
        (time(1), time(4), 240),
    ],
)
def test_the_hour_that_comes_twice(begin: time, end: time, minutes: int) -> None:
    """Berlin, 2026-10-25: 02:59 is followed by 02:00; a window holds in both of them."""
    schedule = Schedule("s", (Window(EVERY_DAY, begin, end),))
    shown = minutes_round(datetime(2026, 10, 25, 1, tzinfo=UTC), BERLIN, hours=4)
    assert sum(schedule.is_open(minute) for minute in shown) == minutes


def test_a_window_in_the_skipped_hour_waits_for_the_next_day() -> None:
    schedule = Schedule("s", (Window(EVERY_DAY, time(2, 15), time(2, 45)),))
    assert next_change(schedule, wall("2026-03-29 01:00")) == wall("2026-03-30 02:15")


@pytest.mark.parametrize("now", ["01:00:30.5", "01:59", "01:59:30.5"])
def test_a_window_that_begins_in_the_skipped_hour_opens_at_the_jump(now: str) -> None:
    """Also where the jump is the next minute."""
    schedule = Schedule("s", (Window(EVERY_DAY, time(2, 30), time(4)),))
    assert next_change(schedule, wall(f"2026-03-29 {now}")) == wall("2026-03-29 03:00")


def test_a_window_that_ended_comes_back_with_the_hour() -> None:
    schedule = Schedule("s", (Window(EVERY_DAY, time(2), time(2, 30)),))
    turn = next_change(schedule, wall("2026-10-25 02:45"))
    assert turn is not None
    assert (turn.hour, turn.minute, turn.fold) == (2, 0, 1)
    assert turn.utcoffset() == timedelta(hours=1)
