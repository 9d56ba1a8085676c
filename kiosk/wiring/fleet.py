"""The fleet of a kiosk: its store, and the updater with its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from kiosk.domain.errors import BadInput, StoreCorrupt, StoreTooNew
from kiosk.domain.vision.template import SpaceId
from kiosk.fleet.applying.preparing import TemplateForm
from kiosk.fleet.applying.result import SyncResult
from kiosk.fleet.applying.state import read_again
from kiosk.fleet.device import Device, DeviceFile
from kiosk.fleet.polling import FleetPolling, PollingWatch
from kiosk.fleet.reporting.counting import DoorCounts
from kiosk.fleet.rollout.offering import taking_offers
from kiosk.fleet.rollout.taking import SettingsTaking
from kiosk.fleet.stores.address import FolderAddress, open_store, parse_address
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.stores.overlay import OverlayStore
from kiosk.fleet.stores.port import ObjectStore, Traffic
from kiosk.fleet.updater import FleetUpdater
from kiosk.fleet.uploads.handing_in import KioskPeople
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.fleet import SyncRefused, UrgentChannelChanged
from kiosk.journal.recorder import JOURNAL_ERRORS
from kiosk.pipeline.gallery.beside_vision import beside_vision
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.store.people.references import References
from kiosk.store.secrets.keys import FileKey
from kiosk.store.whole.rebuilding import begin_anew
from kiosk.wiring.apart.noting import NotedOnce
from kiosk.wiring.apart.syncing import ApartSync
from kiosk.wiring.notices.listening import notices_heard
from kiosk.wiring.reporting.device import reporting_meanwhile
from kiosk.wiring.rollout.restarting import LOOK_SECONDS, RestartWatch
from kiosk.wiring.rollout.taking import settings_taking
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


@contextmanager
def tried_store(address: str, instead: Path) -> Iterator[ObjectStore]:
    """A store for a new fleet to which nothing is written.

    Args:
        address: the store's.
        instead: a folder to be made, in place of one that there is not yet.

    Raises:
        BadInput: the address names none.
    """
    place = parse_address(address)
    if isinstance(place, FolderAddress) and not place.path.exists():
        yield OverlayStore(FolderStore.create(instead))
        return
    with opened_store(address) as opened:
        yield OverlayStore(opened)


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


def begun_anew(home: Path, error: StoreCorrupt) -> OpenHome:
    """The home of a device of a fleet, opened with an empty database; the next sync fills it.

    Args:
        home: its database is damaged.
        error: says how.

    Raises:
        StoreCorrupt: the same error, where the home belongs to no fleet, or the database is not
            damaged but newer than this program.
        LintelError: it cannot be done; all is as it was.
    """
    if isinstance(error, StoreTooNew) or DeviceFile(Home(home)).load() is None:
        raise error
    begin_anew(Home(home), error.problem, read_again)
    return OpenHome.open(home)


@contextmanager
def fleet_updater(
    open_home: OpenHome,
    settings: Settings,
    taking: SettingsTaking | None = None,
    note: Callable[[JournalEvent], None] | None = None,
    applied: Callable[[], None] = lambda: None,
) -> Iterator[tuple[FleetUpdater, Traffic]]:
    """The updater of a kiosk, for the models that its settings choose, and its traffic.

    It has a connection to the database of its own: a large change holds nobody else up.

    Args:
        open_home: of the kiosk.
        settings: all settings.
        taking: takes over the settings of the fleet; None for a command that leaves them be.
        note: writes to the journal; None for the home's own.
        applied: called once what a sync has found is applied.

    Raises:
        BadInput: the kiosk belongs to no fleet.
    """
    device = device_of(open_home)
    references = References(open_home.home, FileKey(open_home.home), open_home.utc)
    with closing(references), opened_store(device.store) as store:
        told = note or open_home.recorder.note
        parts = open_home, device, store, references, settings, taking, told, applied
        yield _updater(*parts), store.traffic


@contextmanager
def updater_apart(
    open_home: OpenHome, settings: Settings, note: Callable[[JournalEvent], None]
) -> Iterator[FleetUpdater]:
    """The updater of a process beside the kiosk, which takes over no settings and writes nothing.

    Args:
        open_home: of the kiosk.
        settings: all settings.
        note: has the kiosk write to the journal.
    """
    with fleet_updater(open_home, settings, note=note) as (updater, _):
        yield updater


@contextmanager
def kept_up_to_date(
    open_home: OpenHome,
    settings: Settings,
    counts: DoorCounts,
    watch: PollingWatch | None = None,
    restarts: RestartWatch | None = None,
) -> Iterator[None]:
    """A kiosk that syncs, and reports, by itself meanwhile, if it belongs to a fleet.

    Args:
        open_home: of the kiosk.
        settings: all settings.
        counts: what the running kiosk does, for its reports.
        watch: told of each look into the store.
        restarts: restarts the kiosk for settings of its fleet; None where nothing does.

    Raises:
        SettingsError: the urgent channel of the settings cannot be used.
    """
    device = DeviceFile(open_home.home).load()
    if device is None:
        yield
        return

    def failed(problem: str) -> None:
        open_home.recorder.note(SyncRefused(problem))

    def changed(problem: str | None) -> None:
        with suppress(*JOURNAL_ERRORS):  # the door tells of that
            open_home.recorder.note(UrgentChannelChanged(problem is None, problem))

    admins: list[tuple[bytes, ...]] = [()]
    start = None if restarts is None else restarts.start
    taking = settings_taking(open_home, None if start is None else start.config)
    watch, note = watch or PollingWatch(), NotedOnce(open_home.recorder.note)
    with (
        fleet_updater(open_home, settings, taking, note, watch.tell_applied) as (updater, _),
        reporting_meanwhile(
            open_home, settings, counts, lambda: admins[0], taking, start
        ) as report_now,
    ):
        apart = ApartSync(updater, open_home.home.path, settings, note, updater_apart)

        def sync() -> SyncResult:
            with beside_vision():  # frames are looked at meanwhile
                result = apart.sync()
            admins[0] = updater.admins()
            if result.changes:
                report_now()
            return result

        with (
            FleetPolling(sync, settings.fleet.poll_seconds, failed, watch) as polling,
            notices_heard(settings.fleet, device.fingerprint, polling.look_now, changed),
            _restarting(restarts, report_now, failed),
        ):
            yield


@contextmanager
def _restarting(
    restarts: RestartWatch | None, report_now: Callable[[], None], failed: Callable[[str], None]
) -> Iterator[None]:
    """A kiosk that begins anew for settings of its fleet, once nobody is at the door."""
    if restarts is None:
        yield
        return
    restarts.changed = report_now
    with FleetPolling(restarts.look, LOOK_SECONDS, failed):
        yield


def _updater(
    open_home: OpenHome,
    device: Device,
    store: ObjectStore,
    references: References,
    settings: Settings,
    taking: SettingsTaking | None,
    note: Callable[[JournalEvent], None],
    applied: Callable[[], None],
) -> FleetUpdater:
    def heard(at: datetime) -> None:
        DeviceFile(open_home.home).hear(at)
        applied()

    pack = load_manifest().pack(settings.models.pack)
    return FleetUpdater(
        store,
        device,
        open_home.home.fleet_cache,
        KioskPeople.of(references),
        TemplateForm(pack.space, pack.file("embedding").dimensions),
        open_home.utc,
        note,
        heard,
        lambda: datetime.fromtimestamp(open_home.journal.latest_ms() / 1000, UTC),
        taking_offers(taking),
    )
