"""Access rules: schedules, groups, anti-passback, first person, cool-down.

Without a group, every enrolled person may pass at any time. Contradictory settings, and settings
that would lock everybody out permanently, prevent the start.
"""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from config.sections import hours
from config.sections.common import Section
from config.sections.hours import ClockTime, Day, HoursText, Name, WindowText, ZoneText
from kiosk.domain.people.calendar import ALWAYS, Schedule, shared_time
from kiosk.domain.people.presence import Direction, Passback, PresenceMemory
from kiosk.domain.people.rules import Group, Site

SomeName = Annotated[str, Field(min_length=1, max_length=60)]


class ScheduleSettings(Section):
    """The hours of a schedule."""

    windows: tuple[WindowText, ...] = ()
    """Of an ordinary week, such as `mon-fri 07:00-19:00`."""
    holiday_windows: tuple[HoursText, ...] = ()
    """What replaces them on every holiday, such as `10:00-12:00`; closed where there is none."""
    exceptions: dict[Day, tuple[HoursText, ...]] = Field(default_factory=dict)
    """What replaces all of that on one day; closed where it is empty."""

    @model_validator(mode="after")
    def _overlaps_nowhere(self) -> ScheduleSettings:
        week = [hours.window(text) for text in self.windows]
        _refuse_overlap(self.windows, shared_time(week), "in windows")
        holiday = [hours.hours(text) for text in self.holiday_windows]
        _refuse_overlap(self.holiday_windows, shared_time(holiday), "in holiday_windows")
        for day, texts in self.exceptions.items():
            once = [hours.hours(text, frozenset({day.isoweekday()})) for text in texts]
            _refuse_overlap(texts, shared_time(once), f"in exceptions of {day}")
        return self

    def schedule(self, name: str, holidays: frozenset[Day]) -> Schedule:
        """The settings as a domain object."""
        return Schedule(
            name,
            tuple(hours.window(text) for text in self.windows),
            tuple(hours.hours(text) for text in self.holiday_windows),
            holidays,
            {day: tuple(map(hours.hours, texts)) for day, texts in self.exceptions.items()},
        )


class GroupSettings(Section):
    """Common properties of a group of people."""

    doors: tuple[Name, ...] = Field(min_length=1)
    """The doors of this group, of this kiosk and others."""
    schedule: Name
    """Name of a schedule; `always` for no time limit."""
    first_person: bool = False
    """Members are responsible: their arrival opens the day for the others."""
    free_of_passback: bool = False
    """Members are exempt from anti-passback."""


class RulesSettings(Section):
    """Access rules of this door."""

    door: Name | None = None
    """This kiosk's door, as the groups name it."""
    time_zone: ZoneText | None = None
    """Of the IANA list, such as `Europe/Berlin`; UTC if no rule depends on it."""
    schedules: dict[Name, ScheduleSettings] = Field(default_factory=dict)
    """By name."""
    holidays: dict[Day, SomeName] = Field(default_factory=dict)
    """The days on which `holiday_windows` replace the week, and what they are called."""
    groups: dict[Name, GroupSettings] = Field(default_factory=dict)
    """By name. Where there is none, everybody enrolled may pass at any time."""

    first_person: bool = False
    """No access before a member of a `first_person` group has passed, each day again."""
    unlock_schedule: Name | None = None
    """Schedule for an unlocked door; with `first_person`, after a responsible person has come."""
    day_begins: ClockTime = hours.clock("04:00")
    """When the day of `first_person` and `reset_daily` begins."""

    passback: Passback = Passback.OFF
    """Coming in twice without leaving: `off`, `soft` (noted) or `hard` (refused)."""
    direction: Direction = Direction.IN
    """Direction of people who pass this kiosk: `in` or `out`."""
    reset_hours: float = Field(12.0, ge=0.0, le=168.0)
    """Hours after which a person inside counts as gone; 0 for never."""
    reset_daily: bool = False
    """Everybody counts as outside when a new day begins."""
    cool_down_seconds: float = Field(0.0, ge=0.0, le=3600.0)
    """Minimum time between two passages of a person; 0 for no such rule."""

    @model_validator(mode="after")
    def _names_what_is_there(self) -> RulesSettings:
        for name, group in self.groups.items():
            if group.schedule not in {*self.schedules, ALWAYS.name}:
                raise ValueError(f"rules.groups.{name}.schedule names no schedule of rules")
        if self.unlock_schedule is not None and self.unlock_schedule not in self.schedules:
            raise ValueError("rules.unlock_schedule names no schedule of rules")
        if ALWAYS.name in self.schedules:
            raise ValueError("rules.schedules.always is there already: it is never closed")
        by_the_wall = self.schedules or self.first_person or self.reset_daily
        if by_the_wall and self.time_zone is None:
            raise ValueError(
                "rules.schedules, first_person and reset_daily need rules.time_zone, "
                "such as Europe/Berlin"
            )
        return self

    @model_validator(mode="after")
    def _lets_somebody_in(self) -> RulesSettings:
        here = [group for group in self.groups.values() if self.door in group.doors]
        if self.groups and not here:
            raise ValueError("rules.door is in the doors of no group: nobody could ever pass")
        if self.first_person and not any(group.first_person for group in here):
            raise ValueError(
                "rules.first_person needs a group with first_person = true and this door: "
                "nobody could ever pass"
            )
        if self.first_person and self.direction is Direction.OUT:
            raise ValueError("rules.first_person is for a kiosk with direction in")
        return self

    def zone(self) -> ZoneInfo:
        """The time zone of the site."""
        return hours.zone(self.time_zone or "UTC")

    def site(self) -> Site:
        """The settings as a domain object."""
        holidays = frozenset(self.holidays)
        schedules = {name: each.schedule(name, holidays) for name, each in self.schedules.items()}
        groups = {
            name: Group(
                doors=frozenset(group.doors),
                schedule=({ALWAYS.name: ALWAYS} | schedules)[group.schedule],
                first_person=group.first_person,
                free_of_passback=group.free_of_passback,
            )
            for name, group in self.groups.items()
        }
        unlock = None if self.unlock_schedule is None else schedules[self.unlock_schedule]
        return Site(
            door=self.door,
            groups=groups,
            memory=self._memory(),
            first_person=self.first_person,
            unlock=unlock,
        )

    def _memory(self) -> PresenceMemory:
        return PresenceMemory(
            passback=self.passback,
            direction=self.direction,
            reset_hours=self.reset_hours,
            reset_daily=self.reset_daily,
            day_begins=self.day_begins,
            cool_down_seconds=self.cool_down_seconds,
        )


def _refuse_overlap(texts: tuple[str, ...], places: tuple[int, int] | None, where: str) -> None:
    if places is not None:
        one, other = (texts[place] for place in places)
        raise ValueError(f'"{one}" and "{other}" {where} share time; make one window of them')
