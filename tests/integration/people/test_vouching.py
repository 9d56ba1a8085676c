"""An admin vouches for somebody: what of an invitation counts then, and what is refused (R91)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from kept_samples import ANNA, CHEN

from kiosk.domain.enrolment.answers import NO_CODE, YES_CODE
from kiosk.domain.enrolment.invitation import MOST_ATTEMPTS
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.errors import BadInput, JournalUnwritable, Refused
from kiosk.journal.recorder import JournalRecorder
from kiosk.people.beginning.vouching import KnownSubject, Vouching
from kiosk.people.invitations import InvitationService, InvitationWish, IssuedInvitation
from kiosk.store.open_home import OpenHome

WEEK = timedelta(days=7)


def vouching(open_home: OpenHome, *, photo: bool = False, signed: bool = False) -> Vouching:
    return Vouching(open_home, needs_photo=photo, signed_answers=signed)


def invite(open_home: OpenHome, **wish: object) -> IssuedInvitation:
    service = InvitationService(open_home)
    return service.issue(InvitationWish(CHEN, WEEK, **wish))  # type: ignore[arg-type]


def test_who_can_be_chosen_is_whoever_is_invited_and_then_whoever_is_enrolled(
    open_home: OpenHome,
) -> None:
    invite(open_home)
    invite(open_home)
    InvitationService(open_home).issue(InvitationWish(ANNA, WEEK))
    known = vouching(open_home).known()
    assert known[0] == KnownSubject(CHEN, enrolled=False)
    assert [it.subject for it in known] == [CHEN, ANNA, "s-1002"]
    assert [it.enrolled for it in known] == [False, True, True]


def test_somebody_new_is_invited_by_nothing_but_the_admin(open_home: OpenHome) -> None:
    assert vouching(open_home).vouch(CHEN) == Invitee(CHEN)


def test_somebody_enrolled_gets_no_more_than_their_data(open_home: OpenHome) -> None:
    assert vouching(open_home).vouch(ANNA).enrolled


def test_an_invitation_counts_even_after_its_code_was_shown_too_often(open_home: OpenHome) -> None:
    issued = invite(open_home, language="fr")
    service = InvitationService(open_home)
    for _ in range(MOST_ATTEMPTS):
        service.present(issued.text)
    invitee = vouching(open_home).vouch(CHEN)
    assert (invitee.invitation, invitee.language) == (issued.invitation.ident, "fr")


def test_the_newest_open_invitation_counts_and_one_that_ended_does_not(
    open_home: OpenHome,
) -> None:
    older, newer = invite(open_home), invite(open_home)
    assert vouching(open_home).vouch(CHEN).invitation == newer.invitation.ident
    InvitationService(open_home).revoke(newer.invitation.ident)
    assert vouching(open_home).vouch(CHEN).invitation == older.invitation.ident
    later = replace(open_home, utc=lambda: datetime.now(UTC) + 2 * WEEK)
    assert vouching(later).vouch(CHEN).invitation is None
    assert CHEN not in [it.subject for it in vouching(later).known()]


def test_where_a_photograph_is_needed_nobody_begins_without_one(open_home: OpenHome) -> None:
    invite(open_home)
    with pytest.raises(Refused, match="has to be compared with a photograph"):
        vouching(open_home, photo=True).vouch(CHEN)
    assert vouching(open_home, photo=True).vouch(ANNA).enrolled
    invite(open_home, photo=b"\xff\xd8 a photograph")
    assert vouching(open_home, photo=True).vouch(CHEN).invitation is not None


def test_codes_answer_where_they_are_signed_only_with_an_invitation(open_home: OpenHome) -> None:
    plain = vouching(open_home).vouch(CHEN)
    assert (plain.yes_code, plain.no_code) == (YES_CODE, NO_CODE)
    without = vouching(open_home, signed=True).vouch(CHEN)
    assert (without.yes_code, without.no_code) == ("", "")
    invite(open_home)
    assert vouching(open_home, signed=True).vouch(CHEN).yes_code.startswith(f"{YES_CODE}:")


@pytest.mark.parametrize("text", ["", "-", "Ann Smith", "a" * 65, "s-1'; DROP TABLE people;--"])
def test_what_is_no_id_is_refused(open_home: OpenHome, text: str) -> None:
    with pytest.raises(BadInput):
        vouching(open_home).vouch(text)


def test_nobody_begins_while_nobody_can_write_it_down(
    open_home: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise JournalUnwritable("The disk is full.", "Free it.")

    made = vouching(open_home)
    monkeypatch.setattr(JournalRecorder, "note", full)
    with pytest.raises(JournalUnwritable):
        made.vouch(CHEN)
