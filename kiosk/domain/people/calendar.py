"""The schedules of doors: weekly windows, holidays, exceptions. No clock of its own.

A window follows the wall clock: it applies twice in the hour that is repeated, and not at all in
the hour that is skipped. So the state changes at a window's edge or where the wall clock jumps, and
nowhere else. A window belongs to the day on which it begins, also past midnight.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import combinations, count

from kiosk.domain.errors import SettingsError
from kiosk.domain.vision.frame import Instant

EVERY_DAY = frozenset(range(1, 8))
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
SOME_SUNDAY = date(2023, 12, 31)
HORIZON_DAYS = 400
"""A later opening is not announced: a year, and the holidays around its end."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The present time by both clocks.

    Attributes:
        local: the wall clock, in the time zone of the settings.
        at: monotonic seconds; for times that must not move when the wall clock is set.
        trusted: true if the wall clock is trusted; an untrusted one opens nothing.

    Raises:
        SettingsError: the wall clock has no time zone.
    """

    local: datetime
    at: Instant
    trusted: bool = True

    def __post_init__(self) -> None:
        if self.local.utcoffset() is None:
            raise SettingsError("A time of day has no time zone.", "Set rules.time_zone.")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence of a window by the wall clock: begins <= shown < ends."""

    begins: datetime
    ends: datetime

    def holds(self, wall: datetime) -> bool:
        """True if the wall clock shows a time in it."""
        return self.begins <= wall < self.ends


@dataclass(frozen=True, slots=True)
class Window:
    """Hours that are repeated on some days of the week.

    Attributes:
        days: ISO weekdays on which it begins, 1 for Monday.
        begin: its first moment.
        end: the first moment after it: on the next day, unless that is later than `begin`.
    """

    days: frozenset[int]
    begin: time
    end: time

    def on(self, day: date) -> Occurrence:
        """The occurrence that begins on that day, on any weekday."""
        last = day if self.begin < self.end else day + DAY
        return Occurrence(datetime.combine(day, self.begin), datetime.combine(last, self.end))

    def week(self) -> Iterator[Occurrence]:
        """Its occurrences in some week."""
        return (self.on(SOME_SUNDAY + DAY * weekday) for weekday in self.days)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times at which a door is open.

    Attributes:
        name: as in the settings.
        windows: of an ordinary week.
        holiday_windows: replace them on a holiday, on any weekday.
        holidays: the days on which they do.
        exceptions: replace all of that on one day; an empty entry opens nothing.
    """

    name: str
    windows: tuple[Window, ...] = ()
    holiday_windows: tuple[Window, ...] = ()
    holidays: frozenset[date] = frozenset()
    exceptions: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)

    def is_open(self, local: datetime) -> bool:
        """True if it is open at this time of the wall clock."""
        wall = local.replace(tzinfo=None)
        return any(span.holds(wall) for span in self._spans_touching(wall.date()))

    def edges(self, day: date) -> list[datetime]:
        """The beginnings and ends of windows on that day, by the wall clock."""
        spans = self._spans_touching(day)
        return [edge for span in spans for edge in (span.begins, span.ends) if edge.date() == day]

    def _spans_touching(self, day: date) -> list[Occurrence]:
        """The occurrences that begin on that day or began the day before."""
        days = (day - DAY, day)
        return [window.on(first) for first in days for window in self._windows_on(first)]

    def _windows_on(self, day: date) -> tuple[Window, ...]:
        if day in self.exceptions:
            return self.exceptions[day]
        if day in self.holidays:
            return self.holiday_windows
        return tuple(window for window in self.windows if day.isoweekday() in window.days)


WHOLE_DAYS = (Window(EVERY_DAY, time(0), time(0)),)
ALWAYS = Schedule("always", WHOLE_DAYS, WHOLE_DAYS)
"""Never closed, on no day."""


def next_change(schedule: Schedule, local: datetime) -> datetime | None:
    """The time at which a closed schedule opens, or an open one closes.

    Args:
        schedule: the schedule.
        local: the time from which to search; aware.

    Returns:
        The first such moment in the same zone; None if none comes within `HORIZON_DAYS`.
    """
    is_open = schedule.is_open(local)
    turns = _turns(schedule, local)
    return next((turn for turn in turns if schedule.is_open(turn) is not is_open), None)


def opens_again(schedules: Iterable[Schedule], local: datetime) -> datetime | None:
    """The first opening of these schedules, all closed now; None if none within `HORIZON_DAYS`."""
    turns = (next_change(schedule, local) for schedule in schedules)
    # Two times of one zone compare by the wall clock, which repeats an hour in autumn.
    return min((turn for turn in turns if turn), key=datetime.timestamp, default=None)


def shared_time(windows: Sequence[Window]) -> tuple[int, int] | None:
    """The indices of two windows that overlap at some time in a week; None if no two do."""
    for (place, window), (other_place, other) in combinations(enumerate(windows), 2):
        if any(_overlap(one, two) for one in window.week() for two in other.week()):
            return place, other_place
    return None


def _overlap(one: Occurrence, two: Occurrence) -> bool:
    """True if one begins while the other holds, in a week that is repeated."""
    after = (two.begins - one.begins) % WEEK
    before = (one.begins - two.begins) % WEEK
    return after < one.ends - one.begins or before < two.ends - two.begins


def _turns(schedule: Schedule, local: datetime) -> Iterator[datetime]:
    """All moments, in order, at which the state could change."""
    last = local.date() + DAY * HORIZON_DAYS
    while (local := _next_turn(schedule, local)).date() <= last:
        yield local


def _next_turn(schedule: Schedule, local: datetime) -> datetime:
    """The next edge of today's windows or the next midnight, or a clock jump before it."""
    wall = local.replace(tzinfo=None)
    midnight = datetime.combine(wall.date() + DAY, time(0))
    edge = min((edge for edge in schedule.edges(wall.date()) if edge > wall), default=midnight)
    turn = (local.astimezone(UTC) + (edge - wall)).astimezone(local.tzinfo)
    return turn if turn.utcoffset() == local.utcoffset() else _jump(local, local.tzinfo)


def _jump(local: datetime, zone: tzinfo | None) -> datetime:
    """The next moment at which the wall clock jumps; there is one. Clocks jump at full minutes."""
    start = local.astimezone(UTC).replace(second=0, microsecond=0)
    minutes = ((start + timedelta(minutes=n)).astimezone(zone) for n in count(1))
    return next(minute for minute in minutes if minute.utcoffset() != local.utcoffset())
