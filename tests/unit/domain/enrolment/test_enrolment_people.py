"""People enrol themselves, each in their own way; others leave no trace (R73, R79, R91, R94)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from doorway import FRAME
from enrolling import ANN, BEN, INVITATION, INVITEE, POLICY, Visit, kept

from kiosk.domain.access.events import Faulted
from kiosk.domain.access.states import Part
from kiosk.domain.enrolment.answers import Act, Answer
from kiosk.domain.enrolment.effects import Enrol, JudgeInvitation
from kiosk.domain.enrolment.events import FewerPoses, Finished, Judged, LanguageChosen, StopWanted
from kiosk.domain.enrolment.invitation import InvitationRefusal
from kiosk.domain.enrolment.poses import PoseDirection, PosesReason
from kiosk.domain.enrolment.states import (
    Capturing,
    Committing,
    Consenting,
    Dormant,
    Ended,
    Judging,
    Layer,
    StillThere,
    may_extract,
)
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.template import SubjectId

INVITED, CONSENTED = (EnrolmentStep.INVITED, None), (EnrolmentStep.CONSENTED, None)
CAPTURED, ENROLLED = (EnrolmentStep.CAPTURED, None), (EnrolmentStep.ENROLLED, None)
DECLINED = (EnrolmentStep.DECLINED, EndReason.SAID_NO)


def abandoned(reason: EndReason) -> tuple[EnrolmentStep, EndReason]:
    return EnrolmentStep.ABANDONED, reason


def failed(reason: EndReason) -> tuple[EnrolmentStep, EndReason]:
    return EnrolmentStep.FAILED, reason


def finished(visit: Visit, failure: EndReason | None = None, *, compared: bool = False) -> None:
    subject = SubjectId("ann")
    visit.handle(Finished(visit.at(), subject, failure, compared=compared, receipt="R-1"))


# -- good ends -----------------------------------------------------------------------------------


def test_ann_enrols_with_nothing_but_her_head() -> None:
    visit = Visit()
    visit.invite()
    for layer in (Layer.HELLO, Layer.WHAT, Layer.USE, Layer.CHOICE):
        assert isinstance(visit.state, Consenting)
        assert visit.state.layer is layer
        visit.nod()
    assert visit.view.prompt is Prompt.ANSWERED_YES
    visit.stand(POLICY.undo_seconds)
    assert isinstance(visit.state, Capturing)
    visit.turn(*PoseDirection)
    assert isinstance(visit.state, Committing)
    finished(visit)
    assert visit.notes == [INVITED, CONSENTED, CAPTURED, ENROLLED]
    assert (visit.view.prompt, visit.view.receipt) == (Prompt.ENROLLED, "R-1")
    (candidate,) = visit.candidates
    assert candidate.agreed is not None
    assert (candidate.agreed.given.act, candidate.agreed.language) == (Act.NOD, "en")
    assert candidate.invitee == INVITEE
    assert not candidate.agreed.picture
    visit.nobody(POLICY.result_seconds)
    assert isinstance(visit.state, Dormant)


def test_ben_enrols_with_the_sheet_alone() -> None:
    """A whole enrolment from camera frames: codes and faces, and the face hidden behind a code."""
    visit = Visit()
    visit.invite()
    visit.read()
    visit.stand(2.0)
    visit.hold_up("LINTEL-YES", visage=None, seconds=2.0)
    assert visit.notes == [INVITED, CONSENTED]
    visit.turn(*PoseDirection, visage=ANN.but(track=7))
    finished(visit)
    assert visit.notes == [INVITED, CONSENTED, CAPTURED, ENROLLED]
    (candidate,) = visit.candidates
    assert candidate.agreed is not None
    assert candidate.agreed.given.act is Act.CODE


@pytest.mark.parametrize("act", [Act.TOUCH, Act.KEY])
def test_cleo_touches_every_answer(act: Act) -> None:
    visit = Visit()
    visit.invite()
    for _ in range(4):
        visit.touch(Answer.YES, act)
    assert visit.notes == [INVITED, CONSENTED]
    visit.turn(*PoseDirection)
    finished(visit)
    assert visit.notes[-1] == ENROLLED


def test_dan_who_can_turn_to_few_sides_is_enrolled_all_the_same() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(PoseDirection.CENTRE, PoseDirection.LEFT, PoseDirection.RIGHT)
    visit.stand(2 * POLICY.poses.direction_seconds + 0.25)
    assert visit.notes[-1] == CAPTURED
    (candidate,) = visit.candidates
    assert {s.direction for s in candidate.samples} == set(list(PoseDirection)[:3])


def test_eve_whom_an_admin_lets_do_with_one_direction() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(PoseDirection.CENTRE)
    visit.handle(FewerPoses(visit.at(), 1, PosesReason.WISH))
    visit.stand(4 * POLICY.poses.direction_seconds + 0.25)
    (candidate,) = visit.candidates
    assert candidate.poses_reason is PosesReason.WISH


@pytest.mark.parametrize("required", [3, 5, 0, -1])
def test_fewer_directions_are_fewer_and_one_at_least(required: int) -> None:
    visit = Visit()
    visit.agree()
    visit.handle(FewerPoses(visit.at(), required, PosesReason.WISH))
    assert isinstance(visit.state, Capturing)
    assert (visit.state.coach.required, visit.state.who.poses_reason) == (3, None)


def test_an_admin_may_take_fewer_directions_still_and_no_more_again() -> None:
    visit = Visit()
    visit.agree()
    for required, reason in ((2, PosesReason.TRIED), (1, PosesReason.WISH), (2, PosesReason.PLACE)):
        visit.handle(FewerPoses(visit.at(), required, reason))
    assert isinstance(visit.state, Capturing)
    assert (visit.state.coach.required, visit.state.who.poses_reason) == (1, PosesReason.WISH)


def relaxed_before_the_pictures(visit: Visit) -> None:
    visit.invite()
    visit.handle(FewerPoses(visit.at(), 1, PosesReason.PLACE))
    visit.read()
    visit.touch(Answer.YES)


def relaxed_from_the_start(visit: Visit) -> None:
    by_admin = replace(INVITEE, invitation=None)
    fewer = FewerPoses(visit.at(), 1, PosesReason.PLACE)
    visit.handle(Judged(visit.at(), by_admin, fewer=fewer))
    visit.read()
    visit.touch(Answer.YES)


def relaxed_while_asked_if_still_there(visit: Visit) -> None:
    visit.invite()
    visit.read()
    visit.stand(POLICY.idle_seconds)
    assert isinstance(visit.state, StillThere)
    visit.handle(FewerPoses(visit.at(), 1, PosesReason.PLACE))
    visit.touch(Answer.YES)
    visit.touch(Answer.YES)


@pytest.mark.parametrize(
    "begins",
    [relaxed_before_the_pictures, relaxed_from_the_start, relaxed_while_asked_if_still_there],
)
def test_fewer_directions_count_from_whenever_an_admin_says_so(
    begins: Callable[[Visit], None],
) -> None:
    visit = Visit()
    begins(visit)
    visit.turn(PoseDirection.CENTRE)
    visit.stand(4 * POLICY.poses.direction_seconds + 0.25)
    (candidate,) = visit.candidates
    assert candidate.poses_reason is PosesReason.PLACE
    assert {sample.direction for sample in candidate.samples} == {PoseDirection.CENTRE}


def test_fewer_directions_can_be_all_that_was_missing() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(PoseDirection.CENTRE)
    assert isinstance(visit.state, Capturing)
    passed = frozenset(PoseDirection) - {PoseDirection.CENTRE}
    visit.state = replace(visit.state, coach=replace(visit.state.coach, passed=passed))
    visit.handle(FewerPoses(visit.at(), 1, PosesReason.TRIED))
    assert visit.notes[-1] == CAPTURED


def test_the_notice_goes_on_by_itself_and_the_choice_does_not() -> None:
    visit = Visit()
    visit.invite()
    layers = []
    for _ in range(4):
        assert isinstance(visit.state, Consenting)
        layers.append(visit.state.layer)
        visit.stand(POLICY.layer_seconds)
    assert layers == [Layer.HELLO, Layer.WHAT, Layer.USE, Layer.CHOICE]
    visit.stand(20.0)
    assert isinstance(visit.state, Consenting)
    assert visit.notes == [INVITED]


def test_a_photograph_of_an_invitee_that_was_compared_is_told_to_fit() -> None:
    visit = Visit()
    visit.enrol()
    finished(visit, compared=True)
    assert (visit.view.language, visit.view.tone) == ("en", Tone.GRANTED)
    assert visit.notes[-2:] == [(EnrolmentStep.IDENTITY, None), ENROLLED]
    assert visit.view.prompt is Prompt.IDENTITY_FITS
    visit.nobody(POLICY.result_seconds)
    assert (visit.view.prompt, visit.view.receipt) == (Prompt.ENROLLED, "R-1")
    visit.nobody(POLICY.result_seconds)
    assert isinstance(visit.state, Dormant)


# -- saying no, undoing and stopping -------------------------------------------------------------


@pytest.mark.parametrize("layers", range(4))
def test_fay_declines_at_any_layer_as_easily_as_she_accepts(layers: int) -> None:
    for way in ("shake", "touch", "code"):
        visit = Visit()
        visit.invite()
        for _ in range(layers):
            visit.touch(Answer.YES)
        if way == "shake":
            visit.shake()
            visit.stand(POLICY.undo_seconds)
        elif way == "touch":
            visit.touch(Answer.NO)
        else:
            visit.stand(2.0)
            visit.hold_up("LINTEL-NO")
        assert visit.notes == [INVITED, DECLINED], way
        assert visit.view.prompt is Prompt.DECLINED
        assert kept(visit.state) == []


def test_gus_takes_his_nod_back() -> None:
    visit = Visit()
    visit.invite()
    visit.read()
    visit.nod()
    visit.stand(1.0)
    visit.shake()
    assert isinstance(visit.state, Consenting)
    assert visit.view.prompt is Prompt.CONSENT_CHOICE
    visit.stand(10.0)
    assert visit.notes == [INVITED]
    visit.touch(Answer.YES)
    assert visit.notes == [INVITED, CONSENTED]


def test_hal_takes_his_shake_back() -> None:
    visit = Visit()
    visit.invite()
    visit.shake()
    assert visit.view.prompt is Prompt.ANSWERED_NO
    visit.nod()
    assert visit.view.prompt is Prompt.INVITED_HELLO
    visit.stand(1.0)
    assert visit.notes == [INVITED]


STOPS = {
    "invited": lambda visit: (visit.invite(), visit.see(ANN)),
    "reading": lambda visit: (visit.invite(), visit.read()),
    "nodding": lambda visit: (visit.invite(), visit.read(), visit.nod()),
    "agreed": Visit.agree,
    "half turned": lambda visit: (visit.agree(), visit.turn(*list(PoseDirection)[:3])),
}


@pytest.mark.parametrize("step", STOPS)
def test_ida_stops_at_any_step_and_nothing_is_kept(step: str) -> None:
    visit = Visit()
    STOPS[step](visit)
    visit.handle(StopWanted(visit.at()))
    assert visit.notes[-1] == abandoned(EndReason.STOPPED)
    assert (visit.view.prompt, kept(visit.state)) == (Prompt.STOPPED, [])
    assert visit.view.language == "en"
    assert visit.candidates == []


@pytest.mark.parametrize("step", STOPS)
def test_jan_walks_away_at_any_step_and_nothing_is_kept(step: str) -> None:
    visit = Visit()
    STOPS[step](visit)
    visit.nobody(POLICY.absence_seconds)
    assert visit.notes[-1] == abandoned(EndReason.LEFT)
    assert (visit.view.prompt, kept(visit.state)) == (Prompt.STOPPED, [])


@pytest.mark.parametrize("step", STOPS)
def test_a_part_that_fails_ends_it_at_any_step_and_nothing_is_kept(step: str) -> None:
    visit = Visit()
    STOPS[step](visit)
    visit.handle(Faulted(visit.at(), Part.MATCHER, "the service is gone"))
    assert not isinstance(visit.state, Ended)
    visit.handle(Faulted(visit.at(), Part.STORE, "the disk is gone"))
    assert visit.notes[-1] == failed(EndReason.FAULT)
    assert (visit.view.prompt, kept(visit.state)) == (Prompt.SEE_RECEPTION, [])


# -- nothing happens -----------------------------------------------------------------------------


def test_kim_who_does_nothing_is_asked_once_and_then_everything_is_dropped() -> None:
    visit = Visit()
    visit.invite()
    visit.read()
    visit.stand(POLICY.idle_seconds)
    assert visit.view.prompt is Prompt.STILL_THERE
    visit.stand(POLICY.still_there_seconds)
    assert visit.notes == [INVITED, abandoned(EndReason.SILENT)]


def test_lou_is_still_there_and_is_asked_the_same_again() -> None:
    visit = Visit()
    visit.invite()
    visit.read()
    visit.stand(POLICY.idle_seconds)
    visit.nod()
    assert isinstance(visit.state, Consenting)
    assert visit.view.prompt is Prompt.CONSENT_CHOICE
    visit.stand(POLICY.idle_seconds - 1.0)
    assert isinstance(visit.state, Consenting)


def test_lou_shakes_his_head_by_mistake_while_he_is_asked_if_he_is_there() -> None:
    visit = Visit()
    visit.invite()
    visit.read()
    visit.stand(POLICY.idle_seconds)
    visit.stand(POLICY.still_there_seconds - 2.0)
    visit.shake()
    visit.stand(2.0)
    assert visit.view.prompt is Prompt.ANSWERED_NO
    visit.nod()
    assert visit.view.prompt is Prompt.STILL_THERE
    visit.nod()
    assert visit.view.prompt is Prompt.CONSENT_CHOICE


@pytest.mark.parametrize("doing", ["pictures", "document", "data"])
def test_lou_who_was_there_all_the_time_has_not_left(doing: str) -> None:
    visit = Visit()
    if doing == "data":
        visit.my_data()
    else:
        visit.invite(replace(INVITEE, asks_document=doing == "document"))
        visit.read()
        visit.touch(Answer.YES)
        visit.turn(*(PoseDirection if doing == "document" else ()))
    at = type(visit.state)
    visit.stand(POLICY.idle_seconds + POLICY.absence_seconds + 1.0, ANN.but(inside=False))
    assert isinstance(visit.state, StillThere)
    visit.touch(Answer.YES)
    visit.tick(FRAME)
    assert type(visit.state) is at


def test_mia_says_that_she_is_not_there() -> None:
    visit = Visit()
    visit.agree()
    visit.nobody(0.0)
    visit.stand(POLICY.idle_seconds, ANN.but(inside=False))
    assert isinstance(visit.state, StillThere)
    visit.touch(Answer.NO)
    assert visit.notes[-1] == abandoned(EndReason.STOPPED)


def test_whoever_is_still_there_goes_on_with_what_was_taken() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(PoseDirection.CENTRE, PoseDirection.LEFT)
    visit.stand(POLICY.idle_seconds, ANN.but(inside=False))
    visit.touch(Answer.YES)
    visit.turn(PoseDirection.RIGHT, PoseDirection.UP, PoseDirection.DOWN)
    assert visit.notes[-1] == CAPTURED


def test_a_session_ends_in_any_case() -> None:
    visit = Visit()
    visit.agree()
    while not isinstance(visit.state, Ended):
        visit.stand(1.0, ANN.but(inside=False))
        if isinstance(visit.state, StillThere):
            visit.touch(Answer.YES)
    assert visit.notes[-1] == failed(EndReason.TIMED_OUT)
    assert visit.now - 100.0 == pytest.approx(POLICY.session_seconds, abs=2.0)


# -- somebody else -------------------------------------------------------------------------------


def test_ned_steps_in_after_the_consent_of_olga_and_nothing_is_kept() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(*list(PoseDirection)[:4])
    visit.see(BEN)
    assert visit.notes[-1] == failed(EndReason.ANOTHER_PERSON)
    assert (visit.view.prompt, kept(visit.state)) == (Prompt.ONE_PERSON_ONLY, [])


def test_pia_looks_in_and_goes_away_again() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(*list(PoseDirection)[:3])
    visit.see(ANN, BEN, times=4)
    assert visit.view.prompt is Prompt.ONE_AT_A_TIME
    visit.turn(*list(PoseDirection)[3:])
    assert visit.notes[-1] == CAPTURED
    assert len(visit.candidates[0].samples) == 10


def test_ron_nods_and_sam_is_photographed_in_his_place() -> None:
    """Who nodded is who agreed; nobody else is taken in their place."""
    visit = Visit()
    visit.invite()
    visit.read()
    visit.nod(ANN)
    visit.stand(POLICY.undo_seconds, ANN)
    assert visit.notes == [INVITED, CONSENTED]
    visit.see(BEN)
    assert visit.notes[-1] == failed(EndReason.ANOTHER_PERSON)


def test_a_nod_is_void_once_somebody_else_stands_there() -> None:
    visit = Visit()
    visit.invite()
    visit.read()
    visit.nod(ANN)
    visit.stand(POLICY.undo_seconds, BEN)
    assert isinstance(visit.state, Consenting)
    assert visit.view.prompt is Prompt.CONSENT_CHOICE
    assert visit.notes == [INVITED]


def test_tess_hides_behind_her_code_and_is_the_same_afterwards() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(PoseDirection.CENTRE)
    visit.nobody(8.0, codes=(INVITATION,))
    visit.turn(
        PoseDirection.LEFT,
        PoseDirection.RIGHT,
        PoseDirection.UP,
        PoseDirection.DOWN,
        visage=ANN.but(track=2),
    )
    assert visit.notes[-1] == CAPTURED


def test_uma_comes_out_from_behind_the_code_of_tess() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(PoseDirection.CENTRE)
    visit.nobody(4.0, codes=(INVITATION,))
    visit.see(BEN, times=POLICY.doubts_allowed)
    assert isinstance(visit.state, Capturing)
    visit.see(BEN)
    assert visit.notes[-1] == failed(EndReason.ANOTHER_PERSON)


def test_nobody_hides_for_longer_than_ten_seconds() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(PoseDirection.CENTRE)
    visit.nobody(POLICY.hidden_seconds - 0.25, codes=(INVITATION,))
    assert isinstance(visit.state, Capturing)
    visit.nobody(0.25, codes=(INVITATION,))
    assert visit.notes[-1] == abandoned(EndReason.LEFT)


# -- attacks -------------------------------------------------------------------------------------


def test_a_photograph_is_an_attack_and_nothing_is_kept() -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN.but(pad=0.1), times=POLICY.attack_views)
    assert visit.notes[-1] == failed(EndReason.PRESENTATION_ATTACK)
    assert (visit.view.prompt, kept(visit.state)) == (Prompt.OWN_FACE, [])


def test_a_photograph_after_a_face_is_an_attack() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(*list(PoseDirection)[:4])
    visit.see(ANN.but(pad=0.1), times=POLICY.attack_views)
    assert visit.notes[-1] == failed(EndReason.PRESENTATION_ATTACK)


def test_a_face_that_is_bona_fide_in_too_few_views_is_not_taken() -> None:
    visit = Visit()
    visit.agree()
    for direction in PoseDirection:
        visit.see(ANN.but(pad=0.26), times=3)
        visit.turn(direction)
    assert visit.notes[-1] == failed(EndReason.POOR_VIEW)
    assert visit.candidates == []


# -- the saga ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "steps", "prompt"),
    [
        (EndReason.IDENTITY, [EnrolmentStep.IDENTITY], Prompt.SEE_RECEPTION),
        (EndReason.DUPLICATE, [EnrolmentStep.DUPLICATE], Prompt.SEE_RECEPTION),
        (EndReason.POOR_VIEW, [], Prompt.NOT_SEEN_WELL),
        (EndReason.NO_ROOM, [], Prompt.SEE_RECEPTION),
        (EndReason.FAULT, [], Prompt.SEE_RECEPTION),
    ],
)
def test_whoever_is_not_enrolled_is_told_kindly(
    failure: EndReason, steps: list[EnrolmentStep], prompt: Prompt
) -> None:
    visit = Visit()
    visit.enrol()
    finished(visit, failure)
    expected = [(step, failure) for step in steps] + [failed(failure)]
    assert visit.notes == [INVITED, CONSENTED, CAPTURED, *expected]
    assert visit.view.prompt is prompt


def test_nothing_of_a_face_is_in_the_state_once_the_saga_has_it() -> None:
    visit = Visit()
    visit.enrol()
    assert isinstance(visit.state, Committing)
    assert kept(visit.state) == []
    assert not may_extract(visit.state)


def test_an_answer_about_somebody_else_means_nothing() -> None:
    visit = Visit()
    visit.enrol()
    visit.handle(Finished(visit.at(), SubjectId("ben")))
    assert isinstance(visit.state, Committing)


# -- invitations ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refusal", "prompt"),
    [
        (InvitationRefusal.USED, Prompt.CODE_USED),
        (InvitationRefusal.EXHAUSTED, Prompt.CODE_USED),
        (InvitationRefusal.EXPIRED, Prompt.CODE_EXPIRED),
        (InvitationRefusal.ELSEWHERE, Prompt.CODE_ELSEWHERE),
        (InvitationRefusal.WAIT, Prompt.CODE_WAIT),
        (InvitationRefusal.UNREADABLE, Prompt.CODE_UNREADABLE),
        (InvitationRefusal.ALTERED, Prompt.CODE_UNREADABLE),
        (InvitationRefusal.UNKNOWN, Prompt.CODE_UNREADABLE),
        (InvitationRefusal.REVOKED, Prompt.CODE_UNREADABLE),
        (InvitationRefusal.CLOCK, Prompt.CODE_UNREADABLE),
    ],
)
def test_a_code_that_does_not_count_says_why(refusal: InvitationRefusal, prompt: Prompt) -> None:
    visit = Visit()
    visit.see(ANN, codes=(INVITATION,))
    visit.handle(Judged(visit.at(), refusal=refusal, text=INVITATION))
    assert visit.view.prompt is prompt
    assert [step for step, _ in visit.notes] == [EnrolmentStep.FAILED]


def test_a_code_that_is_held_up_still_is_judged_once() -> None:
    visit = Visit()
    visit.see(ANN, codes=(INVITATION,))
    visit.handle(Judged(visit.at(), refusal=InvitationRefusal.USED, text=INVITATION))
    visit.stand(20.0, codes=(INVITATION,))
    assert isinstance(visit.state, Dormant)
    visit.stand(2.75)
    visit.stand(1.0, codes=(INVITATION,))
    visit.stand(3.0)
    assert [e for e in visit.effects if isinstance(e, JudgeInvitation)] == visit.effects[:1]
    visit.see(ANN, codes=(INVITATION,))
    assert isinstance(visit.state, Judging)


def test_the_code_of_somebody_who_is_enrolled_now_is_not_judged_while_it_is_held_up() -> None:
    visit = Visit()
    visit.enrol()
    finished(visit)
    visit.see(ANN, codes=(INVITATION,))
    assert isinstance(visit.state, Ended)


def test_a_session_that_no_code_began_remembers_none() -> None:
    visit = Visit()
    visit.handle(Judged(visit.at(), INVITEE))
    visit.handle(StopWanted(visit.at()))
    assert isinstance(visit.state, Ended)
    assert visit.state.shown is None


def test_a_refused_code_does_not_keep_another_from_being_judged() -> None:
    visit = Visit()
    visit.see(ANN, codes=(INVITATION,))
    visit.handle(Judged(visit.at(), refusal=InvitationRefusal.USED, text=INVITATION))
    visit.see(ANN, codes=(INVITATION, "LINTEL-INVITE:ben"))
    assert isinstance(visit.state, Judging)
    assert visit.state.text == "LINTEL-INVITE:ben"


def test_two_invitations_at_once_are_none_and_no_other_code_is_one() -> None:
    visit = Visit()
    visit.see(ANN, codes=(INVITATION, "LINTEL-INVITE:ben"))
    for text in ("LINTEL-YES", "https://example.org", "lintel-invite:x"):
        visit.see(ANN, codes=(text,))
    assert isinstance(visit.state, Dormant)
    assert visit.effects == []


def test_an_answer_about_another_code_means_nothing() -> None:
    visit = Visit()
    visit.see(ANN, codes=(INVITATION,))
    visit.handle(Judged(visit.at(), INVITEE, text="LINTEL-INVITE:ben"))
    visit.handle(Judged(visit.at(), INVITEE))
    visit.handle(Judged(visit.at(), text=INVITATION))
    assert isinstance(visit.state, Judging)


def test_an_admin_beside_them_or_a_badge_begins_without_a_code() -> None:
    visit = Visit()
    visit.handle(Judged(visit.at(), INVITEE))
    assert isinstance(visit.state, Consenting)
    late = Visit()
    late.handle(Judged(late.at(), INVITEE, text=INVITATION))
    late.handle(Judged(late.at()))
    assert isinstance(late.state, Dormant)


def test_a_judge_that_does_not_answer_ends_the_wait() -> None:
    visit = Visit()
    visit.see(ANN, codes=(INVITATION,))
    visit.tick(POLICY.answer_seconds - 0.25)
    assert isinstance(visit.state, Judging)
    visit.tick(0.25)
    assert visit.notes == [failed(EndReason.FAULT)]


def test_a_code_may_be_stopped_while_it_is_judged() -> None:
    visit = Visit()
    visit.see(ANN, codes=(INVITATION,))
    visit.handle(StopWanted(visit.at()))
    assert isinstance(visit.state, Dormant)
    visit.see(ANN, codes=(INVITATION,))
    assert isinstance(visit.state, Dormant)
    assert visit.notes == []


def test_the_language_can_be_chosen_at_any_time_and_the_notice_begins_again() -> None:
    visit = Visit()
    visit.invite()
    visit.read()
    visit.handle(LanguageChosen(visit.at(), "ar"))
    assert (visit.view.prompt, visit.view.language) == (Prompt.INVITED_HELLO, "ar")
    visit.read()
    visit.touch(Answer.YES)
    visit.handle(LanguageChosen(visit.at(), "fr"))
    assert isinstance(visit.state, Capturing)
    assert visit.view.language == "fr"
    assert visit.state.agreed is not None
    assert visit.state.agreed.language == "ar"
    visit.handle(StopWanted(visit.at()))
    visit.handle(LanguageChosen(visit.at(), "de"))
    assert visit.view.language == "de"


def test_enrolling_never_releases_a_door() -> None:
    visit = Visit()
    visit.enrol()
    names = {type(effect).__name__ for effect in visit.effects}
    assert names == {"JudgeInvitation", "NoteStep", "Enrol"}
    assert any(isinstance(effect, Enrol) for effect in visit.effects)
