"""Receipts of erasure: who has confirmed, and whose word counts for what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from reporting_kiosk import ReportingKiosk, erasure, states, statuses
from small_fleet import HARBOUR, YARD, SmallFleet, SteeredStore, gone, person

from kiosk.domain.errors import FleetRefused, FleetStoreUnreachable, SubjectUnknown
from kiosk.fleet.reporting.erasures import Confirmation
from kiosk.fleet.reporting.receipts import MOST_RECEIPTS, DeviceReceipts, read_receipts
from kiosk.fleet.stores.port import ANYTHING, StoredObject
from kiosk.fleet.trust import layout
from kiosk.store.people.members import Members

CONFIRMED, NOT_YET = Confirmation.CONFIRMED, Confirmation.NOT_YET


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        yield made


@pytest.fixture
def doors(fleet: SmallFleet) -> tuple[ReportingKiosk, ReportingKiosk]:
    """Two kiosks of the harbour that know Anna and have confirmed it."""
    kiosks = fleet.kiosk("front"), fleet.kiosk("back")
    fleet.told(person("anna"), person("boris"))
    made = ReportingKiosk(kiosks[0]), ReportingKiosk(kiosks[1])
    for each in made:
        synced(each)
    return made


def synced(*kiosks: ReportingKiosk) -> None:
    for each in kiosks:
        each.kiosk.sync()
        each.receipts.hand_in()


def receipts_of(fleet: SmallFleet, kiosk: ReportingKiosk) -> bytes:
    found = fleet.store.get(layout.receipts_name(kiosk.kiosk.fingerprint), MOST_RECEIPTS)
    assert isinstance(found, StoredObject)
    return found.data


def put(fleet: SmallFleet, kiosk: ReportingKiosk, data: bytes) -> None:
    fleet.store.put(layout.receipts_name(kiosk.kiosk.fingerprint), data, expected=ANYTHING)


def told(fleet: SmallFleet, kiosk: ReportingKiosk) -> DeviceReceipts:
    return read_receipts(receipts_of(fleet, kiosk), kiosk.kiosk.device.public)


# -- who has confirmed ---------------------------------------------------------------------------


def test_each_door_confirms_once_it_has_applied_it(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    front, back = (each.kiosk.fingerprint for each in doors)
    fleet.told(gone("anna"))
    assert states(fleet, "anna") == {(HARBOUR, front): NOT_YET, (HARBOUR, back): NOT_YET}
    synced(doors[0])
    assert states(fleet, "anna") == {(HARBOUR, front): CONFIRMED, (HARBOUR, back): NOT_YET}
    synced(doors[1])
    (found,) = erasure(fleet, "anna")
    assert (found.erased, found.awaited, found.dropped) == (True, [], [])
    fleet.told(person("chen"))
    synced(doors[0])
    assert set(states(fleet, "anna").values()) == {CONFIRMED}


def test_an_erasure_that_is_not_published_is_none(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    fleet.say(gone("anna"))
    (found,) = erasure(fleet, "anna")
    assert (found.erased, found.devices) == (False, ())
    assert doors


def test_somebody_of_whom_nothing_was_published(fleet: SmallFleet) -> None:
    with pytest.raises(SubjectUnknown, match="Nothing was ever published about nobody"):
        erasure(fleet, "nobody")


def test_who_was_moved_before_is_erased_in_both_scopes(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    yard = ReportingKiosk(fleet.kiosk("yard", YARD))
    fleet.say(gone("anna"))
    fleet.told(person("anna"), scope=YARD)
    synced(doors[0], yard)
    assert [(each.scope, each.erased) for each in erasure(fleet, "anna")] == [
        (HARBOUR, True),
        (YARD, False),
    ]
    fleet.told(gone("anna"), scope=YARD)
    synced(yard)
    assert states(fleet, "anna") == {
        (HARBOUR, doors[0].kiosk.fingerprint): CONFIRMED,
        (HARBOUR, doors[1].kiosk.fingerprint): NOT_YET,
        (YARD, yard.kiosk.fingerprint): CONFIRMED,
    }


def test_a_device_that_left_a_scope_has_erased_everybody_of_it(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    front, back = doors
    fleet.told(gone("anna"))
    synced(back)
    fleet.admin.revoke(front.kiosk.fingerprint)
    fleet.publish()
    (found,) = erasure(fleet, "anna")
    (dropped,) = found.dropped
    assert (found.awaited, dropped.device) == ([], front.kiosk.fingerprint)
    assert dropped.at is not None
    with pytest.raises(FleetRefused, match="dropped"):
        front.kiosk.sync()
    front.receipts.hand_in()
    assert states(fleet, "anna")[HARBOUR, front.kiosk.fingerprint] is Confirmation.LEFT


def test_an_enrolment_after_the_erasure_begins_anew(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    fleet.told(gone("anna"))
    synced(*doors)
    fleet.told(person("anna", 2))
    assert [each.erased for each in erasure(fleet, "anna")] == [False]
    fleet.told(gone("anna"))
    assert set(states(fleet, "anna").values()) == {NOT_YET}


# -- whose word counts ---------------------------------------------------------------------------


def test_another_devices_receipt_confirms_nothing(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    front, back = doors
    fleet.told(gone("anna"))
    synced(back)
    put(fleet, front, receipts_of(fleet, back))
    (waiting,) = erasure(fleet, "anna")[0].awaited
    assert waiting.device == front.kiosk.fingerprint
    assert "has not signed" in str(waiting.problem)


def test_a_place_without_what_was_applied_there_confirms_nothing(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    """A device that counts statements without applying them cannot know what they say."""
    front, _ = doors
    fleet.told(gone("anna"))
    said = told(fleet, front)
    guessed = replace(said.scopes[HARBOUR], place=2)
    forged = DeviceReceipts(said.number + 1, {HARBOUR: guessed}, {})
    put(fleet, front, forged.signed(front.kiosk.device))
    (first, _) = erasure(fleet, "anna")[0].awaited
    problems = {each.problem for each in erasure(fleet, "anna")[0].awaited}
    assert first.state is NOT_YET
    assert any("another history" in str(problem) for problem in problems)


def test_an_older_receipt_put_back_is_named(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    front, _ = doors
    old = receipts_of(fleet, front)
    fleet.told(gone("anna"))
    synced(*doors)
    assert set(states(fleet, "anna").values()) == {CONFIRMED}
    put(fleet, front, old)
    (waiting,) = erasure(fleet, "anna")[0].awaited
    assert "put back over a newer" in str(waiting.problem)


def test_a_receipt_that_is_too_long_confirms_nothing(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    fleet.told(gone("anna"))
    for each in doors:
        put(fleet, each, b" " * MOST_RECEIPTS + receipts_of(fleet, each))
    problems = [each.problem for each in erasure(fleet, "anna")[0].awaited]
    assert len([each for each in problems if "longer than" in str(each)]) == len(doors)


def test_a_report_of_health_is_no_receipt(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    front, _ = doors
    fleet.told(gone("anna"))
    front.health.hand_in()
    health = fleet.store.get(layout.health_name(front.kiosk.fingerprint), MOST_RECEIPTS)
    assert isinstance(health, StoredObject)
    put(fleet, front, health.data)
    problems = {each.problem for each in erasure(fleet, "anna")[0].awaited}
    assert any("has not signed" in str(problem) for problem in problems)


# -- when it is handed in ------------------------------------------------------------------------


def test_what_is_handed_in_is_handed_in_again_after_a_day_alone(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    front, _ = doors
    name = layout.receipts_name(front.kiosk.fingerprint)
    before = told(fleet, front)
    fleet.store.delete(name)
    front.restart()
    front.receipts.hand_in()
    assert fleet.store.get(name, MOST_RECEIPTS) is None
    front.kiosk.clock.by = timedelta(hours=25)
    front.receipts.hand_in()
    assert told(fleet, front) == before


def test_a_store_that_takes_nothing_gets_it_later(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    front, _ = doors
    store = SteeredStore(fleet.store, left=0)
    cut_off = ReportingKiosk(front.kiosk, store)
    fleet.told(gone("anna"))
    front.kiosk.sync()
    for _ in range(2):
        with pytest.raises(FleetStoreUnreachable):
            cut_off.receipts.hand_in()
    store.left = None
    cut_off.receipts.hand_in()
    assert states(fleet, "anna")[HARBOUR, front.kiosk.fingerprint] is CONFIRMED
    assert statuses(fleet)


def test_a_home_that_was_restored_takes_its_word_back(
    fleet: SmallFleet, doors: tuple[ReportingKiosk, ReportingKiosk]
) -> None:
    """An older home knows Anna again: its receipt says so, under a higher number."""
    front, _ = doors
    old = dict(Members(front.kiosk.open_home.references).scopes())
    fleet.told(gone("anna"))
    synced(*doors)
    assert states(fleet, "anna")[HARBOUR, front.kiosk.fingerprint] is CONFIRMED
    members = Members(front.kiosk.open_home.references)
    members.leave(HARBOUR)
    members.apply(HARBOUR, old[HARBOUR], [], {})
    front.restart(fleet.asking("other").open_home.home)
    front.receipts.hand_in()
    (waiting,) = erasure(fleet, "anna")[0].awaited
    assert (waiting.device, waiting.problem) == (front.kiosk.fingerprint, None)
