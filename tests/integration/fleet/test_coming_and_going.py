"""Whoever enrols at one kiosk of a fleet is known at the others, until they take it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fleet_desk import all_sync, asked_for_more, enrol, invite, report, show, take_back
from kept_samples import SPACE
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, everything

from kiosk.domain.enrolment.invitation import Invitation, InvitationRefusal
from kiosk.domain.errors import BadInput
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.records import FleetReport
from kiosk.fleet.stores.port import ANYTHING
from kiosk.fleet.trust import layout
from kiosk.fleet.uploads.handing_in import HandingIn
from kiosk.people.invitations import InvitationService, InvitationWish
from kiosk.people.service import PeopleService

ANNA = "anna"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        yield made


@pytest.fixture
def kiosks(fleet: SmallFleet) -> tuple[Kiosk, Kiosk, Kiosk]:
    north, south, east = (fleet.kiosk(name, HARBOUR) for name in ("north", "south", "east"))
    fleet.publish()
    return north, south, east


@pytest.fixture
def enrolled(fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk]) -> str:
    """The code with which Anna enrolled at the first kiosk; all of them know her."""
    issued = invite(fleet, ANNA)
    kiosks[0].sync()
    enrol(kiosks[0], issued.code)
    all_sync(fleet, *kiosks)
    return issued.code


# -- enrolling -----------------------------------------------------------------------------------


def test_whoever_enrols_at_one_is_known_at_the_others(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk]
) -> None:
    north, south, east = kiosks
    issued = invite(fleet, ANNA)
    north.sync()
    enrol(north, issued.code)
    assert north.names() == {"anna 1"}
    assert north.members.scope_of(SubjectId(ANNA)) is None
    (known,) = north.open_home.references.enrolled(SPACE).people.values()
    assert known.of_fleet  # what the fleet has not confirmed gets stale like the rest
    all_sync(fleet, north, south, east)
    for kiosk in kiosks:
        assert kiosk.names() == {"anna 1"}
        assert kiosk.members.scope_of(SubjectId(ANNA)) == HARBOUR
        profile = kiosk.open_home.references.show(SubjectId(ANNA)).profile
        assert profile.rules.groups == ("staff",)
    assert north.entries("fleet_handed_in") == ["fleet_handed_in"]
    assert everything(fleet.store, layout.UPLOADS) == everything(fleet.store, layout.REVIEW) == {}
    assert [each.subject for each in fleet.admin.people(HARBOUR)] == [ANNA]


def test_it_is_handed_in_once_it_cannot_be_undone(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk]
) -> None:
    north, *_ = kiosks
    issued = invite(fleet, ANNA)
    north.sync()
    enrol(north, issued.code)
    north.clock.by -= timedelta(seconds=9)
    north.sync()
    assert everything(fleet.store, layout.UPLOADS) == {}
    north.clock.by += timedelta(seconds=9)
    north.sync()
    assert len(everything(fleet.store, layout.UPLOADS)) == 1


def test_it_is_handed_in_once_however_often_the_kiosk_syncs(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk]
) -> None:
    north, *_ = kiosks
    north.sync()
    issued = invite(fleet, ANNA)
    north.sync()
    enrol(north, issued.code)
    for _ in range(3):
        north.anew().sync()
    assert len(everything(fleet.store, layout.UPLOADS)) == 1
    fleet.publish()
    for _ in range(3):
        north.anew().sync()
    assert everything(fleet.store, layout.UPLOADS) == {}
    assert fleet.history().next_of(north.fingerprint).number == 1


def test_a_kiosk_with_nothing_to_say_reads_nobody_again(
    kiosks: tuple[Kiosk, Kiosk, Kiosk], enrolled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ten thousand people each poll would else open ten thousand records."""
    north, *_ = kiosks
    assert enrolled
    north.sync()
    read: list[str] = []
    monkeypatch.setattr(HandingIn, "_reports", lambda *_: read.append("people") or ())
    north.sync()
    assert read == []
    report(north, ANNA)
    north.sync()
    assert read == ["people"]


def test_what_a_store_loses_is_handed_in_again(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk]
) -> None:
    north, south, _ = kiosks
    issued = invite(fleet, ANNA)
    north.sync()
    enrol(north, issued.code)
    north.sync()
    (name,) = everything(fleet.store, layout.UPLOADS)
    fleet.store.delete(name)
    all_sync(fleet, north, south)
    assert south.names() == {"anna 1"}


