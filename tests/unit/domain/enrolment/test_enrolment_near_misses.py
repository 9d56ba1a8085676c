"""A good enrolment with one thing wrong, at each place: nobody agrees by it, and nothing is added.

Only near misses find out whether each condition holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from doorway import FRAME
from enrolling import (
    ANN,
    BEN,
    INVITATION,
    INVITEE,
    NOD,
    POLICY,
    TURNS,
    Visage,
    Visit,
    kept,
    template,
)

from kiosk.domain.access.events import Ticked
from kiosk.domain.enrolment.answers import Act, Answer, Given
from kiosk.domain.enrolment.events import CodesRead, Judged, Replied, Voiced
from kiosk.domain.enrolment.looked import Looked
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.stages.capturing import agrees
from kiosk.domain.enrolment.states import (
    Capturing,
    Consenting,
    Dormant,
    Ended,
    Layer,
    StillThere,
    active,
    may_extract,
    may_take_picture,
)
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect
from kiosk.domain.vision.template import SpaceId

NAN, INFINITE = float("nan"), float("inf")


def choosing(visit: Visit | None = None) -> Visit:
    """Ann has read the notice, and has two seconds of the choice behind her."""
    visit = visit or Visit()
    visit.invite()
    visit.read()
    visit.stand(2.0)
    assert isinstance(visit.state, Consenting)
    assert visit.state.layer is Layer.CHOICE
    return visit


def undecided(visit: Visit) -> None:
    """Nobody has agreed to anything."""
    assert EnrolmentStep.CONSENTED not in [step for step, _ in visit.notes]
    assert not may_extract(visit.state)
    assert kept(visit.state) == []


# -- an answer by code ---------------------------------------------------------------------------


def test_a_code_answers_the_choice() -> None:
    visit = choosing()
    visit.hold_up("LINTEL-YES")
    assert isinstance(visit.state, Capturing)


@pytest.mark.parametrize(
    "text", ["LINTEL-YES ", "lintel-yes", "LINTEL-YES2", "YES", "", "LINTEL-MAYBE", INVITATION]
)
def test_a_code_with_another_text_answers_nothing(text: str) -> None:
    visit = choosing()
    visit.hold_up(text, seconds=3.0)
    undecided(visit)


def test_a_code_that_newly_appears_too_soon_answers_nothing() -> None:
    visit = Visit()
    visit.invite()
    visit.read()
    shown = visit.state.inquiry.shown_at if isinstance(visit.state, Consenting) else NAN
    while visit.now + FRAME < shown + POLICY.code_delay_seconds - 1e-9:
        visit.stand(FRAME)
    visit.now -= 0.05
    visit.stand(8.0, codes=("LINTEL-YES",))
    undecided(visit)


def test_a_code_on_clothes_or_a_wall_answers_nothing() -> None:
    visit = Visit()
    visit.see(ANN, codes=(INVITATION, "LINTEL-YES"))
    visit.handle(Judged(visit.at(), INVITEE, text=INVITATION))
    visit.stand(27.0, codes=("LINTEL-YES",))
    undecided(visit)


def test_a_code_beside_its_opposite_answers_nothing() -> None:
    visit = choosing()
    visit.see(ANN, codes=("LINTEL-YES", "LINTEL-NO"), times=12)
    undecided(visit)
    assert isinstance(visit.state, Consenting)


def test_the_plain_code_answers_nothing_where_the_signed_one_is_asked_for() -> None:
    signed = replace(INVITEE, yes_code="LINTEL-YES:c2lnbmVk", no_code="LINTEL-NO:c2lnbmVk")
    visit = Visit()
    visit.invite(signed)
    visit.read()
    visit.stand(2.0)
    visit.hold_up("LINTEL-YES", seconds=2.0)
    undecided(visit)
    visit.hold_up(signed.yes_code)
    assert isinstance(visit.state, Capturing)


def test_the_code_that_answered_one_layer_does_not_answer_the_next() -> None:
    visit = Visit()
    visit.invite()
    visit.stand(2.25)
    visit.hold_up("LINTEL-YES", seconds=25.0)
    undecided(visit)


# -- an answer by hand ---------------------------------------------------------------------------


def replied(visit: Visit, **changes: object) -> None:
    given = replace(Given(Answer.YES, Act.TOUCH, visit.at()), **changes)  # type: ignore[arg-type] # a test says which field
    visit.handle(Replied(Prompt.CONSENT_CHOICE, given))


def test_a_touch_answers_the_choice() -> None:
    visit = choosing()
    replied(visit)
    assert isinstance(visit.state, Capturing)


def test_a_touch_on_an_earlier_question_answers_nothing() -> None:
    visit = choosing()
    for prompt in set(Prompt) - {Prompt.CONSENT_CHOICE}:
        visit.touch(Answer.YES, asked=prompt)
        undecided(visit)


@pytest.mark.parametrize("act", [act for act in Act if act not in {Act.TOUCH, Act.KEY}])
def test_the_screen_knows_of_no_nod_and_no_code(act: Act) -> None:
    visit = choosing()
    replied(visit, act=act)
    undecided(visit)


@pytest.mark.parametrize("at", [NAN, INFINITE, -INFINITE, 0.0, 100.0])
def test_a_touch_before_the_question_or_at_no_time_answers_nothing(at: float) -> None:
    visit = choosing()
    replied(visit, at=Instant(at))
    undecided(visit)


def test_a_touch_counts_from_the_very_moment_that_its_question_is_shown() -> None:
    for early, counts in ((0.0, True), (0.001, False)):
        visit = choosing()
        assert isinstance(visit.state, Consenting)
        replied(visit, at=Instant(visit.state.inquiry.shown_at - early))
        assert isinstance(visit.state, Capturing) is counts


def test_while_a_nod_can_be_undone_only_what_is_on_the_screen_is_touched() -> None:
    visit = choosing()
    visit.nod()
    visit.touch(Answer.NO, asked=Prompt.CONSENT_CHOICE)
    assert visit.view.prompt is Prompt.ANSWERED_YES
    visit.touch(Answer.NO)
    assert visit.view.prompt is Prompt.CONSENT_CHOICE
    undecided(visit)


# -- an answer by the head -----------------------------------------------------------------------


def nodding(visit: Visit, *beside: Visage, half: Visage = ANN) -> None:
    for number, pitch in enumerate(NOD):
        own = ANN if number < 5 else half
        visit.see(own.but(pitch=pitch), *beside)


@pytest.mark.parametrize("between", [(), (ANN, BEN)])
def test_a_nod_that_is_not_seen_for_one_frame_answers_nothing(between: tuple[Visage, ...]) -> None:
    visit = choosing()
    for number, pitch in enumerate(NOD):
        visit.see(*(between if number == 3 else (ANN.but(pitch=pitch),)))
    visit.stand(POLICY.undo_seconds + 1)
    undecided(visit)


def test_a_nod_of_two_people_answers_nothing() -> None:
    visit = choosing()
    nodding(visit, BEN)
    visit.stand(POLICY.undo_seconds + 1)
    undecided(visit)
    assert visit.view.prompt is Prompt.CONSENT_CHOICE


def test_a_nod_begun_by_one_and_ended_by_another_answers_nothing() -> None:
    visit = choosing()
    nodding(visit, half=BEN)
    visit.stand(POLICY.undo_seconds + 1, BEN)
    undecided(visit)
    assert visit.view.prompt is Prompt.CONSENT_CHOICE


def test_a_nod_begun_before_its_question_answers_nothing() -> None:
    visit = Visit()
    visit.invite()
    visit.touch(Answer.YES)
    visit.touch(Answer.YES)
    for number, pitch in enumerate(NOD):
        visit.see(ANN.but(pitch=pitch))
        if number == 3:
            visit.touch(Answer.YES)
    visit.stand(POLICY.undo_seconds + 1)
    undecided(visit)
    assert visit.view.prompt is Prompt.CONSENT_CHOICE


def test_a_nod_counts_at_the_very_end_of_its_time_to_undo() -> None:
    visit = choosing()
    visit.nod()
    while visit.view.until is not None and visit.now + FRAME < visit.view.until - 1e-9:
        visit.see(ANN)
        undecided(visit)
    visit.see(ANN)
    assert isinstance(visit.state, Capturing)
    assert visit.state.who.track == ANN.track


def test_time_that_nobody_is_seen_undoes_nothing_and_decides_nothing() -> None:
    visit = choosing()
    visit.nod()
    visit.tick(3.5)
    undecided(visit)
    visit.see(ANN)
    undecided(visit)
    assert visit.view.prompt is Prompt.ANSWERED_YES
    visit.stand(POLICY.undo_seconds)
    assert isinstance(visit.state, Capturing)


def test_time_that_two_are_seen_decides_nothing() -> None:
    visit = choosing()
    visit.nod()
    visit.stand(1.0)
    visit.see(ANN, BEN, times=24)
    undecided(visit)
    visit.stand(POLICY.undo_seconds - FRAME)
    undecided(visit)
    visit.stand(2 * FRAME)
    assert isinstance(visit.state, Capturing)


def test_a_clock_that_jumps_forward_does_not_agree_for_anybody() -> None:
    visit = choosing()
    visit.nod()
    visit.now += 3.5
    visit.see(ANN)
    undecided(visit)


def just_nodded() -> Visit:
    """The frame in which Ann's nod is understood was the last one."""
    visit = choosing()
    for pitch in NOD:
        if visit.view.answered is None:
            visit.see(ANN.but(pitch=pitch))
    assert visit.view.answered is Answer.YES
    return visit


