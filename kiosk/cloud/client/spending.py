"""What is spent in a calendar month: calls counted before they are sent, durably.

The count is an upper bound: AWS bills no call that it refused or that never arrived.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.cloud.client.count_file import CountFile
from kiosk.domain.errors import CloudUnavailable

_LAST: Final = "SELECT month, calls FROM spent ORDER BY month DESC LIMIT 1"
_PUT: Final = "INSERT INTO spent VALUES (?, ?) ON CONFLICT (month) DO UPDATE SET calls = ?"
_THOUSAND: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent.

    Attributes:
        month: the calendar month in UTC, such as `2026-11`.
        calls: that cost.
        cost: of these, in the unit of the price.
        limit: what may be spent in a month.
        stopped: True if not one more call may be sent.
    """

    month: str
    calls: int
    cost: float
    limit: float
    stopped: bool = False

    @property
    def share(self) -> float:
        """The share of the limit that is spent; 1 if and only if nothing more is sent."""
        if self.stopped or not self.limit:
            return 1.0
        return min(self.cost / self.limit, math.nextafter(1.0, 0.0))


class Spending:
    """Counts calls that cost; any thread and any process may use the same file.

    A month never goes back: a clock that is set back counts on in the month that was counted last.

    Args:
        path: the file; made for its owner only.
        limit: what may be spent in a month.
        price: of a thousand calls; nothing is limited where it is 0, unless the limit is 0.
        now: the clock on the wall.
    """

    def __init__(
        self,
        path: Path,
        limit: float,
        price: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._file = CountFile(path)
        self._limit, self._price, self._now = limit, price, now

    def count(self, patience_seconds: float) -> None:
        """Count a call that is about to be sent.

        Args:
            patience_seconds: how long to wait for another process that counts.

        Raises:
            CloudUnavailable: nothing more may be spent, or the call cannot be counted.
        """
        with self._file.opened(patience_seconds) as file:
            file.execute("BEGIN IMMEDIATE")
            month, calls = self._month(file)
            allowed = self._allows(calls + 1)
            if allowed:
                file.execute(_PUT, (month, calls + 1, calls + 1))
            file.execute("COMMIT")
        if not allowed:
            raise CloudUnavailable(
                f"cloud.monthly_limit is reached: {calls} calls to Rekognition cost"
                f" {self._cost(calls):g} of {self._limit:g} in {month}.",
                "Raise cloud.monthly_limit, or wait for the next month.",
            )

    def spent(self) -> Spent:
        """What was spent in this month so far.

        Raises:
            CloudUnavailable: it cannot be read.
        """
        with self._file.opened(1.0) as file:
            month, calls = self._month(file)
        return Spent(month, calls, self._cost(calls), self._limit, not self._allows(calls + 1))

    def _month(self, file: sqlite3.Connection) -> tuple[str, int]:
        """The month that counts, and its calls so far."""
        this = self._now().astimezone(UTC).strftime("%Y-%m")
        month, calls = file.execute(_LAST).fetchone() or (this, 0)
        return (this, 0) if this > month else (str(month), int(calls))

    def _allows(self, calls: int) -> bool:
        return self._limit > 0.0 and self._cost(calls) <= self._limit

    def _cost(self, calls: int) -> float:
        return calls * self._price / _THOUSAND