def test_what_somebody_spoils_in_the_store_is_written_over(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk]
) -> None:
    north, south, _ = kiosks
    issued = invite(fleet, ANNA)
    north.sync()
    enrol(north, issued.code)
    north.sync()
    (name,) = everything(fleet.store, layout.UPLOADS)
    fleet.store.put(name, b"nothing\n", expected=ANYTHING)
    all_sync(fleet, north, south)
    assert south.names() == {"anna 1"}


def test_an_invitation_at_two_kiosks_counts_at_the_first_that_is_published(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk]
) -> None:
    """Whoever copied the code is not let in anywhere once both kiosks are online."""
    north, south, east = kiosks
    issued = invite(fleet, ANNA)
    north.sync()
    south.sync()
    enrol(north, issued.code, seed=30)
    enrol(south, issued.code, seed=40)
    north.sync()
    fleet.publish()
    south.sync()
    (reference,) = south.people()[SubjectId(ANNA)][2]
    assert north.sync().people == 1
    assert {reference} == north.people()[SubjectId(ANNA)][2]
    assert south.sync().people == 1
    all_sync(fleet, north, south, east)
    assert {reference} == east.people()[SubjectId(ANNA)][2]


def test_an_invitation_that_is_revoked_while_a_kiosk_is_away(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk]
) -> None:
    north, south, _ = kiosks
    issued = invite(fleet, ANNA)
    north.sync()
    enrol(north, issued.code)
    fleet.inviter().revoke(HARBOUR, issued.tag)
    fleet.publish()
    all_sync(fleet, north, south)
    assert north.names() == south.names() == set()
    assert north.entries("fleet_enrolment_lost", "erased") == ["fleet_enrolment_lost", "erased"]


def test_a_code_that_was_used_elsewhere_begins_nothing(
    kiosks: tuple[Kiosk, Kiosk, Kiosk], enrolled: str
) -> None:
    assert [show(kiosk, enrolled) for kiosk in kiosks] == [InvitationRefusal.USED] * 3


def test_a_code_of_another_scope_or_unpublished_begins_nothing(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk]
) -> None:
    north, *_ = kiosks
    other = invite(fleet, ANNA, YARD)
    north.sync()
    assert show(north, other.code) is InvitationRefusal.ELSEWHERE
    invite(fleet, "boris")
    north.sync()
    assert show(north, other.code) is InvitationRefusal.USED
    wish = InvitationWish(SubjectId("chen"), timedelta(days=7))
    unpublished = fleet.inviter().issue(HARBOUR, wish)
    north.sync()
    assert show(north, unpublished.code) is InvitationRefusal.USED


def test_a_kiosks_own_invitation_counts_at_that_kiosk_alone(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk]
) -> None:
    north, south, _ = kiosks
    own = InvitationService(north.open_home).issue(
        InvitationWish(SubjectId("boris"), timedelta(days=1))
    )
    assert isinstance(show(south, own.text), InvitationRefusal)
    enrol(north, own.text)
    all_sync(fleet, north, south)
    assert north.names() == {"None"}
    assert south.names() == set()


def test_whoever_came_back_after_they_withdrew(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk], enrolled: str
) -> None:
    north, south, east = kiosks
    assert enrolled
    again = invite(fleet, ANNA)
    south.sync()
    take_back(south, ANNA)
    assert show(south, again.code) is InvitationRefusal.WAIT
    all_sync(fleet, *kiosks)
    assert north.names() == set()
    assert south.open_home.references.enrolled(SPACE).people == {}
    assert isinstance(show(east, again.code), Invitation)
    east.clock.by += timedelta(minutes=1)
    enrol(east, again.code)
    all_sync(fleet, *kiosks)
    assert [kiosk.names() for kiosk in kiosks] == [{"anna 1"}] * 3


# -- taking it back ------------------------------------------------------------------------------


def test_consent_taken_back_at_another_kiosk_counts_at_all(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk], enrolled: str
) -> None:
    north, south, east = kiosks
    assert enrolled
    take_back(east, ANNA)
    assert east.names() == set()
    all_sync(fleet, east, north, south)
    assert [kiosk.names() for kiosk in kiosks] == [set()] * 3
    assert list(fleet.admin.people(HARBOUR)) == []
    assert fleet.published().records.keys() == {*fleet.history().current.values()}


