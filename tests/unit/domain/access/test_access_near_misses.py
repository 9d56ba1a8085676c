"""A good run with one thing wrong, at each place: the door stays shut.

One random suite was once green while "skip the attack detection" lived. Only near misses find out.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from doorway import ANN, BOB, FRAME, POLICY, Doorway, Look, played

from kiosk.domain.access.machine import Acquiring, Admit, Admitting, Audit
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect
from kiosk.domain.vision.template import SpaceId

RUN, REFUSAL = POLICY.probes_required, POLICY.refusal_probes
NAN = float("nan")

# Each breaks the run: nothing that was gathered before it counts afterwards.
BREAKS: dict[str, tuple[Look, ...]] = {
    "another face in its place": (ANN.but(track=9),),
    "too far": (ANN.but(defects=(Defect.TOO_FAR,)),),
    "turned away": (ANN.but(defects=(Defect.TURNED_AWAY,)),),
    "a blink": (ANN.but(defects=(Defect.EYES_CLOSED,)),),
    "a mask": (ANN.but(defects=(Defect.MASK,)),),
    "view not measured": (ANN.but(measured=False),),
    "life not looked for": (ANN.but(pad=None),),
    "of another space": (ANN.but(space=SpaceId("test/2")),),
    "of another frame": (ANN.but(late=FRAME),),
    "below the threshold": (ANN.but(score=0.599),),
    "no score": (ANN.but(score=NAN),),
    "no score, nobody else enrolled": (ANN.but(score=NAN, rival=None),),
    "thin margin": (ANN.but(score=0.7, rival=0.64),),
    "no margin": (ANN.but(rival=NAN),),
    "infinite rival": (ANN.but(rival=float("inf")),),
    "another person": (BOB.but(track=1),),
    "nobody enrolled": (ANN.but(subject=None),),
    "a second face": (ANN, BOB),
    "a second face first": (BOB, ANN),
    "two unmeasured faces": (ANN.but(measured=False), BOB.but(measured=False)),
    "nobody": (),
}

# Each weighs against the run, without breaking it.
LIFELESS = {
    "no life": (ANN.but(pad=0.0),),
    "life is not a number": (ANN.but(pad=NAN),),
    "life beyond measure": (ANN.but(pad=float("inf")),),
    "life twice over": (ANN.but(pad=2.0),),
    "less than no life": (ANN.but(pad=-1.0),),
}

# Each proves nothing, and breaks nothing.
UNCOMPARED = {"not compared yet": (ANN.but(ranked=False),)}


def test_a_good_run_recognises_somebody_once_at_its_end() -> None:
    doorway = Doorway(agrees=False)
    doorway.see(ANN, times=RUN - 1)
    assert doorway.people == []
    step = doorway.see(ANN)
    oldest = Instant(doorway.now - (RUN - 1) * FRAME)
    (person,) = doorway.people
    assert (person.subject, person.captured_at, person.at) == ("ann", oldest, doorway.now)
    assert step.effects == (Audit(person), Admit(person))
    assert isinstance(step.state, Admitting)
    assert step.state.person == person


@pytest.mark.parametrize("place", range(RUN))
@pytest.mark.parametrize(
    "wrong",
    [*BREAKS.values(), *LIFELESS.values(), *UNCOMPARED.values()],
    ids=[*BREAKS, *LIFELESS, *UNCOMPARED],
)
def test_one_defect_in_the_run_keeps_the_door_shut(wrong: tuple[Look, ...], place: int) -> None:
    frames: list[tuple[Look, ...]] = [(ANN,)] * RUN
    frames[place] = wrong
    assert played(frames).people == []


@pytest.mark.parametrize("before", range(RUN))
@pytest.mark.parametrize("wrong", BREAKS.values(), ids=list(BREAKS))
def test_after_a_break_a_whole_run_is_needed(wrong: tuple[Look, ...], before: int) -> None:
    doorway = played([(ANN,)] * before + [wrong] + [(ANN,)] * (RUN - 1))
    assert doorway.people == []
    doorway.see(ANN)
    assert len(doorway.people) == 1


@pytest.mark.parametrize("place", range(1, RUN))
def test_a_frame_shown_twice_counts_once(place: int) -> None:
    doorway = Doorway()
    for index in range(RUN):
        doorway.see(ANN, every=0.0 if index == place else FRAME)
    assert doorway.people == []


@pytest.mark.parametrize("jump", [-FRAME, -1.0, -100.0])
@pytest.mark.parametrize("place", range(1, RUN))
def test_a_frame_from_the_past_starts_the_run_again(place: int, jump: float) -> None:
    doorway = Doorway()
    for index in range(RUN):
        doorway.see(ANN, every=jump if index == place else FRAME)
    assert doorway.people == []


def test_a_frame_from_the_past_lengthens_no_run() -> None:
    """What came before it is gone; the run that it begins is as long as any other."""
    doorway = Doorway()
    doorway.see(ANN, times=RUN - 1)
    doorway.see(ANN, every=-FRAME / 2)
    doorway.see(ANN, times=RUN - 2)
    assert doorway.people == []
    doorway.see(ANN)
    assert len(doorway.people) == 1


def test_many_frames_at_one_moment_and_one_later_prove_nothing() -> None:
    """The span is there and the count is there, but two moments are not a run."""
    doorway = Doorway()
    doorway.see(ANN)
    doorway.see(ANN, times=20, every=0.0)
    doorway.see(ANN, every=POLICY.span_seconds)
    assert doorway.people == []


@pytest.mark.parametrize("at", [NAN, float("inf"), float("-inf")])
@pytest.mark.parametrize("place", range(RUN))
def test_a_time_that_is_none_is_no_evidence(place: int, at: float) -> None:
    doorway = Doorway()
    for index in range(RUN):
        kept = doorway.now
        doorway.see(ANN, every=at if index == place else FRAME)
        if index == place:
            doorway.now = kept
    assert doorway.people == []


@pytest.mark.parametrize("place", range(1, RUN))
def test_a_gap_in_time_ends_the_session(place: int) -> None:
    doorway = Doorway()
    for index in range(RUN):
        doorway.see(ANN, every=POLICY.absence_seconds if index == place else FRAME)
    assert doorway.people == []


def test_a_shorter_gap_does_not() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=RUN - 1)
    doorway.see(ANN, every=POLICY.absence_seconds - FRAME)
    assert len(doorway.people) == 1


def test_enough_frames_in_too_short_a_time_are_not_enough() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=6, every=FRAME / 2)
    assert doorway.people == []
    doorway.see(ANN, every=FRAME / 2)
    assert len(doorway.people) == 1


def test_enough_time_with_too_few_frames_is_not_enough() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=3, every=FRAME * 2)
    assert doorway.people == []
    doorway.see(ANN, every=FRAME * 2)
    assert len(doorway.people) == 1


def test_a_score_exactly_at_the_threshold_counts() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(score=POLICY.decision_threshold), times=RUN)
    assert len(doorway.people) == 1


def test_a_margin_exactly_as_wide_as_asked_counts() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(score=0.75, rival=0.75 - POLICY.margin), times=RUN)
    assert len(doorway.people) == 1


def test_the_only_enrolled_person_needs_no_margin() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(rival=None), times=RUN)
    assert len(doorway.people) == 1


@pytest.mark.parametrize(("last", "opens"), [(0.5, True), (0.499, False)])
def test_life_is_the_mean_over_exactly_the_run(last: float, *, opens: bool) -> None:
    doorway = played([(ANN.but(pad=0.25),), (ANN.but(pad=0.75),), (ANN.but(pad=0.5),)])
    doorway.see(ANN.but(pad=last))
    assert bool(doorway.people) is opens


def test_life_exactly_at_the_lower_threshold_is_uncertain_and_no_attack() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(pad=POLICY.attack_threshold), times=REFUSAL)
    assert doorway.decisions == []
    assert isinstance(doorway.state, Acquiring)
    assert not doorway.state.suspected


def test_rounding_of_a_share_is_forgiven() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(pad=1.0000001), times=RUN)
    assert len(doorway.people) == 1


def test_evidence_older_than_the_window_is_forgotten() -> None:
    """Frames so slow that the window never holds enough of them: no decision, no release."""
    slow = replace(POLICY, window_seconds=0.75, absence_seconds=0.5)
    doorway = Doorway(slow)
    doorway.see(ANN, times=10, every=0.375)
    assert doorway.people == []
    assert isinstance(doorway.state, Acquiring)
    assert len(doorway.state.run) == 3


def test_what_is_written_is_what_the_grant_rests_on() -> None:
    doorway = played([(BOB.but(track=1),)] * 3 + [(ANN,)] * RUN)
    (person,) = doorway.people
    assert doorway.written == [person]
    assert person.at == doorway.now
    assert [evidence.subject for evidence in person.evidence] == ["ann"] * RUN
    assert {evidence.pad.score for evidence in person.evidence} == {ANN.pad}
    assert not any(evidence.ambiguous for evidence in person.evidence)
    assert person.threshold == POLICY.decision_threshold
    assert person.pad_threshold == POLICY.pad_threshold
    assert not person.suspected


def test_where_there_was_no_evidence_no_life_is_claimed() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(defects=(Defect.TOO_DARK,)), times=50)
    assert [decision.pad for decision in doorway.decisions] == [None]
