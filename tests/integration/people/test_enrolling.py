"""The steps of an enrolment and of a renewal: in the journal, wholly or not at all (R25, R31)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import child_process
import pytest
from chosen import every_nth
from kept_files import lines
from kept_samples import AGREED, ANNA, BORIS, CHEN, SPACE
from people_changes import POLICY, TERMS, by_gates, newcomer, sample, settle

from kiosk.domain.access.factors import Factor, Factors, Pin, StepUp
from kiosk.domain.enrolment.invitation import InvitationState
from kiosk.domain.errors import BadInput, JournalUnwritable, StoreError, SubjectUnknown
from kiosk.domain.people.enrolment import (
    EnrolmentOutcome,
    IdentityVerdict,
    Sample,
    SampleRefusal,
    assess,
)
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.comparison import Gallery
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.recorder import JournalRecorder
from kiosk.people.enrolment import Newcomer
from kiosk.people.invitations import InvitationService, InvitationWish
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome

PASSED, FAILED, NOT_ASKED, BEGUN = "passed", "failed", "not_asked", "begun"


def steps(open_home: OpenHome, subject: str = CHEN) -> list[tuple[str, str]]:
    entries = [json.loads(line) for line in lines(open_home.home.journal)]
    told = [e["details"] for e in entries if e["event"] == "enrolment_step"]
    return [(d["step"], d["outcome"]) for d in told if d["subject"] == subject]


def identified(verdict: IdentityVerdict, *views: Sample) -> Callable[[Gallery], EnrolmentOutcome]:
    return lambda gallery: assess(views, gallery, POLICY, lambda _: verdict)


# -- the steps -----------------------------------------------------------------------------------


def test_every_step_of_an_enrolment_in_its_order(
    open_home: OpenHome, people: PeopleService
) -> None:
    people.enrol(newcomer(), TERMS, identified(IdentityVerdict.FITS, sample(30)))
    assert steps(open_home) == [
        ("quality", PASSED),
        ("identity", PASSED),
        ("duplicate", PASSED),
        ("references", BEGUN),
        ("metadata", PASSED),
    ]


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        pytest.param(by_gates([sample(30, pad=0.1)]), [("quality", FAILED)], id="a print"),
        pytest.param(
            identified(IdentityVerdict.DIFFERS, sample(30)),
            [("quality", PASSED), ("identity", FAILED)],
            id="not the person of the photograph",
        ),
        pytest.param(
            identified(IdentityVerdict.DIFFERS, sample(10)),
            [("quality", PASSED), ("identity", FAILED)],
            id="enrolled, under another person's invitation: nobody hears of it",
        ),
        pytest.param(
            by_gates([sample(10)]),
            [("quality", PASSED), ("identity", NOT_ASKED), ("duplicate", FAILED)],
            id="enrolled already",
        ),
    ],
)
def test_the_first_step_that_fails_is_the_last(
    open_home: OpenHome,
    people: PeopleService,
    gates: Callable[[Gallery], EnrolmentOutcome],
    expected: list[tuple[str, str]],
) -> None:
    assert people.enrol(newcomer(), TERMS, gates).references == 0
    assert steps(open_home) == expected
    with pytest.raises(SubjectUnknown):
        people.person(CHEN)


def test_an_invitation_is_used_up_with_the_enrolment_and_brings_its_rules(
    open_home: OpenHome, people: PeopleService
) -> None:
    invitations = InvitationService(open_home)
    ident = invitations.issue(InvitationWish(CHEN, timedelta(days=1))).invitation.ident
    rules = PersonRules(groups=("staff",), valid_until=date(2027, 1, 31))
    invited = Newcomer(CHEN, AGREED, rules=rules, invitation=ident)
    people.enrol(invited, TERMS, by_gates([sample(30)]))
    (kept,) = invitations.all()
    assert kept.state is InvitationState.USED
    assert people.person(CHEN).profile.rules == rules
    again = Newcomer(BORIS, AGREED, invitation=ident)
    people.erase(BORIS)
    with pytest.raises(BadInput, match="does not count"):
        people.enrol(again, TERMS, by_gates([sample(40)]))
    with pytest.raises(SubjectUnknown):
        people.person(BORIS)


def test_an_invitation_that_ended_meanwhile_enrols_nobody(
    open_home: OpenHome, people: PeopleService
) -> None:
    invitations = InvitationService(open_home)
    ident = invitations.issue(InvitationWish(CHEN, timedelta(days=1))).invitation.ident
    invitations.revoke(ident)
    invited = Newcomer(CHEN, AGREED, invitation=ident)
    with pytest.raises(BadInput):
        people.enrol(invited, TERMS, by_gates([sample(30)]))
    with pytest.raises(SubjectUnknown):
        people.person(CHEN)


def test_a_picture_is_kept_sealed_and_goes_with_the_person(
    open_home: OpenHome, people: PeopleService
) -> None:
    picture = b"\xff\xd8 a picture, as far as the store can tell"
    agreed = Newcomer(CHEN, AGREED, picture=picture)
    people.enrol(agreed, TERMS, by_gates([sample(30)]))
    assert open_home.references.picture(CHEN) == picture
    assert open_home.references.picture(ANNA) is None
    with open_home.references.reading() as rows:
        ((sealed,),) = rows.execute("SELECT picture FROM pictures").fetchall()
    disk = b"".join(f.read_bytes() for f in open_home.home.path.rglob("*") if f.is_file())
    assert picture not in disk
    people.erase(CHEN)
    disk = b"".join(f.read_bytes() for f in open_home.home.path.rglob("*") if f.is_file())
    assert sealed not in disk
    with pytest.raises(SubjectUnknown):
        open_home.references.picture(CHEN)


# -- undone --------------------------------------------------------------------------------------


def _failing(monkeypatch: pytest.MonkeyPatch, name: str, step: str | None = None) -> None:
    """The journal's disk is full from the entry of that name on, for that one entry."""
    real = JournalRecorder.note

    def note(self: JournalRecorder, event: JournalEvent) -> None:
        if event.name == name and (step is None or event.details().get("step") == step):
            raise JournalUnwritable("The disk is full.", "Make room.")
        real(self, event)

    monkeypatch.setattr(JournalRecorder, "note", note)


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("enrolment_step", "quality"),
        ("enrolment_step", "identity"),
        ("enrolment_step", "duplicate"),
        ("enrolment_step", "references"),
        ("enrolment", None),
        ("enrolment_step", "metadata"),
        ("enrolled", None),
    ],
)
def test_what_cannot_be_recorded_is_undone(
    open_home: OpenHome,
    people: PeopleService,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    step: str | None,
) -> None:
    _failing(monkeypatch, name, step)
    with pytest.raises(JournalUnwritable):
        people.enrol(newcomer(), TERMS, by_gates([sample(30)]))
    with pytest.raises(SubjectUnknown):
        people.person(CHEN)
    assert len(open_home.references.load(SPACE)) == 2