def test_consent_taken_back_before_the_fleet_has_heard_of_them(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk]
) -> None:
    north, south, _ = kiosks
    issued = invite(fleet, ANNA)
    north.sync()
    enrol(north, issued.code)
    north.sync()  # handed in, not published
    take_back(north, ANNA)
    fleet.publish()
    north.sync()
    assert north.names() == set()
    all_sync(fleet, north, south)
    assert south.names() == set()
    assert list(fleet.admin.people(HARBOUR)) == []


def test_consent_taken_back_elsewhere_before_the_first_kiosk_has_heard_of_them(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk]
) -> None:
    """Enrolment and withdrawal reach the kiosk of the enrolment in one sync."""
    north, south, _ = kiosks
    issued = invite(fleet, ANNA)
    north.sync()
    enrol(north, issued.code)
    north.sync()
    fleet.publish()
    south.sync()
    take_back(south, ANNA)
    south.sync()
    fleet.publish()
    assert north.sync().changes[0].erased == 1
    assert north.names() == set()
    assert north.entries("erased") == ["erased"]


def test_consent_taken_back_while_admins_change_something(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk], enrolled: str
) -> None:
    """The device's word comes too late; it is said again, and counts."""
    north, south, _ = kiosks
    assert enrolled
    take_back(north, ANNA)
    north.sync()
    (known,) = fleet.admin.people(HARBOUR)
    fleet.told(known)
    for _ in range(2):
        all_sync(fleet, north, south)
        assert north.names() == set()
    assert south.names() == set()
    assert list(fleet.admin.people(HARBOUR)) == []


def test_whoever_an_operator_erases_at_one_kiosk_stays_at_the_others(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk], enrolled: str
) -> None:
    north, south, _ = kiosks
    assert enrolled
    PeopleService(north.open_home).erase(SubjectId(ANNA))
    all_sync(fleet, north, south)
    assert north.names() == set()
    assert south.names() == {"anna 1"}


# -- reports -------------------------------------------------------------------------------------


def test_a_report_counts_at_every_kiosk_until_admins_have_looked(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk], enrolled: str
) -> None:
    north, south, east = kiosks
    assert enrolled
    report(north, ANNA)
    all_sync(fleet, *kiosks)
    assert [asked_for_more(kiosk, ANNA) for kiosk in kiosks] == [True] * 3
    (known,) = fleet.admin.people(HARBOUR)
    fleet.told(known)  # about something else
    all_sync(fleet, *kiosks)
    assert [asked_for_more(kiosk, ANNA) for kiosk in kiosks] == [True] * 3
    fresh = fleet.kiosk("fresh", HARBOUR)
    fleet.publish()
    fresh.sync()
    assert asked_for_more(fresh, ANNA)
    fleet.admin.say(HARBOUR, [FleetReport(SubjectId(ANNA), cleared=True)])
    fleet.publish()
    all_sync(fleet, *kiosks, fresh)
    assert not any(asked_for_more(kiosk, ANNA) for kiosk in (*kiosks, fresh))
    report(east, ANNA)
    all_sync(fleet, east, north, south)
    assert asked_for_more(north, ANNA)


# -- inviters ------------------------------------------------------------------------------------


def test_an_inviter_that_was_dropped(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk, Kiosk], enrolled: str
) -> None:
    north, south, _ = kiosks
    assert enrolled
    waiting = invite(fleet, "boris")
    for kiosk in kiosks:
        kiosk.sync()
    naming = fleet.naming()
    (card,) = naming.drop("desk")
    fleet.admin.say(HARBOUR, naming.open_invitations(card, HARBOUR))
    with pytest.raises(BadInput, match="may not invite"):
        invite(fleet, "chen")
    all_sync(fleet, north, south)
    assert show(north, waiting.code) is InvitationRefusal.USED
    assert north.names() == {"anna 1"}  # who came with one of its invitations stays
    fresh = fleet.kiosk("fresh", HARBOUR)
    fleet.publish()
    fresh.sync()
    assert fresh.names() == {"anna 1"}
