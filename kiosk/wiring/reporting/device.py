"""The reports of a running kiosk to its fleet, over a connection of their own.

A store that is slow to take them holds up no sync: they have a thread of their own as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial

from config.settings import Settings
from kiosk.fleet.applying.state import scope_states
from kiosk.fleet.client import last_stamp
from kiosk.fleet.device import Device, DeviceFile
from kiosk.fleet.polling import FleetPolling
from kiosk.fleet.reporting.counting import DoorCounts
from kiosk.fleet.reporting.handing_in import HealthReporter, Reporting
from kiosk.fleet.reporting.health import SyncedTo
from kiosk.fleet.reporting.journal_writing import JournalWriter
from kiosk.fleet.reporting.ledger import ReportLedger
from kiosk.fleet.reporting.receipts import ReceiptWriter
from kiosk.fleet.rollout.taking import SettingsTaking
from kiosk.fleet.rollout.tally import SettingsTally
from kiosk.fleet.rollout.telling import SettingsTelling
from kiosk.fleet.stores.address import open_store
from kiosk.fleet.stores.port import ObjectStore
from kiosk.journal.events.fleet import FleetReportsChanged
from kiosk.store.open_home import OpenHome
from kiosk.store.people.members import Members
from kiosk.wiring.rollout.settings import SettingsStart


@contextmanager
def reporting_meanwhile(
    open_home: OpenHome,
    settings: Settings,
    counts: DoorCounts,
    admins: Callable[[], Sequence[bytes]],
    taking: SettingsTaking,
    start: SettingsStart | None = None,
) -> Iterator[Callable[[], None]]:
    """A kiosk of a fleet that reports by itself meanwhile; what is yielded makes it do so now.

    Args:
        open_home: of the kiosk; a device of a fleet.
        settings: all settings.
        counts: what the running kiosk does.
        admins: public keys of the fleet's admins, none before the first sync.
        taking: takes over the settings of the fleet.
        start: the settings with which the kiosk was started; None for its own.

    Raises:
        StoreError: the home's file of its fleet cannot be read.
    """
    device = DeviceFile(open_home.home).load()
    if device is None:
        yield lambda: None
        return

    def failed(problem: str) -> None:
        open_home.recorder.note(FleetReportsChanged(works=False, problem=problem))

    told = _settings_told(open_home, counts, taking, start)
    with closing(open_store(device.store)) as store:
        ledger, every = ReportLedger(open_home.home), settings.fleet.report_seconds
        journal = JournalWriter(
            store,
            device,
            ledger,
            open_home.home,
            admins if settings.fleet.hand_in_journal else lambda: (),
            open_home.utc,
            time.monotonic,
            settings.fleet.journal_seconds,
        )
        health = HealthReporter(
            store,
            device,
            ledger,
            counts,
            lambda: synced_to(open_home),
            journal.far,
            open_home.utc,
            open_home.utc(),
            every,
            told.report,
        )
        receipts = _receipts(open_home, device, store, ledger)
        jobs = (receipts.hand_in, journal.hand_in, health.hand_in)
        reporting = Reporting(jobs, open_home.recorder.note)
        with told, FleetPolling(reporting.run, every, failed) as polling:
            yield polling.look_now


def hand_in_receipts(open_home: OpenHome) -> None:
    """Hand in what a kiosk that does not run has to confirm.

    Raises:
        FleetRefused, FleetStoreUnreachable: the store does not take it.
        StoreError: it could not be made durable here first.
    """
    device = DeviceFile(open_home.home).load()
    if device is not None:
        with closing(open_store(device.store)) as store:
            _receipts(open_home, device, store, ReportLedger(open_home.home)).hand_in()


def _settings_told(
    open_home: OpenHome, counts: DoorCounts, taking: SettingsTaking, start: SettingsStart | None
) -> SettingsTelling:
    ledger = ReportLedger(open_home.home)
    tally = SettingsTally(ledger, counts, time.monotonic, open_home.utc)
    numbers = (0, 0) if start is None else (start.number, start.before)
    return SettingsTelling(taking, tally, *numbers)


def synced_to(open_home: OpenHome) -> SyncedTo:
    """What a kiosk has applied of its fleet.

    Raises:
        StoreError: the database cannot be read now.
    """
    scopes = {
        scope: state.place for scope, state in scope_states(Members(open_home.references)).items()
    }
    version, signed_at = last_stamp(open_home.home.fleet_cache) or (0, None)
    return SyncedTo(version, signed_at, scopes)


def _receipts(
    open_home: OpenHome, device: Device, store: ObjectStore, ledger: ReportLedger
) -> ReceiptWriter:
    applied = partial(scope_states, Members(open_home.references))
    return ReceiptWriter(store, device, ledger, applied, open_home.utc)
