"""Comparisons that come late, or were never made: they prove what they prove, and no more."""

from __future__ import annotations

import pytest
from doorway import ANN, BOB, FRAME, POLICY, STRANGER, Doorway, Look, played

from kiosk.domain.access.evidence import proves
from kiosk.domain.access.factors import Factor
from kiosk.domain.access.grant import Comparison, Evidence
from kiosk.domain.access.machine import (
    Acquiring,
    Answered,
    Asking,
    AuditFault,
    Identified,
    Idle,
    LockedOut,
    OutOfService,
    Part,
    Reason,
    Resolved,
    Step,
)
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import CandidateList
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SpaceId

RUN, REFUSAL = POLICY.probes_required, POLICY.refusal_probes
ASKED = ANN.but(ranked=False)
"""Ann, of whom the matcher has not said anything yet."""

FAKED = ANN.but(ranked=False, pad=0.125)
"""A picture of Ann: attack detection failed, so that it was not compared."""


def answer(doorway: Doorway, look: Look, frames_ago: int = 0, **changes: object) -> Step:
    """The matcher answers about a frame of before."""
    at = doorway.now - frames_ago * FRAME
    event = Identified(
        Instant(doorway.now),
        TrackId(look.track),
        Instant(at),
        look.but(ranked=True).probe(at).candidates,
    )
    for name, value in changes.items():
        object.__setattr__(event, name, value)
    return doorway.handle(event)


def seen(doorway: Doorway, look: Look = ASKED, times: int = RUN, said: Look = ANN) -> Doorway:
    """Frames, each answered before the next."""
    for _ in range(times):
        doorway.see(look)
        answer(doorway, said)
    return doorway


def test_late_answers_are_as_good_as_early_ones() -> None:
    late, early = seen(Doorway()), Doorway()
    early.see(ANN, times=RUN)
    assert late.people == early.people
    assert late.written == early.written
    assert late.state == early.state


@pytest.mark.parametrize(
    "wrong",
    [
        {"track": TrackId(9)},
        {"captured_at": Instant(0.0)},
        {"captured_at": Instant(float("nan"))},
        {"candidates": CandidateList(POLICY.space, ())},
        {"candidates": ANN.but(space=SpaceId("test/2")).probe(0.0).candidates},
    ],
)
def test_an_answer_about_something_else_proves_nothing(wrong: dict[str, object]) -> None:
    doorway = seen(Doorway(), times=RUN - 1)
    doorway.see(ASKED)
    answer(doorway, ANN, **wrong)
    assert doorway.people == []


def test_an_answer_to_a_frame_that_was_answered_changes_nothing() -> None:
    doorway = seen(Doorway(), times=RUN - 1, said=BOB.but(track=1))
    before = doorway.state
    answer(doorway, ANN)
    assert doorway.state == before


@pytest.mark.parametrize("break_", [(), (ANN, BOB), (BOB,), (ANN.but(measured=False),)])
def test_an_answer_about_the_run_before_a_break_proves_nothing(break_: tuple[Look, ...]) -> None:
    doorway = seen(Doorway(), times=RUN - 1)
    doorway.see(ASKED)
    doorway.see(*break_)
    doorway.see(ASKED, times=RUN)
    answer(doorway, ANN, frames_ago=RUN + 1)
    assert doorway.people == []


def test_strangers_are_refused_by_answers_and_never_by_silence() -> None:
    doorway = Doorway()
    doorway.see(STRANGER.but(ranked=False), times=REFUSAL * 2)
    assert doorway.decisions == []
    doorway = seen(Doorway(), STRANGER.but(ranked=False), REFUSAL, STRANGER)
    assert doorway.reasons == [Reason.NOT_RECOGNISED]


def test_what_is_written_of_a_broken_run_is_what_was_answered() -> None:
    doorway = seen(Doorway(), STRANGER.but(ranked=False), RUN, STRANGER)
    doorway.see()
    doorway.empty(1.0)
    (decision,) = doorway.decisions
    assert [e.comparison for e in decision.evidence] == [Comparison.MADE] * RUN


def test_whoever_leaves_before_the_answers_has_not_been_refused() -> None:
    doorway = Doorway()
    for track in range(POLICY.failures_allowed + 1):
        doorway.see(ASKED.but(track=track), times=REFUSAL * 2)
        doorway.empty(2.0)
    assert doorway.state == Idle()


# -- frames that failed attack detection ---------------------------------------------------------


def test_frames_of_an_attack_break_nothing_and_weigh() -> None:
    """Two of them among four of hers leave a mean above the threshold; three more do not."""
    doorway = Doorway()
    doorway.see(ANN.but(pad=0.75), times=2)
    doorway.see(FAKED, times=2)
    doorway.see(ANN.but(pad=0.75))
    assert doorway.people == [], "three frames name her"
    doorway.see(ANN.but(pad=0.75))
    assert len(doorway.people) == 1
    assert [e.comparison for e in doorway.people[0].evidence].count(Comparison.WITHHELD) == 2
    doorway = Doorway()
    doorway.see(ANN.but(pad=0.75), times=2)
    doorway.see(FAKED, times=5)
    doorway.see(ANN.but(pad=0.75), times=2)
    assert doorway.people == []


