"""A fleet whose keys change: who knew the old ones loses nothing, and adds nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from fleet_keys import Keys, stolen
from fleet_thieves import Thief, refused, together
from small_fleet import (
    HARBOUR,
    YARD,
    Kiosk,
    SmallFleet,
    SteeredStore,
    everything,
    gone,
    person,
    put_back,
)
from tuf.api.metadata import Targets

from kiosk.domain.errors import BadInput, FleetRefused, FleetStoreUnreachable, StoreKeyError
from kiosk.domain.fleet.statement import ADMINS
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.keys.plans import admin_replaced
from kiosk.fleet.keys.rotation import Rotated
from kiosk.fleet.saying import said_by
from kiosk.fleet.stores.port import ABSENT
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.editing import AdminSigning, Edit
from kiosk.fleet.trust.keyring import AdminKeys, Keyring
from kiosk.fleet.trust.targets import signed_by
from kiosk.fleet.trust.verified import VerifiedStore

CHANGES: dict[str, Callable[[Keys], Rotated]] = {
    "an admin's key is replaced": lambda keys: keys.replace_admin("admin-1"),
    "an admin goes": lambda keys: keys.remove_admin("admin-2"),
    "an admin comes": lambda keys: keys.add_admin(),
    "three have to sign": lambda keys: keys.set_threshold(3),
    "one has to sign": lambda keys: keys.set_threshold(1),
    "the root is renewed": lambda keys: keys.renew(),
    "the publisher's key is replaced": lambda keys: keys.replace_publisher(),
}


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        yield made


@pytest.fixture
def front(fleet: SmallFleet) -> Kiosk:
    """A kiosk that knows Anna and Boris."""
    kiosk = fleet.kiosk("front", HARBOUR)
    fleet.told(person("anna"), person("chen"))
    fleet.told(person("boris"), gone("chen"))
    kiosk.sync()
    return kiosk


def fresh(fleet: SmallFleet, name: str = "fresh") -> Kiosk:
    kiosk = fleet.kiosk(name, HARBOUR)
    fleet.admin.publish()
    kiosk.sync()
    return kiosk


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_everything_goes_on(fleet: SmallFleet, front: Kiosk, change: str) -> None:
    rotated = CHANGES[change](Keys(fleet))
    assert rotated.root == 2
    assert rotated.published is not None
    front.sync()
    assert front.names() == {"anna 1", "boris 1"}
    fleet.say(person("dora"))
    fleet.admin.publish()
    front.sync()
    assert front.names() == {"anna 1", "boris 1", "dora 1"} == fresh(fleet).names()


def test_change_after_change_and_a_kiosk_that_was_off_meanwhile(
    fleet: SmallFleet, front: Kiosk
) -> None:
    keys = Keys(fleet)
    for number, change in enumerate(CHANGES.values()):
        change(Keys(fleet))
        fleet.say(person(f"p-{number}"))
        fleet.admin.publish()
    assert keys.replace_admin("admin-3").root == len(CHANGES) + 2
    front.sync()
    people = {"anna 1", "boris 1", *(f"p-{number} 1" for number in range(len(CHANGES)))}
    assert front.names() == people == fresh(fleet).names()


# -- a key that was stolen -----------------------------------------------------------------------


def test_the_key_of_an_admin_who_went_signs_nothing_more(
    fleet: SmallFleet, front: Kiosk, tmp_path: Path
) -> None:
    """Two keys were enough before; also for a statement that is older than the change."""
    thief = stolen(fleet.keys, tmp_path / "stolen")
    before, opened = fleet.history(), fleet.keys_of()
    Keys(fleet).replace_admin("admin-1")
    Keys(fleet).replace_admin("admin-2")
    front.sync()
    signers = [each.signer for each in thief.admins[:2]]
    fleet.told(person("dora"))
    front.sync()
    for jump, history in enumerate((before, fleet.history()), start=1):
        file = said_by(ADMINS, signers, opened, history, [person("eve")], fleet.clock.utc())
        name = fleet.hand_in(file)
        (line,) = fleet.publish().review
        assert line.startswith(f"{name}: Statement")
        assert line.endswith("is not signed by 2 admins.")
        honest = everything(fleet.store)
        Thief(fleet).show(together(fleet.published(), file), jump=jump)
        refused(front, "is not signed by 2 admins")
        put_back(fleet.store, honest, [*everything(fleet.store)])


def test_a_history_that_old_keys_signed_is_no_other_than_the_one_that_was_vouched_for(
    fleet: SmallFleet, tmp_path: Path
) -> None:
    fleet.told(person("anna"))
    fleet.told(person("boris"))
    thief, opened = stolen(fleet.keys, tmp_path / "stolen"), fleet.keys_of()
    Keys(fleet).remove_admin("admin-1")
    signers = [each.signer for each in thief.admins[:2]]
    history = type(fleet.history())(HARBOUR)
    whole = []
    for name in ("eve", "mallory"):
        file = said_by(ADMINS, signers, opened, history, [person(name)], fleet.clock.utc())
        history.follow(file.statements[0][0])
        whole.append(file)
    Thief(fleet).show(together(*whole))
    newcomer = fleet.kiosk("newcomer", HARBOUR)
    Thief(fleet).publish({}, YARD, kept=True)
    refused(newcomer, "goes on after statement 2")
    Thief(fleet).show(whole[0], jump=2)
    newcomer.anew()
    refused(newcomer, "goes on after statement 2")
    Thief(fleet).show(jump=2)
    newcomer.anew()
    refused(newcomer, "goes on after statement 2")


def test_the_thief_of_an_admins_and_the_publishers_key_adds_nobody_after_both_are_replaced(
    fleet: SmallFleet, front: Kiosk, tmp_path: Path
) -> None:
    thief = stolen(fleet.keys, tmp_path / "stolen")
    Keys(fleet).replace_admin("admin-1")
    Keys(fleet).replace_publisher()
    front.sync()
    assert thief.publisher is not None
    old = Thief(fleet, thief.publisher)
    name = layout.metadata_name("timestamp", None)
    honest = everything(fleet.store)[name]
    old.top(10**6, 10**6, {})
    refused(front, "cannot be verified")
    with pytest.raises(FleetRefused, match="metadata of timestamp"):
        fleet.admin.publish()
    put_back(fleet.store, {name: honest}, [name])
    front.sync()
    assert front.names() == {"anna 1", "boris 1"}


def test_an_old_publisher_that_still_runs_signs_nothing(
    fleet: SmallFleet, front: Kiosk, tmp_path: Path
) -> None:
    old = stolen(fleet.keys, tmp_path / "old")
    Keys(fleet).replace_publisher()
    before = everything(fleet.store)
    with pytest.raises(BadInput, match="is not the fleet's any more"):
        fleet.admins().__class__(fleet.store, old, fleet.clock.utc).publish()
    assert everything(fleet.store) == before
    front.sync()


@pytest.mark.parametrize("what", ["rubbish", "an older list", "nothing"])
def test_what_a_thief_of_the_publishers_key_left_is_passed_over(
    fleet: SmallFleet, front: Kiosk, what: str
) -> None:
    thief = Thief(fleet)
    left = {
        "rubbish": {layout.index_target(HARBOUR): b"rubbish"},
        "an older list": {},
        "nothing": {},
    }
    thief.publish(left[what], jump=10**9, kept=what == "nothing")
    if what == "nothing":
        fleet.store.delete(layout.metadata_name("timestamp", None))
    Keys(fleet).replace_publisher()
    fleet.say(person("dora"))
    fleet.admin.publish()
    front.sync()
    assert front.names() == {"anna 1", "boris 1", "dora 1"} == fresh(fleet).names()


# -- roots ---------------------------------------------------------------------------------------


def test_a_store_that_keeps_the_new_root_back_shows_by_its_age(
    fleet: SmallFleet, front: Kiosk
) -> None:
    before = everything(fleet.store)
    Keys(fleet).replace_admin("admin-1")
    put_back(fleet.store, before, [*everything(fleet.store)])
    seen = front.sync()
    front.clock.by += timedelta(hours=20)
    assert front.sync().signed_at == seen.signed_at  # what a kiosk has heard gets older
    front.clock.by += timedelta(hours=10)
    refused(front, "has expired")
    with pytest.raises(FleetRefused):
        fleet.admin.status()  # whoever has seen the new one is told at once


def test_a_root_that_too_few_have_signed_is_not_put_in_place(
    fleet: SmallFleet, front: Kiosk, tmp_path: Path
) -> None:
    thief = stolen(fleet.keys, tmp_path / "stolen")
    for name in ("admin-2", "admin-3"):
        (thief.folder / f"{name}.key").unlink()
    alone = Keyring(thief.folder)
    root = VerifiedStore(fleet.store, fleet.keys.root).root
    root.version, root.roles["root"].threshold, root.roles["targets"].threshold = 2, 1, 1
    data = signed_by(root, [each.signer for each in alone.admins])
    fleet.store.put(layout.metadata_name("root", 2), data, expected=ABSENT)
    front.sync()  # an idle poll asks for no root
    front.anew()
    refused(front, "cannot be verified")
    with pytest.raises(FleetRefused, match="metadata of root"):
        Keys(fleet).renew()


def test_who_is_alone_changes_no_keys(fleet: SmallFleet, front: Kiosk) -> None:
    for name in ("admin-2", "admin-3"):
        (fleet.keys.folder / f"{name}.key").unlink()
    fleet.keys = Keyring(fleet.keys.folder)
    before = everything(fleet.store)
    for change in CHANGES.values():
        with pytest.raises(StoreKeyError, match="2 admins have to sign"):
            change(Keys(fleet))
    assert everything(fleet.store) == before
    front.sync()


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda keys: keys.remove_admin("admin-9"), "no admin 'admin-9'"),
        (lambda keys: keys.set_threshold(4), "3 would be left"),
        (lambda keys: (keys.remove_admin("admin-1"), keys.remove_admin("admin-2")), "1 would be"),
    ],
)
def test_changes_that_cannot_be(
    fleet: SmallFleet, act: Callable[[Keys], object], match: str
) -> None:
    with pytest.raises(BadInput, match=match):
        act(Keys(fleet))


# -- interrupted ---------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(
    "change", ["an admin's key is replaced", "the publisher's key is replaced"]
)
def test_wherever_a_change_dies_it_is_made_whole(tmp_path: Path, change: str) -> None:
    died, writes = True, 0
    while died:
        with SmallFleet(tmp_path / str(writes), HARBOUR) as fleet:
            kiosk = fleet.kiosk("front", HARBOUR)
            fleet.told(person("anna"))
            kiosk.sync()
            died = died_after(fleet, change, writes)
            with suppress(FleetRefused):  # for as long as nobody has published
                kiosk.sync()
            assert kiosk.names() == {"anna 1"}
            if fleet.admins().status() and Keys(fleet).rotation.settled().root == 1:
                CHANGES[change](Keys(fleet))
            assert Keys(fleet).rotation.settled().root == 2
            fleet.admin = fleet.admins()
            fleet.say(person("boris"))
            fleet.admin.publish()
            kiosk.sync()
            assert kiosk.names() == {"anna 1", "boris 1"} == fresh(fleet).names()
        writes += 1
    assert writes > 5


def died_after(fleet: SmallFleet, change: str, writes: int) -> bool:
    keys = Keys(fleet, SteeredStore(fleet.store, left=writes))
    try:
        CHANGES[change](keys)
    except FleetStoreUnreachable:
        return True
    return False


@pytest.fixture
def slow(fleet: SmallFleet, front: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between an admin's look and their signature old keys say something, and it is published."""
    assert front.names() == {"anna 1", "boris 1"}
    real, between = AdminSigning.edit, iter([lambda: (fleet.say(person("dora")), fleet.publish())])

    def edit(self: AdminSigning, change: Edit) -> None:
        def late(targets: Targets, verified: VerifiedStore) -> Mapping[str, bytes]:
            changed = change(targets, verified)
            next(between, lambda: None)()
            return changed

        real(self, late)

    monkeypatch.setattr(AdminSigning, "edit", edit)


