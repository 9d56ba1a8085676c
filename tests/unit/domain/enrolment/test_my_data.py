"""People see what is kept about them, renew it, or take it back (R79, R83, R34)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doorway import FRAME
from enrolling import ANN, BEN, ENROLLED, FACTS, INVITATION, POLICY, Visage, Visit, kept

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.effects import EnrolmentEffect, LookUp, Renew, Withdraw
from kiosk.domain.enrolment.events import (
    DataFound,
    Finished,
    LanguageChosen,
    StopWanted,
    Withdrawn,
)
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.states import (
    Capturing,
    Committing,
    Dormant,
    Ended,
    LookingUp,
    Recognising,
    ShowingData,
    StillThere,
    Withdrawing,
    may_extract,
    may_take_picture,
)
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.quality import Defect
from kiosk.domain.vision.template import SubjectId

SUBJECT = SubjectId("ann")


def orders(visit: Visit, *kinds: type[EnrolmentEffect]) -> list[EnrolmentEffect]:
    return [effect for effect in visit.effects if isinstance(effect, kinds)]


def looking() -> Visit:
    """Ann has shown her invitation, and her face is asked for."""
    visit = Visit()
    visit.invite(ENROLLED)
    assert isinstance(visit.state, Recognising)
    return visit


# -- recognition ---------------------------------------------------------------------------------


def test_ann_sees_what_is_kept_about_her_once_her_face_agrees() -> None:
    visit = looking()
    views = [ANN.but(apart=apart) for apart in (0.0, 0.1, 0.2)]
    visit.see(views[0])
    visit.see(views[1])
    assert isinstance(visit.state, Recognising)
    visit.see(views[2])
    (order,) = orders(visit, LookUp)
    assert isinstance(order, LookUp)
    assert order.invitee == ENROLLED
    shown = [view.face().template for view in views]
    assert [t.vector.tolist() for t in order.templates] == [t.vector.tolist() for t in shown if t]
    assert repr(order).endswith("3 hidden templates)")
    visit.handle(DataFound(visit.at(), SUBJECT, FACTS))
    assert (visit.view.prompt, visit.view.asks, visit.view.facts) == (
        Prompt.DATA_TITLE,
        True,
        FACTS,
    )
    assert visit.notes == []


def test_somebody_with_anns_invitation_sees_nothing_of_hers() -> None:
    visit = looking()
    visit.see(BEN, times=POLICY.recognition_views)
    visit.handle(DataFound(visit.at(), SUBJECT, None))
    assert visit.notes == [(EnrolmentStep.FAILED, EndReason.NOT_RECOGNISED)]
    assert (visit.view.prompt, visit.view.facts) == (Prompt.SEE_RECEPTION, ())
    assert kept(visit.state) == []


def test_an_answer_about_somebody_else_means_nothing() -> None:
    visit = looking()
    visit.see(ANN, times=POLICY.recognition_views)
    visit.handle(DataFound(visit.at(), SubjectId("ben"), FACTS))
    assert isinstance(visit.state, LookingUp)


def test_a_look_up_that_is_not_answered_ends() -> None:
    visit = looking()
    visit.see(ANN, times=POLICY.recognition_views)
    visit.stand(POLICY.answer_seconds - 0.25)
    assert isinstance(visit.state, LookingUp)
    visit.stand(0.25)
    assert visit.notes == [(EnrolmentStep.FAILED, EndReason.FAULT)]


BREAKS = {
    "nobody": (),
    "a second face": (ANN, BEN),
    "another track": (ANN.but(track=5),),
    "outside the oval": (ANN.but(inside=False),),
    "another person on the same track": (BEN.but(track=1),),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_a_break_begins_the_recognition_anew(broken: str) -> None:
    visit = looking()
    visit.see(ANN, times=POLICY.recognition_views - 1)
    visit.see(*BREAKS[broken])
    track = 5 if broken == "another track" else 1
    visit.see(ANN.but(track=track), times=POLICY.recognition_views - (track == 5) - 1)
    assert isinstance(visit.state, Recognising)
    visit.see(ANN.but(track=track))
    assert isinstance(visit.state, LookingUp)


@pytest.mark.parametrize(
    "poor",
    [
        ANN.but(pad=None),
        ANN.but(pad=0.45),
        ANN.but(extracted=False),
        ANN.but(measured=False),
        ANN.but(defects=(Defect.BLURRED,)),
    ],
)
def test_a_poor_view_recognises_nobody(poor: Visage) -> None:
    visit = looking()
    visit.see(poor, times=12)
    assert isinstance(visit.state, Recognising)
    assert visit.state.templates == ()


def test_a_frame_that_was_not_searched_recognises_nobody() -> None:
    visit = looking()
    for _ in range(12):
        visit.follow(ANN)
    assert isinstance(visit.state, Recognising)


def test_a_picture_of_ann_is_an_attack() -> None:
    visit = looking()
    visit.see(ANN.but(pad=0.1), times=POLICY.attack_views)
    assert visit.notes == [(EnrolmentStep.FAILED, EndReason.PRESENTATION_ATTACK)]


def test_a_picture_of_ann_after_her_face_is_an_attack_too() -> None:
    visit = looking()
    visit.see(ANN.but(extracted=False), times=POLICY.attack_views)
    visit.see(ANN.but(pad=0.1), times=POLICY.attack_views)
    assert visit.notes == [(EnrolmentStep.FAILED, EndReason.PRESENTATION_ATTACK)]


def test_a_face_is_bona_fide_exactly_at_the_threshold() -> None:
    visit = looking()
    visit.see(ANN.but(pad=POLICY.pad_threshold), times=POLICY.recognition_views)
    assert isinstance(visit.state, LookingUp)


def test_doubtful_views_are_outweighed_before_anything_is_shown() -> None:
    visit = looking()
    visit.see(ANN.but(pad=0.3), times=4)
    visit.see(ANN.but(pad=0.6), times=POLICY.recognition_views)
    assert isinstance(visit.state, Recognising)
    visit.see(ANN.but(pad=0.9), times=2)
    assert isinstance(visit.state, LookingUp)


def test_views_before_a_break_do_not_count_after_it() -> None:
    visit = looking()
    visit.see(ANN.but(pad=0.3), times=4)
    visit.see()
    visit.see(ANN.but(pad=0.6), times=POLICY.recognition_views)
    assert isinstance(visit.state, LookingUp)


def test_what_the_screen_says_meanwhile() -> None:
    visit = looking()
    assert visit.view.prompt is Prompt.FACE_IN_OVAL
    visit.see()
    assert visit.view.prompt is Prompt.FACE_IN_OVAL
    visit.see(ANN.but(defects=(Defect.BLURRED,)))
    assert (visit.view.prompt, visit.view.tone) == (Prompt.BLURRED, Tone.WRONG)
    visit.see(ANN, BEN)
    assert visit.view.prompt is Prompt.ONE_AT_A_TIME
    visit.see(ANN)
    assert (visit.view.prompt, visit.view.dots) == (Prompt.LOOK_STRAIGHT, (0, 0))
    visit.see(ANN.but(track=5))
    assert visit.view.prompt is Prompt.LOOK_STRAIGHT
    visit.outside(ANN.but(track=5, inside=False), Defect.TOO_FAR)
    assert visit.view.prompt is Prompt.COME_CLOSER
    visit.see(ANN.but(track=5), times=3)
    assert visit.view.prompt is Prompt.ONE_MOMENT


# -- going away ----------------------------------------------------------------------------------


def test_ben_who_takes_anns_place_sees_nothing_of_hers() -> None:
    visit = Visit()
    visit.my_data()
    visit.see(BEN)
    assert isinstance(visit.state, Recognising)
    assert visit.view.facts == ()
    assert visit.notes == []


def test_ben_who_comes_once_ann_is_nearly_gone_is_not_gone_himself() -> None:
    visit = Visit()
    visit.my_data()
    visit.nobody(POLICY.absence_seconds - 3 * FRAME)
    visit.see(BEN, times=2)
    assert isinstance(visit.state, Recognising)


def test_whoever_comes_with_ben_is_asked_to_wait_for_him() -> None:
    visit = Visit()
    visit.my_data()
    visit.see(BEN)
    visit.see(BEN.but(track=3), BEN.but(track=4), times=round(POLICY.absence_seconds / FRAME))
    assert visit.view.prompt is Prompt.ONE_AT_A_TIME


@pytest.mark.parametrize("recognised", [True, False])
def test_ben_who_comes_while_ann_is_asked_if_she_is_there_sees_nothing(*, recognised: bool) -> None:
    visit = Visit()
    if recognised:
        visit.my_data()
    else:
        visit.invite(ENROLLED)
    visit.stand(POLICY.idle_seconds, ANN.but(pad=None))
    assert isinstance(visit.state, StillThere)
    visit.see(BEN)
    assert isinstance(visit.state, Recognising if recognised else StillThere)
    assert visit.view.facts == ()
    assert visit.notes == []


def test_ann_who_hides_behind_a_code_has_to_show_her_face_again() -> None:
    visit = Visit()
    visit.my_data()
    visit.nobody(2.0, codes=(INVITATION,))
    visit.see(ANN.but(track=2))
    assert isinstance(visit.state, Recognising)


@pytest.mark.parametrize("step", ["recognising", "looking up", "shown"])
def test_whoever_goes_away_or_stops_leaves_no_trace(step: str) -> None:
    for stop in (False, True):
        visit = looking()
        visit.see(ANN, times=1 if step == "recognising" else POLICY.recognition_views)
        if step == "shown":
            visit.handle(DataFound(visit.at(), SUBJECT, FACTS))
        if stop:
            visit.handle(StopWanted(visit.at()))
        else:
            visit.nobody(POLICY.absence_seconds)
        assert isinstance(visit.state, Dormant)
        assert visit.notes == []


def test_whoever_does_nothing_is_asked_and_then_nothing_is_shown() -> None:
    visit = Visit()
    visit.my_data()
    visit.stand(POLICY.idle_seconds)
    assert (visit.view.prompt, visit.view.facts) == (Prompt.STILL_THERE, ())
    visit.touch(Answer.YES)
    assert (visit.view.prompt, visit.view.facts) == (Prompt.DATA_TITLE, FACTS)
    visit.stand(POLICY.idle_seconds - FRAME)
    assert isinstance(visit.state, ShowingData)
    visit.see(ANN)
    visit.stand(POLICY.still_there_seconds)
    assert isinstance(visit.state, Dormant)
    assert visit.notes == []


def test_whoever_is_not_recognised_for_long_is_asked_too() -> None:
    visit = looking()
    visit.stand(POLICY.idle_seconds, ANN.but(pad=None))
    assert isinstance(visit.state, StillThere)
    visit.touch(Answer.YES)
    assert isinstance(visit.state, Recognising)
    assert visit.state.since == visit.now


def test_a_session_of_my_data_that_takes_too_long_leaves_no_trace() -> None:
    visit = Visit()
    visit.my_data()
    while not isinstance(visit.state, Dormant):
        visit.stand(1.0)
        if isinstance(visit.state, StillThere):
            visit.touch(Answer.YES)
    assert visit.now - 100.0 == pytest.approx(POLICY.session_seconds, abs=2.0)
    assert visit.notes == []


def test_the_invitation_that_is_held_up_still_does_not_open_it_again() -> None:
    visit = looking()
    visit.handle(StopWanted(visit.at()))
    visit.stand(5.0, codes=(INVITATION,))
    assert isinstance(visit.state, Dormant)


# -- renewing ------------------------------------------------------------------------------------


def test_ann_makes_new_pictures() -> None:
    visit = Visit()
    visit.my_data()
    visit.touch(Answer.YES)
    assert isinstance(visit.state, Capturing)
    assert (may_extract(visit.state), may_take_picture(visit.state)) == (True, False)
    visit.turn(*PoseDirection)
    assert isinstance(visit.state, Committing)
    (order,) = orders(visit, Renew)
    assert isinstance(order, Renew)
    assert (order.candidate.agreed, len(order.candidate.samples)) == (None, 10)
    visit.handle(Finished(visit.at(), SUBJECT, compared=True, receipt="R-2"))
    assert (visit.view.prompt, visit.view.receipt) == (Prompt.DATA_RENEWED, "R-2")
    assert visit.notes == []


def test_ann_makes_new_pictures_with_a_nod() -> None:
    visit = Visit()
    visit.my_data()
    visit.nod()
    assert isinstance(visit.state, Capturing)


def test_ben_is_not_photographed_for_ann() -> None:
    """Neither in her place nor on her track."""
    for other in (BEN, BEN.but(track=1)):
        visit = Visit()
        visit.my_data()
        visit.touch(Answer.YES)
        visit.see(other, times=POLICY.doubts_allowed + 1)
        assert visit.notes == [(EnrolmentStep.FAILED, EndReason.ANOTHER_PERSON)]
        assert kept(visit.state) == []


def test_new_pictures_that_are_being_stored_are_stored_wholly() -> None:
    visit = Visit()
    visit.my_data()
    visit.touch(Answer.YES)
    visit.turn(*PoseDirection)
    visit.handle(StopWanted(visit.at()))
    assert isinstance(visit.state, Committing)
    assert orders(visit, Withdraw) == []
    visit.tick(POLICY.answer_seconds)
    assert orders(visit, Withdraw) == []
    assert visit.notes == [(EnrolmentStep.FAILED, EndReason.FAULT)]


# -- taking it back ------------------------------------------------------------------------------


def test_ann_takes_it_back() -> None:
    visit = Visit()
    visit.my_data()
    visit.touch(Answer.NO)
    assert (visit.view.prompt, visit.view.facts) == (Prompt.DATA_CONFIRM_WITHDRAW, FACTS)
    assert orders(visit, Withdraw) == []
    visit.touch(Answer.YES)
    assert isinstance(visit.state, Withdrawing)
    assert orders(visit, Withdraw) == [Withdraw(visit.now, SUBJECT)]  # type: ignore[arg-type]
    assert visit.view.prompt is Prompt.ONE_MOMENT
    visit.handle(Withdrawn(visit.at(), SUBJECT, receipt="R-3"))
    assert (visit.view.prompt, visit.view.receipt) == (Prompt.DATA_WITHDRAWN, "R-3")
    assert (visit.view.tone, visit.view.language) == (Tone.GRANTED, "en")


def test_ann_shakes_her_head_and_nods_and_may_still_undo_it() -> None:
    visit = Visit()
    visit.my_data()
    visit.shake()
    assert visit.view.prompt is Prompt.DATA_CONFIRM_WITHDRAW
    visit.nod()
    assert (visit.view.prompt, visit.view.answered) == (Prompt.ANSWERED_YES, Answer.YES)
    visit.shake()
    assert visit.view.prompt is Prompt.DATA_CONFIRM_WITHDRAW
    visit.nod()
    visit.stand(POLICY.undo_seconds)
    assert isinstance(visit.state, Withdrawing)


def test_a_no_to_taking_it_back_shows_the_data_again() -> None:
    visit = Visit()
    visit.my_data()
    visit.touch(Answer.NO)
    visit.touch(Answer.NO)
    assert (visit.view.prompt, orders(visit, Withdraw)) == (Prompt.DATA_TITLE, [])


def test_what_cannot_be_forgotten_is_not_called_forgotten() -> None:
    visit = Visit()
    visit.my_data()
    visit.touch(Answer.NO)
    visit.touch(Answer.YES)
    visit.handle(StopWanted(visit.at()))
    visit.handle(Withdrawn(visit.at(), SubjectId("ben"), receipt="R-3"))
    assert isinstance(visit.state, Withdrawing)
    visit.handle(Withdrawn(visit.at(), SUBJECT, failure=EndReason.FAULT))
    assert visit.view.prompt is Prompt.SEE_RECEPTION
    assert visit.notes == [(EnrolmentStep.FAILED, EndReason.FAULT)]


def test_a_withdrawal_that_is_not_answered_is_not_called_done() -> None:
    visit = Visit()
    visit.my_data()
    visit.touch(Answer.NO)
    visit.touch(Answer.YES)
    visit.tick(POLICY.answer_seconds)
    assert isinstance(visit.state, Ended)
    assert visit.view.prompt is Prompt.SEE_RECEPTION


# -- an enrolment that is stopped while it is stored ----------------------------------------------


def test_an_enrolment_that_is_stopped_while_it_is_stored_is_undone() -> None:
    visit = Visit()
    visit.enrol()
    visit.handle(StopWanted(visit.at()))
    assert visit.notes[-1] == (EnrolmentStep.ABANDONED, EndReason.STOPPED)
    assert orders(visit, Withdraw) == [Withdraw(visit.now, SUBJECT, undoes=True)]  # type: ignore[arg-type]
    visit.handle(Finished(visit.at(), SUBJECT, receipt="R-1"))
    assert isinstance(visit.state, Withdrawing)
    visit.handle(Withdrawn(visit.at(), SUBJECT))
    assert (visit.view.prompt, visit.view.tone) == (Prompt.STOPPED, Tone.REFUSED)


def test_an_enrolment_whose_saga_does_not_answer_is_undone() -> None:
    visit = Visit()
    visit.enrol()
    visit.tick(POLICY.answer_seconds - 0.25)
    assert isinstance(visit.state, Committing)
    visit.tick(0.25)
    assert orders(visit, Withdraw) == [Withdraw(visit.now, SUBJECT, undoes=True)]  # type: ignore[arg-type]
    assert visit.notes[-1] == (EnrolmentStep.FAILED, EndReason.FAULT)


def test_nobody_has_to_stay_while_it_is_stored() -> None:
    visit = Visit()
    visit.enrol()
    visit.nobody(POLICY.hidden_seconds)
    visit.see(BEN)
    assert isinstance(visit.state, Committing)


def test_the_language_of_my_data_can_be_chosen() -> None:
    visit = Visit()
    visit.my_data()
    visit.handle(LanguageChosen(visit.at(), "zh"))
    assert isinstance(visit.state, ShowingData)
    assert (visit.view.language, visit.view.prompt) == ("zh", Prompt.DATA_TITLE)
    assert visit.state.who == replace(visit.state.who, language="zh")
