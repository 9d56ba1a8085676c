"""Parsers for days, hours, names and time zones in the settings.

Ambiguous text is refused, with an example of the correct form.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from kiosk.domain.people.calendar import EVERY_DAY, Window

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)", re.ASCII)
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MIDNIGHT_AFTER = "24:00"


def window(text: str) -> Window:
    """Parse a window such as `mon-fri 07:00-19:00` or `sat,sun 22:00-06:00`.

    Raises:
        ValueError: it has another form.
    """
    days, _, span = text.strip().lower().partition(" ")
    weekdays = frozenset[int]().union(*(_weekdays(part) for part in days.split(",")))
    return hours(span.strip(), weekdays)


def hours(text: str, days: frozenset[int] = EVERY_DAY) -> Window:
    """Parse hours: `07:00-12:00`, `22:00-06:00` over midnight, or `00:00-24:00` for all day.

    Raises:
        ValueError: it has another form.
    """
    found = HOURS.fullmatch(text)
    if found is None:
        raise ValueError("write hours as 07:00-19:00, and days before them as in mon-fri or sat")
    begin, end = clock(found[1]), time(0) if found[2] == MIDNIGHT_AFTER else clock(found[2])
    if found[1] == found[2]:
        raise ValueError("it ends when it begins; write 00:00-24:00 for all of a day")
    return Window(days, begin, end)


def clock(text: str) -> time:
    """Parse a time of day such as `04:00`.

    Raises:
        ValueError: it has another form.
    """
    found = CLOCK.fullmatch(text)
    if found is None:
        raise ValueError("write a time of day as 04:00, from 00:00 to 23:59")
    return time(int(found[1]), int(found[2]))


def day(text: str) -> date:
    """Parse a day such as `2026-12-24`.

    Raises:
        ValueError: it has another form, or is not a day of the calendar.
    """
    if DATE.fullmatch(text) is None:
        raise ValueError("write a day as 2026-12-24")
    return date.fromisoformat(text)


def zone(text: str) -> ZoneInfo:
    """Parse a time zone such as `Europe/Berlin`.

    Raises:
        ValueError: the zone is unknown.
    """
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("write a time zone of the IANA list, such as Europe/Berlin") from error


def _weekdays(part: str) -> frozenset[int]:
    """Parse `mon`, or `mon-fri`; `sat-mon` spans the end of the week."""
    first, dash, last = part.partition("-")
    last = last if dash else first
    if not {first, last} <= set(DAYS):
        raise ValueError(f"write days as {', '.join(DAYS)} or from one to another as in mon-fri")
    begin, end = DAYS.index(first), DAYS.index(last)
    return frozenset((begin + n) % 7 + 1 for n in range((end - begin) % 7 + 1))


def _written(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError('write it between quotes, as in "04:00"')


def _readable_window(text: str) -> str:
    window(text)
    return text


def _readable_hours(text: str) -> str:
    hours(text)
    return text


def _readable_zone(text: str) -> str:
    zone(text)
    return text


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
"""Name of a door, a group or a schedule."""
WindowText = Annotated[str, AfterValidator(_readable_window)]
HoursText = Annotated[str, AfterValidator(_readable_hours)]
ZoneText = Annotated[str, AfterValidator(_readable_zone)]
ClockTime = Annotated[time, BeforeValidator(lambda value: clock(_written(value)))]
Day = Annotated[date, BeforeValidator(lambda value: day(_written(value)))]
