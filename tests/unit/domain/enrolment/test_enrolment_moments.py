"""Each wait of an enrolment ends at its very moment, and no sooner."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doorway import FRAME
from enrolling import ANN, INVITATION, INVITEE, POLICY, Visit

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.document import DocumentSeen
from kiosk.domain.enrolment.events import Judged, Voiced
from kiosk.domain.enrolment.invitation import InvitationRefusal
from kiosk.domain.enrolment.looked import Looked
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.stages.capturing import MOST_KNOWN
from kiosk.domain.enrolment.states import (
    Capturing,
    Consenting,
    Dormant,
    Ended,
    Judging,
    ShowingDocument,
    StillThere,
)
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.frame import Instant


def choosing() -> Visit:
    """The choice has just been shown."""
    visit = Visit()
    visit.invite()
    for _ in range(3):
        visit.touch(Answer.YES)
    return visit


def test_a_session_ends() -> None:
    visit = Visit(replace(POLICY, session_seconds=5.0))
    visit.invite()
    visit.tick(5.0 - FRAME)
    assert isinstance(visit.state, Consenting)
    visit.tick(FRAME)
    assert visit.notes[-1] == (EnrolmentStep.FAILED, EndReason.TIMED_OUT)


def test_somebody_is_asked_if_they_are_there_and_then_not_any_more() -> None:
    visit = choosing()
    visit.stand(POLICY.idle_seconds - FRAME)
    assert isinstance(visit.state, Consenting)
    visit.see(ANN)
    assert isinstance(visit.state, StillThere)
    visit.stand(POLICY.still_there_seconds - FRAME)
    assert isinstance(visit.state, StillThere)
    visit.see(ANN)
    assert visit.notes[-1] == (EnrolmentStep.ABANDONED, EndReason.SILENT)


def test_a_nod_that_can_be_undone_is_no_idleness() -> None:
    visit = choosing()
    visit.stand(POLICY.idle_seconds - 1.0)
    visit.nod()
    visit.stand(2.5)
    assert isinstance(visit.state, Consenting)
    visit.stand(1.0)
    assert isinstance(visit.state, Capturing)


def test_a_direction_is_waited_for() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(PoseDirection.CENTRE)
    visit.stand(POLICY.idle_seconds - FRAME, ANN.but(inside=False))
    assert isinstance(visit.state, Capturing)
    visit.see(ANN.but(inside=False))
    assert isinstance(visit.state, StillThere)


def test_a_picture_is_asked_for() -> None:
    visit = Visit(replace(POLICY, asks_picture=True))
    visit.agree()
    visit.stand(POLICY.picture_seconds - FRAME)
    assert visit.view.prompt is Prompt.CONSENT_PICTURE
    visit.see(ANN)
    assert isinstance(visit.state, Capturing)


def test_the_voice_is_waited_for() -> None:
    visit = Visit(replace(POLICY, voice_seconds=6.0))
    visit.invite()
    visit.stand(6.0 - FRAME)
    assert visit.view.prompt is Prompt.INVITED_HELLO
    visit.see(ANN)
    assert visit.view.prompt is Prompt.CONSENT_WHAT


def test_a_document_is_waited_for() -> None:
    visit = Visit()
    visit.invite(replace(INVITEE, asks_document=True))
    for _ in range(4):
        visit.touch(Answer.YES)
    visit.turn(*PoseDirection)
    for _ in range(round(POLICY.document_seconds) - 1):
        visit.see(ANN, times=7)
        visit.handle(DocumentSeen(visit.at(), held=True))
    visit.see(ANN, times=7)
    assert isinstance(visit.state, ShowingDocument)
    visit.see(ANN)
    assert visit.notes[-1] == (EnrolmentStep.FAILED, EndReason.NO_DOCUMENT)


@pytest.mark.parametrize(("away", "judged"), [(2.875, False), (3.0, True)])
def test_a_code_is_judged_again(away: float, *, judged: bool) -> None:
    visit = Visit()
    visit.see(ANN, codes=(INVITATION,))
    visit.handle(Judged(visit.at(), refusal=InvitationRefusal.USED, text=INVITATION))
    visit.see(ANN, codes=(INVITATION,))
    visit.stand(away - FRAME)
    visit.see(ANN, codes=(INVITATION,))
    assert isinstance(visit.state, Judging) is judged


@pytest.mark.parametrize(
    ("hidden", "reason"), [(9.875, None), (10.0, EndReason.LEFT), (10.125, EndReason.LEFT)]
)
def test_a_face_is_hidden(hidden: float, reason: EndReason | None) -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN)
    visit.nobody(hidden - FRAME, codes=(INVITATION,))
    visit.see(ANN.but(track=2))
    assert visit.notes[-1][1] is reason


@pytest.mark.parametrize(
    ("hidden", "end"),
    [
        (10.0, (EnrolmentStep.ABANDONED, EndReason.LEFT)),
        (10.125, (EnrolmentStep.FAILED, EndReason.ANOTHER_PERSON)),
    ],
)
def test_a_face_that_comes_out_after_a_gap_in_the_frames_was_hidden_too_long(
    hidden: float, end: tuple[EnrolmentStep, EndReason]
) -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN)
    seen_at = visit.now
    visit.nobody(2.0, codes=(INVITATION,))
    visit.handle(Looked(Instant(seen_at + hidden), (ANN.but(track=2).face(),)))
    assert visit.notes[-1] == end


def test_a_face_has_left() -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN)
    visit.nobody(POLICY.absence_seconds - FRAME)
    assert isinstance(visit.state, Capturing)
    visit.nobody(FRAME)
    assert visit.notes[-1] == (EnrolmentStep.ABANDONED, EndReason.LEFT)


def test_the_voice_does_not_tell_the_time_of_frames() -> None:
    visit = Visit()
    visit.agree()
    visit.handle(Voiced(Instant(visit.now + 2.0), Prompt.CONSENT_CHOICE))
    visit.see(ANN)
    assert isinstance(visit.state, Capturing)
    assert visit.state.who.now == visit.now


def test_a_view_that_attack_detection_did_not_judge_is_none_of_those_it_did() -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN.but(pad=None), times=POLICY.attack_views)
    visit.see(ANN)
    assert isinstance(visit.state, Capturing)
    assert [pad.score for pad in visit.state.pads] == [0.75]


def test_views_are_bona_fide_together() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(*PoseDirection, visage=ANN.but(pad=POLICY.pad_threshold))
    assert visit.notes[-1] == (EnrolmentStep.CAPTURED, None)


def test_so_many_views_have_to_be_agreed_with() -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN, times=MOST_KNOWN - 1)
    for _ in range(3):
        visit.see(ANN)
        assert isinstance(visit.state, Capturing)
        assert len(visit.state.known) == MOST_KNOWN == 8


def test_why_a_code_does_not_count_is_shown() -> None:
    visit = Visit()
    visit.see(ANN, codes=(INVITATION,))
    visit.handle(Judged(visit.at(), refusal=InvitationRefusal.USED, text=INVITATION))
    visit.tick(POLICY.result_seconds - FRAME)
    assert isinstance(visit.state, Ended)
    visit.tick(FRAME)
    assert isinstance(visit.state, Dormant)


def test_a_result_is_shown_and_the_one_after_it_as_long() -> None:
    visit = choosing()
    visit.touch(Answer.NO)
    visit.tick(POLICY.result_seconds - FRAME)
    assert isinstance(visit.state, Ended)
    visit.tick(FRAME)
    assert isinstance(visit.state, Dormant)
