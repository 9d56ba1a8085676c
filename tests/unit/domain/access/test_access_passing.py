"""People who pass by, stay, leave and come back; and what happens when something breaks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doorway import ANN, FRAME, MEASURES, PHOTOGRAPH, POLICY, STRANGER, Doorway, Look

from kiosk.domain.access.machine import (
    Acquiring,
    Admitting,
    Audit,
    Claimed,
    Idle,
    LockedOut,
    Observed,
    OutOfService,
    Part,
    Reason,
    Resolved,
    SetAside,
    Show,
)
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect, QualityAssessment
from kiosk.domain.vision.template import SubjectId

RUN = POLICY.probes_required
REFUSAL = POLICY.refusal_probes


# -- passing by, staying, coming back ------------------------------------------------------------


def test_passer_by() -> None:
    """Whoever is gone before a decision could be made leaves no line in the journal (R75)."""
    doorway = Doorway()
    doorway.see(STRANGER, times=RUN - 1)
    doorway.empty(1.0)
    assert doorway.state == Idle()
    assert doorway.decisions == []


def test_passer_by_who_was_never_compared() -> None:
    """However long they stood there: nothing is written about whom nothing is known (R75)."""
    doorway = Doorway()
    doorway.see(STRANGER.but(defects=(Defect.TOO_FAR,)), times=30)
    doorway.empty(1.0)
    assert doorway.state == Idle()
    assert doorway.decisions == []


@pytest.mark.parametrize("unseen", [(STRANGER.but(defects=(Defect.BLURRED,)),), ()])
def test_the_best_run_of_a_visit_is_written_down(unseen: tuple[Look, ...]) -> None:
    """A poor view at its end does not empty the entry."""
    doorway = Doorway()
    doorway.see(STRANGER, times=RUN + 1)
    doorway.see(*unseen)
    doorway.see(STRANGER, times=RUN - 1)
    doorway.see(*unseen)
    doorway.empty(1.0)
    (decision,) = doorway.decisions
    assert decision.reason is Reason.LEFT
    assert len(decision.evidence) == RUN + 1


def test_of_two_runs_as_long_the_later_is_written_down() -> None:
    doorway = Doorway()
    doorway.see(STRANGER, times=RUN)
    doorway.see()
    doorway.see(STRANGER, times=RUN)
    last = doorway.now
    doorway.see()
    doorway.empty(1.0)
    (decision,) = doorway.decisions
    assert (len(decision.evidence), decision.evidence[-1].at) == (RUN, last)


def test_what_a_refusal_rests_on_is_written_down_rather_than_a_longer_run_before() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(pad=0.375), times=REFUSAL + 4)
    doorway.see()
    doorway.see(ANN.but(pad=0.0), times=REFUSAL)
    (decision,) = doorway.decisions
    assert decision.reason is Reason.PRESENTATION_ATTACK
    assert (len(decision.evidence), decision.pad) == (REFUSAL, 0.0)


def test_many_passers_by_lock_nobody_out() -> None:
    doorway = Doorway()
    for track in range(100):
        doorway.see(STRANGER.but(track=track), times=RUN - 1)
        doorway.empty(1.0)
    doorway.see(ANN, times=RUN)
    assert doorway.reasons == [Reason.MATCHED]


def test_somebody_who_leaves_before_the_decision() -> None:
    """R56: a face that was seen and left is written down, once."""
    doorway = Doorway()
    doorway.see(STRANGER, times=RUN)
    doorway.empty(POLICY.absence_seconds - FRAME)
    assert isinstance(doorway.state, Acquiring)
    step = doorway.see()
    assert doorway.reasons == [Reason.LEFT]
    assert isinstance(step.state, Idle)
    assert step.effects == (Audit(doorway.decisions[0]), Show(step.state)), "in this order"


def test_a_frame_that_missed_the_face_ends_no_session() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=RUN - 1)
    doorway.see()
    doorway.see(ANN, times=RUN)
    assert doorway.reasons == [Reason.MATCHED]


def test_somebody_who_leaves_while_no_frames_come() -> None:
    doorway = Doorway()
    doorway.see(STRANGER, times=RUN)
    doorway.tick(POLICY.absence_seconds - FRAME)
    assert isinstance(doorway.state, Acquiring)
    doorway.tick(FRAME)
    assert doorway.reasons == [Reason.LEFT]
    assert isinstance(doorway.steps[-1].state, Idle)


def test_time_out_without_frames_is_told_by_the_tick() -> None:
    doorway = Doorway(replace(POLICY, absence_seconds=100.0))
    doorway.see(STRANGER)
    doorway.tick(POLICY.session_timeout_seconds - FRAME)
    assert doorway.reasons == []
    doorway.tick(FRAME)
    assert doorway.reasons == [Reason.TIMED_OUT]


def test_a_suspicion_is_why_a_session_comes_to_nothing() -> None:
    """A picture was held up once, and nothing after it was certain."""
    doorway = Doorway()
    doorway.see(PHOTOGRAPH, times=RUN)
    doorway.see(PHOTOGRAPH.but(defects=(Defect.BLURRED,)))
    while isinstance(doorway.state, Acquiring):
        doorway.see(PHOTOGRAPH.but(pad=0.375))
    (decision,) = doorway.decisions
    assert decision.at == 1000.0 + FRAME + POLICY.session_timeout_seconds
    assert (decision.reason, decision.suspected) == (Reason.PRESENTATION_ATTACK, True)


def test_what_a_refusal_was_measured_by_is_written_down() -> None:
    doorway = Doorway()
    while not doorway.decisions:
        doorway.see(STRANGER.but(defects=(Defect.BLURRED,)))
    (decision,) = doorway.decisions
    assert (decision.reason, decision.defect) == (Reason.POOR_VIEW, Defect.BLURRED)
    assert decision.threshold == POLICY.decision_threshold
    assert decision.pad_threshold == POLICY.pad_threshold
    assert decision.poor == QualityAssessment(MEASURES, (Defect.BLURRED,))


def test_a_view_that_was_poor_before_is_not_written_down() -> None:
    doorway = Doorway()
    doorway.see(STRANGER.but(defects=(Defect.BLURRED,)))
    while not doorway.decisions:
        doorway.see(STRANGER)
    (decision,) = doorway.decisions
    assert (decision.defect, decision.poor) == (None, None)


def test_somebody_who_stays_after_a_refusal() -> None:
    """They are decided on again only after the wait, and a missed frame does not shorten it."""
    doorway = Doorway()
    doorway.see(STRANGER, times=REFUSAL)
    refused_at = doorway.now
    while isinstance(doorway.state, Resolved):
        doorway.see(STRANGER, times=3)
        doorway.see()
        doorway.tick(FRAME)
    assert 0.0 <= doorway.now - refused_at - POLICY.retry_seconds <= 5 * FRAME
    assert doorway.reasons == [Reason.NOT_RECOGNISED]


def test_somebody_who_goes_after_their_result_has_left_once_they_are_gone_for_long_enough() -> None:
    doorway = Doorway()
    doorway.see(STRANGER, times=REFUSAL)
    doorway.see(STRANGER, times=round(POLICY.refused_hold_seconds / FRAME))
    doorway.tick(POLICY.absence_seconds - FRAME)
    assert isinstance(doorway.state, Resolved)
    doorway.tick(FRAME)
    assert isinstance(doorway.steps[-1].state, Idle)


def test_somebody_is_there_when_they_are_refused_and_leaves_no_sooner_than_others() -> None:
    doorway = Doorway(replace(POLICY, absence_seconds=2.0))
    doorway.see(STRANGER, times=REFUSAL)
    doorway.tick(2.0 - FRAME)
    assert isinstance(doorway.state, Resolved)
    doorway.tick(FRAME)
    assert isinstance(doorway.steps[-1].state, Idle)


def test_somebody_who_stays_after_a_grant() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=RUN)
    granted_at = doorway.now
    while len(doorway.people) < 2:
        doorway.see(ANN)
    assert doorway.now - granted_at == POLICY.retry_seconds + (RUN - 1) * FRAME


def test_a_result_stands_for_its_time_though_the_person_has_left() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=RUN)
    doorway.empty(POLICY.granted_hold_seconds - FRAME)
    assert isinstance(doorway.state, Resolved)
    doorway.see()
    assert doorway.steps[-1].state == Idle()


def test_a_result_ends_by_a_tick_too() -> None:
    doorway = Doorway()
    doorway.see(STRANGER, times=REFUSAL)
    doorway.tick(POLICY.refused_hold_seconds - FRAME)
    assert isinstance(doorway.state, Resolved)
    step = doorway.tick(FRAME)
    assert isinstance(step.state, Idle)
    assert step.effects == (Show(step.state),)


def test_a_wait_is_never_shorter_than_the_result_stands() -> None:
    doorway = Doorway(replace(POLICY, retry_seconds=0.25))
    for look, hold in ((ANN, POLICY.granted_hold_seconds), (STRANGER, POLICY.refused_hold_seconds)):
        while not isinstance(doorway.state, Resolved):
            doorway.see(look)
        assert doorway.state.until == doorway.state.retry_at == doorway.now + hold
        doorway.empty(hold + 1.0)


def test_somebody_outside_the_lane_is_told_how_to_come_in() -> None:
    doorway = Doorway()
    step = doorway.handle(Observed(Instant(1.0), (), Defect.TOO_FAR))
    assert step.state == Idle(outside=Defect.TOO_FAR)
    assert step.effects == (Show(step.state),)
    assert doorway.handle(Observed(Instant(2.0), ())).state == Idle()


# -- when something breaks -----------------------------------------------------------------------


@pytest.mark.parametrize("frames", range(RUN + 1))
def test_a_fault_stops_everything(frames: int) -> None:
    doorway = Doorway()
    doorway.see(ANN, times=frames)
    before = len(doorway.people)
    doorway.breaks()
    assert isinstance(doorway.state, OutOfService)
    doorway.see(ANN, times=RUN * 3)
    doorway.tick(1000.0)
    assert isinstance(doorway.state, OutOfService)
    assert len(doorway.people) == before


def test_after_a_fault_a_whole_run_is_needed() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=RUN - 1)
    doorway.breaks()
    doorway.mended()
    doorway.see(ANN, times=RUN - 1)
    assert doorway.people == []
    doorway.see(ANN)
    assert len(doorway.people) == 1


def test_faults_add_up_and_each_must_recover() -> None:
    doorway = Doorway()
    doorway.breaks(Part.CAMERA)
    doorway.breaks(Part.DOOR)
    doorway.mended(Part.CAMERA)
    assert doorway.state == OutOfService(faults=frozenset({Part.DOOR}))
    doorway.see(ANN, times=RUN * 2)
    assert doorway.people == []
    doorway.mended(Part.DOOR)
    assert doorway.steps[-1].state == Idle()


def test_somebody_in_the_lane_when_it_breaks_is_written_down() -> None:
    doorway = Doorway()
    doorway.see(STRANGER, times=RUN)
    doorway.breaks()
    assert doorway.reasons == [Reason.FAULT]
    assert not doorway.decisions[0].granted


def test_somebody_passing_by_when_it_breaks_is_not() -> None:
    doorway = Doorway()
    doorway.see(STRANGER, times=RUN - 1)
    doorway.breaks()
    assert doorway.decisions == []


def test_the_screen_does_not_wait_for_a_journal_that_may_be_what_broke() -> None:
    """Out of service is shown before the session's own entry is tried."""
    doorway = Doorway()
    doorway.see(STRANGER, times=RUN)
    step = doorway.breaks(Part.JOURNAL)
    assert [type(effect).__name__ for effect in step.effects] == ["AuditFault", "Show", "Audit"]


