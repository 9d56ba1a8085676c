"""The values of an enrolment: what they take for granted, what they hide, and its figures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from enrolling import ANN, INVITATION, INVITEE, POLICY

from kiosk.domain.enrolment.acts.gestures import GesturePolicy, HeadAt
from kiosk.domain.enrolment.answers import Act, AgreedTo, Answer, Given, signed_answer
from kiosk.domain.enrolment.document import DocumentSeen
from kiosk.domain.enrolment.effects import JudgeInvitation, Withdraw
from kiosk.domain.enrolment.events import BadgeJudged, CodesRead, Finished, Judged, PinTyped
from kiosk.domain.enrolment.facts import DataFact, FactKind
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.looked import Looked, LookedFace
from kiosk.domain.enrolment.poses import PosePolicy
from kiosk.domain.enrolment.stages.attendance import Attendance, Inquiry
from kiosk.domain.enrolment.states import Ended, Judging, ShownCode
from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.face import Pose, TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

NOW = Instant(10.0)
SUBJECT = SubjectId("ann")


# -- figures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("layer_seconds", 4.0),
        ("picture_seconds", 10.0),
        ("voice_seconds", 0.0),
        ("code_delay_seconds", 2.0),
        ("code_gone_seconds", 1.5),
        ("undo_seconds", 3.0),
        ("idle_seconds", 30.0),
        ("still_there_seconds", 10.0),
        ("absence_seconds", 4.0),
        ("hidden_seconds", 10.0),
        ("document_seconds", 60.0),
        ("confirm_seconds", 6.0),
        ("answer_seconds", 30.0),
        ("session_seconds", 300.0),
        ("result_seconds", 6.0),
        ("asks_picture", False),
        ("poses_required", 3),
        ("doubts_allowed", 2),
        ("reads_zone", False),
        ("requires_zone", True),
        ("zone_ask_seconds", 4.0),
        ("zone_seconds", 20.0),
    ],
)
def test_a_figure_of_a_session_changes_only_on_purpose(name: str, figure: float) -> None:
    """The voice and the documents tell people some of them."""
    assert getattr(POLICY, name) == figure


def test_the_figures_of_a_turned_head_change_only_on_purpose() -> None:
    assert PosePolicy() == PosePolicy(
        first_yaw=10.0,
        first_pitch=15.0,
        centre_degrees=6.0,
        turn_degrees=10.0,
        lift_degrees=7.0,
        most_degrees=35.0,
        views=2,
        centre_views=4,
        direction_seconds=6.0,
        least_share=0.5,
    )
    assert POLICY.poses == PosePolicy()
    assert POLICY.gestures == GesturePolicy()


# -- answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", Act)
def test_what_may_happen_by_mistake_is_what_a_head_does(act: Act) -> None:
    given = Given(Answer.YES, act, NOW)
    assert given.by_head is (act in {Act.NOD, Act.SHAKE, Act.TARGET})
    assert not AgreedTo(given, "en").picture
    assert not AgreedTo(given, "en").cloud


def test_a_signed_answer_is_one_of_one_invitation() -> None:
    """Sheets are printed once: what is signed stays as it is."""
    assert signed_answer("LINTEL-YES", "07ff") == b"Lintel answer, version 1\nLINTEL-YES\n07ff"


# -- what is taken for granted -------------------------------------------------------------------


def test_who_is_invited_is_not_enrolled_yet_and_answers_by_the_plain_codes() -> None:
    invitee = Invitee(SUBJECT)
    assert (invitee.enrolled, invitee.asks_document, invitee.invitation) == (False, False, None)
    assert (invitee.yes_code, invitee.no_code) == ("LINTEL-YES", "LINTEL-NO")


def test_a_face_is_in_the_lane_and_a_frame_was_searched() -> None:
    face = LookedFace(TrackId(1), Pose(0.0, 0.0, 0.0))
    assert (face.across, face.down, face.inside) == (0.0, 0.0, True)
    assert face.surroundings == float("inf")
    assert Looked(NOW).searched


def test_what_services_did_not_do_they_do_not_tell() -> None:
    assert not Finished(NOW, SUBJECT).compared
    assert not Withdraw(NOW, SUBJECT).undoes
    assert not BadgeJudged(NOW, NOW).paused
    assert not DocumentSeen(NOW).held
    assert (DataFact(FactKind.SINCE).count, DataFact(FactKind.SINCE).text) == (0, "")
    assert Judged(NOW).text == ""


def test_nothing_was_ever_seen_in_a_new_session() -> None:
    who = Attendance(invitee=INVITEE, began_at=NOW)
    never = float("-inf")
    assert (who.now, who.looked_at, who.seen_at, who.held_at) == (never, never, never, never)
    assert (who.track, who.code) == (None, "")
    inquiry = Inquiry(prompt=Prompt.CONSENT_CHOICE, shown_at=NOW)
    assert (inquiry.voiced, inquiry.heads, inquiry.given) == (False, (), None)


# -- what is hidden ------------------------------------------------------------------------------

SECRET = INVITEE.yes_code


@pytest.mark.parametrize(
    "value",
    [
        JudgeInvitation(SECRET, NOW),
        CodesRead(NOW, frozenset({SECRET})),
        Judged(NOW, text=SECRET),
        PinTyped(NOW, SECRET),
        ShownCode(text=SECRET, at=NOW),
        Judging(text=SECRET, since=NOW),
        DataFact(FactKind.READ, text=SECRET),
        replace(INVITEE, yes_code=SECRET),
        replace(INVITEE, no_code=SECRET),
        replace(INVITEE, invitation=SECRET),
        Attendance(invitee=INVITEE, began_at=NOW, code=SECRET),
        Ended(
            prompt=Prompt.STOPPED,
            tone=Tone.REFUSED,
            until=NOW,
            shown=ShownCode(text=SECRET, at=NOW),
        ),
    ],
)
def test_a_code_is_not_printed(value: object) -> None:
    assert SECRET not in repr(value)
    assert INVITATION not in repr(value)


def test_how_a_head_moves_is_not_printed() -> None:
    heads = (HeadAt(NOW, yaw=12.5, pitch=0.0, across=0.0),)
    inquiry = Inquiry(prompt=Prompt.CONSENT_CHOICE, shown_at=NOW, heads=heads)
    assert "12.5" not in repr(inquiry)


def test_a_face_is_printed_without_what_was_made_of_it() -> None:
    assert repr(ANN.face()) == "LookedFace(1, Pose(yaw=0.0, pitch=0.0, roll=0.0))"
