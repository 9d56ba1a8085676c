"""The reports of a running kiosk to its fleet, over a connection of their own.

A store that is slow to take them holds up no sync: they have a thread of their own as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from config.settings import Settings
from kiosk.fleet.applying.state import ScopeState
from kiosk.fleet.client import last_stamp
from kiosk.fleet.device import DeviceFile
from kiosk.fleet.polling import FleetPolling
from kiosk.fleet.reporting.counting import DoorCounts
from kiosk.fleet.reporting.handing_in import HealthReporter, Reporting
from kiosk.fleet.reporting.health import JournalHandedIn, SyncedTo
from kiosk.fleet.reporting.ledger import ReportLedger
from kiosk.fleet.stores.address import open_store
from kiosk.journal.events.fleet import FleetReportsChanged
from kiosk.store.open_home import OpenHome
from kiosk.store.people.members import Members


@contextmanager
def reporting_meanwhile(
    open_home: OpenHome, settings: Settings, counts: DoorCounts
) -> Iterator[None]:
    """A kiosk of a fleet that reports by itself meanwhile.

    Args:
        open_home: of the kiosk.
        settings: all settings.
        counts: what the running kiosk does.
    """
    device = DeviceFile(open_home.home).load()
    if device is None:
        yield
        return
    ledger = ReportLedger(open_home.home)

    def failed(problem: str) -> None:
        open_home.recorder.note(FleetReportsChanged(works=False, problem=problem))

    with closing(open_store(device.store)) as store:
        health = HealthReporter(
            store,
            device,
            ledger,
            counts,
            lambda: synced_to(open_home),
            JournalHandedIn,
            open_home.utc,
            open_home.utc(),
            settings.fleet.report_seconds,
        )
        reporting = Reporting([health.hand_in], open_home.recorder.note)
        with FleetPolling(reporting.run, settings.fleet.report_seconds, failed):
            yield


def synced_to(open_home: OpenHome) -> SyncedTo:
    """What a kiosk has applied of its fleet.

    Raises:
        StoreError: the database cannot be read now.
    """
    found = Members(open_home.references).scopes()
    scopes = {scope: ScopeState.decode(content).place for scope, content in found.items()}
    version, signed_at = last_stamp(open_home.home.fleet_cache) or (0, None)
    return SyncedTo(version, signed_at, scopes)
