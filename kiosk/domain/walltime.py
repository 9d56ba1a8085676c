"""What the clock on the wall may show. No clock here: whoever has one asks."""

from __future__ import annotations

from datetime import UTC, datetime

NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
"""This program is no older: a clock that says so has lost its time."""
YEARS = 30
NOT_AFTER = NOT_BEFORE.replace(year=NOT_BEFORE.year + YEARS)
"""No kiosk runs for so long: a clock that says so has lost its time too."""
BEHIND_SECONDS = 60.0
"""A time server corrects a clock by no more, once it keeps it."""


def milliseconds(at: datetime) -> int:
    """A moment as whole milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def is_possible(now: datetime) -> bool:
    """Whether a clock that shows this may be right."""
    return NOT_BEFORE <= now < NOT_AFTER


def problem(now: datetime, latest_ms: int, *, synchronised: bool | None) -> str | None:
    """Why this clock is not to be relied on, without a full stop; None where nothing is known.

    Args:
        now: what it shows; aware.
        latest_ms: no moment that the kiosk has known was later, milliseconds since 1970.
        synchronised: whether a time server has set it since the start of the machine; None where
            nobody knows.
    """
    if not is_possible(now):
        return f"it shows {now:%Y-%m-%d %H:%M} UTC, which it cannot be"
    known = datetime.fromtimestamp(latest_ms / 1000, UTC)
    if (known - now).total_seconds() > BEHIND_SECONDS:
        return f"it shows {now:%Y-%m-%d %H:%M} UTC, but {known:%Y-%m-%d %H:%M} is past already"
    if synchronised is False:
        return "no time server has set it since the machine was started"
    return None
