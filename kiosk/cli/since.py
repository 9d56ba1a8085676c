"""A point in time given on the command line: a date, a time or an age. Default: local time zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from kiosk.domain.errors import BadInput

_AGO = re.compile(r"(\d{1,6})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def moment(text: str, now: datetime) -> datetime:
    """The time that ``2026-05-04``, ``2026-05-04T09:30``, ``90m``, ``2h`` or ``3d`` means.

    Args:
        text: the value of the option.
        now: the current time, with its time zone.

    Raises:
        BadInput: it has none of these forms.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError) as error:
        raise BadInput(
            f"--since cannot be {text[:40]!a}.",
            "Write 2026-05-04, 2026-05-04T09:30, or how long ago: 90m, 2h, 3d.",
        ) from error
