"""A change that waits while a device or an admin is dropped, who has the keys of its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fleet_keys import Keys, Machine
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, everything, gone, person

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.pending.desk import PendingReport
from kiosk.fleet.trust import layout


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        yield made


@pytest.fixture
def lost(fleet: SmallFleet) -> Kiosk:
    kiosk = fleet.kiosk("lost", HARBOUR)
    fleet.told(person("anna"))
    return kiosk


@pytest.fixture
def one(fleet: SmallFleet, lost: Kiosk) -> Machine:
    assert lost.fingerprint
    return Machine(fleet, "admin-1")


def added(one: Machine) -> PendingReport:
    """Somebody whom one admin adds."""
    return one.leave(lambda it: it.admin.say(HARBOUR, [person("zoe")]))


DROPPED: dict[str, Callable[[SmallFleet, Kiosk], object]] = {
    "a device": lambda fleet, lost: fleet.admins().revoke(lost.fingerprint),
    "an admin": lambda fleet, _: Keys(fleet).remove_admin("admin-3"),
}


@pytest.mark.parametrize("who", DROPPED)
def test_what_was_sealed_before_is_not_signed(
    fleet: SmallFleet, lost: Kiosk, one: Machine, who: str
) -> None:
    left, two = added(one), Machine(fleet, "admin-2")
    DROPPED[who](fleet, lost)
    told = f"A device or an admin was dropped from scope {HARBOUR} since it was made"
    assert str(two.desk.look(left.ident).problem).startswith(told)
    with pytest.raises(FleetRefused, match=told):
        two.sign(left.ident)
    assert not everything(fleet.store, f"{layout.CHANGES}{HARBOUR}/")


def test_it_can_be_made_again_while_the_old_one_lies_there(
    fleet: SmallFleet, lost: Kiosk, one: Machine
) -> None:
    added(one)
    fleet.admins().revoke(lost.fingerprint)
    again = added(one)
    assert Machine(fleet, "admin-2").sign(again.ident)
    fleet.publish()
    zoe = max(fleet.published().records.values(), key=lambda it: it.epoch)
    assert (zoe.epoch, fleet.keys_of().epoch) == (2, 2)


def test_what_holds_no_record_of_that_scope_is_signed_all_the_same(
    fleet: SmallFleet, lost: Kiosk, one: Machine
) -> None:
    two = Machine(fleet, "admin-2")
    issued = fleet.invited(person("boris"))
    assert issued
    fleet.publish()
    card = fleet.naming().drop("desk")[0]
    ended = fleet.naming().open_invitations(card, HARBOUR)
    left = one.leave(lambda it: it.admin.say(HARBOUR, ended))
    other = one.leave(lambda it: it.admin.say(YARD, [gone("carl")]))
    fleet.admins().revoke(lost.fingerprint)
    assert two.sign(left.ident)
    assert two.sign(other.ident)
