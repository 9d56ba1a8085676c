"""A kiosk hands in what happened at it, wherever it ends and whatever it was restored from."""

from __future__ import annotations

import copy
import random
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from fleet_desk import all_sync, asked_for_more, enrol, enrol_with, invite, report, show, take_back
from fleet_people import die_at_statement, killed
from small_fleet import HARBOUR, Kiosk, SmallFleet, SteeredStore, everything, person

from kiosk.domain.enrolment.invitation import Invitation
from kiosk.domain.errors import BadInput, FleetStoreUnreachable
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.device import DeviceFile
from kiosk.fleet.inviting.inviter import FleetInvitation
from kiosk.fleet.trust import layout
from kiosk.store.open_home import OpenHome

ANNA, EVE = SubjectId("anna"), SubjectId("eve")


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        yield made


@pytest.fixture
def kiosks(fleet: SmallFleet) -> tuple[Kiosk, Kiosk]:
    north, south = (fleet.kiosk(name) for name in ("north", "south"))
    fleet.told(person("anna"), person("boris"))
    for kiosk in (north, south):
        kiosk.sync()
    return north, south


def busy(fleet: SmallFleet, kiosk: Kiosk) -> None:
    """Eve enrols, Anna takes her consent back, and somebody was let in as Boris."""
    issued = invite(fleet, EVE)
    kiosk.sync()
    enrol(kiosk, issued.code)
    take_back(kiosk, ANNA)
    report(kiosk, "boris")


def heard(fleet: SmallFleet, *kiosks: Kiosk) -> None:
    """Assert that all of it is known everywhere, and was said once."""
    fresh = fleet.kiosk(f"fresh-{fleet.admin.status().version}")
    fleet.publish()
    for kiosk in (*kiosks, fresh):
        kiosk.sync()
        assert kiosk.names() == {"boris 1", "eve 1"}
        assert asked_for_more(kiosk, "boris")
    assert everything(fleet.store, layout.UPLOADS) == {}
    assert fleet.history().outdated == []


# -- a kiosk that ends ---------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 1])
def test_a_kiosk_that_ends_before_it_has_handed_in_all(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk], left: int
) -> None:
    north, south = kiosks
    busy(fleet, north)
    with pytest.raises(FleetStoreUnreachable):
        north.anew(SteeredStore(fleet.store, left)).sync()
    assert len(everything(fleet.store, layout.UPLOADS)) == left
    north.anew()
    all_sync(fleet, north, south)
    assert fleet.history().next_of(north.fingerprint).number == 2
    heard(fleet, north, south)


WRITES = ("INSERT OR REPLACE INTO members", "INSERT OR REPLACE INTO scopes", "COMMIT", "UPDATE")


@pytest.mark.parametrize("statement", WRITES)
@pytest.mark.parametrize("count", [1, 2])
def test_a_kiosk_that_is_killed_while_it_applies_what_it_has_said(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk], statement: str, count: int
) -> None:
    north, south = kiosks
    busy(fleet, north)
    north.sync()
    fleet.publish()

    def sync() -> None:
        die_at_statement(north.open_home.references, statement, count)
        north.anew().sync()

    killed(sync)
    north.anew()
    all_sync(fleet, north, south)
    heard(fleet, north, south)


def restored(kiosk: Kiosk, path: Path) -> Kiosk:
    """The kiosk, as an older copy of its home has it."""
    older = copy.copy(kiosk)
    older.path, older.open_home = path, OpenHome.open(path)
    device = DeviceFile(older.open_home.home).load()
    assert device is not None
    older.device = device
    older.anew()
    return older


@pytest.mark.parametrize("published", [True, False])
def test_an_older_copy_of_a_home(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk], tmp_path: Path, *, published: bool
) -> None:
    """Its next statement has a number that is used already; it catches up, and says no more."""
    north, south = kiosks
    busy(fleet, north)
    shutil.copytree(north.path, tmp_path / "older")
    north.sync()
    if published:
        all_sync(fleet, north, south)
    older = restored(north, tmp_path / "older")
    with closing(older.open_home):
        all_sync(fleet, older, south)
        heard(fleet, older, south)
    assert fleet.history().next_of(north.fingerprint).number == 2


