"""A store that is verified as a whole, and what would be published next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fleet_keys import Keys
from fleet_thieves import Thief
from kept_samples import AGREED, BORIS, SPACE, template
from small_fleet import HARBOUR, YARD, SmallFleet, everything, gone, person

from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.checking.next import InvitationChange, NextPublication, next_publication
from kiosk.fleet.checking.offers import OfferThere
from kiosk.fleet.checking.whole import ScopeCheck, StoreCheck, WholeStore
from kiosk.fleet.directing import FleetDirector
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.inviting.inviter import FleetInvitation
from kiosk.fleet.offering.offering import offer, whom_to_offer
from kiosk.fleet.records import FleetReport
from kiosk.fleet.saying import said_by
from kiosk.fleet.stores.port import ANYTHING
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore
from kiosk.people.invitations import InvitationWish


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    """Anna and Boris are published in the harbour; Chen was erased."""
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        made.kiosk("front", HARBOUR)
        made.told(person("anna"), person("chen"))
        made.told(person("boris"), gone("chen"))
        yield made


def checked(fleet: SmallFleet, now: datetime | None = None) -> StoreCheck:
    verified = VerifiedStore(fleet.store, fleet.keys.root)
    return WholeStore(verified, fleet.keys, now or fleet.clock.utc()).check()


def to_come(fleet: SmallFleet) -> NextPublication:
    return next_publication(VerifiedStore(fleet.store, fleet.keys.root), fleet.keys)


# -- verify --------------------------------------------------------------------------------------


def test_a_store_that_is_right(fleet: SmallFleet) -> None:
    check = checked(fleet)
    assert check.problems == check.review == []
    harbour, yard = ScopeCheck(HARBOUR, 2, 3, 3, 0), ScopeCheck(YARD, 0, 0, 0, 0)
    assert check.scopes == [harbour, yard]
    superseded = {name.partition("/")[0] for name in check.unnamed}
    assert superseded <= {"metadata", "targets"}


def test_every_key_changed_it_is_right_all_the_same(fleet: SmallFleet) -> None:
    Keys(fleet).replace_admin("admin-1")
    Keys(fleet).replace_publisher()
    fleet.say(person("dora"))
    fleet.admin.publish()
    check = checked(fleet)
    assert (check.root, check.problems, check.review) == (3, [], [])
    assert check.scopes[0] == ScopeCheck(HARBOUR, 3, 4, 4, 0)


def test_who_has_no_admins_key_opens_nothing_and_verifies_the_rest(
    fleet: SmallFleet, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    verified = VerifiedStore(fleet.store, fleet.keys.root)
    check = WholeStore(verified, Keyring(tmp_path / "none"), fleet.clock.utc()).check()
    assert check.problems == []
    assert check.scopes[0] == ScopeCheck(HARBOUR, 2, 3, None, 0)


def test_what_nobody_names_is_listed(fleet: SmallFleet) -> None:
    fleet.store.put("targets/left.json", b"x", expected=ANYTHING)
    fleet.store.put("elsewhere", b"x", expected=ANYTHING)
    check = checked(fleet)
    assert {"targets/left.json", "elsewhere"} <= set(check.unnamed)
    assert check.problems == []


def first(fleet: SmallFleet, prefix: str) -> str:
    named = set(everything(fleet.store, prefix)) - set(checked(fleet).unnamed)
    return min(named)


def altered(fleet: SmallFleet, prefix: str) -> None:
    name = first(fleet, prefix)
    data = everything(fleet.store, name)[name]
    fleet.store.put(name, data[:-9] + b"\0" + data[-8:], expected=ANYTHING)


DAMAGED: dict[str, tuple[str, Callable[[SmallFleet], object]]] = {
    "people are missing": (
        "is missing from the fleet's store",
        lambda it: it.store.delete(first(it, "targets/people/harbour/")),
    ),
    "people are altered": (
        "is not the one that was published",
        lambda it: altered(it, "targets/people/harbour/"),
    ),
    "a scope is altered": (
        "is not the one that was published",
        lambda it: altered(it, "targets/scopes/"),
    ),
    "a device is missing": (
        "is missing from the fleet's store",
        lambda it: it.store.delete(first(it, "targets/devices/")),
    ),
    "the snapshot is altered": (
        "metadata of snapshot",
        lambda it: it.store.put(layout.metadata_name("snapshot", 2), b"{}", expected=ANYTHING),
    ),
    "the timestamp is altered": (
        "metadata of timestamp",
        lambda it: it.store.put(layout.metadata_name("timestamp", None), b"{}", expected=ANYTHING),
    ),
    "the targets are gone": (
        "metadata of targets",
        lambda it: [it.store.delete(f"metadata/{n}.targets.json") for n in range(1, 9)],
    ),
    "the first root is gone": (
        "metadata/1.root.json is missing",
        lambda it: it.store.delete("metadata/1.root.json"),
    ),
    "a thief adds somebody": (
        "is not signed by 2 admins",
        lambda it: Thief(it).show(it.published(), it.by_admins([person("eve")], signers=1)),
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_what_is_wrong_is_named(fleet: SmallFleet, damage: str) -> None:
    told, act = DAMAGED[damage]
    act(fleet)
    assert told in " ".join(checked(fleet).problems)


def test_what_has_expired_is_named(fleet: SmallFleet) -> None:
    later = checked(fleet, datetime.now(UTC) + timedelta(days=400)).problems
    assert "Root has expired" in " ".join(later)
    assert "The timestamp has expired" in " ".join(later)


def test_what_waits_and_fails_a_check_is_for_review(fleet: SmallFleet) -> None:
    name = fleet.hand_in(fleet.by_admins([person("eve")], signers=1))
    (line,) = checked(fleet).review
    assert line.startswith(f"{name}: Statement 3")
    fleet.publish()
    assert checked(fleet).review == [f"review/{name}: it was set aside."]


# -- diff ----------------------------------------------------------------------------------------


def test_nothing_waits(fleet: SmallFleet) -> None:
    assert to_come(fleet) == NextPublication()


def test_who_would_change_and_how(fleet: SmallFleet) -> None:
    director = FleetDirector(fleet.admin)
    director.suspend(person("anna").subject)
    fleet.say(person("boris", 2, references=3))
    fleet.say(person("dora"))
    fleet.say(gone("boris"))
    found = to_come(fleet)
    told = [(each.subject, each.what, each.author) for each in found.people]
    assert told == [
        ("anna", "changed", "admins"),
        ("boris", "changed", "admins"),
        ("dora", "new", "admins"),
        ("boris", "erased", "admins"),
    ]
    assert found.people[0].fields == ("suspended: False -> True",)
    assert found.people[1].fields == (
        "name: boris 1 -> boris 2",
        "references: 2 -> 3 (3 new, 2 gone)",
    )
    fleet.publish()
    assert to_come(fleet) == NextPublication()


def test_what_admins_have_signed_and_nobody_has_published(fleet: SmallFleet) -> None:
    back = fleet.kiosk("back", HARBOUR)
    assert to_come(fleet).signed == [
        f"Device {back.fingerprint} is approved, for the door harbour door.",
        f"Device {back.fingerprint} gets the keys of harbour.",
        f"Scope harbour: device {back.fingerprint} comes.",
    ]
    fleet.publish()
    fleet.admin.revoke(back.fingerprint)
    told = " ".join(to_come(fleet).signed)
    assert f"Device {back.fingerprint} gets no more keys of harbour." in told
    assert "Scope harbour: its keys are wrapped anew." in told


def test_what_a_device_said_too_late_changes_nobody(fleet: SmallFleet) -> None:
    back = fleet.kiosk("back", HARBOUR)
    fleet.publish()
    history = fleet.history()
    fleet.say(person("anna", 2))
    fleet.hand_in(fleet.by_device(back, [gone("anna")], history))
    fleet.hand_in(fleet.by_admins([person("eve")], signers=1), number=9)
    found = to_come(fleet)
    assert [(each.subject, each.what) for each in found.people] == [("anna", "changed")]
    (line,) = found.review
    assert "is not signed by 2 admins" in line


# -- inviters and offers -------------------------------------------------------------------------


def issued(fleet: SmallFleet, name: str) -> FleetInvitation:
    return fleet.inviter().issue(HARBOUR, InvitationWish(SubjectId(name), timedelta(days=1)))


def test_invitations_that_come_and_go(fleet: SmallFleet) -> None:
    first, second = issued(fleet, "dora"), issued(fleet, "emil")
    fleet.inviter().revoke(HARBOUR, second.tag)
    assert to_come(fleet).invitations == [
        InvitationChange(HARBOUR, "desk", "issued", (first.tag,)),
        InvitationChange(HARBOUR, "desk", "issued", (second.tag,)),
        InvitationChange(HARBOUR, "desk", "ended", (second.tag,)),
    ]
    fleet.publish()
    (card,) = fleet.naming().drop("desk")
    fleet.admin.say(HARBOUR, fleet.naming().open_invitations(card, HARBOUR))
    ended = [InvitationChange(HARBOUR, "admins", "ended", (first.tag,))]
    assert to_come(fleet).invitations == ended
    fleet.publish()
    assert to_come(fleet) == NextPublication()


def test_an_invitation_that_is_used_and_a_report(fleet: SmallFleet) -> None:
    back = fleet.kiosk("back", HARBOUR)
    fleet.publish()
    file = fleet.by_device(back, [person("dora")])
    fleet.publish()
    history = fleet.history()
    (tag,) = history.invitations
    who = (back.fingerprint, [back.signer()], fleet.keys_of())
    report = FleetReport(SubjectId("anna"))
    fleet.hand_in(said_by(*who, history, [report], fleet.clock.utc()))
    found = to_come(fleet)
    assert [(it.subject, it.fields) for it in found.people] == [("anna", ("reported at a door",))]
    fleet.hand_in(file)
    found = to_come(fleet)
    used = InvitationChange(HARBOUR, back.fingerprint, "used", (tag,))
    assert found.invitations == [used]
    assert [(it.subject, it.what) for it in found.people] == [("dora", "new")]


def test_what_is_left_of_an_inviter_that_was_dropped(fleet: SmallFleet) -> None:
    issued(fleet, "dora")
    fleet.publish()
    fleet.naming().drop("desk")
    fleet.publish()
    (line,) = checked(fleet).review
    assert line.endswith("1 of its invitations into harbour can still be used. Drop it once more.")
    assert line in fleet.admin.status().warnings
    for card in fleet.naming().drop("desk"):
        fleet.admin.say(HARBOUR, fleet.naming().open_invitations(card, HARBOUR))
    fleet.publish()
    assert checked(fleet).review == []


def test_more_of_a_dropped_inviter_than_counts(
    fleet: SmallFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued(fleet, "dora")
    fleet.publish()
    issued(fleet, "emil")
    with monkeypatch.context() as patched:
        patched.setattr("kiosk.fleet.inviting.naming.count_late", lambda *_: False)
        fleet.naming().drop("desk")
        patched.setattr("kiosk.fleet.inviting.card.InviterCard.verify", lambda *_, **__: None)
        fleet.publish()
    told = [line for line in checked(fleet).review if "Drop it once more." in line]
    assert "more of it is published than counts: scope harbour stops." in told[0]
    fleet.naming().drop("desk")
    fleet.publish()
    assert "stops" not in " ".join(checked(fleet).review)


def test_inviters_of_no_scope_and_of_nobody(fleet: SmallFleet) -> None:
    card = InviterCard("lobby", bytes(32), ("gone",))
    AdminSigning(fleet.store, fleet.keys, fleet.clock.utc).edit(
        lambda *_: {layout.inviter_target(card.fingerprint): card.encode()}
    )
    fleet.store.put(f"invitations/{'f' * 16}/harbour/1", b"x", expected=ANYTHING)
    told = " ".join(checked(fleet).review)
    assert "'lobby'" in told
    assert "has no scope into which it may invite" in told
    assert f"Something waits of {'f' * 16!r}, who is no inviter of the fleet." in told


def test_offers_that_wait_and_what_is_none(fleet: SmallFleet, tmp_path: Path) -> None:
    back = fleet.kiosk("back", HARBOUR)
    fleet.publish()
    back.sync()
    back.open_home.references.enrol(BORIS, [template(1, SPACE, 32)], AGREED, "boris 1")
    chosen, _ = whom_to_offer(back.kept, [AGREED.text])
    keys, note = back.updater.scope_keys()[HARBOUR], back.open_home.recorder.note
    offer(fleet.store, back.device, keys, back.kept, chosen, SPACE, back.clock.utc, note)
    name, nobodys = layout.offer_name(back.fingerprint, HARBOUR), "f" * 32
    assert to_come(fleet).offers == [OfferThere(HARBOUR, back.fingerprint, (BORIS,))]
    (tmp_path / "none").mkdir()
    verified = VerifiedStore(fleet.store, fleet.keys.root)
    closed = next_publication(verified, Keyring(tmp_path / "none")).offers
    assert closed == [OfferThere(HARBOUR, back.fingerprint)]
    assert checked(fleet).review == []
    (data,) = everything(fleet.store, name).values()
    for place in (layout.offer_name(nobodys, HARBOUR), layout.offer_name(back.fingerprint, YARD)):
        fleet.store.put(place, data, expected=ANYTHING)
    told = checked(fleet).review
    assert len(told) == 2
    for scope in (HARBOUR, YARD):
        assert f"is not in scope {scope}, and offers people to it" in " ".join(told)
    assert set(told) <= set(fleet.admin.status().warnings)
    fleet.store.put(name, data[:-9] + b"\0" + data[-8:], expected=ANYTHING)
    assert "is none of it" in " ".join(checked(fleet).review)
