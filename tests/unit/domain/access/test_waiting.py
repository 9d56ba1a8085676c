"""While a factor is owed: nobody inherits the asking, and the same face is seen once more.

LOOKS_DOWN is a poor view, as of whoever types.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from doorway import ANN, BOB, FRAME, PHOTOGRAPH, POLICY, STRANGER, Doorway, Look
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import (
    Admitting,
    Answered,
    Asking,
    Claimed,
    Idle,
    LockedOut,
    Reason,
    Recognised,
    Resolved,
    Show,
)
from kiosk.domain.access.policy import Hold
from kiosk.domain.prompts import Prompt, Tone, view_of
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect
from kiosk.domain.vision.template import SubjectId

RUN, REFUSAL = POLICY.probes_required, POLICY.refusal_probes
ANN_ID = SubjectId("ann")
PICTURE = ANN.but(pad=0.0)
LOOKS_DOWN = ANN.but(defects=(Defect.CHIN_DOWN,))
NOBODY = Recognised(Instant(0.0), ANN_ID, Instant(0.0))
GONE = round(POLICY.factor_absence_seconds / FRAME)
CROWD = round(POLICY.span_seconds / FRAME) + 1


def asked(doorway: Doorway | None = None, look: Look = ANN) -> Doorway:
    doorway = doorway or Doorway()
    doorway.agrees = False
    doorway.see(look, times=RUN)
    (person,) = doorway.people
    doorway.steps.clear()
    doorway.handle(Answered(Instant(doorway.now), Reason.FACTOR_NEEDED, person, Factor.BADGE))
    assert isinstance(doorway.state, Asking)
    return doorway


def answered(doorway: Doorway, reason: Reason, waited: float = 0.0) -> Doorway:
    """What was presented so long ago is answered, if somebody is asked."""
    person = getattr(doorway.state, "person", NOBODY)
    now = Instant(doorway.now)
    doorway.handle(Answered(now, reason, person, presented_at=Instant(now - waited)))
    return doorway


def shows(doorway: Doorway, waited: float = 0.0) -> Doorway:
    return answered(doorway, Reason.FACTOR_SHOWN, waited)


def shown(doorway: Doorway) -> Prompt:
    return view_of(doorway.state, doorway.policy).prompt


def forgotten(doorway: Doorway) -> list[Reason]:
    return [decision.reason for decision in doorway.decisions]


def held_against(doorway: Doorway) -> int:
    assert isinstance(doorway.state, Idle | Resolved)
    return len(doorway.state.failures.at)


# -- the same person, once more ------------------------------------------------------------------


def test_a_factor_is_completed_by_a_whole_run_of_the_same_person_after_it() -> None:
    doorway = asked()
    doorway.see(LOOKS_DOWN, times=16)
    shows(doorway)
    shown_at = doorway.now
    assert doorway.people == []
    assert shown(doorway) is Prompt.LOOK_HERE
    doorway.see(ANN, times=RUN - 1)
    assert doorway.people == []
    view = view_of(doorway.state, POLICY)
    assert (view.prompt, view.tone) == (Prompt.HOLD_STILL, Tone.RIGHT)
    assert view.progress == pytest.approx(2 / 3)
    assert doorway.steps[-1].effects == (Show(doorway.state),)
    doorway.see(ANN)
    (person,) = doorway.people
    assert (person.subject, person.captured_at) == (ANN_ID, shown_at + FRAME)
    assert (len(person.evidence), person.factor) == (RUN, Factor.BADGE)
    assert doorway.written == [person]
    assert isinstance(doorway.state, Admitting)
    doorway.lets_in()
    assert shown(doorway) is Prompt.GRANTED


def test_frames_of_before_the_factor_complete_nothing() -> None:
    doorway = asked()
    doorway.see(ANN, times=RUN)
    shows(doorway)
    doorway.see(ANN, every=-FRAME)
    doorway.see(ANN)
    doorway.see(ANN, times=RUN - 1)
    assert doorway.people == []
    doorway.see(ANN)
    assert len(doorway.people) == 1


def test_a_face_alone_completes_nothing() -> None:
    doorway = asked()
    doorway.see(ANN, times=REFUSAL * 3)
    assert doorway.people == []
    assert isinstance(doorway.state, Asking)


SPOILT: dict[str, tuple[Look, ...]] = {
    "a poor view": (LOOKS_DOWN,),
    "nobody": (),
    "a second face": (ANN, BOB),
    "another person": (ANN.but(subject="bob"),),
    "a stranger": (ANN.but(score=0.5),),
    "another track": (ANN.but(track=8),),
    "a picture": (PICTURE,),
    "no picture of now": (ANN.but(late=FRAME),),
}


@pytest.mark.parametrize("place", range(RUN))
@pytest.mark.parametrize("wrong", SPOILT.values(), ids=list(SPOILT))
def test_one_thing_wrong_in_the_run_keeps_the_door_shut(
    wrong: tuple[Look, ...], place: int
) -> None:
    doorway = shows(asked())
    frames: list[tuple[Look, ...]] = [(ANN,)] * RUN
    frames[place] = wrong
    for looks in frames:
        doorway.see(*looks)
    assert doorway.people == []


@pytest.mark.parametrize("before", range(1, RUN))
@pytest.mark.parametrize("wrong", [looks for looks in SPOILT.values() if looks != (PICTURE,)])
def test_after_it_a_whole_run_is_needed(wrong: tuple[Look, ...], before: int) -> None:
    doorway = shows(asked())
    doorway.see(ANN, times=before)
    doorway.see(*wrong)
    doorway.see(ANN, times=RUN - 1)
    assert doorway.people == []
    doorway.see(ANN)
    assert len(doorway.people) == 1


def test_a_face_that_was_hidden_behind_a_badge_comes_back_as_a_new_one() -> None:
    doorway = asked()
    doorway.see(times=GONE - 2)
    doorway.see(ANN.but(track=8))
    doorway.see(times=GONE - 1)
    assert isinstance(doorway.state, Asking), "they were seen a moment ago"
    shows(doorway)
    doorway.see(ANN.but(track=9), times=RUN)
    assert len(doorway.people) == 1
    assert isinstance(doorway.state, Admitting)
    assert doorway.state.track == 9


def test_whoever_is_told_apart_by_their_badge_alone_is_so_once_more() -> None:
    """R22: a twin who showed their badge, and then owes a PIN."""
    doorway = Doorway()
    doorway.handle(Claimed(Instant(doorway.now), ANN_ID, Instant(doorway.now)))
    twin = ANN.but(rival=0.875)
    shows(asked(doorway, twin))
    doorway.see(twin, times=RUN)
    assert len(doorway.people) == 1


def test_a_twin_without_a_badge_is_not() -> None:
    doorway = shows(asked())
    doorway.see(ANN.but(rival=0.875), times=REFUSAL - 1)
    assert doorway.people == []
    doorway.see(ANN.but(rival=0.875))
    assert forgotten(doorway) == [Reason.NOT_RECOGNISED]


def test_what_an_earlier_visit_fell_short_of_is_owed_after_the_factor_too() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(pad=0.375), times=RUN)
    doorway.empty(1.0)
    shows(asked(doorway, ANN.but(pad=1.0)))
    doorway.see(ANN.but(pad=0.5), times=RUN)
    doorway.see(ANN.but(pad=0.625), times=RUN - 1)
    assert doorway.people == []
    doorway.see(ANN.but(pad=0.625))
    assert len(doorway.people) == 1


def test_what_was_seen_while_it_was_asked_counts_on() -> None:
    """A picture that was held up during the asking has to be made up for after it."""
    doorway = asked()
    doorway.see(ANN.but(pad=0.375), times=REFUSAL)
    shows(doorway)
    doorway.see(ANN.but(pad=0.625), times=REFUSAL - 1)
    assert doorway.people == []
    doorway.see(ANN.but(pad=0.625))
    assert len(doorway.people) == 1


def test_a_run_that_looked_like_a_picture_owes_a_longer_one() -> None:
    doorway = asked()
    doorway.see(ANN.but(pad=0.0), times=RUN)
    shows(doorway)
    doorway.see(ANN.but(pad=1.0), times=REFUSAL - 1)
    assert doorway.people == []
    doorway.see(ANN.but(pad=1.0))
    assert len(doorway.people) == 1


@pytest.mark.parametrize(
    ("looks", "reason", "prompt"),
    [
        ((LOOKS_DOWN,), Reason.POOR_VIEW, Prompt.NOT_SEEN_WELL),
        ((ANN.but(ranked=False),), Reason.TIMED_OUT, Prompt.NOT_RECOGNISED),
        ((ANN.but(pad=0.375),), Reason.TIMED_OUT, Prompt.NOT_RECOGNISED),
    ],
)
def test_who_is_not_seen_well_in_time_is_told_why(
    looks: tuple[Look, ...], reason: Reason, prompt: Prompt
) -> None:
    doorway = shows(asked())
    shown_at = doorway.now
    while isinstance(doorway.state, Asking):
        doorway.see(*looks)
    assert doorway.now - shown_at == POLICY.session_timeout_seconds
    assert (forgotten(doorway), shown(doorway)) == ([reason], prompt)
    assert doorway.people == []


def test_a_suspicion_of_before_the_factor_is_the_reason_if_nobody_is_seen_after_it() -> None:
    """Nothing was seen instead of them after it: what they were recognised by is written down."""
    doorway = asked()
    doorway.see(PICTURE, times=RUN)
    shows(doorway)
    while isinstance(doorway.state, Asking):
        before = doorway.state
        doorway.see()
    (decision,) = doorway.decisions
    assert decision.reason is Reason.PRESENTATION_ATTACK
    assert decision.evidence == before.person.evidence


def test_what_is_wrong_with_the_view_is_said() -> None:
    doorway = shows(asked())
    doorway.see(LOOKS_DOWN)
    assert shown(doorway) is Prompt.LIFT_CHIN
    doorway.see(ANN, BOB)
    assert shown(doorway) is Prompt.ONE_AT_A_TIME
    doorway.see()
    assert shown(doorway) is Prompt.LOOK_HERE


@pytest.mark.parametrize(
    ("look", "prompt"), [(LOOKS_DOWN, Prompt.LIFT_CHIN), (ANN, Prompt.HOLD_STILL)]
)
def test_a_second_face_that_has_gone_is_complained_of_no_more(look: Look, prompt: Prompt) -> None:
    doorway = shows(asked())
    doorway.see(ANN, BOB)
    assert shown(doorway) is Prompt.ONE_AT_A_TIME
    doorway.see(look)
    assert shown(doorway) is prompt


def test_showing_it_again_gives_no_more_time() -> None:
    doorway = shows(asked())
    until = doorway.state
    doorway.see(LOOKS_DOWN, times=8)
    shows(doorway)
    assert isinstance(doorway.state, Asking)
    assert isinstance(until, Asking)
    assert (doorway.state.until, doorway.state.shown_at) == (until.until, until.shown_at)


def test_who_took_long_to_type_is_still_looked_for() -> None:
    doorway = asked()
    doorway.see(times=GONE - 1)
    shows(doorway)
    doorway.see(times=4)
    assert isinstance(doorway.state, Asking)
    doorway.see(ANN, times=RUN)
    assert len(doorway.people) == 1


@pytest.mark.parametrize("state", [Idle(), Idle(outside=Defect.TOO_FAR)])
def test_a_factor_that_nobody_is_asked_for_means_nothing(state: Idle) -> None:
    doorway = Doorway(state=state)
    assert shows(doorway).steps[-1].effects == ()
    assert doorway.state == state


def test_no_face_completes_a_badge_while_faces_are_paused() -> None:
    doorway = Doorway(policy=replace(POLICY, hold=Hold.PAUSED), agrees=False)
    doorway.handle(Claimed(Instant(doorway.now), ANN_ID, Instant(doorway.now)))
    answered(doorway, Reason.FACTOR_NEEDED)
    assert isinstance(doorway.state, Resolved), "an answer that names no factor asks for none"
    doorway = Doorway(policy=replace(POLICY, hold=Hold.PAUSED), agrees=False)
    doorway.handle(Claimed(Instant(doorway.now), ANN_ID, Instant(doorway.now)))
    (badge,) = doorway.people
    doorway.handle(Answered(Instant(doorway.now), Reason.FACTOR_NEEDED, badge, Factor.PIN))
    before = doorway.state
    doorway.see(ANN, times=RUN * 3)
    assert doorway.state == before
    assert doorway.people == [badge]
    doorway.tick(POLICY.factor_seconds)
    assert forgotten(doorway) == [Reason.FACTOR_MISSING]


@pytest.mark.parametrize(("waited", "lets_in"), [(3.0, True), (4.75, False)])
def test_a_face_has_to_follow_its_factor_soon_however_long_it_took_to_check(
    waited: float, *, lets_in: bool
) -> None:
    """The door was slow, and whoever typed may be gone."""
    doorway = asked()
    doorway.see(LOOKS_DOWN, times=round(waited / FRAME))
    shows(doorway, waited)
    doorway.see(ANN, times=RUN)
    assert bool(doorway.people) is lets_in


def test_a_factor_of_no_time_was_not_shown() -> None:
    doorway = asked()
    before = doorway.state
    person = doorway.state.person  # type: ignore[union-attr] # it is asked
    doorway.handle(Answered(Instant(doorway.now), Reason.FACTOR_SHOWN, person))
    assert doorway.state == before


def test_a_factor_that_was_shown_to_an_earlier_request_completes_no_later_one() -> None:
    """Ann types, leaves and comes back; what she typed is answered only then."""
    doorway = asked()
    before = doorway.state
    assert isinstance(before, Asking)
    doorway.see(times=GONE)
    doorway.see(ANN, times=RUN)
    again = doorway.people[-1]
    doorway.handle(Answered(Instant(doorway.now), Reason.FACTOR_NEEDED, again, Factor.BADGE))
    waits = doorway.state
    late = Answered(Instant(doorway.now), Reason.FACTOR_SHOWN, before.person, None, before.since)
    doorway.handle(late)
    assert doorway.state == waits


# -- somebody else -------------------------------------------------------------------------------


def another_person_stands_there(doorway: Doorway) -> Reason:
    doorway.see(BOB, times=REFUSAL)
    return Reason.NOT_RECOGNISED


def a_stranger_stands_there(doorway: Doorway) -> Reason:
    doorway.see(STRANGER, times=REFUSAL)
    return Reason.NOT_RECOGNISED


def a_stranger_takes_the_place_within_a_frame(doorway: Doorway) -> Reason:
    doorway.see(STRANGER.but(track=1), times=REFUSAL)
    return Reason.NOT_RECOGNISED


def a_stranger_stands_there_and_blinks(doorway: Doorway) -> Reason:
    doorway.see(STRANGER, times=REFUSAL - 1)
    doorway.see(STRANGER.but(defects=(Defect.EYES_CLOSED,)))
    doorway.see()
    doorway.see(STRANGER)
    return Reason.NOT_RECOGNISED


def a_stranger_comes_after_the_person_was_seen(doorway: Doorway) -> Reason:
    doorway.see(ANN, times=RUN * 2)
    doorway.see(STRANGER, times=REFUSAL)
    return Reason.NOT_RECOGNISED


def a_picture_is_held_up(doorway: Doorway) -> Reason:
    doorway.see(PHOTOGRAPH, times=REFUSAL)
    return Reason.PRESENTATION_ATTACK


def a_picture_is_held_up_and_moved(doorway: Doorway) -> Reason:
    doorway.see(PHOTOGRAPH, times=REFUSAL - 1)
    doorway.see(PHOTOGRAPH.but(defects=(Defect.BLURRED,)))
    doorway.see(PHOTOGRAPH)
    return Reason.PRESENTATION_ATTACK


def a_picture_comes_after_the_person_was_seen(doorway: Doorway) -> Reason:
    doorway.see(ANN.but(pad=1.0), times=RUN * 2)
    doorway.see(PHOTOGRAPH, times=REFUSAL)
    return Reason.PRESENTATION_ATTACK


INSTEAD = [
    another_person_stands_there,
    a_stranger_stands_there,
    a_stranger_takes_the_place_within_a_frame,
    a_stranger_stands_there_and_blinks,
    a_picture_is_held_up,
    a_picture_is_held_up_and_moved,
]
AFTER = [a_stranger_comes_after_the_person_was_seen, a_picture_comes_after_the_person_was_seen]


def assert_it_ends(doorway: Doorway, reason: Reason) -> None:
    """It is said, written down with what was seen, and counted; the factor comes too late."""
    (decision,) = doorway.decisions
    assert (decision.reason, decision.subject) == (reason, ANN_ID)
    assert len(decision.evidence) >= RUN
    assert all(evidence.at <= doorway.now for evidence in decision.evidence)
    assert set(decision.evidence).isdisjoint(asked().state.person.evidence)  # type: ignore[union-attr] # it is asked
    assert isinstance(doorway.state, Resolved)
    assert doorway.state.reason is reason
    assert held_against(doorway) == 1
    shows(doorway)
    assert doorway.people == []


@pytest.mark.parametrize("happens", [*INSTEAD, *AFTER])
def test_the_asking_ends_where(happens: Callable[[Doorway], Reason]) -> None:
    """Person A owes a badge, and another stands there."""
    doorway = asked()
    assert_it_ends(doorway, happens(doorway))


@pytest.mark.parametrize("happens", INSTEAD)
def test_the_look_after_the_factor_ends_where(happens: Callable[[Doorway], Reason]) -> None:
    """Person A shows it and goes, and another stands there."""
    doorway = shows(asked())
    assert_it_ends(doorway, happens(doorway))


def test_a_stranger_who_never_stands_still_is_held_against_the_next() -> None:
    """No run was long enough for a grant, and yet they were compared for as long as it takes."""
    doorway = asked()
    for _ in range(REFUSAL // (RUN - 1)):
        doorway.see(STRANGER, times=RUN - 1)
        doorway.see(STRANGER.but(defects=(Defect.EYES_CLOSED,)))
    doorway.see(STRANGER, times=REFUSAL % (RUN - 1))
    assert forgotten(doorway) == [Reason.NOT_RECOGNISED]
    assert held_against(doorway) == 1


def test_what_is_written_down_was_seen_after_the_factor() -> None:
    """However long the person was well seen before it."""
    doorway = asked()
    doorway.see(ANN, times=REFUSAL + 1)
    shows(doorway)
    shown_at = doorway.now
    doorway.see(PHOTOGRAPH, times=REFUSAL)
    (decision,) = doorway.decisions
    assert decision.reason is Reason.PRESENTATION_ATTACK
    assert [evidence.at for evidence in decision.evidence] == [
        shown_at + FRAME * (frame + 1) for frame in range(REFUSAL)
    ]


def test_a_second_face_that_stays_ends_it() -> None:
    doorway = asked()
    doorway.see(ANN, BOB, times=CROWD - 1)
    doorway.see(ANN)
    doorway.see(ANN, BOB, times=CROWD - 1)
    assert isinstance(doorway.state, Asking), "somebody walked past behind"
    doorway.see()
    doorway.see(ANN, BOB, times=CROWD - 1)
    assert isinstance(doorway.state, Asking)
    doorway.see(ANN, BOB)
    assert forgotten(doorway) == [Reason.CROWDED]
    assert shown(doorway) is Prompt.ONE_PERSON_ONLY
    assert held_against(doorway) == 0


def test_a_face_that_only_looks_down_is_nobody_else() -> None:
    doorway = asked()
    doorway.see(LOOKS_DOWN, times=100)
    assert isinstance(doorway.state, Asking)


def test_another_track_that_named_her_is_hers_from_then_on() -> None:
    doorway = asked()
    doorway.see(ANN.but(track=8))
    doorway.see(LOOKS_DOWN.but(track=8), times=GONE * 2)
    assert isinstance(doorway.state, Asking)
    assert doorway.state.track == 8


def test_another_track_that_names_nobody_does_not_stand_in_for_whoever_left() -> None:
    doorway = asked()
    doorway.see(BOB.but(defects=(Defect.CHIN_DOWN,)), times=GONE)
    assert isinstance(doorway.state, Idle)
    assert forgotten(doorway) == [Reason.FACTOR_MISSING]


def test_a_glance_at_an_angle_now_and_then_is_nobody_else() -> None:
    doorway = asked()
    for _ in range(8):
        doorway.see(ANN.but(score=0.5), times=REFUSAL - 1)
        doorway.see(ANN)
    assert isinstance(doorway.state, Asking)


def test_who_is_locked_out_by_it() -> None:
    doorway = Doorway(replace(POLICY, failures_allowed=1))
    asked(doorway)
    doorway.see(STRANGER, times=REFUSAL)
    assert isinstance(doorway.state, LockedOut)
    assert forgotten(doorway) == [Reason.NOT_RECOGNISED]
    assert doorway.steps[-1].effects[-1] == Show(doorway.state)


def test_who_forgot_their_badge_is_held_nothing_against() -> None:
    doorway = asked()
    while isinstance(doorway.state, Asking):
        doorway.see(ANN)
    assert forgotten(doorway) == [Reason.FACTOR_MISSING]
    assert held_against(doorway) == 0


def test_who_was_seen_for_a_whole_run_stays_seen_though_the_next_is_short() -> None:
    doorway = asked()
    doorway.see(ANN, times=RUN)
    doorway.see(LOOKS_DOWN)
    doorway.see(ANN)
    doorway.see(times=GONE)
    assert forgotten(doorway) == [Reason.FACTOR_MISSING]
    assert held_against(doorway) == 0


def test_whoever_stood_there_instead_and_leaves_in_time_is() -> None:
    doorway = asked()
    asking = doorway.state
    assert isinstance(asking, Asking)
    doorway.see(ANN.but(pad=0.375), times=RUN)
    doorway.see(times=GONE)
    assert forgotten(doorway) == [Reason.FACTOR_MISSING]
    assert doorway.decisions[0].evidence == asking.person.evidence, "nobody else was certain"
    assert held_against(doorway) == 1
    assert isinstance(doorway.state, Idle)
    assert doorway.state.failures.doubt == RUN * 0.125


def test_a_wrong_code_of_somebody_who_then_leaves_is() -> None:
    doorway = asked()
    answered(doorway, Reason.FACTOR_WRONG)
    doorway.see(ANN, times=RUN)
    doorway.see(times=GONE)
    assert held_against(doorway) == 1


def test_refusals_of_wrong_codes_are_kept_beside_it() -> None:
    doorway = asked()
    answered(doorway, Reason.FACTOR_WRONG)
    doorway.see(STRANGER, times=REFUSAL)
    assert held_against(doorway) == 2


def test_an_order_of_an_operator_ends_it() -> None:
    doorway = shows(asked())
    doorway.policy = replace(POLICY, hold=Hold.PAUSED)
    doorway.see(ANN, times=RUN)
    assert doorway.people == []
    assert forgotten(doorway) == [Reason.OPERATOR_DENIED]
    assert isinstance(doorway.state, Idle)


# -- whatever happens ----------------------------------------------------------------------------

LOOKS = st.sampled_from(
    [ANN, ANN, ANN, LOOKS_DOWN, ANN.but(track=8), ANN.but(pad=0.25), BOB, STRANGER, PHOTOGRAPH]
)
SCENES = st.lists(
    st.one_of(st.tuples(LOOKS, st.integers(1, 6)), st.just("shows"), st.just("nobody")), max_size=20
)


@given(SCENES)
def test_nobody_is_let_in_but_by_a_run_of_their_own_after_the_factor(story: list[object]) -> None:
    """Read off the frames alone, whatever came before it."""
    doorway = asked()
    last: list[tuple[Look, float]] = []
    shown_at: float | None = None
    for scene in story:
        if scene == "shows":
            if isinstance(doorway.state, Asking) and shown_at is None:
                shown_at, last = doorway.now, []
            shows(doorway)
            continue
        if scene == "nobody":
            doorway.see()
            last = []
            continue
        look, times = scene  # type: ignore[misc] # told apart above
        for _ in range(times):
            waiting = isinstance(doorway.state, Asking)
            before = len(doorway.people)
            doorway.see(look)
            last.append((look, doorway.now))
            if len(doorway.people) > before and waiting:
                run = last[-RUN:]
                assert shown_at is not None
                assert len(run) == RUN
                assert all(at > shown_at for _, at in run)
                assert len({frame.track for frame, _ in run}) == 1
                assert all((f.subject, f.defects, f.score) == ("ann", (), 0.9) for f, _ in run)
                return
