"""A kiosk of a small fleet that reports, and admins who read what it reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from small_fleet import Kiosk, SmallFleet

from kiosk.domain.access.states import Reason
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.applying.state import scope_states
from kiosk.fleet.reporting.counting import DoorCounts
from kiosk.fleet.reporting.erasures import Confirmation, ErasureReader, ScopeErasure
from kiosk.fleet.reporting.handing_in import HealthReporter, Reporting
from kiosk.fleet.reporting.health import JournalHandedIn
from kiosk.fleet.reporting.journal_reading import DeviceJournal, JournalReader
from kiosk.fleet.reporting.journal_writing import JournalWriter
from kiosk.fleet.reporting.ledger import ReportLedger
from kiosk.fleet.reporting.reading import DeviceStatus, device_statuses
from kiosk.fleet.reporting.receipts import ReceiptWriter
from kiosk.fleet.reporting.seen import SEEN, SeenReports
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust.verified import VerifiedStore
from kiosk.journal.events.running import PartFailed
from kiosk.store.home import Home
from kiosk.store.people.members import Members
from kiosk.wiring.reporting.device import synced_to

EVERY_SECONDS = 60.0
JOURNAL_SECONDS = 900.0
KEPT = timedelta(days=180)


class ReportingKiosk:
    """What a running kiosk hands in, step by step.

    Args:
        kiosk: the kiosk.
        store: a store of a test's own; None for the fleet's.
        every_seconds: how often it reports.
    """

    def __init__(
        self, kiosk: Kiosk, store: ObjectStore | None = None, every_seconds: float = EVERY_SECONDS
    ) -> None:
        self.kiosk, self.store, self.every_seconds = kiosk, store or kiosk.store, every_seconds
        self.counts, self.seconds = DoorCounts(lambda: 0.0), 0.0
        self.restart()

    def restart(self, ledger_in: Home | None = None) -> None:
        """The reports as after a start of the kiosk; also with the ledger of another home."""
        open_home = self.kiosk.open_home
        self.ledger = ReportLedger(ledger_in or open_home.home)
        self.health = HealthReporter(
            self.store,
            self.kiosk.device,
            self.ledger,
            self.counts,
            lambda: synced_to(open_home),
            JournalHandedIn,
            self.kiosk.clock.utc,
            self.kiosk.clock.utc(),
            self.every_seconds,
        )
        applied = partial(scope_states, Members(open_home.references))
        signing = (self.store, self.kiosk.device, self.ledger)
        self.receipts = ReceiptWriter(*signing, applied, self.kiosk.clock.utc)
        self.journal = JournalWriter(
            *signing,
            open_home.home,
            lambda: self.kiosk.updater.admins() if self.kiosk.members.scopes() else (),
            self.kiosk.clock.utc,
            lambda: self.seconds,
            JOURNAL_SECONDS,
        )
        self.health.journal = self.journal.far
        jobs = (self.receipts.hand_in, self.journal.hand_in, self.health.hand_in)
        self.reporting = self.doing(*jobs)

    def doing(self, *jobs: Callable[[], None]) -> Reporting:
        return Reporting(jobs, self.kiosk.open_home.recorder.note)

    def note(self, *parts: str) -> None:
        """Events in the journal, one for each part that failed."""
        for part in parts:
            self.kiosk.open_home.recorder.note(PartFailed(part, "unplugged"))

    def hand_in_journal(self) -> None:
        """Hand in what is new, now."""
        self.seconds += JOURNAL_SECONDS
        self.journal.hand_in()

    def busy(self) -> None:
        """An hour in which people came."""
        for reason, ms in ((Reason.MATCHED, 180.0), (Reason.MATCHED, 240.0), (Reason.LEFT, None)):
            self.counts.decided(reason, ms)


def statuses(fleet: SmallFleet, store: ObjectStore | None = None) -> Mapping[str, DeviceStatus]:
    """Each device as admins see it, whose memory lies beside their keys."""
    seen = SeenReports(fleet.keys.folder / SEEN)
    verified = VerifiedStore(store or fleet.store, fleet.keys.root)
    found: Sequence[DeviceStatus] = device_statuses(verified, seen, fleet.clock.utc())
    seen.save()
    return {each.device: each for each in found}


def erasure(
    fleet: SmallFleet, name: str, store: ObjectStore | None = None
) -> Sequence[ScopeErasure]:
    """Somebody's erasure as admins see it."""
    seen = SeenReports(fleet.keys.folder / SEEN)
    verified = VerifiedStore(store or fleet.store, fleet.keys.root)
    found = ErasureReader(verified, fleet.keys.opening, seen).of(SubjectId(name))
    seen.save()
    return found


def states(
    fleet: SmallFleet, name: str, store: ObjectStore | None = None
) -> Mapping[tuple[str, str], Confirmation]:
    """What each device says of somebody's erasure, by scope and device."""
    found = erasure(fleet, name, store)
    return {(each.scope, it.device): it.state for each in found for it in each.devices}


def journal_of(
    fleet: SmallFleet,
    kiosk: ReportingKiosk,
    store: ObjectStore | None = None,
    since: datetime | None = None,
) -> DeviceJournal:
    """A device's journal as admins read it."""
    seen = SeenReports(fleet.keys.folder / SEEN)
    verified = VerifiedStore(store or fleet.store, fleet.keys.root)
    now = fleet.clock.utc()
    reader = JournalReader(verified, fleet.keys.opening, seen, KEPT, now)
    found = reader.read(kiosk.kiosk.fingerprint, since)
    seen.save()
    return found
