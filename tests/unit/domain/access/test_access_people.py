"""People at the door, each with what they do, and what the kiosk does about it."""

from __future__ import annotations

import pytest
from doorway import ANN, BOB, FRAME, PHOTOGRAPH, POLICY, STRANGER, Doorway, Look

from kiosk.domain.access.machine import (
    Acquiring,
    Reason,
    Show,
)
from kiosk.domain.vision.quality import Defect

RUN = POLICY.probes_required
REFUSAL = POLICY.refusal_probes
BLINK = ANN.but(defects=(Defect.EYES_CLOSED,))
UNSEEN = ANN.but(defects=(Defect.BLURRED,))


def leave(doorway: Doorway) -> None:
    """Step out of the picture for as long as it takes to have left, and wait for the screen."""
    doorway.empty(max(POLICY.absence_seconds, POLICY.granted_hold_seconds) + FRAME)


# -- let in --------------------------------------------------------------------------------------


def test_somebody_enrolled_walks_up() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(defects=(Defect.TOO_FAR,)), times=5)
    doorway.see(ANN.but(defects=(Defect.BLURRED,)), times=2)
    doorway.see(ANN, times=RUN)
    assert doorway.reasons == [Reason.MATCHED]
    assert len(doorway.people) == 1


def test_blink() -> None:
    """R6: a blink delays; it does not refuse."""
    doorway = Doorway()
    doorway.see(ANN, times=RUN - 1)
    doorway.see(BLINK, times=2)
    assert isinstance(doorway.state, Acquiring)
    doorway.see(ANN, times=RUN)
    assert doorway.reasons == [Reason.MATCHED]


def test_somebody_who_blinks_again_and_again_is_let_in_between() -> None:
    doorway = Doorway()
    for _ in range(3):
        doorway.see(ANN, times=RUN - 2)
        doorway.see(BLINK)
    doorway.see(ANN, times=RUN)
    assert doorway.reasons == [Reason.MATCHED]


def test_glasses_that_cost_some_score_now_and_then() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=RUN - 1)
    doorway.see(ANN.but(score=0.55))
    doorway.see(ANN, times=RUN)
    assert doorway.reasons == [Reason.MATCHED]


def test_slow_camera_with_ticks_between_its_frames() -> None:
    """Time without a frame is no evidence against anybody."""
    doorway = Doorway()
    for _ in range(RUN):
        doorway.see(ANN, every=FRAME)
        doorway.tick(FRAME)
    assert doorway.reasons == [Reason.MATCHED]


def test_noisy_camera_delays_but_lets_in() -> None:
    """A run that looked like an attack asks for more of the same person, then it is enough."""
    doorway = Doorway()
    doorway.see(ANN.but(pad=0.125), times=RUN)
    assert isinstance(doorway.state, Acquiring)
    assert doorway.state.suspected
    doorway.see(ANN.but(pad=0.9), times=REFUSAL - RUN - 1)
    assert doorway.people == []
    doorway.see(ANN.but(pad=0.9))
    assert doorway.reasons == [Reason.MATCHED]
    assert doorway.people[0].suspected
    assert len(doorway.people[0].evidence) == REFUSAL


def test_two_people_one_after_the_other() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=RUN)
    leave(doorway)
    doorway.see(BOB, times=RUN)
    assert [person.subject for person in doorway.people] == ["ann", "bob"]
    assert len(doorway.people) == 2


def test_somebody_whom_a_stranger_stood_before() -> None:
    """The stranger's refusal is not held against the next person."""
    doorway = Doorway()
    doorway.see(STRANGER, times=REFUSAL)
    leave(doorway)
    doorway.see(ANN, times=RUN)
    assert doorway.reasons == [Reason.NOT_RECOGNISED, Reason.MATCHED]


# -- not let in ----------------------------------------------------------------------------------


def test_stranger() -> None:
    doorway = Doorway()
    doorway.see(STRANGER, times=REFUSAL - 1)
    assert doorway.reasons == []
    step = doorway.see(STRANGER)
    assert doorway.reasons == [Reason.NOT_RECOGNISED]
    assert doorway.decisions[0].subject is None
    assert step.effects[-1] == Show(step.state)
    assert doorway.people == []


