"""When a door is open to somebody: windows of the week, holidays, exceptions. No clock of its own.

A window holds as the clock on the wall shows it: twice in the hour that comes twice, and not at all
in the hour that is skipped. So the state changes at a window's edge or where that clock jumps, and
nowhere else. A window belongs to the day on which it begins, over midnight too.
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
"""Whatever opens later than that is not announced: a year, and the holidays round its end."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, by both clocks.

    Attributes:
        local: what the clock on the wall shows, in the zone of the settings.
        at: monotonic seconds; for what must not move when somebody sets the other one.
        trusted: whether the clock on the wall is to be relied on; one that is not opens nothing.

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
        """Whether the wall clock shows a time in it."""
        return self.begins <= wall < self.ends


@dataclass(frozen=True, slots=True)
class Window:
    """Hours that come again on some days of the week.

    Attributes:
        days: ISO weekdays on which it begins, 1 for Monday.
        begin: the first moment of it.
        end: the first moment after it: on the next day, unless that is later than `begin`.
    """

    days: frozenset[int]
    begin: time
    end: time

    def on(self, day: date) -> Occurrence:
        """The occurrence that begins on that day, whichever weekday it is."""
        last = day if self.begin < self.end else day + DAY
        return Occurrence(datetime.combine(day, self.begin), datetime.combine(last, self.end))

    def week(self) -> Iterator[Occurrence]:
        """Its occurrences in some week."""
        return (self.on(SOME_SUNDAY + DAY * weekday) for weekday in self.days)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a door is open.

    Attributes:
        name: as in the settings.
        windows: of an ordinary week.
        holiday_windows: what replaces them on a holiday, whatever weekday it is.
        holidays: the days on which it does.
        exceptions: what replaces all of that on one day; nothing at all where it is empty.
    """

    name: str
    windows: tuple[Window, ...] = ()
    holiday_windows: tuple[Window, ...] = ()
    holidays: frozenset[date] = frozenset()
    exceptions: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)

    def is_open(self, local: datetime) -> bool:
        """Whether it is open when the wall clock shows that."""
        wall = local.replace(tzinfo=None)
        return any(span.holds(wall) for span in self._spans_touching(wall.date()))

    def edges(self, day: date) -> list[datetime]:
        """When windows begin and end on that day, by the wall clock."""
        spans = self._spans_touching(day)
        return [edge for span in spans for edge in (span.begins, span.ends) if edge.date() == day]

    def _spans_touching(self, day: date) -> list[Occurrence]:
        """What begins on that day, and what began the night before."""
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
    """When the schedule opens if it is closed, or closes if it is open.

    Args:
        schedule: whose.
        local: from when on; aware.

    Returns:
        The first such moment in the same zone; None if none comes within `HORIZON_DAYS`.
    """
    is_open = schedule.is_open(local)
    turns = _turns(schedule, local)
    return next((turn for turn in turns if schedule.is_open(turn) is not is_open), None)


def opens_again(schedules: Iterable[Schedule], local: datetime) -> datetime | None:
    """When the first of these schedules, all of them closed now, opens; None as above."""
    turns = (next_change(schedule, local) for schedule in schedules)
    # Two times of one zone are compared by the wall clock, which shows an hour of autumn twice.
    return min((turn for turn in turns if turn), key=datetime.timestamp, default=None)


def shared_time(windows: Sequence[Window]) -> tuple[int, int] | None:
    """The places of two windows that hold at one time in a week; None if no two do."""
    for (place, window), (other_place, other) in combinations(enumerate(windows), 2):
        if any(_overlap(one, two) for one in window.week() for two in other.week()):
            return place, other_place
    return None


def _overlap(one: Occurrence, two: Occurrence) -> bool:
    """Whether one begins while the other holds, in a week that comes again and again."""
    after = (two.begins - one.begins) % WEEK
    before = (one.begins - two.begins) % WEEK
    return after < one.ends - one.begins or before < two.ends - two.begins


def _turns(schedule: Schedule, local: datetime) -> Iterator[datetime]:
    """Every moment, in order, at which the state could change."""
    last = local.date() + DAY * HORIZON_DAYS
    while (local := _next_turn(schedule, local)).date() <= last:
        yield local


def _next_turn(schedule: Schedule, local: datetime) -> datetime:
    """The next edge of today's windows or the next midnight, or the jump before it."""
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
