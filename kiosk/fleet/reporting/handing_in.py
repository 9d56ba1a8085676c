"""A device's reports, handed in while the kiosk runs. The door waits for none of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from kiosk.domain.errors import FleetRefused, JournalTampered, JournalUnwritable, LintelError
from kiosk.fleet.device import Device
from kiosk.fleet.reporting.counting import DoorCounts
from kiosk.fleet.reporting.health import (
    MOST_HEALTH,
    DeviceHealth,
    JournalHandedIn,
    SyncedTo,
    read_health,
)
from kiosk.fleet.reporting.ledger import ReportLedger
from kiosk.fleet.rollout.report import SettingsReport
from kiosk.fleet.stores.port import ANYTHING, ObjectStore, StoredObject
from kiosk.fleet.trust import layout
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.fleet import FleetReportsChanged

PROGRAM = "lintel-kiosk"


@dataclass(slots=True)
class HealthReporter:
    """Hands in the health of a device; one thread calls it.

    Args:
        store: the fleet's store.
        device: what the kiosk is in its fleet.
        ledger: numbers the reports.
        counts: what the running kiosk does.
        synced: what was applied of the fleet.
        journal: how far the journal is handed in.
        utc: the wall clock.
        started_at: when the kiosk was started, UTC.
        every_seconds: how often it reports.
        rollout: the version of the fleet's settings that it runs, and how; None for its own.
    """

    store: ObjectStore
    device: Device
    ledger: ReportLedger
    counts: DoorCounts
    synced: Callable[[], SyncedTo]
    journal: Callable[[], JournalHandedIn]
    utc: Callable[[], datetime]
    started_at: datetime
    every_seconds: float
    rollout: Callable[[], tuple[int | None, SettingsReport | None]] = lambda: (None, None)
    _known: int | None = field(default=None, init=False)

    def hand_in(self) -> None:
        """Hand in a report over the one before.

        Raises:
            FleetRefused, FleetStoreUnreachable: it could not be written.
            StoreError: the number of it could not be made durable.
        """
        name = layout.health_name(self.device.fingerprint)
        if self._known is None:
            self._known = self._number_there(name)
        settings, rollout = self.rollout()
        report = DeviceHealth(
            number=self.ledger.next_number(self._known),
            at=self.utc(),
            started_at=self.started_at,
            every_seconds=self.every_seconds,
            program=program_version(),
            synced=self.synced(),
            journal=self.journal(),
            settings=settings,
            rollout=rollout,
            door=tuple(self.counts.door),
            faults=tuple(self.counts.faults),
            since_start=self.counts.since_start(),
            last_hour=self.counts.last_hour(),
            latency_ms=self.counts.latency(),
        )
        self.store.put(name, report.signed(self.device), expected=ANYTHING)

    def _number_there(self, name: str) -> int:
        """The number of this device's report that is there, 0 for none.

        It is higher than any that is known here if this home was restored from a backup.
        """
        try:
            found = self.store.get(name, MOST_HEALTH)
            if isinstance(found, StoredObject):
                return read_health(found.data, self.device.public).number
        except FleetRefused:
            pass  # not ours, whatever it is; it is written over
        return 0


class Reporting:
    """Does all that a device hands in, one after the other. What fails is tried again next time.

    Args:
        jobs: each hands in something; raises LintelError where it cannot now.
        note: writes to the journal: once when it begins to fail, and once when it works again.
    """

    def __init__(
        self, jobs: Sequence[Callable[[], None]], note: Callable[[JournalEvent], None]
    ) -> None:
        self._jobs, self._note = jobs, note
        self._failing = False

    def run(self) -> None:
        """Hand in what there is; one that fails keeps none of the others."""
        problem: str | None = None
        for job in self._jobs:
            try:
                job()
            except LintelError as error:
                problem = problem or error.problem
        self._tell(problem)

    def _tell(self, problem: str | None) -> None:
        if (problem is not None) == self._failing:
            return
        with suppress(JournalUnwritable, JournalTampered):  # said at the next attempt
            self._note(FleetReportsChanged(problem is None, problem))
            self._failing = problem is not None


def program_version() -> str:
    """The version of this program; `unknown` where it was not installed."""
    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return "unknown"