def test_photograph_of_an_enrolled_person() -> None:
    doorway = Doorway()
    doorway.see(PHOTOGRAPH, times=REFUSAL)
    assert doorway.reasons == [Reason.PRESENTATION_ATTACK]
    assert doorway.decisions[0].suspected
    doorway.see(PHOTOGRAPH, times=200)
    assert doorway.people == []


def test_photograph_that_is_nearly_alive() -> None:
    """Between attack and life nothing is certain: no release, and no accusation."""
    doorway = Doorway()
    doorway.see(PHOTOGRAPH.but(pad=0.375), times=39)
    assert isinstance(doorway.state, Acquiring)
    doorway.see(PHOTOGRAPH.but(pad=0.375), times=2)
    assert doorway.reasons == [Reason.TIMED_OUT]
    assert doorway.people == []


def test_stranger_of_whom_it_is_not_certain_that_they_live() -> None:
    """Neither a stranger nor an attack for sure: nothing is said until the time is up."""
    doorway = Doorway()
    doorway.see(STRANGER.but(pad=0.375), times=39)
    assert doorway.reasons == []
    doorway.see(STRANGER.but(pad=0.375), times=2)
    assert doorway.reasons == [Reason.TIMED_OUT]


def test_photograph_of_a_stranger() -> None:
    doorway = Doorway()
    doorway.see(STRANGER.but(pad=0.0), times=REFUSAL)
    assert doorway.reasons == [Reason.PRESENTATION_ATTACK]


@pytest.mark.parametrize("life", [0.25, 0.625, 1.0])
@pytest.mark.parametrize("alive", range(1, REFUSAL))
def test_a_living_stranger_lends_no_life_to_a_photograph(alive: int, life: float) -> None:
    """The frames before the picture was held up are none of the picture's evidence."""
    doorway = Doorway()
    doorway.see(STRANGER.but(pad=life, track=1), times=alive)
    doorway.see(PHOTOGRAPH.but(track=1), times=60)
    assert doorway.people == []
    assert Reason.PRESENTATION_ATTACK in doorway.reasons


@pytest.mark.parametrize("living", range(1, RUN))
@pytest.mark.parametrize("still", range(1, RUN))
def test_a_stranger_and_a_photograph_by_turns(living: int, still: int) -> None:
    doorway = Doorway()
    for _ in range(60):
        doorway.see(STRANGER.but(pad=1.0, track=1), times=living)
        doorway.see(PHOTOGRAPH.but(track=1), times=still)
    assert doorway.people == []


def test_an_enrolled_person_lends_no_life_to_the_photograph_of_another() -> None:
    doorway = Doorway()
    doorway.see(BOB.but(pad=1.0, track=1), times=RUN - 1)
    doorway.see(PHOTOGRAPH.but(track=1), times=RUN)
    assert doorway.people == []


def test_a_photograph_broken_off_and_held_up_again_owes_a_longer_run() -> None:
    """A lucky run after an unlucky one is not enough: breaking the run forgives nothing."""
    doorway = Doorway()
    doorway.see(PHOTOGRAPH, times=RUN)
    doorway.see(UNSEEN.but(track=PHOTOGRAPH.track))
    doorway.see(PHOTOGRAPH.but(pad=1.0), times=REFUSAL - 1)
    assert doorway.people == []
    doorway.see(PHOTOGRAPH.but(pad=1.0))
    assert len(doorway.people) == 1


def test_a_photograph_is_refused_though_a_living_face_was_there_before_it() -> None:
    doorway = Doorway()
    doorway.see(STRANGER.but(pad=1.0, track=1), times=REFUSAL - 1)
    doorway.see(PHOTOGRAPH.but(track=1), times=REFUSAL - 1)
    assert doorway.reasons == []
    doorway.see(PHOTOGRAPH.but(track=1))
    assert doorway.reasons == [Reason.PRESENTATION_ATTACK]


def test_twin() -> None:
    """R19: two enrolled people so alike that neither leads enough: a second factor is asked for."""
    doorway = Doorway()
    doorway.see(ANN.but(score=0.8, rival=0.78), times=REFUSAL)
    assert doorway.reasons == [Reason.AMBIGUOUS]
    assert doorway.people == []


