"""The fleet of a kiosk: its store, and the updater with its parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from config.settings import Settings
from kiosk.domain.errors import BadInput
from kiosk.domain.vision.template import SpaceId
from kiosk.fleet.applying.preparing import TemplateForm
from kiosk.fleet.device import Device, DeviceFile
from kiosk.fleet.polling import FleetPolling
from kiosk.fleet.reporting.counting import DoorCounts
from kiosk.fleet.stores.address import FolderAddress, open_store, parse_address
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.stores.port import ObjectStore, Traffic
from kiosk.fleet.updater import FleetUpdater
from kiosk.fleet.uploads.handing_in import KioskPeople
from kiosk.journal.events.fleet import SyncRefused
from kiosk.store.open_home import OpenHome
from kiosk.store.people.references import References
from kiosk.store.secrets.keys import FileKey
from kiosk.wiring.reporting.device import reporting_meanwhile
from models.packs.installed import load_manifest


@contextmanager
def opened_store(address: str) -> Iterator[ObjectStore]:
    """A fleet's store, closed afterwards.

    Raises:
        BadInput: the address names none.
    """
    store = open_store(address)
    try:
        yield store
    finally:
        store.close()


def created_store(address: str) -> ObjectStore:
    """A store for a new fleet; a folder is made, a bucket has to be there.

    Raises:
        BadInput: the address names none, or the folder cannot be made.
    """
    match parse_address(address):
        case FolderAddress(path):
            return FolderStore.create(path)
        case _:
            return open_store(address)


def device_of(open_home: OpenHome) -> Device:
    """The device that a kiosk is in its fleet.

    Raises:
        BadInput: it belongs to none.
    """
    device = DeviceFile(open_home.home).load()
    if device is None:
        raise BadInput(
            f"The kiosk in {open_home.home.path} belongs to no fleet.",
            "Run `kiosk device enrol` on it first.",
        )
    return device


def space_of(settings: Settings) -> SpaceId:
    """The embedding space of the models that a kiosk's settings choose."""
    return load_manifest().pack(settings.models.pack).space


@contextmanager
def fleet_updater(
    open_home: OpenHome, settings: Settings
) -> Iterator[tuple[FleetUpdater, Traffic]]:
    """The updater of a kiosk, for the models that its settings choose, and its traffic.

    It has a connection to the database of its own: a large change holds nobody else up.

    Raises:
        BadInput: the kiosk belongs to no fleet.
    """
    device = device_of(open_home)
    references = References(open_home.home, FileKey(open_home.home), open_home.utc)
    with closing(references), opened_store(device.store) as store:
        yield _updater(open_home, device, store, references, settings), store.traffic


@contextmanager
def kept_up_to_date(open_home: OpenHome, settings: Settings, counts: DoorCounts) -> Iterator[None]:
    """A kiosk that syncs, and reports, by itself meanwhile, if it belongs to a fleet.

    Args:
        open_home: of the kiosk.
        settings: all settings.
        counts: what the running kiosk does, for its reports.
    """
    if DeviceFile(open_home.home).load() is None:
        yield
        return

    def failed(problem: str) -> None:
        open_home.recorder.note(SyncRefused(problem))

    admins: list[tuple[bytes, ...]] = [()]
    with (
        fleet_updater(open_home, settings) as (updater, _),
        reporting_meanwhile(open_home, settings, counts, lambda: admins[0]) as report_now,
    ):

        def sync() -> None:
            changes = updater.sync().changes
            admins[0] = updater.admins()
            if changes:
                report_now()

        with FleetPolling(sync, settings.fleet.poll_seconds, failed):
            yield


def _updater(
    open_home: OpenHome,
    device: Device,
    store: ObjectStore,
    references: References,
    settings: Settings,
) -> FleetUpdater:
    pack = load_manifest().pack(settings.models.pack)
    return FleetUpdater(
        store,
        device,
        open_home.home.fleet_cache,
        KioskPeople.of(references),
        TemplateForm(pack.space, pack.file("embedding").dimensions),
        open_home.utc,
        open_home.recorder.note,
        DeviceFile(open_home.home).hear,
    )