@pytest.mark.parametrize(
    ("photo", "state"),
    [(None, InvitationState.OPEN), (b"\xff\xd8 a photograph", InvitationState.USED)],
    ids=["none", "one that is gone"],
)
def test_the_invitation_of_an_enrolment_that_was_undone_counts_again_but_not_without_its_photo(
    open_home: OpenHome,
    people: PeopleService,
    monkeypatch: pytest.MonkeyPatch,
    photo: bytes | None,
    state: InvitationState,
) -> None:
    """Used up only by `enrolled`; and nobody comes in uncompared where they were to be compared."""
    invitations = InvitationService(open_home)
    wish = InvitationWish(CHEN, timedelta(days=1), photo=photo)
    invited = Newcomer(CHEN, AGREED, invitation=invitations.issue(wish).invitation.ident)
    _failing(monkeypatch, "enrolled")
    with pytest.raises(JournalUnwritable):
        people.enrol(invited, TERMS, by_gates([sample(30)]))
    with pytest.raises(SubjectUnknown):
        people.person(CHEN)
    (kept,) = invitations.all()
    assert kept.state is state


def test_a_lookalike_whose_enrolment_fails_leaves_nobody_stepped_up(
    open_home: OpenHome, people: PeopleService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unusable(*_: object, **__: object) -> None:
        raise StoreError("The database cannot be used.", "See the disk.")

    monkeypatch.setattr(type(open_home.references), "enrol", unusable)
    twin = Newcomer(CHEN, AGREED, different_person=True)
    with pytest.raises(StoreError):
        people.enrol(twin, TWIN_TERMS, by_gates([sample(10)]))
    assert people.person(ANNA).profile.factors.step_up is StepUp.NONE


# -- people who look alike (R21) -----------------------------------------------------------------

TWIN_TERMS = type(TERMS)(SPACE, most=10, duplicate_threshold=0.7)


def test_two_who_look_alike_are_both_asked_for_a_factor_from_then_on(
    people: PeopleService,
) -> None:
    twin = Newcomer(CHEN, AGREED, different_person=True)
    people.enrol(twin, TWIN_TERMS, by_gates([sample(10)]))
    for subject in (ANNA, CHEN):
        assert people.person(subject).profile.factors.step_up is StepUp.LOOKALIKE
    assert people.person(ANNA).profile.factors.asked is Factor.PIN
    assert people.person(CHEN).profile.factors.asked is None
    assert people.person(BORIS).profile.factors.step_up is StepUp.NONE
    people.allow(ANNA, {}, reviewed=True)
    assert people.person(ANNA).profile.factors.step_up is StepUp.NONE


def test_who_is_said_to_be_different_and_resembles_nobody_is_asked_for_nothing(
    people: PeopleService,
) -> None:
    people.enrol(Newcomer(CHEN, AGREED, different_person=True), TWIN_TERMS, by_gates([sample(30)]))
    assert people.person(CHEN).profile.factors.step_up is StepUp.NONE


@pytest.mark.parametrize(
    ("factors", "asked"),
    [
        (Factors(), Factor.NONE),
        (Factors(step_up=StepUp.REPORTED), None),
        (Factors(badge="1f", step_up=StepUp.REPORTED), Factor.BADGE),
        (Factors(pin=Pin(b"", b""), badge="1f", step_up=StepUp.REPORTED), Factor.PIN),
        (Factors(required=Factor.VERIFY, badge="1f", step_up=StepUp.REPORTED), Factor.VERIFY),
    ],
)
def test_what_somebody_is_asked_for(factors: Factors, asked: Factor | None) -> None:
    assert factors.asked is asked


# -- renewal (R34) -------------------------------------------------------------------------------


def _vectors(open_home: OpenHome, subject: str) -> list[bytes]:
    return [
        r.template.vector.tobytes()
        for r in open_home.references.load(SPACE)
        if r.subject == subject
    ]


def test_new_references_replace_the_old_and_all_else_stays(
    open_home: OpenHome, people: PeopleService
) -> None:
    people.allow(ANNA, {"groups": ("staff",)}, Factor.PIN)
    before = people.person(ANNA).profile
    outcome = people.renew(ANNA, TERMS, by_gates([sample(10), sample(10)]))
    assert outcome.references == 2
    assert people.person(ANNA).profile == before
    assert len(_vectors(open_home, ANNA)) == 2


def test_more_references_are_added_as_far_as_there_is_room(
    open_home: OpenHome, people: PeopleService
) -> None:
    terms = type(TERMS)(SPACE, most=10, most_references=2)
    enrolment = people.renew(ANNA, terms, by_gates([sample(10), sample(10)]), adding=True)
    assert enrolment.references == 1
    assert [r.reason for r in enrolment.outcome.refused] == [SampleRefusal.TOO_MANY]
    assert len(_vectors(open_home, ANNA)) == 2


@pytest.mark.parametrize("adding", [False, True])
def test_another_person_cannot_be_renewed_into_somebody(
    open_home: OpenHome, people: PeopleService, *, adding: bool
) -> None:
    terms = type(TERMS)(SPACE, most=10, same_person=0.6)
    before = _vectors(open_home, ANNA)
    enrolment = people.renew(ANNA, terms, by_gates([sample(30)]), adding=adding)
    assert enrolment.references == 0
    assert [r.reason for r in enrolment.outcome.refused] == [SampleRefusal.ANOTHER_PERSON]
    assert _vectors(open_home, ANNA) == before


def test_nobody_is_looked_at_before_the_subject_is_known(people: PeopleService) -> None:
    def never(_: Gallery) -> EnrolmentOutcome:
        pytest.fail("no sample may be looked at")

    with pytest.raises(SubjectUnknown):
        people.renew(CHEN, TERMS, never)


# -- killed --------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from datetime import timedelta
from kept_samples import AGREED, CHEN
from people_changes import TERMS, by_gates, sample
from kiosk.people.enrolment import Newcomer
from kiosk.people.invitations import InvitationService, InvitationWish
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome
with OpenHome.open(Path(sys.argv[1])) as home:
    wish = InvitationWish(CHEN, timedelta(days=1), photo=b"photo" * 99)
    ident = InvitationService(home).issue(wish).invitation.ident
    real, left = os.fsync, [int(sys.argv[2])]
    def flush(descriptor):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        real(descriptor)
    os.fsync = flush
    invited = Newcomer(CHEN, AGREED, invitation=ident)
    PeopleService(home).enrol(invited, TERMS, by_gates([sample(30)]))
print("whole")
"""


@pytest.mark.parametrize("after", every_nth(range(1, 26, 3), 3))
def test_killed_at_any_flush_somebody_is_wholly_enrolled_or_not_at_all(
    tmp_path: Path, after: int
) -> None:
    home = settle(tmp_path / "home")
    child = child_process.start(KILLED, home, str(after))
    out, err = child.communicate(timeout=200)
    assert child.returncode == -9 or "whole" in out, err
    with OpenHome.open(home) as open_home:
        (kept,) = InvitationService(open_home).all()
        references = _vectors(open_home, CHEN)
        known = CHEN in open_home.references.subjects()
        assert known is bool(references)
        assert (kept.state is InvitationState.USED) is known
        if not known:
            PeopleService(open_home).enrol(newcomer(), TERMS, by_gates([sample(30)]))