def test_what_answered_is_not_looked_at_again() -> None:
    visit = just_nodded()
    assert isinstance(visit.state, Consenting)
    assert visit.state.inquiry.given is not None
    assert visit.state.inquiry.heads == ()


def test_a_nod_counts_where_frames_are_rare() -> None:
    visit = just_nodded()
    for _ in range(round(POLICY.undo_seconds / 0.5)):
        undecided(visit)
        visit.now += 0.5 - FRAME
        visit.see(ANN)
    assert isinstance(visit.state, Capturing)


def test_a_second_nod_changes_nothing() -> None:
    visit = choosing()
    visit.nod()
    until = visit.view.until
    visit.nod()
    assert visit.view.until == until
    visit.stand(POLICY.undo_seconds)
    assert isinstance(visit.state, Capturing)


@pytest.mark.parametrize("undo", ["touch", "key", "code", "shake"])
def test_a_nod_is_undone_by_any_other_answer(undo: str) -> None:
    visit = choosing()
    visit.nod()
    if undo == "shake":
        visit.shake()
    elif undo == "code":
        visit.hold_up("LINTEL-NO")
    else:
        visit.touch(Answer.NO, Act.KEY if undo == "key" else Act.TOUCH)
    assert visit.view.prompt is Prompt.CONSENT_CHOICE
    undecided(visit)
    visit.stand(10.0)
    undecided(visit)