def test_twin_who_was_seen_to_be_one_for_a_moment() -> None:
    """A single frame says that a second factor will help."""
    doorway = Doorway()
    doorway.see(ANN.but(score=0.8, rival=0.78))
    doorway.see(STRANGER.but(track=ANN.track), times=REFUSAL - 1)
    assert doorway.reasons == [Reason.AMBIGUOUS]


def test_twin_who_is_taken_for_one_and_the_other_by_turns() -> None:
    doorway = Doorway()
    for _ in range(100):
        doorway.see(ANN, times=RUN - 1)
        doorway.see(ANN.but(subject="bea"), times=RUN - 1)
    assert doorway.people == []


def test_somebody_at_the_edge_of_the_threshold() -> None:
    doorway = Doorway()
    for _ in range(100):
        doorway.see(ANN.but(score=0.61), times=RUN - 1)
        doorway.see(ANN.but(score=0.59))
    assert doorway.people == []
    assert set(doorway.reasons) == {Reason.TIMED_OUT}


def test_two_people_at_once() -> None:
    doorway = Doorway()
    doorway.see(ANN, BOB, times=39)
    assert isinstance(doorway.state, Acquiring)
    assert doorway.state.crowded
    doorway.see(ANN, BOB, times=2)
    assert doorway.reasons == [Reason.CROWDED]
    doorway.see(ANN, BOB, times=400)
    assert doorway.people == []
    assert set(doorway.reasons) == {Reason.CROWDED}


def test_somebody_looks_over_a_shoulder() -> None:
    """The run begins again once the other has gone; the session goes on."""
    doorway = Doorway()
    doorway.see(ANN, times=RUN - 1)
    doorway.see(ANN, BOB)
    doorway.see(ANN, times=RUN - 1)
    assert doorway.people == []
    doorway.see(ANN)
    assert doorway.reasons == [Reason.MATCHED]


def test_tailgater() -> None:
    """Whoever walks in behind during the grant is not granted, and must prove themselves after."""
    doorway = Doorway()
    doorway.see(ANN, times=RUN)
    doorway.see(ANN, STRANGER, times=2)
    doorway.see(STRANGER, times=100)
    assert doorway.reasons[0] is Reason.MATCHED
    assert Reason.MATCHED not in doorway.reasons[1:]
    assert len(doorway.people) == 1


def test_enrolled_tailgater_is_decided_on_after_the_hold_and_from_nothing() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=RUN)
    granted_at = doorway.now
    while len(doorway.people) < 2:
        doorway.see(BOB)
    waited = doorway.now - granted_at
    assert waited == POLICY.granted_hold_seconds + (RUN - 1) * FRAME


def test_swap_in_the_lane() -> None:
    """Ann steps aside for a stranger within one frame: nothing of hers is the stranger's."""
    doorway = Doorway()
    doorway.see(ANN, times=RUN - 1)
    doorway.see(STRANGER, times=20)
    assert doorway.people == []


@pytest.mark.parametrize(
    ("look", "reason"),
    [
        (ANN.but(defects=(Defect.TURNED_AWAY,)), Reason.POOR_VIEW),
        (ANN.but(ranked=False), Reason.TIMED_OUT),
    ],
)
def test_somebody_never_seen_well_enough(look: Look, reason: Reason) -> None:
    doorway = Doorway()
    doorway.see(look, times=42)
    assert doorway.reasons == [reason]
    assert doorway.people == []


def test_what_is_wrong_is_said_worst_first() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(defects=(Defect.TOO_FAR, Defect.BLURRED)))
    assert isinstance(doorway.state, Acquiring)
    assert doorway.state.defect is Defect.TOO_FAR
    doorway.see(ANN)
    assert isinstance(doorway.state, Acquiring)
    assert doorway.state.defect is None


def test_suspect_who_keeps_still_until_time_is_up() -> None:
    """The last thing that stood in the way was the suspicion."""
    doorway = Doorway()
    doorway.see(PHOTOGRAPH, times=RUN)
    doorway.see(PHOTOGRAPH.but(pad=0.75, score=0.5), times=REFUSAL - 1)
    while isinstance(doorway.state, Acquiring):
        doorway.see(PHOTOGRAPH.but(ranked=False))
    assert doorway.reasons == [Reason.PRESENTATION_ATTACK]
