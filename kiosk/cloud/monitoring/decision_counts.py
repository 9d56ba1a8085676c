"""What decisions at the door cost: the decisions and the calls for them, counted for each mode.

They are counted in memory and added to the file now and then, both at once: what a crash loses of
the one it loses of the other, too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.cloud.client.count_file import CountFile
from kiosk.cloud.client.observing import CallReport
from kiosk.domain.access.states import Reason
from kiosk.domain.cloud.modes import CloudMode
from kiosk.domain.cloud.planning import CountedDecisions
from kiosk.domain.errors import CloudUnavailable
from kiosk.journal.events.access import Decided, NotReleased
from kiosk.journal.events.door import DoorReleasedForPerson
from kiosk.journal.events.event import JournalEvent

PATIENCE_SECONDS: Final = 1.0
MONTHS_KEPT: Final = 2
"""That the price of a decision rests on: what was long ago was perhaps under other settings."""
_ADD: Final = (
    "INSERT INTO door VALUES (?, ?, ?, ?) ON CONFLICT (month, mode) DO UPDATE SET"
    " decisions = decisions + excluded.decisions, calls = calls + excluded.calls"
)
_DROP: Final = (
    "DELETE FROM door WHERE month NOT IN (SELECT DISTINCT month FROM door ORDER BY month DESC"
    " LIMIT ?)"
)
_SUM: Final = "SELECT mode, SUM(decisions), SUM(calls) FROM door GROUP BY mode"
_SINCE: Final = "SELECT MIN(month) FROM door"


@dataclass(frozen=True, slots=True)
class DecisionCounts:
    """What was counted.

    Attributes:
        since: the first month that is in it, such as `2026-11`; None of nothing.
        by_mode: decisions and calls.
    """

    since: str | None
    by_mode: Mapping[CloudMode, CountedDecisions]


class DecisionCountFile:
    """Keeps what was counted, beside what is spent.

    Args:
        path: the file; made for its owner only.
        now: the clock on the wall.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._file, self._now = CountFile(path), now

    def add(self, mode: CloudMode, counted: CountedDecisions) -> None:
        """Add what was counted since the last time; CloudUnavailable where that cannot be kept."""
        month = self._now().astimezone(UTC).strftime("%Y-%m")
        with self._file.opened(PATIENCE_SECONDS) as file:
            file.execute("BEGIN IMMEDIATE")
            file.execute(_ADD, (month, mode.value, counted.decisions, counted.calls))
            file.execute(_DROP, (MONTHS_KEPT,))
            file.execute("COMMIT")

    def counted(self) -> DecisionCounts:
        """What was counted in the latest months; CloudUnavailable where it cannot be read."""
        with self._file.opened(PATIENCE_SECONDS) as file:
            (since,) = file.execute(_SINCE).fetchone()
            rows = file.execute(_SUM).fetchall()
        known = {mode.value: mode for mode in CloudMode}
        found = {
            known[name]: CountedDecisions(n, calls) for name, n, calls in rows if name in known
        }
        return DecisionCounts(since, found)


class DecisionTally:
    """Counts in memory; any thread may tell it.

    Attributes:
        counted: since it was kept the last time.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self.counted = CountedDecisions(0, 0)

    def called(self, report: CallReport) -> None:
        """A call for a decision has ended; each attempt counts that takes a picture."""
        if report.operation.costs:
            self._count(CountedDecisions(0, report.attempts))

    def hear(self, event: JournalEvent, _at: datetime) -> None:
        """An event of the journal: somebody was let in or refused, and has not just left."""
        left = isinstance(event, Decided) and event.reason is Reason.LEFT
        if isinstance(event, DoorReleasedForPerson | NotReleased | Decided) and not left:
            self._count(CountedDecisions(1, 0))

    def keep(self, file: DecisionCountFile, mode: CloudMode) -> None:
        """Add it to a file, and count from nothing again; what cannot be kept is kept later."""
        with self._turn:
            counted, self.counted = self.counted, CountedDecisions(0, 0)
        if counted == CountedDecisions(0, 0):
            return
        try:
            file.add(mode, counted)
        except CloudUnavailable:
            self._count(counted)

    def _count(self, more: CountedDecisions) -> None:
        with self._turn:
            before = self.counted
            self.counted = CountedDecisions(
                before.decisions + more.decisions, before.calls + more.calls
            )