def test_a_code_that_was_there_before_the_nod_undoes_nothing() -> None:
    visit = choosing()
    for number, pitch in enumerate(NOD):
        visit.see(ANN.but(pitch=pitch), codes=("LINTEL-NO",) if number >= 4 else ())
    assert visit.view.prompt is Prompt.ANSWERED_YES
    visit.stand(1.0, codes=("LINTEL-NO",))
    assert visit.view.prompt is Prompt.ANSWERED_YES


def test_an_answer_by_hand_or_code_decides_at_once() -> None:
    visit = choosing()
    visit.touch(Answer.NO)
    assert isinstance(visit.state, Ended)


# -- time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [NAN, INFINITE, -INFINITE])
def test_an_event_at_no_time_changes_nothing(at: float) -> None:
    visit = choosing()
    visit.nod()
    before = visit.state
    nod = [ANN.but(pitch=pitch).face() for pitch in NOD]
    for event in (
        Looked(Instant(at), (nod[0],)),
        CodesRead(Instant(at), frozenset({"LINTEL-YES"})),
        Ticked(Instant(at)),
        Voiced(Instant(at), Prompt.CONSENT_CHOICE),
    ):
        assert visit.handle(event).effects == ()
        assert visit.state is before


def test_frames_that_go_back_in_time_end_it() -> None:
    for back, ends in ((1.0, False), (1.01, True)):
        visit = choosing()
        visit.handle(Ticked(Instant(visit.now - back)))
        assert isinstance(visit.state, Ended) is ends
    assert visit.notes[-1] == (EnrolmentStep.FAILED, EndReason.FAULT)


def test_a_frame_that_is_no_later_than_the_last_one_adds_nothing() -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN)
    assert isinstance(visit.state, Capturing)
    before = visit.state
    for at in (visit.now, visit.now - 0.5):
        visit.handle(Looked(Instant(at), (ANN.face(),)))
    assert visit.state is before


