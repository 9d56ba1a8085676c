"""Admins who sign on different machines: what one leaves, the next sees, and signs or does not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fleet_keys import Act, Keys, Machine
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, SteeredStore, everything, gone, person

from kiosk.cli.fleet.common import FleetSession
from kiosk.domain.errors import BadInput, FleetRefused, FleetStoreUnreachable, StoreKeyError
from kiosk.domain.fleet.statement import ADMINS
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.directing import FleetDirector
from kiosk.fleet.keys.change import KeyChange
from kiosk.fleet.keys.plans import admin_added, admin_replaced, publisher_replaced
from kiosk.fleet.keys.public_file import PublicKeys
from kiosk.fleet.pending.change import PendingChange
from kiosk.fleet.pending.desk import PendingDesk
from kiosk.fleet.stores.overlay import Write
from kiosk.fleet.stores.port import ANYTHING, StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        made.told(person("anna"))
        yield made


@pytest.fixture
def front(fleet: SmallFleet) -> Kiosk:
    return fleet.kiosk("front", HARBOUR)


@pytest.fixture
def one(fleet: SmallFleet, front: Kiosk) -> Machine:
    assert front.fingerprint
    return Machine(fleet, "admin-1")


@pytest.fixture
def two(fleet: SmallFleet, front: Kiosk) -> Machine:
    assert front.fingerprint
    return Machine(fleet, "admin-2")


def waiting(fleet: SmallFleet) -> list[str]:
    return [*everything(fleet.store, layout.PENDING)]


ANNA = SubjectId("anna")


# -- two sign ------------------------------------------------------------------------------------


def test_nothing_changes_before_the_second_has_signed(
    fleet: SmallFleet, front: Kiosk, one: Machine, two: Machine
) -> None:
    fleet.publish()
    front.sync()
    before = everything(fleet.store)
    left = one.leave(lambda it: FleetDirector(it.admin).suspend(ANNA))
    assert (left.signed, left.threshold, left.problem) == (("admin-1",), 2, None)
    assert set(everything(fleet.store)) - set(before) == {layout.pending_name(left.ident)}
    seen = two.desk.look(left.ident)
    assert [(it.subject, it.what, it.fields) for it in seen.people] == [
        ("anna", "changed", ("suspended: False -> True",))
    ]
    assert two.sign(left.ident)
    assert waiting(fleet) == []
    fleet.publish()
    front.sync()
    assert front.open_home.references.show(ANNA).profile.rules.suspended


def test_who_signs_twice_is_one(one: Machine, fleet: SmallFleet) -> None:
    left = one.leave(lambda it: it.admin.say(HARBOUR, [gone("anna")]))
    assert not one.sign(left.ident)
    assert one.desk.look(left.ident).signed == ("admin-1",)
    assert len(waiting(fleet)) == 1


def test_a_device_is_approved_by_two(fleet: SmallFleet, one: Machine, two: Machine) -> None:
    back = fleet.asking("back")
    left = one.leave(lambda it: it.admin.approve(back.fingerprint, [HARBOUR]))
    assert two.desk.look(left.ident).signs == (
        f"Device {back.fingerprint} is approved, for the door harbour door.",
        f"Device {back.fingerprint} gets the keys of harbour.",
        f"Scope harbour: device {back.fingerprint} comes.",
    )
    assert two.sign(left.ident)
    fleet.publish()
    assert back.sync().people == 1


def test_a_move_is_one_change(fleet: SmallFleet, front: Kiosk, one: Machine, two: Machine) -> None:
    left = one.leave(lambda it: FleetDirector(it.admin).move(ANNA, YARD))
    told = [(it.scope, it.what) for it in two.desk.look(left.ident).people]
    assert sorted(told) == [(HARBOUR, "erased"), (YARD, "new")]
    assert two.sign(left.ident)
    assert fleet.publish().published == {HARBOUR: 1, YARD: 1}
    assert front.sync().people == 0


ROTATED: dict[str, Act] = {
    "renewed": lambda it: it.rotation.edit(lambda *_: KeyChange()),
    "an admin's key is replaced": lambda it: it.rotation.edit(admin_replaced(it.keys, "admin-3")),
    "three have to sign": lambda it: it.rotation.edit(lambda *_: KeyChange(threshold=3)),
}


@pytest.mark.parametrize("what", ["renewed", "an admin's key is replaced"])
def test_keys_change_by_two(
    fleet: SmallFleet, front: Kiosk, one: Machine, two: Machine, what: str
) -> None:
    left = one.leave(ROTATED[what])
    assert "Root 2 follows root 1" in two.desk.look(left.ident).signs[-1] + " ".join(left.signs)
    assert two.sign(left.ident)
    fleet.admin = fleet.admins()
    fleet.admin.publish()
    front.sync()
    assert VerifiedStore(fleet.store, fleet.keys.root).root.version == 2
    waits = one.leave_all(lambda it: it.admin.say(HARBOUR, [person("boris")]))
    # Whoever drew the new admin's keys holds those of two, until they are handed over.
    assert [each.problem for each in waits] == ([None] if what == "renewed" else [])


def test_three_sign_where_three_have_to(
    fleet: SmallFleet, front: Kiosk, one: Machine, two: Machine
) -> None:
    """Two are enough by the old root, and not by the new one."""
    three = Machine(fleet, "admin-3")
    left = one.leave(ROTATED["three have to sign"])
    assert not two.sign(left.ident)
    assert VerifiedStore(fleet.store, fleet.keys.root).root.version == 1
    assert three.sign(left.ident)
    fleet.admins().publish()
    front.sync()
    assert VerifiedStore(fleet.store, fleet.keys.root).root.roles["targets"].threshold == 3


def test_an_admin_comes_with_keys_of_their_own_machine(
    fleet: SmallFleet, one: Machine, two: Machine, tmp_path: Path
) -> None:
    made = Keyring.make_admin(tmp_path / "four", "admin-new", None)
    public = tmp_path / "public.json"
    PublicKeys.of(made).write(public)
    left = one.leave(lambda it: it.rotation.edit(admin_added(it.keys, PublicKeys.read(public))))
    shown = two.desk.look(left.ident).signs
    assert f"admin-4 (key {made.keyid[:12]}) becomes an admin." in shown
    assert PublicKeys.read(public).fingerprint in " ".join(shown)
    assert two.sign(left.ident)
    fleet.admins().publish()
    shutil.copy(fleet.keys.folder / "root.json", tmp_path / "four" / "root.json")
    four = Machine.__new__(Machine)
    four.fleet, four.folder = fleet, tmp_path / "four"
    said = four.leave(lambda it: it.admin.say(HARBOUR, [person("dora")]))
    assert said.signed == ("admin-4",)
    assert one.sign(said.ident)
    assert fleet.publish().published[HARBOUR] == 1


def test_the_publishers_key_is_replaced_by_two(
    fleet: SmallFleet, front: Kiosk, one: Machine, two: Machine
) -> None:
    left = one.leave(lambda it: it.rotation.edit(publisher_replaced(it.keys)))
    told = " ".join(two.desk.look(left.ident).signs)
    assert "people-harbour: 1 of key" in told
    assert "timestamp: key" in told
    assert two.sign(left.ident)
    with pytest.raises(BadInput, match="is not the fleet's any more"):
        fleet.admins().publish()  # the old one, where it lies
    own = FleetSession(fleet.store, Keyring(one.folder))
    assert own.rotation.settled().published == 1
    assert {path.name for path in one.folder.glob("pub*")} == {"publisher.key"}
    front.sync()
    assert front.names() == {"anna 1"}


@pytest.mark.parametrize("what", ["a move", "a scope", "keys"])
def test_wherever_a_signature_dies_it_takes_effect_once_it_is_repeated(
    fleet: SmallFleet, one: Machine, two: Machine, what: str
) -> None:
    acts: dict[str, Act] = {
        "a move": lambda it: FleetDirector(it.admin).move(ANNA, YARD),
        "a scope": lambda it: it.admin.add_scope("east", ["e"]),
        "keys": ROTATED["an admin's key is replaced"],
    }
    left = one.leave(acts[what])
    died = 0
    for writes in range(30):
        desk = PendingDesk(
            SteeredStore(fleet.store, left=writes), Keyring(two.folder), fleet.clock.utc
        )
        try:
            done = desk.sign(left.ident, desk.look(left.ident))
        except FleetStoreUnreachable:
            died += 1
            continue
        assert done
        break
    assert died >= 3
    assert waiting(fleet) == []
    published = fleet.admins().publish()
    assert published is not None
    assert published.review == []
    if what == "a move":
        assert published.published == {HARBOUR: 1, YARD: 1}
    if what == "a scope":
        assert "east" in fleet.admins().scopes()
    assert VerifiedStore(fleet.store, fleet.keys.root).root.version == (2 if what == "keys" else 1)


# -- what has moved on ---------------------------------------------------------------------------


def test_what_was_overtaken_has_to_be_made_again(
    fleet: SmallFleet, one: Machine, two: Machine
) -> None:
    said = one.leave(lambda it: it.admin.say(HARBOUR, [gone("anna"), person("boris")]))
    made = one.leave(lambda it: it.admin.add_scope("east", ["e"]))
    fleet.say(person("boris", 2))
    fleet.admin.add_scope("west", ["w"])
    before = everything(fleet.store)
    changed = "boris was changed in scope harbour since it was made, by statement 2 of admins"
    for left, told in ((said, changed), (made, "changed the fleet")):
        assert told in str(two.desk.look(left.ident).problem)
        with pytest.raises(FleetRefused, match=told):
            two.sign(left.ident)
    assert everything(fleet.store) == before
    two.desk.reject(said.ident)
    assert two.desk.names() == [made.ident]
    with pytest.raises(BadInput, match="No change"):
        two.desk.look(said.ident)


def carried(machine: Machine, ident: str) -> str:
    """Carry a change over, and sign it; returns its new name."""
    made = machine.desk.carry_over(ident, machine.desk.look(ident))
    assert made.overtaken == ()
    assert not machine.desk.sign(made.ident, made)
    return made.ident


@pytest.mark.parametrize("what", ["signed", "published"])
def test_changes_of_different_people_wait_beside_each_other(
    fleet: SmallFleet, front: Kiosk, one: Machine, two: Machine, what: str
) -> None:
    """Whichever is signed first: the other is carried over, and both have to sign it again."""
    first = one.leave(lambda it: FleetDirector(it.admin).move(ANNA, YARD))
    second = two.leave(lambda it: it.admin.say(HARBOUR, [person("boris")]))
    assert one.sign(second.ident)
    if what == "published":
        fleet.publish()
    overtaken = two.desk.look(first.ident)
    assert (overtaken.problem, overtaken.overtaken) == (None, (HARBOUR,))
    with pytest.raises(FleetRefused, match="something about harbour since"):
        two.desk.sign(first.ident, overtaken)
    ident = carried(two, first.ident)
    assert two.desk.names() == [ident]
    assert two.desk.look(ident).signed == ("admin-2",)
    assert one.sign(ident)
    fleet.publish()
    front.sync()
    assert front.names() == {"boris 1"}


def test_a_change_of_the_same_person_is_refused_while_one_waits(
    fleet: SmallFleet, one: Machine, two: Machine
) -> None:
    first = one.leave(lambda it: FleetDirector(it.admin).suspend(ANNA))
    before = everything(fleet.store)
    with pytest.raises(BadInput, match=f"{first.ident}, which admin-1 signed.*about anna") as told:
        two.leave(lambda it: it.admin.say(HARBOUR, [gone("anna"), person("boris")]))
    assert "reject it" in told.value.remedy
    assert everything(fleet.store) == before
    two.desk.reject(first.ident)
    assert two.leave(lambda it: it.admin.say(HARBOUR, [gone("anna")])).problem is None


def test_what_no_admin_has_signed_keeps_nobody_from_changing_somebody(
    fleet: SmallFleet, one: Machine, two: Machine
) -> None:
    """Whoever can write to the store leaves a change there that nobody has signed."""
    left = one.leave(lambda it: FleetDirector(it.admin).suspend(ANNA))

    def unsigned(change: PendingChange) -> PendingChange:
        ((name, file),) = change.statements
        file.statements[0][1].signatures.clear()
        return PendingChange((Write(name, file.encode(), new=True),))

    assert altered(fleet, left.ident, unsigned) == left.ident
    assert two.leave(lambda it: it.admin.say(HARBOUR, [gone("anna")])).signed == ("admin-2",)


def test_what_has_taken_effect_is_not_signed_again(
    fleet: SmallFleet, one: Machine, two: Machine
) -> None:
    """A thief puts a change back, so that it is carried over after what was said since."""
    left = one.leave(lambda it: FleetDirector(it.admin).suspend(ANNA))
    kept = everything(fleet.store)[layout.pending_name(left.ident)]
    assert two.sign(left.ident)
    fleet.publish()
    fleet.told(person("boris"))
    fleet.store.put(layout.pending_name(left.ident), kept, expected=ANYTHING)
    with pytest.raises(FleetRefused, match="has taken effect already"):
        two.sign(left.ident)
    with pytest.raises(FleetRefused, match="has taken effect already"):
        carried(two, left.ident)


def test_what_is_carried_over_is_sealed_for_the_devices_of_today(
    fleet: SmallFleet, front: Kiosk, one: Machine, two: Machine
) -> None:
    left = one.leave(lambda it: it.admin.say(HARBOUR, [person("dora")]))
    assert front.fingerprint
    fleet.admin.revoke(front.fingerprint)
    fleet.told(person("boris"))
    ident = carried(two, left.ident)
    found = fleet.store.get(layout.pending_name(ident), 2**30)
    assert isinstance(found, StoredObject)
    ((_, file),) = PendingChange.decode(found.data).statements
    assert {each.epoch for each in file.records.values()} == {2}


def test_what_follows_nothing_that_was_said_is_not_carried_over(
    fleet: SmallFleet, one: Machine, two: Machine
) -> None:
    """A thief of the store shows a change that was made on another history."""
    said = one.leave(lambda it: it.admin.say(HARBOUR, [person("dora")]))
    assert two.sign(said.ident)
    left = one.leave(lambda it: it.admin.say(HARBOUR, [person("eve")]))
    fleet.store.delete(layout.inbox_name(ADMINS, HARBOUR, 2))
    with pytest.raises(FleetRefused, match="follows something that was never said"):
        carried(two, left.ident)


def test_what_waits_for_too_long_is_not_signed(
    fleet: SmallFleet, one: Machine, two: Machine
) -> None:
    left = one.leave(lambda it: it.admin.say(HARBOUR, [gone("anna")]))
    fleet.clock.by = timedelta(days=8)
    with pytest.raises(FleetRefused, match="which is too long"):
        two.sign(left.ident)
    fleet.clock.by = timedelta(days=-1)
    with pytest.raises(FleetRefused, match="which is to come"):
        two.sign(left.ident)


def test_two_who_sign_at_once_both_count(fleet: SmallFleet, one: Machine, two: Machine) -> None:
    Keys(fleet).set_threshold(3)
    three = Machine(fleet, "admin-3")
    left = one.leave(lambda it: it.admin.say(HARBOUR, [gone("anna")]))
    slow = two.desk
    shown = slow.look(left.ident)
    assert not three.sign(left.ident)
    assert slow.sign(left.ident, shown)
    assert fleet.publish().published[HARBOUR] == 1


# -- what whoever can write to the store leaves there --------------------------------------------


def altered(fleet: SmallFleet, ident: str, change: Callable[[PendingChange], PendingChange]) -> str:
    """Put another change in the place of one that waits; returns its name."""
    found = fleet.store.get(layout.pending_name(ident), 2**30)
    assert isinstance(found, StoredObject)
    other = change(PendingChange.decode(found.data))
    fleet.store.delete(layout.pending_name(ident))
    fleet.store.put(layout.pending_name(other.ident), other.encode(), expected=ANYTHING)
    return other.ident


def test_a_change_under_the_name_of_another_one(
    fleet: SmallFleet, one: Machine, two: Machine
) -> None:
    left = one.leave(lambda it: it.admin.say(HARBOUR, [person("boris")]))
    other = one.leave(lambda it: it.admin.say(HARBOUR, [gone("anna")]))
    data = everything(fleet.store)[layout.pending_name(other.ident)]
    fleet.store.put(layout.pending_name(left.ident), data, expected=ANYTHING)
    with pytest.raises(FleetRefused, match="was altered"):
        two.desk.look(left.ident)


@pytest.mark.parametrize(
    "name",
    [
        "metadata/timestamp.json",
        "metadata/2.snapshot.json",
        "metadata/2.root.json",
        "requests/x.json",
        "devices/x.json",
        "pending/x.json",
        "changes/harbour/../../metadata/1.root.json",
    ],
)
def test_a_change_that_writes_something_else(
    fleet: SmallFleet, one: Machine, two: Machine, name: str
) -> None:
    left = one.leave(lambda it: it.admin.say(HARBOUR, [person("boris")]))
    found = fleet.store.get(layout.pending_name(left.ident), 2**30)
    assert isinstance(found, StoredObject)
    writes = PendingChange.decode(found.data).writes
    forged = PendingChange((*writes, Write(name, b"{}", new=False)))
    with pytest.raises(FleetRefused, match="something that admins do not sign"):
        PendingChange.decode(forged.encode())
    fleet.store.put(layout.pending_name(left.ident), forged.encode(), expected=ANYTHING)
    with pytest.raises(FleetRefused, match="something that admins do not sign"):
        two.desk.look(left.ident)


def test_a_change_that_writes_over_what_is_signed_already(
    fleet: SmallFleet, one: Machine, two: Machine
) -> None:
    """The name is one of today's targets; its content would be lost."""
    left = one.leave(lambda it: it.admin.add_scope("east", ["e"]))
    targets = VerifiedStore(fleet.store, fleet.keys.root).targets().targets
    path = layout.scope_target(YARD)
    name = layout.target_name(path, targets[path].hashes["sha256"])
    more = Write(name, b"{}", new=False)
    ident = altered(fleet, left.ident, lambda it: PendingChange.of((*it.writes, more)))
    with pytest.raises(FleetRefused, match="is not the one that was published"):
        two.desk.look(ident)
    nobody = Write("targets/scopes/x.json", b"{}", new=False)
    ident = altered(fleet, ident, lambda it: PendingChange.of((*it.writes[1:], nobody)))
    with pytest.raises(FleetRefused):
        two.desk.look(ident)


