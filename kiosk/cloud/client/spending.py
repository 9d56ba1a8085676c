"""What is spent in a calendar month: calls counted before they are sent, durably.

The count is an upper bound: AWS bills no call that it refused or that never arrived. A job with
many calls counts them in blocks, so that it does not wait for the disk before each of them.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.cloud.client.count_file import CountFile
from kiosk.domain.errors import CloudUnavailable

_LAST: Final = "SELECT month, calls FROM spent ORDER BY month DESC LIMIT 1"
_PUT: Final = "INSERT INTO spent VALUES (?, ?) ON CONFLICT (month) DO UPDATE SET calls = ?"
_GIVE_BACK: Final = "UPDATE spent SET calls = calls - ? WHERE month = ? AND calls >= ?"
_THOUSAND: Final = 1000.0
PATIENCE_SECONDS: Final = 1.0


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
        self._turn = threading.Lock()
        self._block, self._held, self._held_in = 1, 0, ""

    def count(self, patience_seconds: float) -> None:
        """Count a call that is about to be sent.

        Args:
            patience_seconds: how long to wait for another process that counts.

        Raises:
            CloudUnavailable: nothing more may be spent, or the call cannot be counted.
        """
        with self._turn:
            if not self._held or self._this_month() > self._held_in:
                self._reserve(patience_seconds)
            self._held -= 1

    @contextmanager
    def in_blocks(self, calls: int) -> Iterator[None]:
        """Count so many calls at once meanwhile; what was not sent is given back at the end.

        A process that is killed has counted at most so many too many, and never too few.
        """
        with self._turn:
            self._block = calls
        try:
            yield
        finally:
            with self._turn:
                self._block = 1
                self._give_back()

    def spent(self) -> Spent:
        """What was spent in this month so far.

        Raises:
            CloudUnavailable: it cannot be read.
        """
        with self._file.opened(PATIENCE_SECONDS) as file:
            month, calls = self._month(file)
        return Spent(month, calls, self._cost(calls), self._limit, not self._allows(calls + 1))

    def _reserve(self, patience_seconds: float) -> None:
        """Count a block of calls, or as many as may be sent."""
        with self._file.opened(patience_seconds) as file:
            file.execute("BEGIN IMMEDIATE")
            month, calls = self._month(file)
            more = next((n for n in range(self._block, 0, -1) if self._allows(calls + n)), 0)
            if more:
                file.execute(_PUT, (month, calls + more, calls + more))
            file.execute("COMMIT")
        self._held, self._held_in = more, month
        if not more:
            raise CloudUnavailable(
                f"cloud.monthly_limit is reached: {calls} calls to Rekognition cost"
                f" {self._cost(calls):g} of {self._limit:g} in {month}.",
                "Raise cloud.monthly_limit, or wait for the next month.",
            )

    def _give_back(self) -> None:
        held, self._held = self._held, 0
        with suppress(CloudUnavailable):  # then they count as sent
            if held:
                with self._file.opened(PATIENCE_SECONDS) as file:
                    file.execute(_GIVE_BACK, (held, self._held_in, held))

    def _month(self, file: sqlite3.Connection) -> tuple[str, int]:
        """The month that counts, and its calls so far."""
        this = self._this_month()
        month, calls = file.execute(_LAST).fetchone() or (this, 0)
        return (this, 0) if this > month else (str(month), int(calls))

    def _this_month(self) -> str:
        return self._now().astimezone(UTC).strftime("%Y-%m")

    def _allows(self, calls: int) -> bool:
        return self._limit > 0.0 and self._cost(calls) <= self._limit

    def _cost(self, calls: int) -> float:
        return calls * self._price / _THOUSAND