def test_the_notice_waits_for_the_voice_and_not_for_ever() -> None:
    spoken = replace(POLICY, voice_seconds=12.0)
    visit = Visit(spoken)
    visit.invite()
    visit.stand(6.0)
    assert visit.view.prompt is Prompt.INVITED_HELLO
    visit.handle(Voiced(visit.at(), Prompt.CONSENT_WHAT))
    visit.stand(1.0)
    assert visit.view.prompt is Prompt.INVITED_HELLO
    visit.handle(Voiced(visit.at(), Prompt.INVITED_HELLO))
    visit.handle(Voiced(visit.at(), Prompt.ANSWERED_NO))
    visit.see(ANN)
    assert visit.view.prompt is Prompt.CONSENT_WHAT
    visit.stand(11.5)
    assert visit.view.prompt is Prompt.CONSENT_WHAT
    visit.stand(0.75)
    assert visit.view.prompt is Prompt.CONSENT_USE


def test_a_voice_that_is_quick_leaves_time_to_read() -> None:
    visit = Visit(replace(POLICY, voice_seconds=12.0))
    visit.invite()
    visit.handle(Voiced(visit.at(), Prompt.INVITED_HELLO))
    visit.handle(Voiced(visit.at(), Prompt.ANSWERED_NO))
    visit.stand(3.5)
    assert visit.view.prompt is Prompt.INVITED_HELLO
    visit.stand(0.5)
    assert visit.view.prompt is Prompt.CONSENT_WHAT


def test_a_no_that_can_be_undone_stops_the_notice() -> None:
    visit = Visit()
    visit.invite()
    visit.stand(POLICY.layer_seconds - 1.25)
    visit.shake()
    visit.stand(1.0)
    assert visit.view.prompt is Prompt.ANSWERED_NO


# -- the picture that may be kept ----------------------------------------------------------------

ASKS_PICTURE = replace(POLICY, asks_picture=True)


@pytest.mark.parametrize(
    ("answer", "keeps"), [(Answer.YES, True), (Answer.NO, False), (None, False)]
)
def test_a_picture_is_kept_only_after_a_yes_of_its_own(
    answer: Answer | None, *, keeps: bool
) -> None:
    visit = choosing(Visit(ASKS_PICTURE))
    visit.touch(Answer.YES)
    assert visit.view.prompt is Prompt.CONSENT_PICTURE
    undecided(visit)
    if answer is None:
        visit.stand(POLICY.picture_seconds - 0.25)
        undecided(visit)
        visit.stand(0.5)
    else:
        visit.touch(answer)
    assert may_extract(visit.state)
    assert may_take_picture(visit.state) is keeps
    visit.turn(*PoseDirection, visage=ANN.but(picture=keeps))
    (candidate,) = visit.candidates
    assert candidate.agreed is not None
    assert candidate.agreed.picture is keeps
    assert candidate.agreed.given.act is Act.TOUCH
    assert any(sample.picture is not None for sample in candidate.samples) is keeps


def test_a_nod_to_the_picture_can_be_undone_too() -> None:
    visit = choosing(Visit(ASKS_PICTURE))
    visit.touch(Answer.YES)
    visit.nod()
    assert visit.view.prompt is Prompt.ANSWERED_YES
    visit.shake()
    assert visit.view.prompt is Prompt.CONSENT_PICTURE
    undecided(visit)


def test_who_leaves_at_the_picture_has_not_agreed_to_anything() -> None:
    visit = choosing(Visit(ASKS_PICTURE))
    visit.touch(Answer.YES)
    visit.nobody(POLICY.absence_seconds)
    assert visit.notes[-1] == (EnrolmentStep.ABANDONED, EndReason.LEFT)
    undecided(visit)


def test_somebody_else_answers_nothing_for_the_person_who_nodded() -> None:
    visit = choosing(Visit(ASKS_PICTURE))
    visit.nod()
    visit.stand(POLICY.undo_seconds)
    assert visit.view.prompt is Prompt.CONSENT_PICTURE
    visit.see(BEN)
    assert visit.notes[-1] == (EnrolmentStep.FAILED, EndReason.ANOTHER_PERSON)


# -- views ---------------------------------------------------------------------------------------