def test_nobody_is_decided_on_during_a_lockout() -> None:
    doorway = Doorway(state=LockedOut(until=Instant(1000.0 + POLICY.lockout_seconds)))
    doorway.see(ANN, times=round(POLICY.lockout_seconds / FRAME) - 1)
    assert isinstance(doorway.state, LockedOut)
    assert doorway.effects == []
    step = doorway.see(ANN)
    assert step.state == Idle()
    assert step.effects == (Show(Idle()),)


# -- somebody who enrols -------------------------------------------------------------------------


def sets_aside(doorway: Doorway) -> None:
    """A code that looks like an invitation is held up; whether it counts is not known yet."""
    doorway.handle(SetAside(Instant(doorway.now)))


def test_an_enrolment_finds_an_empty_lane() -> None:
    doorway = Doorway()
    doorway.see(STRANGER, times=RUN - 1)
    sets_aside(doorway)
    assert doorway.state == Idle()
    assert doorway.steps[-1].effects == (Show(Idle()),)
    doorway.see(ANN, times=RUN - 1)
    assert doorway.people == [], "nothing that was seen before it counts afterwards"


@pytest.mark.parametrize(
    ("look", "times"), [(PHOTOGRAPH, RUN), (STRANGER, REFUSAL - 1)], ids=["picture", "stranger"]
)
def test_no_code_spares_anybody_a_refusal(look: Look, times: int) -> None:
    """Else whoever tries out faces would hold up any code before each refusal."""
    aside, away = Doorway(), Doorway()
    for doorway, ends in ((aside, sets_aside), (away, lambda d: d.empty(1.0))):
        for _ in range(POLICY.failures_allowed):
            doorway.see(look, times=times)
            ends(doorway)
    assert aside.reasons == away.reasons
    assert set(aside.reasons) == {Reason.LEFT}
    assert isinstance(aside.state, LockedOut) == isinstance(away.state, LockedOut)
    assert isinstance(aside.state, LockedOut)
    sets_aside(aside)
    assert isinstance(aside.state, LockedOut), "it stays locked, whoever enrols meanwhile"


def test_a_refusal_that_was_shown_is_not_forgotten() -> None:
    doorway = Doorway()
    doorway.see(STRANGER, times=REFUSAL)
    assert isinstance(doorway.state, Resolved)
    failures = doorway.state.failures
    assert failures.at
    sets_aside(doorway)
    assert doorway.state == Idle(failures=failures)


def test_whoever_is_asked_about_is_not_set_aside() -> None:
    doorway = Doorway(agrees=False)
    doorway.see(ANN, times=RUN)
    before = doorway.state
    assert isinstance(before, Admitting)
    sets_aside(doorway)
    assert doorway.state == before


def test_a_badge_of_before_an_enrolment_is_nobodys_after_it() -> None:
    """Whoever enrols is not whoever showed it: their face would be judged with that claim."""
    doorway = Doorway()
    doorway.handle(Claimed(Instant(doorway.now), SubjectId("ann"), Instant(doorway.now)))
    assert isinstance(doorway.state, Idle)
    assert doorway.state.claim is not None
    sets_aside(doorway)
    assert doorway.state == Idle()
    assert doorway.steps[-1].effects == (Show(Idle()),)
