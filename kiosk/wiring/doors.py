"""The door driver that the settings name, and the parts of the door subsystem around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from config.sections.door import DoorSettings
from config.sections.doors.gpio import GpioSettings
from config.settings import Settings
from hardware.sim.door import SimulatedDoor
from hardware.timekeeping import Synchronisation
from kiosk.domain.errors import LibraryMissing
from kiosk.domain.people.enrolled import Person
from kiosk.domain.ports import Clock, Door
from kiosk.domain.vision.template import SubjectId
from kiosk.door.authorization import AuthorizationPolicy
from kiosk.door.subsystem import DoorParts
from kiosk.door.wall_clock import WatchedClock
from kiosk.pipeline.clock import SystemClock
from kiosk.store.attempts import attempts_file
from kiosk.store.open_home import OpenHome
from kiosk.store.people.badges import Badges
from kiosk.store.people.directory import PeopleDirectory
from kiosk.store.people.presence import PresenceFile
from kiosk.store.secrets.keys import FileKey
from kiosk.wiring import door_drivers


def door(settings: Settings, clock: Clock) -> Door:
    """The door driver named in the settings.

    Raises:
        SettingsError: the driver is not installed, or its settings are unusable.
    """
    name = settings.door.driver
    if name == "simulated":
        return SimulatedDoor(settings.door.rules(), clock)
    try:
        return door_drivers.driver(settings.door, clock)
    except ModuleNotFoundError as error:
        needs = f"The driver {name} of door.driver"
        raise LibraryMissing(needs, error.name, _extra(settings.door)) from error


def _extra(settings: DoorSettings) -> str:
    """The package extra that installs a driver's dependencies."""
    section = settings.section()
    if isinstance(section, GpioSettings) and section.library == "gpiozero":
        return "gpio-pi"
    return settings.driver


def door_parts(
    settings: Settings,
    open_home: OpenHome,
    driver: Door,
    people: Callable[[], Mapping[SubjectId, Person]],
    *,
    durable: bool = True,
) -> DoorParts:
    """The parts of the door subsystem; attempts seen in a recording are not stored.

    Args:
        settings: all settings.
        open_home: what is kept.
        driver: the door.
        people: returns everybody who is enrolled, as of now.
        durable: whether attempts are stored.

    Raises:
        StoreError: the key cannot be read.
    """
    key = FileKey(open_home.home)
    return DoorParts(
        door=driver,
        authorization=AuthorizationPolicy(settings.rules.site(), settings.door.passage()),
        people=PeopleDirectory(
            people,
            Badges(open_home.references, key),
            _stale(settings, open_home),
            settings.fleet.when_stale,
        ),
        kept=PresenceFile(open_home.home, key),
        zone=settings.rules.zone(),
        attempts=attempts_file(open_home.home, key) if durable else None,
        wall=WatchedClock(SystemClock(), open_home.journal.latest_ms, Synchronisation()),
    )


def _stale(settings: Settings, open_home: OpenHome) -> Callable[[], bool]:
    """Whether the fleet of a kiosk has not been heard of for too long; never without a fleet."""
    if not open_home.home.fleet.exists():
        return lambda: False
    from kiosk.fleet.device import DeviceFile

    file, limit = DeviceFile(open_home.home), timedelta(hours=settings.fleet.fresh_hours)

    def stale() -> bool:
        # A clock that was set back makes nothing fresh again: the journal knows a later time.
        latest = datetime.fromtimestamp(open_home.journal.latest_ms() / 1000, UTC)
        return file.is_stale(max(latest, open_home.utc()), limit)

    return stale