def old_keys_sign(fleet: SmallFleet) -> None:
    """Admin 3 is not here when Dora is spoken of: the statement has the signature of who goes."""
    fleet.admin = FleetAdmin(fleet.store, _Pair(fleet.keys.folder), fleet.clock.utc)


class _Pair(Keyring):
    @property
    def admins(self) -> tuple[AdminKeys, ...]:  # type: ignore[override] # not cached
        return Keyring(self.folder).admins[:2]


@pytest.mark.usefixtures("slow")
def test_what_old_keys_signed_while_the_change_was_made_counts(
    fleet: SmallFleet, front: Kiosk
) -> None:
    """Published after the heads were taken, and before the root followed."""
    old_keys_sign(fleet)
    rotated = Keys(fleet).replace_admin("admin-1")
    assert rotated.vouched == {HARBOUR: 3}
    front.sync()
    assert front.names() == {"anna 1", "boris 1", "dora 1"} == fresh(fleet).names()


@pytest.mark.usefixtures("slow")
def test_who_renews_vouches_for_what_came_while_keys_changed(
    fleet: SmallFleet, front: Kiosk
) -> None:
    """The command ended before it looked again, or admins signed on different machines."""
    old_keys_sign(fleet)
    keys = Keys(fleet)
    keys.rotation.edit(admin_replaced(keys.ring, "admin-1"))
    fleet.admin = fleet.admins()
    done = fleet.admin.publish()
    assert done is not None
    (line,) = done.review
    assert "Statement 3 about scope harbour is not signed" in line
    refused(front, "Statement 3 about scope harbour is not signed")
    assert Keys(fleet).renew().vouched == {HARBOUR: 3}
    front.sync()
    assert front.names() == {"anna 1", "boris 1", "dora 1"} == fresh(fleet).names()
