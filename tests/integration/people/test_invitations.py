"""Invitations over a real home: made, shown, counted, revoked, tidied away (R91, R93)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kept_files import alter

from kiosk.domain.enrolment.invitation import (
    ATTEMPTS,
    MARK,
    MOST_ATTEMPTS,
    Invitation,
    InvitationRefusal,
    InvitationState,
)
from kiosk.domain.errors import BadInput, Refused, StoreCorrupt, StoreReplaced
from kiosk.domain.vision.template import SubjectId
from kiosk.people.invitations import (
    KEPT_AFTER,
    REFUSALS_A_MINUTE,
    InvitationService,
    InvitationWish,
    IssuedInvitation,
)
from kiosk.store import kept
from kiosk.store.home import Home
from kiosk.store.journal.verification import walk
from kiosk.store.open_home import OpenHome
from kiosk.store.people.invitations import Invitations
from kiosk.store.secrets.keys import FileKey, Purpose

GRACE = SubjectId("staff-4711")
WEEK = timedelta(days=7)
PHOTO = b"\xff\xd8 a photograph, as far as the store can tell"


@dataclass
class Site:
    """A home with a clock of its own."""

    path: Path
    now: datetime = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    opened: OpenHome = field(init=False)

    def __post_init__(self) -> None:
        self.opened = OpenHome.open(self.path, lambda: self.now)
        self.invitations = InvitationService(self.opened)

    def invite(self, **wish: object) -> IssuedInvitation:
        return self.invitations.issue(InvitationWish(GRACE, WEEK, **wish))  # type: ignore[arg-type]

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def events(self) -> list[str]:
        home = self.opened.home
        key = FileKey(home).derive(Purpose.JOURNAL_HEAD)
        return [read.entry.entry.event for read in walk(home, key)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path / "home")
    yield made
    made.opened.close()


def test_a_code_names_nobody_and_fits_a_telephone(site: Site) -> None:
    issued = site.invite(given_name="Grace", groups=("staff",))
    assert issued.text.startswith(MARK)
    assert len(issued.text) <= 200
    raw = base64.urlsafe_b64decode(issued.text.removeprefix(MARK) + "==")
    for secret in (b"staff-4711", b"Grace", b"staff"):
        assert secret not in raw


def test_a_code_that_is_shown_begins_a_session_and_is_counted(site: Site) -> None:
    issued = site.invite(language="es", given_name="Grace")
    shown = site.invitations.present(issued.text)
    assert isinstance(shown, Invitation)
    assert (shown.subject, shown.language, shown.given_name) == (GRACE, "es", "Grace")
    assert shown.attempts == 1
    assert site.events()[-2:] == ["invitation_issued", "invitation_presented"]


@pytest.mark.parametrize("place", [20, 40, 60, 100, 150])
def test_an_altered_code_is_refused(site: Site, place: int) -> None:
    text = site.invite().text
    other = "A" if text[place] != "A" else "B"
    shown = site.invitations.present(text[:place] + other + text[place + 1 :])
    assert shown in {InvitationRefusal.ALTERED, InvitationRefusal.ELSEWHERE}


@pytest.mark.parametrize(
    "text",
    [
        "LINTEL-YES",
        "https://example.org/?q=1",
        MARK,
        MARK + "A" * 150,
        MARK + "'; DROP TABLE invitations; --",
        MARK + "<script>alert(1)</script>",
        MARK + "A" * 4096,
        MARK + "\N{SNOWMAN}" * 10,
        "",
    ],
)
def test_other_codes_are_no_invitations(site: Site, text: str) -> None:
    assert site.invitations.present(text) is InvitationRefusal.UNREADABLE


def test_a_second_spelling_of_a_code_is_none(site: Site) -> None:
    """Base64 leaves bits over; a code with others there is another text of the same bytes."""
    text = site.invite().text
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = letters[letters.index(text[-1]) ^ 1]
    assert isinstance(site.invitations.present(text[:-1] + last), InvitationRefusal)


def test_a_code_of_another_site_is_refused(site: Site, tmp_path: Path) -> None:
    elsewhere = Site(tmp_path / "elsewhere")
    foreign = elsewhere.invite().text
    elsewhere.opened.close()
    assert site.invitations.present(foreign) is InvitationRefusal.ELSEWHERE


def test_an_expired_code_is_refused(site: Site) -> None:
    text = site.invite().text
    site.wait(days=7)
    assert site.invitations.present(text) is InvitationRefusal.EXPIRED


def test_a_clock_set_back_revives_no_expired_code(site: Site) -> None:
    """Whatever was written down last has happened: also after a restart."""
    text = site.invite().text
    site.wait(days=8)
    assert site.invitations.present(text) is InvitationRefusal.EXPIRED
    site.wait(days=-5)
    assert site.invitations.present(text) is InvitationRefusal.EXPIRED
    site.opened.close()
    again = Site(site.path, site.now)
    assert again.invitations.present(text) is InvitationRefusal.EXPIRED
    again.opened.close()


def test_a_clock_before_the_invitation_is_wrong(site: Site) -> None:
    text = site.invite().text
    site.wait(days=-400)
    assert site.invitations.present(text) is InvitationRefusal.CLOCK


def test_five_sessions_and_no_more_with_longer_waits_between(site: Site) -> None:
    text = site.invite().text
    for count in range(1, MOST_ATTEMPTS + 1):
        assert isinstance(site.invitations.present(text), Invitation)
        if wait := ATTEMPTS.wait(count):
            assert site.invitations.present(text) in {
                InvitationRefusal.WAIT,
                InvitationRefusal.EXHAUSTED,
            }
            site.wait(seconds=wait)
    assert site.invitations.present(text) is InvitationRefusal.EXHAUSTED


def test_a_clock_set_back_makes_no_session_sooner(site: Site) -> None:
    text = site.invite().text
    for _ in range(2):
        assert isinstance(site.invitations.present(text), Invitation)
    site.wait(minutes=-4)
    assert site.invitations.present(text) is InvitationRefusal.WAIT


def test_attempts_outlive_a_restart(site: Site) -> None:
    text = site.invite().text
    site.invitations.present(text)
    site.opened.close()
    again = Site(site.path, site.now)
    shown = again.invitations.present(text)
    again.opened.close()
    assert isinstance(shown, Invitation)
    assert shown.attempts == 2


def test_a_revoked_code_is_refused(site: Site) -> None:
    issued = site.invite()
    site.invitations.revoke(issued.invitation.ident)
    assert site.invitations.present(issued.text) is InvitationRefusal.REVOKED
    with pytest.raises(BadInput, match="revoked already"):
        site.invitations.revoke(issued.invitation.ident)
    with pytest.raises(BadInput, match="no invitation"):
        site.invitations.revoke("0" * 32)


@pytest.mark.parametrize("how", ["revoked", "removed"])
def test_an_invitation_that_ends_while_it_is_judged_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """By another process, between the look at it and the count of the session that it begins."""
    issued, find = site.invite(), Invitations.find

    def ended_after(invitations: Invitations, ident: str) -> Invitation | None:
        found = find(invitations, ident)
        with OpenHome.open(site.path, lambda: site.now) as other:
            if how == "revoked":
                InvitationService(other).revoke(ident)
            else:
                Invitations(other.references).remove(issued.invitation)
        return found

    monkeypatch.setattr(Invitations, "find", ended_after)
    assert site.invitations.present(issued.text) is InvitationRefusal.REVOKED
    assert site.events()[-2:] == ["change_failed", "invitation_refused"]


def test_codes_cannot_be_tried_at_speed(site: Site) -> None:
    tried = [site.invitations.present(MARK + "x" * n) for n in range(REFUSALS_A_MINUTE + 5)]
    assert tried[REFUSALS_A_MINUTE:] == [None] * 5
    assert site.events().count("invitation_refused") == REFUSALS_A_MINUTE
    site.wait(minutes=1)
    assert site.invitations.present(MARK) is InvitationRefusal.UNREADABLE


def test_somebody_else_cannot_be_enrolled_with_a_genuine_code(site: Site) -> None:
    """A row that names another person does not fit the binding in the code."""
    issued = site.invite()
    changed = Invitations(site.opened.references).amend(
        issued.invitation.ident,
        lambda it: Invitation(it.ident, SubjectId("other"), it.issued_at, it.expires_at),
    )
    assert changed.subject == "other"
    assert site.invitations.present(issued.text) is InvitationRefusal.UNKNOWN


def test_signed_answers_count_for_one_invitation_and_are_read_by_a_camera(site: Site) -> None:
    one, two = (site.invite().invitation.ident for _ in range(2))
    codes = {*site.invitations.answer_codes(one), *site.invitations.answer_codes(two)}
    assert len(codes) == 4
    assert site.invitations.answer_codes(one) == site.invitations.answer_codes(one)
    assert all(len(code) <= 200 for code in codes)
    yes, no = site.invitations.answer_codes(one)
    assert (yes.partition(":")[0], no.partition(":")[0]) == ("LINTEL-YES", "LINTEL-NO")


# -- the photograph ------------------------------------------------------------------------------


def _on_disk(home: Path) -> bytes:
    return b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())


def test_a_photograph_is_sealed_and_gone_when_the_invitation_is_revoked(site: Site) -> None:
    issued = site.invite(photo=PHOTO)
    assert site.invitations.photo(issued.invitation) == PHOTO
    assert PHOTO not in _on_disk(site.path)
    (sealed,) = _photos(site)
    site.invitations.revoke(issued.invitation.ident)
    assert site.invitations.photo(issued.invitation) is None
    assert sealed not in _on_disk(site.path)


def test_a_photograph_is_gone_when_the_invitation_has_expired(site: Site) -> None:
    issued = site.invite(photo=PHOTO)
    (sealed,) = _photos(site)
    assert site.invitations.tidy() == 0
    site.wait(days=7)
    assert site.invitations.tidy() == 1
    assert sealed not in _on_disk(site.path)
    assert site.invitations.present(issued.text) is InvitationRefusal.EXPIRED
    site.wait(days=KEPT_AFTER.days)
    assert site.invitations.tidy() == 1
    assert not site.invitations.all()
    assert site.invitations.present(issued.text) is InvitationRefusal.UNKNOWN


def _photos(site: Site) -> list[bytes]:
    with site.opened.references.reading() as rows:
        return [photo for (photo,) in rows.execute("SELECT photo FROM invitations") if photo]


# -- attacks on what is stored -------------------------------------------------------------------


def test_a_changed_row_is_refused(site: Site) -> None:
    site.invite()
    site.opened.close()
    alter(Home(site.path).references, "UPDATE invitations SET content = x'00'")
    with pytest.raises((StoreCorrupt, StoreReplaced)):
        OpenHome.open(site.path)


def test_an_older_copy_does_not_bring_a_used_invitation_back(site: Site) -> None:
    issued = site.invite()
    site.opened.close()
    home = Home(site.path)
    before = home.references.read_bytes()
    again = Site(site.path, site.now)
    again.invitations.revoke(issued.invitation.ident)
    again.opened.close()
    for leftover in home.references.parent.glob("references.db-*"):
        leftover.unlink()
    home.references.write_bytes(before)
    with pytest.raises(StoreReplaced):
        OpenHome.open(site.path)
    kept.accept(home, FileKey(home))
    accepted = Site(site.path, site.now)
    (one,) = accepted.invitations.all()
    refusal = accepted.invitations.present(issued.text)
    accepted.opened.close()
    assert one.state is InvitationState.REVOKED
    assert refusal is InvitationRefusal.REVOKED
    with pytest.raises(Refused):
        kept.accept(home, FileKey(home))


def test_nothing_about_an_invitation_is_printed(site: Site) -> None:
    issued = site.invite(given_name="Grace")
    said = f"{issued} {issued.invitation} {site.invitations} {InvitationWish(GRACE, WEEK)}"
    assert "Grace" not in said
    assert "4711" not in said
    assert issued.text not in said