@pytest.mark.parametrize("place", range(RUN))
def test_a_frame_of_an_attack_at_any_place_but_the_last_is_weighed(place: int) -> None:
    living = ANN.but(pad=0.75)
    frames = [living] * (RUN + 1)
    frames[place] = FAKED
    doorway = played((look,) for look in frames)
    (person,) = doorway.people
    assert [e.comparison is Comparison.WITHHELD for e in person.evidence].index(True) == place


def test_a_run_that_ends_with_a_frame_of_an_attack_proves_nothing() -> None:
    """Though as many frames as are needed name her, and all together are alive."""
    doorway = Doorway(agrees=False)
    doorway.see(ANN.but(pad=1.0), times=RUN)
    (person,) = doorway.people
    withheld = Evidence(
        Instant(doorway.now + FRAME),
        PadResult(0.25, "detector/1"),
        None,
        ambiguous=False,
        best=None,
        margin=0.0,
        comparison=Comparison.WITHHELD,
    )
    run = person.evidence
    session = Acquiring(track=TrackId(1), since=run[0].at, seen_at=withheld.at, gathered=run)
    assert proves(run, session, POLICY) is True
    assert proves((*run, withheld), session, POLICY) is False


def test_a_frame_of_an_attack_resembles_nobody() -> None:
    """It is written down as compared with nobody, and makes nothing ambiguous."""
    doorway = Doorway()
    doorway.see(STRANGER.but(pad=1.0), times=REFUSAL - 1)
    doorway.see(FAKED.but(track=STRANGER.track))
    (decision,) = doorway.decisions
    assert decision.reason is Reason.NOT_RECOGNISED
    last = decision.evidence[-1]
    assert last.comparison is Comparison.WITHHELD
    assert (last.subject, last.ambiguous, last.best, last.margin) == (None, False, None, 0.0)


def test_a_picture_that_nobody_compared_is_held_against_whoever_is_named() -> None:
    """A bad view is between: the run before it is broken, and speaks on against her."""
    doorway = Doorway()
    doorway.see(FAKED, times=RUN - 1)
    doorway.see(ANN.but(measured=False))
    doorway.see(ANN.but(score=0.3, pad=1.0), times=REFUSAL - 1)
    doorway.see(ANN.but(pad=0.625), times=RUN)
    assert doorway.people == []


def test_a_picture_leaves_its_doubt_whatever_living_face_follows() -> None:
    doorway = Doorway()
    doorway.see(STRANGER.but(track=1, pad=1.0), times=RUN)
    doorway.see(FAKED, times=RUN - 1)
    doorway.empty(POLICY.absence_seconds)
    assert isinstance(doorway.state, Idle)
    assert doorway.state.failures.doubt == (RUN - 1) * (POLICY.pad_threshold - 0.125)


def test_the_longest_attack_is_refused_though_nobody_was_compared() -> None:
    doorway = Doorway()
    doorway.see(STRANGER.but(track=1, pad=1.0), times=2)
    doorway.see(FAKED, times=REFUSAL)
    assert doorway.reasons == [Reason.PRESENTATION_ATTACK]


# -- no answer -----------------------------------------------------------------------------------


def unanswered(doorway: Doorway, frames_ago: int = 0) -> Step:
    return answer(doorway, ASKED, frames_ago, candidates=None)


def test_no_answer_ends_the_session_and_is_not_held_against_the_person() -> None:
    doorway = Doorway()
    for _ in range(POLICY.failures_allowed + 1):
        seen(doorway, STRANGER.but(ranked=False, track=1), RUN, STRANGER.but(track=1))
        doorway.see(ASKED)
        unanswered(doorway)
        assert isinstance(doorway.state, Resolved)
        assert doorway.state.failures.at == ()
        doorway.empty(5.0)
    assert set(doorway.reasons) == {Reason.NOT_COMPARED}
    assert not any(isinstance(step.state, LockedOut) for step in doorway.steps)


def test_no_answer_hides_no_attack() -> None:
    doorway = Doorway()
    doorway.see(FAKED, times=2)
    doorway.see(ASKED)
    unanswered(doorway)
    assert isinstance(doorway.state, Resolved)
    assert doorway.state.failures.doubt == 2 * (POLICY.pad_threshold - 0.125)


def test_no_answer_about_somebody_else_ends_nothing() -> None:
    doorway = Doorway()
    doorway.see(ASKED)
    doorway.see()
    doorway.see(ASKED)
    unanswered(doorway, frames_ago=2)
    assert isinstance(doorway.state, Acquiring)


