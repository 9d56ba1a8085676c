"""Whatever happens in whatever order: nothing is kept without a consent, or after an end (R73)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from enrolling import (
    ANN,
    BEN,
    ENROLLED,
    FACTS,
    INVITATION,
    INVITEE,
    NOD,
    POLICY,
    TURNS,
    Visit,
    kept,
    template,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.access.events import Faulted, Ticked
from kiosk.domain.access.states import Part
from kiosk.domain.enrolment.answers import Act, Answer, Given
from kiosk.domain.enrolment.document import (
    DocumentFault,
    DocumentKind,
    DocumentSeen,
    DocumentZone,
)
from kiosk.domain.enrolment.effects import Enrol, LookUp, NoteStep, Renew, Withdraw
from kiosk.domain.enrolment.events import (
    BadgeJudged,
    CodesRead,
    DataFound,
    DataWanted,
    EnrolmentEvent,
    Feedback,
    FeedbackGiven,
    FewerPoses,
    Finished,
    Judged,
    LanguageChosen,
    PinTyped,
    Replied,
    StopWanted,
    Voiced,
    Withdrawn,
)
from kiosk.domain.enrolment.invitation import InvitationRefusal
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.looked import Looked
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.poses import PosesReason
from kiosk.domain.enrolment.states import (
    Capturing,
    Consenting,
    Dormant,
    Ended,
    Judging,
    may_extract,
)
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.enrolment.view import enrolment_view
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

SUBJECT = SubjectId("ann")
FACES = [
    *[ANN.but(**turn) for turn in TURNS.values()],
    *[ANN.but(pitch=pitch) for pitch in set(NOD)],
    ANN.but(yaw=20.0, pad=0.1),
    ANN.but(track=2),
    BEN,
    BEN.but(track=1),
]
PROMPTS = [p for p in Prompt if p.value.startswith(("invited", "consent", "still", "data"))]
ZONES = [None, DocumentZone(DocumentKind.PASSPORT, ("EXAMPLE", "ANN"), date(2031, 5, 1))]
CODES = [INVITATION, "LINTEL-YES", "LINTEL-NO", "LINTEL1:ann:1:ab", "other"]
POLICIES = [
    POLICY,
    replace(POLICY, asks_picture=True, layer_seconds=0.5, poses_required=1),
    replace(POLICY, poses_required=1, poses=replace(POLICY.poses, direction_seconds=0.25)),
]


def event_of(draw: st.DrawFn, at: Instant) -> EnrolmentEvent:
    choice = draw(st.integers(0, 19))
    if choice <= 6:
        faces = draw(st.lists(st.sampled_from(FACES), max_size=2))
        return Looked(at, tuple(face.face() for face in faces), searched=draw(st.booleans()))
    if choice == 7:
        return CodesRead(at, frozenset(draw(st.lists(st.sampled_from(CODES), max_size=2))))
    if choice <= 10:
        given_now = Given(draw(st.sampled_from(Answer)), draw(st.sampled_from(Act)), at)
        return Replied(draw(st.sampled_from(PROMPTS)), given_now)
    if choice == 11:
        return Finished(at, SUBJECT, draw(st.sampled_from([None, EndReason.DUPLICATE])))
    if choice == 12:
        return DocumentSeen(
            at,
            held=draw(st.booleans()),
            fault=draw(st.sampled_from([None, DocumentFault.GLARE])),
            portrait=draw(st.sampled_from([None, template("ann")])),
            zone=draw(st.sampled_from(ZONES)),
        )
    invitee = draw(st.sampled_from([INVITEE, replace(INVITEE, asks_document=True), ENROLLED]))
    others: list[EnrolmentEvent] = [
        Judged(at, invitee, text=draw(st.sampled_from(["", INVITATION]))),
        Judged(at, refusal=InvitationRefusal.USED, text=INVITATION),
        DataFound(at, SUBJECT, draw(st.sampled_from([None, FACTS]))),
        Withdrawn(at, SUBJECT, failure=draw(st.sampled_from([None, EndReason.FAULT]))),
        Ticked(at),
        StopWanted(at),
        DataWanted(at),
        PinTyped(at, "4711"),
        BadgeJudged(at, draw(st.sampled_from([at, Instant(at - 1.0)])), invitee),
        LanguageChosen(at, "fr"),
        FewerPoses(at, draw(st.integers(-1, 6)), draw(st.sampled_from(PosesReason))),
        Voiced(at, Prompt.INVITED_HELLO),
        FeedbackGiven(at, Feedback.NOT_ME),
        Faulted(at, Part.CAMERA, "gone"),
    ]
    return draw(st.sampled_from(others))


@st.composite
def events(draw: st.DrawFn) -> list[EnrolmentEvent]:
    """Anything, mostly forward in time, sometimes back, far ahead, or at no time at all."""
    now, every = 100.0, []
    for _ in range(draw(st.integers(0, 60))):
        now += draw(st.sampled_from([0.0, 0.1, 0.1, 0.1, 0.5, 2.0, 11.0, -0.5, -30.0]))
        at = draw(st.sampled_from([now, now, now, now, now, float("nan"), float("inf")]))
        every.append(event_of(draw, Instant(at)))
    return every


@settings(max_examples=80)
@given(events(), st.sampled_from(POLICIES), st.sampled_from([None, INVITEE, ENROLLED]))
def test_nothing_is_kept_without_a_consent_or_after_an_end(
    every: list[EnrolmentEvent], policy: SessionPolicy, begun: Invitee | None
) -> None:
    visit = Visit(policy)
    if begun is not None:
        visit.invite(begun)
    agreed = False
    for event in every:
        before = visit.state
        move = visit.handle(event)
        for effect in move.effects:
            if isinstance(effect, NoteStep):
                ended = effect.step in {EnrolmentStep.FAILED, EnrolmentStep.ABANDONED}
                agreed = (agreed or effect.step is EnrolmentStep.CONSENTED) and not ended
            if isinstance(effect, Enrol):
                assert agreed
                assert effect.candidate.agreed is not None
                assert effect.candidate.agreed.given.answer is Answer.YES
                assert effect.candidate.samples
            if isinstance(effect, Renew | LookUp):
                assert visit.state.who.invitee.enrolled  # type: ignore[union-attr] # a person
            if isinstance(effect, Withdraw):
                assert effect.undoes or before.who.invitee.enrolled  # type: ignore[union-attr] # a person
        if isinstance(visit.state, Dormant | Judging | Consenting | Ended):
            assert kept(visit.state) == []
            assert not may_extract(visit.state)
        if isinstance(visit.state, Capturing):
            assert agreed or visit.state.who.invitee.enrolled
        view = enrolment_view(visit.state, policy)
        assert view is None or (0.0 <= view.fill <= 1.0 and view.dots[0] <= view.dots[1])
    visit.handle(StopWanted(Instant(1e6)))
    assert kept(visit.state) == []


@settings(max_examples=30)
@given(st.lists(st.sampled_from(FACES), max_size=40))
def test_faces_alone_agree_to_nothing_unless_somebody_nods(looks: list[object]) -> None:
    """Faces that come and go, turn and look up and down, slower than a nod."""
    visit = Visit()
    visit.invite()
    visit.read()
    for look in looks:
        visit.see(look, times=6)  # type: ignore[arg-type] # a face
    assert visit.notes[0] == (EnrolmentStep.INVITED, None)
    assert (EnrolmentStep.CONSENTED, None) not in visit.notes