# -- a kiosk that was away -----------------------------------------------------------------------


def test_an_enrolment_at_a_kiosk_that_was_away_until_its_invitation_ended(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk]
) -> None:
    """It is said to them at the kiosk, by their absence, and to nobody again and again."""
    north, south = kiosks
    issued = invite(fleet, EVE)
    north.sync()
    enrol(north, issued.code)
    for each in (fleet.clock, north.clock, south.clock):
        each.by += timedelta(days=7, minutes=1)
    fleet.publish()
    for _ in range(3):
        all_sync(fleet, north, south)
    assert north.names() == south.names() == {"anna 1", "boris 1"}
    assert fleet.history().next_of(north.fingerprint).number == 0
    assert north.entries("fleet_enrolment_lost") == ["fleet_enrolment_lost"]


def test_revoked_here_and_enrolled_elsewhere_while_a_kiosk_was_away(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk]
) -> None:
    north, south = kiosks
    first, second = invite(fleet, EVE), invite(fleet, EVE)
    for kiosk in kiosks:
        kiosk.sync()
    enrol(north, first.code, seed=30)
    fleet.inviter().revoke(HARBOUR, first.tag)
    fleet.publish()
    enrol(south, second.code, seed=40)
    all_sync(fleet, south)
    for _ in range(2):
        all_sync(fleet, north, south)
    assert north.people() == south.people()
    assert north.names() == {"anna 1", "boris 1", "eve 1"}
    assert fleet.history().outdated == []


# -- whatever happens ----------------------------------------------------------------------------


@dataclass
class Days:
    """Whatever happens at two kiosks, by chance."""

    fleet: SmallFleet
    kiosks: tuple[Kiosk, Kiosk]
    chance: random.Random
    issued: list[FleetInvitation] = field(default_factory=list)

    def one(self, number: int) -> None:
        """One thing happens, or a kiosk syncs."""
        kiosk, who = self.chance.choice(self.kiosks), self.chance.choice(["anna", "boris", "eve"])
        here = SubjectId(who) in kiosk.people()
        match self.chance.choice(["invite", "enrol", "enrol", "back", "report", "revoke", "sync"]):
            case "invite":
                self.issued.append(invite(self.fleet, who))
            case "enrol" if self.issued:
                self.enrol(kiosk, self.chance.choice(self.issued).code, number)
            case "back" if here:
                take_back(kiosk, who)
            case "report" if here:
                report(kiosk, who)
            case "revoke" if self.issued:
                with suppress(BadInput):  # used already
                    self.fleet.inviter().revoke(HARBOUR, self.chance.choice(self.issued).tag)
            case _:
                kiosk.sync()
                self.fleet.publish()

    def enrol(self, kiosk: Kiosk, code: str, number: int) -> None:
        """Somebody shows a code, and enrols where they are nobody yet."""
        found = show(kiosk, code)
        if isinstance(found, Invitation) and found.subject not in kiosk.people():
            kiosk.clock.by += timedelta(minutes=1)  # waits before the same code counts again
            enrol_with(kiosk, found, seed=100 + number)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_all_come_to_know_the_same(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk], seed: int
) -> None:
    days = Days(fleet, kiosks, random.Random(seed))  # noqa: S311 - a test's choice
    for number in range(16):
        days.one(number)
    for kiosk in kiosks:
        kiosk.clock.by = max(each.clock.by for each in kiosks)
    fleet.clock.by = kiosks[0].clock.by
    for _ in range(4):
        all_sync(fleet, *kiosks)
    fresh = fleet.kiosk("fresh")
    fresh.clock.by = fleet.clock.by
    fleet.publish()
    fresh.sync()
    north, south = kiosks
    assert north.people() == south.people() == fresh.people()
    subjects = {each.subject for each in fleet.admin.people(HARBOUR)}
    assert subjects == fresh.people().keys()
    for each in subjects:
        assert len({asked_for_more(kiosk, each) for kiosk in (north, south, fresh)}) == 1
    assert everything(fleet.store, layout.UPLOADS) == {}
