"""A point in time as words for the end of a sentence, such as "tomorrow at 07:00".

Both times are wall clock times of the same place; nothing is converted here.
"""

from __future__ import annotations

from datetime import date, datetime

from kiosk.ui.strings.texts import Strings

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
DAYS_OF_A_WEEK = 7


def told(strings: Strings, moment: datetime, now: datetime) -> str:
    """The time in words relative to now: by day, by weekday, or by date."""
    key, day = _day(strings, moment, (moment.date() - now.date()).days)
    return _word(strings, key).format_map(
        {
            "time": f"{moment:%H:%M}",
            "day": day,
            "month": _word(strings, MONTHS[moment.month - 1]),
        }
    )


def dated(strings: Strings, day: date) -> str:
    """A day in words, with its year: it may be long ago."""
    month = _word(strings, MONTHS[day.month - 1])
    return _word(strings, "day").format_map({"day": day.day, "month": month, "year": day.year})


def _day(strings: Strings, moment: datetime, days: int) -> tuple[str, str]:
    """The key of the text, and the day's name or number in it."""
    if days in {0, 1}:
        return ("today", "tomorrow")[days], ""
    if 0 < days < DAYS_OF_A_WEEK:
        return "weekday", _word(strings, WEEKDAYS[moment.weekday()])
    return "date", str(moment.day)


def _word(strings: Strings, key: str) -> str:
    return strings.texts[f"when.{key}"].of(1)