@pytest.mark.parametrize("broken", [False, True])
def test_a_failed_matcher_is_written_down_and_changes_nothing_else(broken: bool) -> None:  # noqa: FBT001 - a case
    doorway = Doorway()
    doorway.see(ASKED)
    if broken:
        doorway.breaks(Part.CAMERA)
    before = doorway.state
    failed, mended = doorway.breaks(Part.MATCHER), doorway.mended(Part.MATCHER)
    assert doorway.state == before
    assert isinstance(before, OutOfService) == broken
    (fault,), (end,) = failed.effects, mended.effects
    assert isinstance(fault, AuditFault)
    assert isinstance(end, AuditFault)
    assert (fault.part, fault.detail, fault.recovered) == (
        Part.MATCHER,
        "the matcher is gone",
        False,
    )
    assert (end.part, end.detail, end.recovered) == (Part.MATCHER, "", True)


# -- while a factor is owed ----------------------------------------------------------------------


def asked() -> Doorway:
    """Ann was recognised, and owes a badge."""
    doorway = seen(Doorway(agrees=False))
    (person,) = doorway.people
    doorway.steps.clear()
    doorway.handle(Answered(Instant(doorway.now), Reason.FACTOR_NEEDED, person, Factor.BADGE))
    return doorway


def shows(doorway: Doorway) -> Doorway:
    """Her badge was right, and she is looked at again."""
    assert isinstance(doorway.state, Asking)
    at, person = Instant(doorway.now), doorway.state.person
    doorway.handle(Answered(at, Reason.FACTOR_SHOWN, person, presented_at=at))
    return doorway


def test_late_answers_complete_a_factor_as_early_ones_do() -> None:
    doorway = shows(asked())
    first = doorway.now + FRAME
    seen(doorway, times=RUN - 1)
    assert doorway.people == []
    seen(doorway, times=1)
    assert [person.captured_at for person in doorway.people] == [first]


def test_an_answer_about_a_frame_of_before_the_factor_completes_nothing() -> None:
    doorway = asked()
    seen(doorway, times=RUN - 1)
    doorway.see(ASKED)
    shows(doorway)
    answer(doorway, ANN)
    assert doorway.people == []
    seen(doorway, times=RUN - 1)
    assert doorway.people == []


def test_a_face_that_comes_back_as_another_track_is_hers_once_the_answer_names_her() -> None:
    doorway = shows(asked())
    doorway.see(ASKED.but(track=7))
    assert isinstance(doorway.state, Asking)
    assert doorway.state.track == 1
    answer(doorway, ANN.but(track=7))
    assert isinstance(doorway.state, Asking)
    assert (doorway.state.track, doorway.state.seen_at) == (7, doorway.now)


def test_an_answer_that_names_somebody_else_makes_a_face_nobodys() -> None:
    doorway = asked()
    seen_at = doorway.now
    doorway.see(ASKED.but(track=7))
    answer(doorway, BOB.but(track=7))
    assert isinstance(doorway.state, Asking)
    assert (doorway.state.track, doorway.state.seen_at) == (1, seen_at)


def test_she_was_last_seen_when_the_frame_that_is_answered_names_her() -> None:
    doorway = asked()
    doorway.see(ASKED.but(track=7))
    seen_at = doorway.now
    doorway.see(ASKED.but(track=7))
    answer(doorway, ANN.but(track=7), frames_ago=1)
    answer(doorway, BOB.but(track=7))
    assert isinstance(doorway.state, Asking)
    assert (doorway.state.track, doorway.state.seen_at) == (7, seen_at)


def test_views_that_wait_for_an_answer_are_nobody_elses() -> None:
    doorway = asked()
    doorway.see(ASKED, times=REFUSAL * 2)
    assert isinstance(doorway.state, Asking)
    seen(doorway, STRANGER.but(track=1, ranked=False), REFUSAL, STRANGER.but(track=1))
    assert not isinstance(doorway.state, Asking)


def test_no_answer_after_the_factor_is_told_and_not_held_against_her() -> None:
    doorway = asked()
    doorway.see(ASKED)
    unanswered(doorway)
    assert isinstance(doorway.state, Asking), "nothing depends on it yet"
    shows(doorway)
    doorway.see(ASKED, times=RUN)
    unanswered(doorway)
    assert isinstance(doorway.state, Resolved)
    assert doorway.state.reason is Reason.NOT_COMPARED
    assert doorway.state.failures.at == ()
    assert [decision.reason for decision in doorway.decisions] == [Reason.NOT_COMPARED]


def test_no_answer_after_the_factor_hides_no_attack_and_is_no_refusal() -> None:
    """Whoever was compared for long enough to be refused is not refused by silence."""
    doorway = shows(asked())
    doorway.see(FAKED, times=RUN)
    doorway.see(ASKED)
    unanswered(doorway)
    assert isinstance(doorway.state, Resolved)
    assert doorway.state.reason is Reason.NOT_COMPARED
    assert doorway.state.failures.at == ()
    assert doorway.state.failures.doubt == RUN * (POLICY.pad_threshold - 0.125)


def test_no_answer_about_somebody_else_ends_no_look_after_the_factor() -> None:
    doorway = shows(asked())
    doorway.see(ASKED)
    doorway.see()
    doorway.see(ASKED)
    before = doorway.state
    unanswered(doorway, frames_ago=2)
    assert doorway.state == before
