"""Each state has one sentence, and the screen is given no score and no name (R12, R72)."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from enrolling import ANN, BEN, INVITATION, INVITEE, POLICY, TURNS, Visit

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.document import DocumentFault
from kiosk.domain.enrolment.effects import Report, ShowEnrolment
from kiosk.domain.enrolment.events import Feedback, FeedbackGiven, Judged, StopWanted
from kiosk.domain.enrolment.invitation import InvitationRefusal
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.stages.endings import OF_END, OF_REFUSAL
from kiosk.domain.enrolment.states import Capturing, Dormant, Ended, Layer
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.enrolment.view import (
    OF_DIRECTION,
    OF_FAULT,
    SAID_SECONDS,
    EnrolmentView,
    enrolment_view,
)
from kiosk.domain.prompts import NOTICE, Prompt, Tone
from kiosk.domain.vision.quality import Defect

CENTRE, LEFT, RIGHT, UP, DOWN = PoseDirection


def prompts(visit: Visit) -> tuple[Prompt, Tone]:
    return visit.view.prompt, visit.view.tone


def test_a_view_has_no_field_for_a_score_or_a_name() -> None:
    assert {field.name for field in fields(EnrolmentView)} == {
        "prompt",
        "tone",
        "asks",
        "dots",
        "directions",
        "wanted",
        "fill",
        "until",
        "answered",
        "facts",
        "receipt",
        "document",
        "pad",
        "language",
    }


def test_a_sentence_that_is_only_kept_has_an_empty_ring() -> None:
    view = EnrolmentView(Prompt.TURN_LEFT, Tone.RIGHT, fill=0.5, wanted=LEFT)
    assert view.kept() == EnrolmentView(Prompt.TURN_LEFT, Tone.RIGHT, fill=0.0, wanted=LEFT)


@pytest.mark.parametrize(
    ("view", "at_once", "left"),
    [
        (EnrolmentView(Prompt.TURN_LEFT, Tone.RIGHT), False, False),
        (EnrolmentView(Prompt.FACE_IN_OVAL, Tone.WAITING), False, False),
        (EnrolmentView(Prompt.POSE_TAKEN, Tone.RIGHT), True, False),
        (EnrolmentView(Prompt.POSE_PASSED, Tone.RIGHT), True, False),
        (EnrolmentView(Prompt.CONSENT_CHOICE, Tone.WAITING, asks=True), True, True),
        (EnrolmentView(Prompt.ENROLLED, Tone.GRANTED), True, True),
        (EnrolmentView(Prompt.STOPPED, Tone.REFUSED), True, True),
    ],
)
def test_what_is_shown_and_left_at_once(view: EnrolmentView, *, at_once: bool, left: bool) -> None:
    assert (view.at_once, view.left_at_once) == (at_once, left)


def test_the_door_has_the_screen_where_nobody_enrols() -> None:
    assert enrolment_view(Dormant(), POLICY) is None


def test_every_ending_fault_and_direction_has_a_sentence() -> None:
    assert set(OF_END) == set(EndReason)
    assert set(OF_FAULT) == set(DocumentFault)
    assert set(OF_REFUSAL) == set(InvitationRefusal)
    assert set(OF_DIRECTION) == set(PoseDirection)


def test_a_mismatch_and_a_duplicate_look_the_same() -> None:
    assert OF_END[EndReason.IDENTITY] is OF_END[EndReason.DUPLICATE] is Prompt.SEE_RECEPTION


def test_the_notice_is_read_in_its_order() -> None:
    """What is hashed of it is the same in every process."""
    assert [prompt.value for prompt in NOTICE] == [layer.value for layer in Layer]


def test_the_steps_are_those_of_the_contract() -> None:
    assert [step.value for step in EnrolmentStep] == [
        "invited",
        "consented",
        "declined",
        "captured",
        "identity",
        "duplicate",
        "enrolled",
        "abandoned",
        "failed",
    ]


def test_a_code_that_is_judged_takes_a_moment() -> None:
    visit = Visit()
    visit.see(ANN, codes=(INVITATION,))
    view = visit.view
    assert (view.prompt, view.tone) == (Prompt.ONE_MOMENT, Tone.WAITING)
    assert (view.asks, view.dots, view.fill, view.document) == (False, (0, 0), 0.0, False)


def test_what_is_shown_comes_last_and_is_the_state() -> None:
    visit = Visit()
    visit.enrol()
    for move in visit.moves:
        assert [e for e in move.effects if isinstance(e, ShowEnrolment)] in (
            [],
            [ShowEnrolment(move.state)],
        )
        assert not move.effects or isinstance(move.effects[-1], ShowEnrolment)
    assert len(visit.moves[-1].effects) == 3


def test_the_questions_and_where_one_is() -> None:
    visit = Visit()
    visit.invite()
    shown = []
    for _ in range(4):
        shown.append((visit.view.prompt, visit.view.dots, visit.view.asks))
        visit.touch(Answer.YES)
    assert shown == [
        (Prompt.INVITED_HELLO, (1, 5), True),
        (Prompt.CONSENT_WHAT, (2, 5), True),
        (Prompt.CONSENT_USE, (3, 5), True),
        (Prompt.CONSENT_CHOICE, (4, 5), True),
    ]
    assert (visit.view.dots, visit.view.asks, visit.view.language) == ((5, 5), False, "en")


def test_where_one_is_with_a_picture_and_a_document() -> None:
    visit = Visit(replace(POLICY, asks_picture=True))
    visit.invite(replace(INVITEE, asks_document=True))
    dots = []
    for _ in range(5):
        dots.append(visit.view.dots)
        visit.touch(Answer.YES)
    dots.append(visit.view.dots)
    visit.turn(*PoseDirection)
    dots.append(visit.view.dots)
    assert dots == [(1, 7), (2, 7), (3, 7), (4, 7), (5, 7), (6, 7), (7, 7)]


def test_where_one_is_while_one_is_asked_if_one_is_there() -> None:
    visit = Visit()
    visit.invite()
    visit.read()
    visit.stand(POLICY.idle_seconds)
    assert (visit.view.prompt, visit.view.dots, visit.view.asks) == (
        Prompt.STILL_THERE,
        (4, 5),
        True,
    )
    assert visit.view.until == pytest.approx(visit.now + POLICY.still_there_seconds, abs=0.25)


@pytest.mark.parametrize(
    ("answer", "prompt"), [(Answer.YES, Prompt.ANSWERED_YES), (Answer.NO, Prompt.ANSWERED_NO)]
)
def test_an_answer_that_can_be_undone_is_said_with_its_time(answer: Answer, prompt: Prompt) -> None:
    visit = Visit()
    visit.invite()
    visit.read()
    (visit.nod if answer is Answer.YES else visit.shake)()
    view = visit.view
    assert (view.prompt, view.answered, view.asks) == (prompt, answer, True)
    assert view.until == pytest.approx(visit.now + POLICY.undo_seconds, abs=0.5)


def test_what_is_said_while_pictures_are_taken() -> None:
    visit = Visit()
    visit.agree()
    assert prompts(visit) == (Prompt.FACE_IN_OVAL, Tone.WAITING)
    visit.see()
    assert prompts(visit) == (Prompt.FACE_IN_OVAL, Tone.WAITING)
    visit.see(ANN)
    assert prompts(visit) == (Prompt.LOOK_STRAIGHT, Tone.RIGHT)
    assert (visit.view.wanted, visit.view.directions) == (CENTRE, frozenset())
    visit.see(ANN)
    assert (visit.view.prompt, visit.view.directions) == (Prompt.POSE_TAKEN, {CENTRE})
    for direction, prompt in (
        (LEFT, Prompt.TURN_LEFT),
        (RIGHT, Prompt.TURN_RIGHT),
        (UP, Prompt.LOOK_UP),
        (DOWN, Prompt.LOOK_DOWN),
    ):
        visit.stand(SAID_SECONDS + 0.1)
        assert (visit.view.prompt, visit.view.wanted) == (prompt, direction)
        visit.see(ANN.but(**TURNS[direction]))
        assert visit.view.fill == 0.75
        visit.see(ANN.but(**TURNS[direction]))


def test_good_is_said_for_its_time_exactly() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(CENTRE)
    said = []
    for _ in range(4):
        said.append(visit.view.prompt)
        visit.see(ANN)
    assert said == [Prompt.POSE_TAKEN] * 4
    assert visit.view.prompt is Prompt.TURN_LEFT


def test_a_direction_that_was_passed_over_is_fine() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(CENTRE)
    visit.stand(POLICY.poses.direction_seconds)
    assert (visit.view.prompt, visit.view.directions) == (Prompt.POSE_PASSED, {CENTRE})
    visit.stand(SAID_SECONDS + 0.1)
    assert visit.view.prompt is Prompt.TURN_RIGHT
    visit.turn(LEFT)
    assert visit.view.prompt is Prompt.POSE_TAKEN


def test_whoever_goes_on_hears_at_once_what_to_do() -> None:
    visit = Visit()
    visit.agree()
    visit.stand(POLICY.idle_seconds, ANN.but(inside=False))
    visit.touch(Answer.YES)
    visit.see(ANN)
    assert visit.view.prompt is Prompt.LOOK_STRAIGHT


def test_a_state_in_which_nothing_is_wanted_any_more_has_a_sentence_too() -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN)
    assert isinstance(visit.state, Capturing)
    coach = replace(visit.state.coach, passed=frozenset(PoseDirection))
    visit.state = replace(visit.state, coach=coach)
    assert visit.view.prompt is Prompt.POSE_TAKEN


@pytest.mark.parametrize("defect", [Defect.TURNED_AWAY, Defect.CHIN_DOWN, Defect.CHIN_UP])
def test_the_wanted_direction_says_how_to_turn(defect: Defect) -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN.but(defects=(defect,)))
    assert prompts(visit) == (Prompt.LOOK_STRAIGHT, Tone.RIGHT)


def test_the_worst_defect_is_said_first() -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN.but(defects=(Defect.TOO_DARK, Defect.BLURRED)))
    assert prompts(visit) == (Prompt.TOO_DARK, Tone.WRONG)
    visit.see(ANN, BEN.but(defects=(Defect.BLURRED,)))
    assert prompts(visit) == (Prompt.ONE_AT_A_TIME, Tone.WRONG)
    visit.see(ANN)
    visit.see()
    assert prompts(visit) == (Prompt.FACE_IN_OVAL, Tone.WAITING)


def test_the_way_into_the_oval_comes_before_any_defect_of_the_face() -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN)
    visit.outside(ANN.but(inside=False, defects=(Defect.BLURRED,)), Defect.TOO_FAR)
    assert prompts(visit) == (Prompt.COME_CLOSER, Tone.WRONG)
    visit.outside(ANN.but(inside=False), Defect.OFF_LEFT)
    assert prompts(visit) == (Prompt.MOVE_RIGHT, Tone.WRONG)


def test_a_result_is_shown_for_its_time() -> None:
    visit = Visit()
    visit.agree()
    visit.handle(StopWanted(visit.at()))
    visit.nobody(POLICY.result_seconds - 0.125)
    assert isinstance(visit.state, Ended)
    visit.nobody(0.125)
    assert isinstance(visit.state, Dormant)


def test_a_result_can_be_sent_away() -> None:
    visit = Visit()
    visit.agree()
    visit.handle(StopWanted(visit.at()))
    visit.handle(StopWanted(visit.at()))
    assert isinstance(visit.state, Dormant)
    assert visit.state.shown is not None


@pytest.mark.parametrize("feedback", Feedback)
def test_feedback_is_passed_on_at_any_time_and_thanked_for(feedback: Feedback) -> None:
    """R74: without a name, and whatever stands on the screen."""
    visit = Visit()
    visit.handle(FeedbackGiven(visit.at(), feedback))
    assert visit.effects == [Report(visit.now, feedback)]  # type: ignore[arg-type]
    assert prompts(visit) == (Prompt.FEEDBACK_THANKS, Tone.GRANTED)
    visit.nobody(POLICY.result_seconds)
    assert isinstance(visit.state, Dormant)
    visit.agree()
    visit.handle(FeedbackGiven(visit.at(), feedback))
    assert isinstance(visit.state, Capturing)
    assert visit.effects[-1] == Report(visit.now, feedback)  # type: ignore[arg-type]


def test_feedback_about_a_result_does_not_open_a_code_again() -> None:
    visit = Visit()
    visit.see(ANN, codes=(INVITATION,))
    visit.handle(Judged(visit.at(), refusal=InvitationRefusal.USED, text=INVITATION))
    visit.handle(FeedbackGiven(visit.at(), Feedback.SOMETHING_WRONG))
    visit.stand(5.0, codes=(INVITATION,))
    assert isinstance(visit.state, Ended)
    visit.stand(5.0, codes=(INVITATION,))
    assert isinstance(visit.state, Dormant)


def test_what_is_printed_of_a_session_hides_codes_and_features() -> None:
    visit, again = Visit(), Visit()
    visit.enrol()
    again.my_data()
    printed = repr([*visit.moves, *again.moves])
    assert INVITATION not in printed
    assert "LINTEL-YES" not in printed
    assert "array" not in printed
    assert "EnrolmentCandidate(<hidden>, 10 samples)" in printed
    assert "PadResult" not in printed
