"""What a kiosk did with each version of its fleet's settings, so that they can be compared.

It outlives restarts: a version is taken over by one. A version's last week counts, of the one that
runs and of the one before; each kiosk keeps its own, and tells the sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from itertools import zip_longest

from kiosk.domain.fleet.halting import DoorTally
from kiosk.fleet.reporting.counting import DoorCounts
from kiosk.fleet.reporting.ledger import ReportLedger
from kiosk.fleet.rollout.report import tally_of

PART = "settings"
DAYS = 7
"""Days with something in them that count of each version."""
HOUR_SECONDS = 3600.0
WORTH_A_WRITE_SECONDS = 900.0


class SettingsTally:
    """Adds up what a running kiosk does; one thread calls it.

    Args:
        ledger: keeps the sums.
        counts: what the kiosk has done since it started.
        now: monotonic seconds.
        utc: the wall clock.

    Raises:
        StoreError: what was kept cannot be read.
    """

    def __init__(
        self,
        ledger: ReportLedger,
        counts: DoorCounts,
        now: Callable[[], float],
        utc: Callable[[], datetime],
    ) -> None:
        self._ledger, self._counts, self._now, self._utc = ledger, counts, now, utc
        self._known: dict[int, dict[str, DoorTally]] = {
            int(number): {day: tally_of(said) for day, said in days.items()}
            for number, days in ledger.part(PART).items()
        }
        self._started = self._kept = now()
        self._told = DoorTally()

    def look(self, running: int, before: int) -> tuple[DoorTally, DoorTally]:
        """What was done with the version before, and with the one that runs; both until now.

        Args:
            running: the number of the version with which the kiosk was started.
            before: the number of the one before.

        Raises:
            StoreError: it could not be kept.
        """
        found = self._since_start()
        days = self._known.setdefault(running, {})
        today = self._utc().date().isoformat()
        days[today] = _sum((days.get(today, DoorTally()), _less(found, self._told)))
        self._told = found
        self._known = {
            number: dict(sorted(self._known.get(number, {}).items())[-DAYS:])
            for number in (running, before)
        }
        if self._now() - self._kept >= WORTH_A_WRITE_SECONDS:
            self.keep()
        earlier = {} if before == running else self._known[before]
        return _sum(earlier.values()), _sum(self._known[running].values())

    def keep(self) -> None:
        """Keep the sums, as before a restart.

        Raises:
            StoreError: they could not be made durable.
        """
        said = {
            str(number): {day: asdict(tally) for day, tally in days.items()}
            for number, days in self._known.items()
        }
        self._ledger.keep(PART, said)
        self._kept = self._now()

    def _since_start(self) -> DoorTally:
        counts = self._counts.since_start()
        hours = (self._now() - self._started) / HOUR_SECONDS
        refusals = counts.decisions - counts.grants
        speeds = tuple(self._counts.speeds())
        return DoorTally(counts.decisions, refusals, counts.faults, hours, speeds)


def _sum(tallies: Iterable[DoorTally]) -> DoorTally:
    """All of them as one."""
    found = list(tallies)
    classes = zip_longest(*(each.speeds for each in found), fillvalue=0)
    return DoorTally(
        sum(each.decisions for each in found),
        sum(each.refusals for each in found),
        sum(each.faults for each in found),
        sum(each.hours for each in found),
        tuple(map(sum, classes)),
    )


def _less(now: DoorTally, before: DoorTally) -> DoorTally:
    """What has been added meanwhile."""
    classes = zip_longest(now.speeds, before.speeds, fillvalue=0)
    return DoorTally(
        now.decisions - before.decisions,
        now.refusals - before.refusals,
        now.faults - before.faults,
        now.hours - before.hours,
        tuple(one - other for one, other in classes),
    )
