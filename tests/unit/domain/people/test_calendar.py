"""When a door is open: the edges of windows, nights, holidays, exceptions, and what comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_hours import BERLIN, MORNING, NIGHTS, OFFICE, wall

from kiosk.domain.errors import SettingsError
from kiosk.domain.people.calendar import (
    ALWAYS,
    EVERY_DAY,
    Moment,
    Schedule,
    Window,
    next_change,
    opens_again,
    shared_time,
)
from kiosk.domain.vision.frame import Instant

CHRISTMAS = date(2026, 12, 25)
NEVER = Schedule("never")
HOLIDAYS = replace(OFFICE, holiday_windows=(Window(EVERY_DAY, time(10), time(11)),))
SPECIAL_NIGHT = replace(NIGHTS, exceptions={date(2026, 3, 3): ()})
HOLIDAY_NIGHT = replace(NIGHTS, holidays=frozenset({date(2026, 3, 3)}))
WINDOWS = st.builds(
    Window, st.frozensets(st.integers(1, 7), min_size=1, max_size=3), st.times(), st.times()
)


@pytest.mark.parametrize(
    ("schedule", "when", "is_open"),
    [
        (OFFICE, "2026-03-02 06:59:59.999999", False),
        (OFFICE, "2026-03-02 07:00", True),
        (OFFICE, "2026-03-02 18:59:59.999999", True),
        (OFFICE, "2026-03-02 19:00", False),
        (OFFICE, "2026-03-06 12:00", True),
        (OFFICE, "2026-03-07 08:59", False),
        (OFFICE, "2026-03-07 09:00", True),
        (OFFICE, "2026-03-07 13:00", False),
        (OFFICE, "2026-03-08 10:00", False),
        (NIGHTS, "2026-03-02 05:00", False),
        (NIGHTS, "2026-03-02 21:59", False),
        (NIGHTS, "2026-03-02 22:00", True),
        (NIGHTS, "2026-03-03 00:00", True),
        (NIGHTS, "2026-03-03 05:59", True),
        (NIGHTS, "2026-03-03 06:00", False),
        (NIGHTS, "2026-03-07 05:59", True),
        (NIGHTS, "2026-03-07 23:00", False),
        (NIGHTS, "2026-03-08 05:00", False),
        (ALWAYS, "2026-03-08 00:00", True),
        (ALWAYS, "2026-03-08 23:59:59.999999", True),
        (NEVER, "2026-03-02 12:00", False),
        # an exception replaces the week
        (OFFICE, "2026-12-24 08:59", False),
        (OFFICE, "2026-12-24 09:00", True),
        (OFFICE, "2026-12-24 12:00", False),
        (OFFICE, "2025-12-24 12:00", True),
        # a holiday is closed, or has its own hours
        (OFFICE, "2026-12-25 10:00", False),
        (HOLIDAYS, "2026-12-25 09:59", False),
        (HOLIDAYS, "2026-12-25 10:00", True),
        (HOLIDAYS, "2026-12-25 11:00", False),
        (HOLIDAYS, "2026-12-28 10:00", True),
        (HOLIDAYS, "2026-12-28 12:00", True),
        # an exception stands above a holiday
        (replace(HOLIDAYS, exceptions={CHRISTMAS: ()}), "2026-12-25 10:30", False),
        (replace(HOLIDAYS, exceptions={CHRISTMAS: (MORNING,)}), "2026-12-25 09:00", True),
        # a night belongs to the day on which it begins
        (SPECIAL_NIGHT, "2026-03-03 05:00", True),
        (SPECIAL_NIGHT, "2026-03-03 23:00", False),
        (SPECIAL_NIGHT, "2026-03-04 05:00", False),
        (SPECIAL_NIGHT, "2026-03-04 23:00", True),
        (HOLIDAY_NIGHT, "2026-03-03 05:00", True),
        (HOLIDAY_NIGHT, "2026-03-04 05:00", False),
    ],
)
def test_a_schedule_at_its_edges(schedule: Schedule, when: str, *, is_open: bool) -> None:
    assert schedule.is_open(wall(when)) is is_open


def test_always_is_open_on_holidays_too() -> None:
    always = replace(ALWAYS, holidays=frozenset({CHRISTMAS}))
    assert always.is_open(wall("2026-12-25 12:00"))


def test_every_day_is_each_day_of_the_week_and_no_other() -> None:
    assert {(CHRISTMAS + timedelta(days=n)).isoweekday() for n in range(7)} == EVERY_DAY


@pytest.mark.parametrize("weekday", sorted(EVERY_DAY))
def test_the_week_of_a_window_has_it_on_its_days(weekday: int) -> None:
    (span,) = Window(frozenset({weekday}), time(22), time(6)).week()
    assert span.begins.isoweekday() == weekday
    assert span.ends - span.begins == timedelta(hours=8)


@pytest.mark.parametrize(
    ("schedule", "day", "hours"),
    [
        (OFFICE, date(2026, 3, 2), [7, 19]),
        (OFFICE, date(2026, 3, 8), []),
        # the end of the night before, and the beginning of tonight's
        (NIGHTS, date(2026, 3, 3), [6, 22]),
        (NIGHTS, date(2026, 3, 2), [22]),
        (NIGHTS, date(2026, 3, 7), [6]),
    ],
)
def test_the_edges_of_a_day_are_on_that_day(
    schedule: Schedule, day: date, hours: list[int]
) -> None:
    assert schedule.edges(day) == [datetime.combine(day, time(hour)) for hour in hours]


def test_a_moment_without_a_zone_is_none() -> None:
    with pytest.raises(SettingsError, match="time_zone"):
        Moment(datetime(2026, 3, 2, 12), Instant(0.0))  # noqa: DTZ001 - that is what is refused


@pytest.mark.parametrize(
    ("schedule", "now", "turn"),
    [
        (OFFICE, "2026-03-02 06:00", "2026-03-02 07:00"),
        (OFFICE, "2026-03-02 06:59:59.5", "2026-03-02 07:00"),
        (OFFICE, "2026-03-02 07:00", "2026-03-02 19:00"),
        (OFFICE, "2026-03-02 19:00", "2026-03-03 07:00"),
        (OFFICE, "2026-03-06 20:00", "2026-03-07 09:00"),
        (OFFICE, "2026-03-07 13:00", "2026-03-09 07:00"),
        (OFFICE, "2026-12-24 06:00", "2026-12-24 09:00"),
        (OFFICE, "2026-12-24 13:00", "2026-12-26 09:00"),
        (NIGHTS, "2026-03-02 23:00", "2026-03-03 06:00"),
        (NIGHTS, "2026-03-06 23:00", "2026-03-07 06:00"),
        (NIGHTS, "2026-03-07 06:00", "2026-03-09 22:00"),
        (NEVER, "2026-03-02 12:00", None),
        (ALWAYS, "2026-03-02 12:00", None),
    ],
)
def test_what_comes_next(schedule: Schedule, now: str, turn: str | None) -> None:
    assert next_change(schedule, wall(now)) == (turn and wall(turn))


def test_a_night_that_two_windows_share_has_no_seam() -> None:
    nights = Schedule(
        "two", (Window(EVERY_DAY, time(20), time(0)), Window(EVERY_DAY, time(0), time(5)))
    )
    assert next_change(nights, wall("2026-03-02 21:00")) == wall("2026-03-03 05:00")


@pytest.mark.parametrize(("days", "found"), [(400, True), (401, False)])
def test_the_horizon_is_a_year_and_some_weeks(days: int, *, found: bool) -> None:
    today = wall("2026-03-02 12:00")
    day = today.date() + timedelta(days=days)
    turn = next_change(Schedule("once", exceptions={day: (MORNING,)}), today)
    assert (turn is not None) is found
    assert turn is None or turn.date() == day


def test_the_first_of_several_schedules_opens() -> None:
    now = wall("2026-03-02 20:00")
    assert opens_again([OFFICE, NIGHTS], now) == wall("2026-03-02 22:00")
    assert opens_again([NEVER, OFFICE], now) == wall("2026-03-03 07:00")
    assert opens_again([NEVER], now) is None
    assert opens_again([], now) is None


def test_the_first_by_time_not_by_the_wall() -> None:
    """In autumn 02:50 can be earlier than 02:10."""
    now = wall("2026-10-25 02:40")
    first = Schedule("first", (Window(EVERY_DAY, time(2, 50), time(2, 55)),))
    second = Schedule("second", (Window(EVERY_DAY, time(2, 10), time(2, 20)),))
    assert next_change(second, now) == wall("2026-10-25 02:10", fold=1)
    assert opens_again([second, first], now) == wall("2026-10-25 02:50")
    turn = opens_again([second, first], now)
    assert turn is not None
    assert turn.fold == 0


def window(days: str, begin: int, end: int) -> Window:
    """`window("12", 22, 6)`: Monday and Tuesday, from 22:00 to 06:00."""
    return Window(frozenset(map(int, days)), time(begin), time(end))


@pytest.mark.parametrize(
    ("windows", "places"),
    [
        ([], None),
        ([window("12345", 7, 19)], None),
        ([window("12345", 7, 12), window("12345", 12, 19)], None),
        ([window("12345", 12, 19), window("12345", 7, 12)], None),
        ([window("12345", 7, 12), window("12345", 11, 19)], (0, 1)),
        ([window("12345", 11, 19), window("12345", 7, 12)], (0, 1)),
        ([window("12345", 7, 19), window("12345", 7, 19)], (0, 1)),
        ([window("12345", 7, 19), window("56", 8, 9)], (0, 1)),
        ([window("12345", 7, 19), window("6", 8, 9)], None),
        # over midnight, and over the end of the week
        ([window("1", 22, 6), window("2", 6, 7)], None),
        ([window("1", 22, 6), window("2", 5, 7)], (0, 1)),
        ([window("2", 5, 7), window("1", 22, 6)], (0, 1)),
        ([window("1", 22, 6), window("1", 5, 7)], None),
        ([window("7", 22, 6), window("1", 5, 7)], (0, 1)),
        ([window("7", 22, 6), window("1", 6, 7)], None),
        ([window("1234567", 0, 0), window("3", 5, 7)], (0, 1)),
        # the two that do, among others
        ([window("1", 9, 12), window("1", 13, 15), window("1", 14, 16)], (1, 2)),
    ],
)
def test_windows_that_share_time(windows: list[Window], places: tuple[int, int] | None) -> None:
    assert shared_time(windows) == places


@given(WINDOWS, WINDOWS)
def test_sharing_time_is_found_from_both_sides_and_by_looking(one: Window, other: Window) -> None:
    """Whoever shares time is open together at the moment at which the later of the two begins."""
    schedules = [Schedule("s", (window,)) for window in (one, other)]
    begins = [
        datetime.combine(date(2026, 3, 1 + day), window.begin, BERLIN)
        for window in (one, other)
        for day in window.days
    ]
    together = any(all(s.is_open(begin) for s in schedules) for begin in begins)
    assert (shared_time([one, other]) is not None) is together
    assert (shared_time([other, one]) is not None) is together


@given(WINDOWS, st.datetimes(datetime(2026, 4, 6), datetime(2026, 6, 1)))  # noqa: DTZ001 - walls
def test_a_week_looks_like_the_next(window: Window, wall_time: datetime) -> None:
    schedule = Schedule("s", (window,))
    later = wall_time + timedelta(weeks=1)
    assert schedule.is_open(wall_time.replace(tzinfo=BERLIN)) is schedule.is_open(
        later.replace(tzinfo=BERLIN)
    )
