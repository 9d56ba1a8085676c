"""Inviters, offers and imports where admins sign on different machines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from fleet_desk import invite
from fleet_keys import Machine
from kept_samples import AGREED, BORIS, SPACE, template
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, everything, person
from typer.testing import CliRunner

from config.settings import Settings
from kiosk.cli import app
from kiosk.cli.fleet.common import FleetSession, fleet_change
from kiosk.cli.fleet.inviting.inviter import drop
from kiosk.cli.fleet.offers import accept, offers
from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.domain.people.batch import AssessedPerson, BatchPerson, BatchPhotograph, BatchVerdict
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.enrolment.batch.sources import photograph_source
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.inviting.inviter import FleetInviter
from kiosk.fleet.offering.accepting import FleetOffers
from kiosk.fleet.offering.offering import offer, whom_to_offer
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.key_file import PrivateKeys
from kiosk.people.batch.roster import read_roster
from kiosk.people.invitations import InvitationWish
from kiosk.wiring.batch.importing import BatchImport, ImportOrder, ImportReport
from models.packs.installed import load_manifest

PACK = load_manifest().pack("standard")


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        made.told(person("anna"))
        yield made


@pytest.fixture
def front(fleet: SmallFleet) -> Kiosk:
    kiosk = fleet.kiosk("front")
    fleet.publish()
    kiosk.sync()
    return kiosk


def wish(name: str) -> InvitationWish:
    return InvitationWish(SubjectId(name), timedelta(days=1))


def waiting(fleet: SmallFleet) -> list[str]:
    return [layout.pending_of(name) or "" for name in everything(fleet.store, layout.PENDING)]


# -- inviters ------------------------------------------------------------------------------------


def test_an_inviter_is_named_by_two(fleet: SmallFleet) -> None:
    keys = PrivateKeys.draw(opens=False)
    desk = FleetInviter(fleet.store, fleet.keys.root, keys, fleet.clock.utc)
    card = InviterCard("reception", keys.public_signing, (HARBOUR,), ("guests",))
    left = Machine(fleet, "admin-1").leave(lambda it: it.naming.name(card))
    with pytest.raises(BadInput, match="may not invite"):
        desk.issue(HARBOUR, wish("boris"))
    two = Machine(fleet, "admin-2")
    (said,) = two.desk.look(left.ident).signs
    assert said.endswith("may invite into harbour, with the groups guests.")
    assert two.sign(left.ident)
    with pytest.raises(BadInput, match="the rights of guests only"):
        desk.issue(HARBOUR, wish("boris"))


def test_an_inviter_and_its_invitations_are_ended_by_two(
    fleet: SmallFleet, capsys: pytest.CaptureFixture[str]
) -> None:
    issued = invite(fleet, "boris")
    one, two = Machine(fleet, "admin-1"), Machine(fleet, "admin-2")
    assert drop("desk", f"folder:{fleet.store.path}", one.folder) == 0
    assert capsys.readouterr().out.count("1 more of the admins must sign it") == 2
    assert issued.tag in fleet.history().invitations
    shown = sorted(line for ident in waiting(fleet) for line in two.desk.look(ident).signs)
    assert [line.partition(" ")[0] for line in shown] == ["Inviter", "Inviter", "Scope"]
    assert [two.sign(ident) for ident in waiting(fleet)] == [True, True]
    fleet.publish()
    assert fleet.history().invitations == {}
    with pytest.raises(BadInput, match="There is no inviter"):
        drop("desk", f"folder:{fleet.store.path}", one.folder)


def test_an_inviter_that_has_invited_since_is_dropped_anew(fleet: SmallFleet) -> None:
    invite(fleet, "boris")
    one, two = Machine(fleet, "admin-1"), Machine(fleet, "admin-2")
    left = one.leave(lambda it: it.naming.drop("desk"))
    invite(fleet, "chen")
    told = rf"Inviter {fleet.inviter().fingerprint} has said more about harbour.*: statement 2 is"
    with pytest.raises(FleetRefused, match=told):
        two.sign(left.ident)
    two.desk.reject(left.ident)
    assert two.sign(one.leave(lambda it: it.naming.drop("desk")).ident)
    assert fleet.publish().review == []


def test_what_is_published_before_the_second_has_signed_counts_once_it_is_dropped_again(
    fleet: SmallFleet, front: Kiosk
) -> None:
    """The card that the first has signed says less than the publisher has published since."""
    invite(fleet, "boris")
    one, two = Machine(fleet, "admin-1"), Machine(fleet, "admin-2")
    left = one.leave(lambda it: it.naming.drop("desk"))
    assert two.sign_as(left.ident, lambda: invite(fleet, "chen"))
    with pytest.raises(FleetRefused, match="may not say statement 2") as stopped:
        front.sync() if fleet.publish() else None
    assert "drop it once more" in stopped.value.remedy
    again = one.leave(lambda it: it.naming.drop("desk"))
    assert two.sign(again.ident)
    fleet.told(person("dora"))
    front.sync()
    assert front.names() == {"anna 1", "dora 1"}


# -- offers --------------------------------------------------------------------------------------


@pytest.fixture
def offering(fleet: SmallFleet, front: Kiosk) -> Kiosk:
    """A kiosk that offers somebody whom it alone has known."""
    front.open_home.references.enrol(BORIS, [template(1, SPACE, 32)], AGREED, "boris 1")
    chosen, _ = whom_to_offer(front.kept, [AGREED.text])
    keys, note = front.updater.scope_keys()[HARBOUR], front.open_home.recorder.note
    offer(fleet.store, front.device, keys, front.kept, chosen, SPACE, front.clock.utc, note)
    return front


def test_offers_are_accepted_by_two(fleet: SmallFleet, offering: Kiosk) -> None:
    one, two = Machine(fleet, "admin-1"), Machine(fleet, "admin-2")
    store, name = f"folder:{fleet.store.path}", layout.offer_name(offering.fingerprint, HARBOUR)
    assert accept(store, one.folder, HARBOUR, everybody=True) == 0
    assert everything(fleet.store, name)  # until it is decided
    (ident,) = waiting(fleet)
    assert [(it.subject, it.what) for it in two.desk.look(ident).people] == [(BORIS, "new")]
    assert two.sign(ident)
    fleet.publish()
    assert BORIS in {each.subject for each in fleet.admin.people(HARBOUR)}


def test_what_an_offer_would_give_is_seen_before_it_is_accepted(
    fleet: SmallFleet, front: Kiosk, capsys: pytest.CaptureFixture[str]
) -> None:
    """A kiosk that was broken into may offer whom it likes, with whatever rights."""
    rules = PersonRules(groups=("staff",), valid_until=date(2027, 1, 31))
    kept = front.open_home.references
    kept.enrol(BORIS, [template(1, SPACE, 32)], AGREED, "boris 1", rules=rules)
    chosen, _ = whom_to_offer(front.kept, [AGREED.text])
    keys, note = front.updater.scope_keys()[HARBOUR], front.open_home.recorder.note
    offer(fleet.store, front.device, keys, front.kept, chosen, SPACE, front.clock.utc, note)
    where = f"folder:{fleet.store.path}", fleet.keys.folder, HARBOUR
    assert offers(*where) == 0
    told = capsys.readouterr().out.splitlines()[0]
    assert told.startswith(f"{BORIS}  boris 1  staff, until 2027-01-31; 1 references, consent form")
    assert offers(*where, json=True) == 0
    (row,) = json.loads(capsys.readouterr().out)["offers"]
    assert (row["groups"], row["valid_until"]) == (["staff"], "2027-01-31")


def test_nobody_is_accepted_whose_id_is_in_another_scope(
    fleet: SmallFleet, offering: Kiosk
) -> None:
    fleet.admin.add_scope(YARD, ["yard door"])
    fleet.told(person(BORIS), scope=YARD)
    assert offering.fingerprint in fleet.admin.devices_of(HARBOUR)
    result = FleetOffers(fleet.store, fleet.admin).accept(HARBOUR, None)
    assert (result.accepted, result.there) == ([], [BORIS])


def test_a_dry_run_accepts_nobody(
    fleet: SmallFleet, offering: Kiosk, capsys: pytest.CaptureFixture[str]
) -> None:
    before, keys = everything(fleet.store), fleet.keys.folder
    assert offering.fingerprint
    store = f"folder:{fleet.store.path}"
    assert accept(store, keys, HARBOUR, everybody=True, dry_run=True) == 0
    assert "It was a dry run" in capsys.readouterr().out
    assert everything(fleet.store) == before


CSV = b"subject,given_name,groups,valid_from,valid_until,consent,photo\np-1,Eva,,,,form,a.jpg"


# -- imports -------------------------------------------------------------------------------------


def test_an_import_is_signed_by_two(fleet: SmallFleet) -> None:
    one, two = Machine(fleet, "admin-1"), Machine(fleet, "admin-2")
    photos = fleet.folder / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(b"a")
    done: list[ImportReport] = []
    left = one.leave(lambda it: done.append(imported(it, fleet)))
    assert (done[0].statements, done[0].version) == ([2], None)
    told = [(each.subject, each.what) for each in two.desk.look(left.ident).people]
    assert told == [("p-1", "new")]
    manifest = fleet.folder / "manifest.json"
    assert not manifest.exists()
    (fleet.folder / "people.csv").write_bytes(CSV)
    words = ("--photos", photos, "--scope", HARBOUR, "--keys", two.folder, "--home", fleet.folder)
    place = ("--store", f"folder:{fleet.store.path}")
    ended = CliRunner().invoke(
        app, ["fleet", "import", *map(str, (fleet.folder / "people.csv", *words, *place))]
    )
    assert (ended.exit_code, f"{left.ident}, which admin-1 signed" in ended.output) == (2, True)
    assert two.sign(left.ident)
    fleet.publish()
    assert {each.subject for each in fleet.admin.people(HARBOUR)} == {"anna", "p-1"}
    with fleet_change(f"folder:{fleet.store.path}", one.folder, None) as alone:
        again = imported(alone, fleet)  # with the key of one admin, as before
    assert alone.waits == ()
    assert [result.verdict for result in again.results] == [BatchVerdict.UNCHANGED]
    (image,) = json.loads(manifest.read_bytes())["photographs"]
    (person,) = (it for it in fleet.admin.people(HARBOUR) if it.subject == "p-1")
    assert [image["reference"]] == [each.id for each in person.references]


def imported(session: FleetSession, fleet: SmallFleet) -> ImportReport:
    roster = read_roster(CSV, "people.csv")
    photographs = photograph_source(fleet.folder / "photos", 1000)
    manifest = fleet.folder / "manifest.json"
    waits = session.keys.partly
    order = ImportOrder(HARBOUR, session.keys.folder, roster, photographs, manifest, waits=waits)
    work = BatchImport(session.admin, Settings(), PACK, assessed, fleet.clock.utc)
    return work.run(order, lambda _: None)


def assessed(people: Sequence[BatchPerson]) -> Iterator[AssessedPerson]:
    for each in people:
        seen = BatchPhotograph("a.jpg", hashlib.sha256(b"a").hexdigest(), "")
        shown = (("a.jpg", template(1, PACK.space, 128)),)
        yield AssessedPerson(each.subject, (seen,), shown)