NOTHING_ADDED: dict[str, Callable[[Visit], object]] = {
    "not searched": lambda visit: visit.follow(ANN),
    "outside the oval": lambda visit: visit.see(ANN.but(inside=False)),
    "a second face": lambda visit: visit.see(ANN, BEN),
    "a second face first": lambda visit: visit.see(BEN, ANN),
    "nobody": lambda visit: visit.see(),
    "not measured": lambda visit: visit.see(ANN.but(measured=False)),
    "blurred": lambda visit: visit.see(ANN.but(defects=(Defect.BLURRED,))),
    "attack detection did not look": lambda visit: visit.see(ANN.but(pad=None)),
    "attack detection failed": lambda visit: visit.see(ANN.but(pad=0.49)),
    "no number of life": lambda visit: visit.see(ANN.but(pad=NAN)),
    "no template": lambda visit: visit.see(ANN.but(extracted=False)),
    "another person on the same track": lambda visit: visit.see(BEN.but(track=1)),
    "too unlike": lambda visit: visit.see(ANN.but(apart=1.1)),
    "another space": lambda visit: visit.see(ANN.but(space=SpaceId("test/2"))),
    "time alone": lambda visit: visit.tick(FRAME),
}


@pytest.mark.parametrize("near", NOTHING_ADDED)
def test_a_view_with_one_thing_wrong_adds_nothing(near: str) -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN)
    assert isinstance(visit.state, Capturing)
    before = visit.state.coach.counts
    NOTHING_ADDED[near](visit)
    assert isinstance(visit.state, Capturing)
    assert visit.state.coach.counts == before
    assert len(visit.state.known) == 1
    visit.see(ANN)
    assert isinstance(visit.state, Capturing)
    assert visit.state.coach.counts == {PoseDirection.CENTRE: 2}


def test_views_that_do_not_agree_are_forgiven_one_by_one() -> None:
    visit = Visit()
    visit.agree()
    for _ in range(5):
        visit.see(ANN)
        visit.see(BEN.but(track=1), times=POLICY.doubts_allowed)
    assert isinstance(visit.state, Capturing)
    visit.see(BEN.but(track=1))
    assert visit.notes[-1] == (EnrolmentStep.FAILED, EndReason.ANOTHER_PERSON)


def test_nobody_shifts_what_views_have_to_agree_with() -> None:
    """A face that turns into another, a little with each view, is not followed there."""
    visit = Visit()
    visit.agree()
    visit.see(*[ANN], times=8)
    for step in range(1, 30):
        visit.see(ANN.but(apart=step * 0.05, yaw=10.0))
    assert isinstance(visit.state, Ended)
    assert visit.notes[-1] == (EnrolmentStep.FAILED, EndReason.ANOTHER_PERSON)


def test_a_face_agrees_exactly_at_the_threshold() -> None:
    for threshold, taken in ((0.5, 2), (0.51, 1)):
        visit = Visit(replace(POLICY, same_person_threshold=threshold))
        visit.agree()
        visit.see(ANN)
        visit.see(ANN.but(apart=1.0471))
        assert isinstance(visit.state, Capturing)
        assert visit.state.coach.counts == {PoseDirection.CENTRE: taken}


def test_views_agree_exactly_at_the_threshold_and_in_one_space() -> None:
    ann, same = template("ann"), replace(POLICY, same_person_threshold=1.0)
    assert agrees((ann, ann), ann, same)
    assert agrees((ann,), template("ann", space=SpaceId("test/2")), POLICY) is False
    assert not agrees((ann,), template("ben"), POLICY)


def test_a_poor_first_view_proves_nothing_against_the_next() -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN.but(extracted=False), times=2)
    visit.see(ANN)
    assert isinstance(visit.state, Capturing)
    assert visit.state.coach.counts == {PoseDirection.CENTRE: 1}


def test_a_face_that_came_back_before_anything_was_known_of_it_is_not_taken() -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN.but(extracted=False))
    visit.nobody(2.0, codes=(INVITATION,))
    visit.see(ANN.but(track=2), times=POLICY.doubts_allowed)
    assert isinstance(visit.state, Capturing)
    assert visit.state.coach.counts == {}
    visit.see(ANN.but(track=2))
    assert visit.notes[-1] == (EnrolmentStep.FAILED, EndReason.ANOTHER_PERSON)


def test_a_new_track_without_anything_that_hid_the_face_is_somebody_else() -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN)
    visit.nobody(1.0)
    visit.see(ANN.but(track=2))
    assert visit.notes[-1] == (EnrolmentStep.FAILED, EndReason.ANOTHER_PERSON)


@pytest.mark.parametrize(("after", "ends"), [(1.0, False), (1.125, True)])
def test_what_hid_a_face_was_seen_when_it_was_lost(after: float, *, ends: bool) -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN, codes=(INVITATION,))
    visit.stand(after)
    visit.nobody(0.5)
    visit.see(ANN.but(track=2))
    assert isinstance(visit.state, Ended) is ends


