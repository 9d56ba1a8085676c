"""Enrolments that are disturbed: a stop while it is stored, a full disk, clocks that jump, codes.

Each ends with an enrolled person and a used invitation, or with neither.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import evaluation_data
import pytest
import segno
import zxingcpp
from chosen import few_first
from enrolling_kiosk import (
    FPS,
    SUBJECT,
    YES,
    Act,
    Actor,
    EnrolmentKiosk,
    Played,
    alive,
    enrolling,
    nobody,
)
from enrolment_films import with_code
from kept_home import furnish, rows, verified
from real_kiosk import FilmedModels

from hardware.camera.codec import cv2
from kiosk.domain.enrolment.events import StopWanted
from kiosk.domain.enrolment.invitation import MARK, InvitationState
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.frame import Pixels
from kiosk.people.invitations import InvitationService
from kiosk.store.home import now_utc
from kiosk.store.open_home import OpenHome

pytestmark = [pytest.mark.data, pytest.mark.weights]

GRACE = evaluation_data.people()[0]
ENTRIES = 400
"""So many make the journal larger than every other file: it meets the limit first."""


@pytest.fixture
def site(tmp_path: Path, models: FilmedModels) -> EnrolmentKiosk:
    return EnrolmentKiosk(furnish(tmp_path / "home", ENTRIES), models)


def enrolled(site: EnrolmentKiosk) -> bool:
    """Whether somebody is; wholly, with a used invitation, or not at all, with an open one."""
    with OpenHome.open(site.home) as open_home:
        known = SUBJECT in open_home.references.subjects()
        (invitation,) = InvitationService(open_home).all()
        if known:
            assert open_home.references.count(SUBJECT) >= 3
        assert len(open_home.references.subjects()) == 2 + known
        assert (invitation.state is InvitationState.USED) is known
    assert verified(site.home).sealed
    return known


# -- while it is stored ----------------------------------------------------------------------------


def storing(view: EnrolmentView | None) -> bool:
    """While the services store the person; a code is judged under the same words, without dots."""
    return view is not None and view.prompt is Prompt.ONE_MOMENT and view.dots != (0, 0)


def held_back(code: str, release: Callable[[EnrolmentKiosk], None], then: Actor) -> Act:
    """The services come to store the person only when they are let.

    Args:
        code: of the invitation.
        release: called before each frame of that time.
        then: who is there by then.
    """
    begun: list[bool] = []

    def meanwhile(kiosk: EnrolmentKiosk) -> None:
        if not begun and kiosk.passed[-1:] == ["down"]:
            begun.append(True)
            kiosk.held = []
        if storing(kiosk.view) and kiosk.held:
            release(kiosk)

    return enrolling(code, alive(GRACE), storing, then, meanwhile=meanwhile)


def after(seconds: float) -> Callable[[EnrolmentKiosk], None]:
    """They do it after so long."""

    def release(kiosk: EnrolmentKiosk) -> None:
        if kiosk.shown_seconds >= seconds:
            kiosk.release()

    return release


@pytest.mark.long
def test_whoever_goes_away_while_it_is_stored_is_enrolled(site: EnrolmentKiosk) -> None:
    """They have agreed, and every picture was taken: the result is whole."""
    session = site.play(held_back(site.invite(), after(6.0), nobody()))
    assert session.last == ("enrolled", None), session
    assert enrolled(site)


def gone_again(site: EnrolmentKiosk) -> None:
    """Nobody is enrolled; the invitation of whoever was for a moment counts again."""
    with OpenHome.open(site.home) as open_home:
        assert SUBJECT not in open_home.references.subjects()
        (invitation,) = InvitationService(open_home).all()
        assert invitation.state is InvitationState.OPEN
        assert len(open_home.references) == 2
    assert verified(site.home).sealed


@pytest.mark.long
def test_a_stop_while_it_is_stored_leaves_nobody(site: EnrolmentKiosk) -> None:
    def stop(kiosk: EnrolmentKiosk) -> None:
        kiosk.tell(StopWanted(kiosk.now))
        after(1.0)(kiosk)

    session = site.play(held_back(site.invite(), stop, alive(GRACE)))
    assert session.last == ("abandoned", "stopped"), session
    gone_again(site)


@pytest.mark.long
def test_what_is_stored_after_the_session_has_ended_is_undone(site: EnrolmentKiosk) -> None:
    """The services take longer than they may; they store the person, and forget them at once."""
    late: list[Callable[[], None]] = []

    def never(kiosk: EnrolmentKiosk) -> None:
        late[:] = kiosk.held or []

    def act(kiosk: EnrolmentKiosk) -> Iterator[Pixels]:
        yield from held_back(code, never, nobody())(kiosk)
        kiosk.release()
        yield from nobody().frames

    code = site.invite()
    session = site.play(act)
    assert late
    assert session.notes[-1] == ("failed", "fault"), session
    gone_again(site)


# -- a disk that is full ---------------------------------------------------------------------------


@contextmanager
def room_for(site: EnrolmentKiosk, room: int) -> Iterator[None]:
    """No file grows beyond the journal's size and so many bytes: the kernel plays the disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = (site.home / "journal.jsonl").stat().st_size + room
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.long
@pytest.mark.parametrize("room", [0, 400, 800, 1500, 1900, 2200, 2800])
def test_a_disk_that_is_full_at_the_commit(site: EnrolmentKiosk, room: int) -> None:
    """Room for so many of the journal's entries: they are told what is true."""
    played = full_at_the_commit(site, site.invite(), room)
    assert played.last in {("failed", "fault"), ("enrolled", None)}
    assert played.last[0] == "failed" or room > 2200
    assert enrolled(site) is (played.last[0] == "enrolled")


