"""A kiosk that has not heard of its fleet for too long: its people need more than their face."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fleet_people import SITE, record
from kept_samples import AGREED, SPACE, template

from config.sections.fleet import FleetSettings
from config.settings import Settings
from hardware.sim.door import SimulatedDoor
from kiosk.domain.access.factors import Factor, StepUp, WhenStale
from kiosk.domain.vision.template import SubjectId
from kiosk.door.collaborators import People
from kiosk.fleet.device import DeviceFile
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.keyring import Keyring
from kiosk.journal.events.keeping import StoreCreated
from kiosk.pipeline.clock import SystemClock
from kiosk.store.open_home import OpenHome
from kiosk.store.people.members import Members
from kiosk.wiring.doors import door_parts

ANNA, LOCAL = SubjectId("anna"), SubjectId("local")
LIMIT = timedelta(hours=24)


@dataclass
class Wall:
    """A wall clock that a test sets."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall(datetime.now(UTC))


@pytest.fixture
def open_home(tmp_path: Path, wall: Wall) -> Iterator[OpenHome]:
    store = FolderStore.create(tmp_path / "store")
    keys = Keyring.create(tmp_path / "keys", 1, None)
    AdminSigning(store, keys, wall).found(1)
    with OpenHome.open(tmp_path / "home", wall) as opened:
        DeviceFile(opened.home).join("folder:/store", keys.root, opened.recorder.note)
        Members(opened.references).apply(SITE, b"state", [record(ANNA, 1)], {})
        opened.references.enrol(LOCAL, [template(5)], AGREED)
        yield opened


def people_of(open_home: OpenHome, when_stale: WhenStale = WhenStale.SECOND_FACTOR) -> People:
    """Whom the door asks about people."""
    settings = Settings(fleet=FleetSettings(when_stale=when_stale))
    driver = SimulatedDoor(settings.door.rules(), SystemClock())
    everybody = open_home.references.enrolled(SPACE).people
    return door_parts(settings, open_home, driver, lambda: everybody, durable=False).people


def asked(open_home: OpenHome, subject: SubjectId) -> Factor | None:
    return people_of(open_home).factors_of(subject).asked


def test_before_the_first_word_nobody_of_the_fleet_comes_in_by_face_alone(
    open_home: OpenHome,
) -> None:
    assert asked(open_home, ANNA) is None, "they have no factor: somebody has to be called"
    assert asked(open_home, LOCAL) is Factor.NONE


@pytest.mark.parametrize(
    ("ago", "fresh"),
    [
        (timedelta(0), True),
        (LIMIT - timedelta(minutes=1), True),
        (LIMIT + timedelta(minutes=1), False),
        (-timedelta(minutes=4), True),
        (-timedelta(minutes=6), False),
    ],
)
def test_the_limit_counts_from_what_the_publisher_signed(
    open_home: OpenHome, wall: Wall, ago: timedelta, *, fresh: bool
) -> None:
    DeviceFile(open_home.home).hear(wall.now - ago)
    assert (asked(open_home, ANNA) is Factor.NONE) == fresh
    assert asked(open_home, LOCAL) is Factor.NONE


def test_a_clock_that_was_set_back_makes_nothing_fresh_again(
    open_home: OpenHome, wall: Wall
) -> None:
    DeviceFile(open_home.home).hear(wall.now)
    wall.now += LIMIT * 2
    assert asked(open_home, ANNA) is None
    open_home.recorder.note(StoreCreated())
    wall.now -= LIMIT * 2
    assert asked(open_home, ANNA) is None, "the journal has a later time"


def test_being_stale_is_never_stored(open_home: OpenHome) -> None:
    assert people_of(open_home).factors_of(ANNA).step_up is StepUp.STALE
    assert open_home.references.factors_of(ANNA).step_up is StepUp.NONE


def test_an_older_word_and_one_a_moment_later_cost_no_write(
    open_home: OpenHome, wall: Wall
) -> None:
    file = DeviceFile(open_home.home)
    file.hear(wall.now)
    before = open_home.home.fleet.read_bytes()
    file.hear(wall.now - LIMIT)
    file.hear(wall.now + timedelta(seconds=30))
    assert open_home.home.fleet.read_bytes() == before
    file.hear(wall.now + timedelta(seconds=90))
    assert open_home.home.fleet.read_bytes() != before


def test_where_the_site_refuses_nothing_helps_the_fleets_people(
    open_home: OpenHome, wall: Wall
) -> None:
    file, people = DeviceFile(open_home.home), people_of(open_home, WhenStale.REFUSE)
    assert people.out_of_date(ANNA), "before the first word"
    file.hear(wall.now)
    assert not people.out_of_date(ANNA)
    wall.now += LIMIT + timedelta(minutes=1)
    assert people.out_of_date(ANNA)
    assert not people.out_of_date(LOCAL)
    assert not people_of(open_home).out_of_date(ANNA), "they may show a second factor"