@pytest.mark.parametrize("text", ["https://example.org", "LINTEL-BADGE:1", "invite"])
def test_no_other_code_hides_a_face(text: str) -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN)
    visit.nobody(1.0, codes=(text,))
    visit.see(ANN.but(track=2))
    assert visit.notes[-1] == (EnrolmentStep.FAILED, EndReason.ANOTHER_PERSON)


@pytest.mark.parametrize("text", [INVITATION, "LINTEL-YES", "LINTEL-NO"])
def test_a_face_is_hidden_by_any_code_of_ours(text: str) -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN)
    visit.nobody(5.0, codes=(text,))
    visit.see(ANN.but(track=2))
    assert isinstance(visit.state, Capturing)
    assert (visit.state.proven, visit.state.who.track) == (True, 2)


def test_a_face_that_came_back_is_theirs_once_it_agrees() -> None:
    visit = Visit()
    visit.agree()
    visit.see(ANN)
    visit.nobody(5.0, codes=(INVITATION,))
    visit.see(ANN.but(track=2, extracted=False))
    assert isinstance(visit.state, Capturing)
    assert not visit.state.proven
    assert visit.view.prompt is Prompt.LOOK_STRAIGHT
    visit.nobody(POLICY.absence_seconds - 0.25)
    visit.see(ANN.but(track=2))
    assert isinstance(visit.state, Capturing)
    assert visit.state.proven


def test_somebody_beside_them_is_not_taken_for_them() -> None:
    """Two faces, neither of them hers: she has left."""
    visit = Visit()
    visit.agree()
    visit.see(ANN)
    visit.see(BEN, BEN.but(track=3), times=round(POLICY.absence_seconds / FRAME))
    assert visit.notes[-1] == (EnrolmentStep.ABANDONED, EndReason.LEFT)


@pytest.mark.parametrize(("views", "ends"), [(5, False), (6, True)])
def test_an_attack_takes_so_many_views_in_a_row(views: int, *, ends: bool) -> None:
    for pad in (0.2, NAN):
        visit = Visit()
        visit.agree()
        visit.see(ANN.but(pad=pad), times=views)
        assert isinstance(visit.state, Ended) is ends
    visit = Visit()
    visit.agree()
    visit.see(ANN.but(pad=0.25), times=12)
    assert isinstance(visit.state, Capturing)


@pytest.mark.parametrize(("directions", "reason"), [(2, EndReason.TOO_FEW), (3, None)])
def test_nobody_is_enrolled_with_too_few_directions(
    directions: int, reason: EndReason | None
) -> None:
    visit = Visit()
    visit.agree()
    visit.turn(*list(PoseDirection)[:directions])
    visit.stand(3 * POLICY.poses.direction_seconds + 0.5)
    assert visit.notes[-1][1] is reason
    assert len(visit.candidates) == (0 if reason else 1)


def test_a_face_that_is_seen_and_not_taken_is_waited_for_and_asked() -> None:
    visit = Visit()
    visit.agree()
    visit.turn(PoseDirection.CENTRE)
    visit.stand(POLICY.idle_seconds - FRAME, ANN.but(inside=False))
    assert isinstance(visit.state, Capturing)
    visit.stand(2 * FRAME, ANN.but(inside=False))
    assert isinstance(visit.state, StillThere)


# -- what the states allow -----------------------------------------------------------------------


def test_no_template_is_allowed_before_the_consent() -> None:
    visit = Visit()
    assert not active(visit.state)
    visit.see(ANN, codes=(INVITATION,))
    assert (active(visit.state), may_extract(visit.state)) == (True, False)
    visit.handle(Judged(visit.at(), INVITEE, text=INVITATION))
    for _ in range(4):
        assert (active(visit.state), may_extract(visit.state)) == (True, False)
        visit.see(ANN)
        assert kept(visit.state) == []
        visit.touch(Answer.YES)
    assert may_extract(visit.state)
    assert not may_take_picture(visit.state)
    visit.turn(*PoseDirection)
    assert not may_extract(visit.state)


def test_nothing_is_allowed_where_nobody_enrols() -> None:
    assert not may_extract(Dormant())
    assert not may_take_picture(Dormant())
    assert not active(Dormant())
    assert len(TURNS) == len(PoseDirection)