def full_at_the_commit(site: EnrolmentKiosk, code: str, room: int) -> Played:
    def release(kiosk: EnrolmentKiosk) -> None:
        with room_for(site, room):
            kiosk.release()

    return site.play(held_back(code, release, alive(GRACE)))


@pytest.mark.long
def test_they_enrol_once_there_is_room_again(site: EnrolmentKiosk) -> None:
    code = site.invite()
    assert full_at_the_commit(site, code, 800).last == ("failed", "fault")
    session = site.play(enrolling(code, alive(GRACE)))
    assert session.last == ("enrolled", None), session
    assert enrolled(site)


# -- clocks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "when", few_first([("right", -10.0), ("what", -10.0), ("what", 3600.0), ("right", 3600.0)], 1)
)
def test_the_clock_of_the_frames_jumps(site: EnrolmentKiosk, when: tuple[str, float]) -> None:
    step, seconds = when

    def jump(kiosk: EnrolmentKiosk) -> None:
        if step in kiosk.passed:
            kiosk.skipped = seconds

    session = site.play(enrolling(site.invite(), alive(GRACE), meanwhile=jump))
    assert session.last in {("failed", "fault"), ("failed", "timed_out"), ("abandoned", "left")}
    assert not enrolled(site)


@pytest.mark.long
@pytest.mark.parametrize("days", [-400, 400])
def test_the_wall_clock_jumps(site: EnrolmentKiosk, days: int) -> None:
    """Whoever has begun goes on, and comes in wholly; the journal stays sound."""

    def utc() -> datetime:
        return now_utc() + timedelta(days=days if "right" in site.passed else 0)

    site.utc = utc
    session = site.play(enrolling(site.invite(), alive(GRACE)))
    assert session.last == ("enrolled", None), session
    assert enrolled(site)


# -- what is not there -----------------------------------------------------------------------------


@pytest.mark.long
def test_an_invitation_in_a_language_that_is_not_there(site: EnrolmentKiosk) -> None:
    """As one of a version that had more: the kiosk speaks its own, and so is the notice kept."""
    session = site.play(enrolling(site.invite(language="xx"), alive(GRACE)))
    assert session.last == ("enrolled", None), session
    with OpenHome.open(site.home) as open_home:
        consent = open_home.references.show(SUBJECT).profile.consent
    assert consent.language is None


# -- codes -----------------------------------------------------------------------------------------

OTHERS = {
    "an address": "https://example.org/?q=1",
    "a card": "BEGIN:VCARD\nVERSION:3.0\nN:Hopper;Grace\nEND:VCARD",
    "a network": "WIFI:T:WPA;S:guests;P:secret;;",
    "a certificate": "HC1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN",
    "SQL": "'; DROP TABLE subjects; --",
    "markup": "<img src=x onerror=alert(1)>",
    "4 kB": "A" * 4096,
    "zeros": "\0" * 20,
    "an answer": YES,
}
OURS = {
    "SQL": f"{MARK}'; DROP TABLE invitations; --",
    "markup": f"{MARK}<script>alert(1)</script>",
    "4 kB": MARK + "A" * 4082,
    "letters of no base64": MARK + "\N{SNOWMAN}" * 20,
    "noise": MARK + "A" * 160,
}


def shown(code: str, person: Sequence[Pixels], seconds: float) -> Act:
    """A code that is held up, and taken away."""
    side = 2 * (segno.make_qr(code, error="l").symbol_size(border=4)[0])
    held = [with_code(frame, code, max(260, side), "l") for frame in person[:5]]
    (read,) = zxingcpp.read_barcodes(cv2.cvtColor(held[0], cv2.COLOR_BGR2GRAY))
    assert read.bytes == code.encode()

    def act(_: EnrolmentKiosk) -> Iterator[Pixels]:
        for at in range(round(seconds * FPS)):
            yield held[at % len(held)]
        for at in range(3 * FPS):
            yield person[at % len(person)]

    return act


@pytest.mark.parametrize("kind", few_first(["4 kB", *(k for k in OTHERS if k != "4 kB")], 1))
def test_codes_of_others_begin_nothing(site: EnrolmentKiosk, kind: str) -> None:
    code = OTHERS[kind]
    before = rows(site.home)
    session = site.play(shown(code, alive(GRACE).frames, 1.4))
    assert (session.notes, session.prompts) == ([], ())
    assert rows(site.home) == before


@pytest.mark.parametrize("kind", few_first(OURS, 1))
def test_codes_that_are_no_invitations_are_refused(site: EnrolmentKiosk, kind: str) -> None:
    code = OURS[kind]
    before = rows(site.home)
    session = site.play(shown(code, alive(GRACE).frames, 1.4))
    longest = len(code) > 200
    assert session.notes == ([] if longest else [("failed", "code_unreadable")])
    assert rows(site.home) == before
    assert verified(site.home).sealed
