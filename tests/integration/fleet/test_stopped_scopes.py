"""A device that speaks between the signatures of its own end stops its scope, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fleet_keys import Keys, Machine
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, everything, gone, person

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.keys.plans import publisher_replaced
from kiosk.fleet.publishing.stopped import STOPPED, stopped_in
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        yield made


@dataclass
class Yard:
    """A fleet of two scopes, of which one has lost a device.

    Attributes:
        fleet: the fleet.
        front: a kiosk of the harbour.
        lost: the device there that is stolen.
        back: a kiosk of the yard.
        one: an admin's machine.
        two: another one's.
    """

    fleet: SmallFleet
    front: Kiosk
    lost: Kiosk
    back: Kiosk
    one: Machine
    two: Machine

    def speak(self) -> None:
        """Have the stolen device say something, and publish it."""
        self.fleet.hand_in(self.fleet.by_device(self.lost, [gone("boris")]))
        self.fleet.publish()

    def stop(self) -> None:
        """Drop the device, which speaks once nobody looks any more."""
        ident = self.dropped()
        assert self.two.sign_as(ident, self.speak)

    def dropped(self) -> str:
        """A change by which one admin drops the device."""
        return self.one.leave(lambda it: it.admin.revoke(self.lost.fingerprint)).ident

    def stamped(self) -> list[str]:
        """The scopes that the timestamp names."""
        found = VerifiedStore(self.fleet.store, self.fleet.keys.root).timestamp()
        return [*stopped_in(found[0] if found else None)]


@pytest.fixture
def yard(fleet: SmallFleet) -> Yard:
    front, lost = fleet.kiosk("front", HARBOUR), fleet.kiosk("lost", HARBOUR)
    back = fleet.kiosk("back", YARD)
    fleet.told(person("anna"), person("boris"))
    fleet.told(person("carl"), person("dora"), scope=YARD)
    for kiosk in (front, lost, back):
        kiosk.sync()
    return Yard(fleet, front, lost, back, Machine(fleet, "admin-1"), Machine(fleet, "admin-2"))


def test_the_other_scopes_go_on_and_the_one_is_named(yard: Yard) -> None:
    fleet = yard.fleet
    yard.stop()
    fleet.say(gone("carl"), scope=YARD)
    done = fleet.publish()
    assert done.published == {YARD: 1}
    (line,) = done.review
    assert line.startswith(f"Scope {HARBOUR} stays as it was published: Device ")
    assert "drop it once more" in line
    yard.back.sync()
    assert yard.back.names() == {"dora 1"}
    with pytest.raises(FleetRefused, match="may not say statement 1"):
        yard.front.sync()


def test_it_is_named_at_each_attempt_until_the_device_is_dropped_once_more(yard: Yard) -> None:
    fleet = yard.fleet
    yard.stop()
    first = fleet.publish()
    assert yard.stamped() == [HARBOUR]
    again = fleet.publish()
    assert first.review == again.review != []
    assert yard.two.sign(yard.dropped())
    fleet.say(person("emil"))
    done = fleet.publish()
    assert (done.published, done.review, yard.stamped()) == ({HARBOUR: 1}, [], [])
    yard.front.sync()
    assert yard.front.names() == {"anna 1", "emil 1"}


def test_what_waits_in_the_scope_waits_on(yard: Yard) -> None:
    fleet = yard.fleet
    fleet.say(person("emil"))
    yard.stop()
    before = everything(fleet.store, layout.CHANGES)
    fleet.say(gone("carl"), scope=YARD)
    fleet.publish()
    assert everything(fleet.store, layout.CHANGES) == before


def test_a_publisher_that_succeeds_another_leaves_no_scope_unseen(yard: Yard) -> None:
    """It signs nothing of a scope of which it has seen nothing that verifies."""
    for name in everything(yard.fleet.store, f"{layout.TARGETS}people/{HARBOUR}/"):
        if not name.endswith("index.json"):
            yard.fleet.store.delete(name)
    (line,) = yard.fleet.publisher().publish(compact=True).review
    assert line.startswith(f"Scope {HARBOUR} stays")
    keys = Keys(yard.fleet)
    keys.rotation.edit(publisher_replaced(keys.ring))
    with pytest.raises(FleetRefused, match="Nothing that was ever published of scope harbour"):
        yard.fleet.admins().publish()


def test_the_second_admin_is_told_that_the_device_has_said_more(yard: Yard) -> None:
    fleet, ident = yard.fleet, yard.dropped()
    assert yard.two.desk.look(ident).problem is None
    yard.speak()
    told = f"Device {yard.lost.fingerprint} has said more about {HARBOUR} since it was made"
    assert str(yard.two.desk.look(ident).problem).startswith(told)
    with pytest.raises(FleetRefused, match="has said more"):
        yard.two.sign(ident)
    yard.two.desk.reject(ident)
    assert yard.two.sign(yard.dropped())
    assert fleet.publish().review == []
    yard.front.sync()
    assert yard.front.names() == {"anna 1"}


@pytest.mark.parametrize("said", [None, "harbour", {"harbour": 1}, [1], [["harbour"]]])
def test_what_else_a_timestamp_may_say_names_no_scope(yard: Yard, said: object) -> None:
    found = VerifiedStore(yard.fleet.store, yard.fleet.keys.root).timestamp()
    assert found is not None
    found[0].unrecognized_fields[STOPPED] = said
    assert stopped_in(found[0]) == []
    assert stopped_in(None) == []
