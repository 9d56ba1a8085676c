"""The plausibility of the wall clock. No clock here: the caller passes the time."""

from __future__ import annotations

from datetime import UTC, datetime

NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
"""The program did not exist earlier: a clock that shows an earlier time has lost its time."""
YEARS = 30
NOT_AFTER = NOT_BEFORE.replace(year=NOT_BEFORE.year + YEARS)
"""No kiosk runs for so long: a clock that shows a later time has lost its time too."""
BEHIND_SECONDS = 60.0
"""The largest correction by a time server, once it keeps a clock."""


def milliseconds(at: datetime) -> int:
    """The time as whole milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def is_possible(now: datetime) -> bool:
    """True if a clock that shows this time may be right."""
    return NOT_BEFORE <= now < NOT_AFTER


def problem(now: datetime, latest_ms: int, *, synchronised: bool | None) -> str | None:
    """The reason not to trust this clock, without a full stop; None if none is known.

    Args:
        now: the time that it shows; aware.
        latest_ms: the latest time that the kiosk has known, milliseconds since 1970.
        synchronised: true if a time server has set it since the start of the machine; None if
            unknown.
    """
    if not is_possible(now):
        return f"it shows {now:%Y-%m-%d %H:%M} UTC, which is impossible"
    known = datetime.fromtimestamp(latest_ms / 1000, UTC)
    if (known - now).total_seconds() > BEHIND_SECONDS:
        return f"it shows {now:%Y-%m-%d %H:%M} UTC, but {known:%Y-%m-%d %H:%M} is past already"
    if synchronised is False:
        return "no time server has set it since the machine was started"
    return None