def test_a_thief_in_the_place_of_the_first_admin_gets_nothing_signed_unseen(
    one: Machine, two: Machine
) -> None:
    """Between the look and the signature the documents are exchanged, and so is their name."""
    left = one.leave(lambda it: it.admin.say(HARBOUR, [person("boris")]))
    seen = two.desk.look(left.ident)
    other = one.leave(lambda it: it.admin.say(HARBOUR, [person("eve")]))
    with pytest.raises(FleetRefused, match="another one than was shown"):
        two.desk.sign(other.ident, seen)


def test_signatures_of_nobody_are_none(fleet: SmallFleet, one: Machine, two: Machine) -> None:
    left = one.leave(lambda it: it.admin.add_scope("east", ["e"]))

    def forged(change: PendingChange) -> PendingChange:
        found = change.targets
        assert found is not None
        for admin in fleet.keys.admins:
            mine = next(iter(found.signatures.values()))
            found.signatures[admin.keyid] = replace_keyid(mine, admin.keyid)
        writes = [
            replace(it, data=found.to_bytes()) if it.name.endswith("targets.json") else it
            for it in change.writes
        ]
        return PendingChange(tuple(writes))

    ident = altered(fleet, left.ident, forged)
    assert ident == left.ident
    assert two.desk.look(ident).signed == ("admin-1",)
    assert two.sign(ident)
    assert "east" in fleet.admins().scopes()


def replace_keyid(signature: object, keyid: str) -> object:
    made = type(signature).__new__(type(signature))
    made.__dict__.update(signature.__dict__, keyid=keyid)
    return made


def test_who_is_no_admin_signs_nothing(fleet: SmallFleet, one: Machine, tmp_path: Path) -> None:
    left = one.leave(lambda it: it.admin.add_scope("east", ["e"]))
    Keyring.make_admin(tmp_path / "stranger", "admin-1", None)
    shutil.copy(one.folder / "root.json", tmp_path / "stranger" / "root.json")
    desk = PendingDesk(fleet.store, Keyring(tmp_path / "stranger"), fleet.clock.utc)
    shown = desk.look(left.ident)
    with pytest.raises(StoreKeyError, match="is an admin's of this fleet"):
        desk.sign(left.ident, shown)
