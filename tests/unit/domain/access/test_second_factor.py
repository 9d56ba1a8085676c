"""What is answered about somebody who was recognised, and what they still owe."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from doorway import ANN, BOB, FRAME, POLICY, STRANGER, Doorway

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import (
    Acquiring,
    Admit,
    Admitting,
    Answered,
    Asking,
    Audit,
    Authorised,
    CheckFactor,
    Claim,
    Claimed,
    Idle,
    LockedOut,
    OutOfService,
    Overruled,
    Presented,
    ReadBadge,
    Reason,
    Recognised,
    Released,
    Resolved,
    Show,
)
from kiosk.domain.access.policy import Hold
from kiosk.domain.prompts import Prompt, Tone, view_of
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

ANN_ID, BOB_ID = SubjectId("ann"), SubjectId("bob")
TWIN = ANN.but(rival=0.875, score=0.9)
"""Ann beside somebody who looks nearly the same to the models."""


NOBODY = Recognised(Instant(0.0), ANN_ID, Instant(0.0))
"""A recognition that nobody waits for an answer about."""


def recognised() -> Doorway:
    doorway = Doorway(agrees=False)
    doorway.see(ANN, times=4)
    assert isinstance(doorway.state, Admitting)
    return doorway


def let_in() -> Doorway:
    doorway = recognised()
    doorway.lets_in()
    return doorway


def answered(doorway: Doorway, reason: Reason, **more: object) -> Doorway:
    """The door subsystem answers about whoever was recognised last."""
    person = doorway.people[-1] if doorway.people else NOBODY
    doorway.handle(Answered(Instant(doorway.now), reason, person, **more))  # type: ignore[arg-type]
    return doorway


def asked(factor: Factor = Factor.PIN) -> Doorway:
    doorway = answered(recognised(), Reason.FACTOR_NEEDED, factor=factor)
    assert isinstance(doorway.state, Asking)
    return doorway


def shown(doorway: Doorway) -> Prompt:
    return view_of(doorway.state, doorway.policy).prompt


def forgotten(doorway: Doorway) -> list[Reason]:
    """How requests ended, as it is written down of the person who was asked."""
    return [decision.reason for decision in doorway.decisions if decision.subject == ANN_ID]


# -- rules, door and panel say no ----------------------------------------------------------------


@pytest.mark.parametrize("reason", [Reason.NOT_NOW, Reason.PASSING, Reason.PANEL_DENIED])
def test_a_refusal_of_the_doors_end_is_shown(reason: Reason) -> None:
    doorway = answered(recognised(), reason)
    state = doorway.state
    assert isinstance(state, Resolved)
    assert (state.reason, state.subject) == (reason, None)
    assert doorway.steps[-1].effects == (Show(state),)
    assert state.failures.at == ()


def test_the_door_says_when_it_opens_again() -> None:
    monday = datetime(2026, 11, 23, 7, tzinfo=UTC)
    doorway = answered(recognised(), Reason.NOT_NOW, opens=monday)
    assert view_of(doorway.state, POLICY).opens == monday


@pytest.mark.parametrize("reason", [Reason.PASSING, Reason.INTERLOCKED, Reason.PANEL_SILENT])
def test_who_waits_for_the_door_or_the_panel_is_looked_at_again_right_after(reason: Reason) -> None:
    doorway = answered(recognised(), reason)
    doorway.see(ANN, times=12)
    assert isinstance(doorway.state, Acquiring)


def test_a_face_that_was_just_refused_has_not_left_though_no_frame_follows() -> None:
    doorway = recognised()
    doorway.policy = replace(POLICY, refused_hold_seconds=POLICY.absence_seconds - FRAME)
    answered(doorway, Reason.NOT_NOW)
    doorway.tick(POLICY.absence_seconds - FRAME)
    assert isinstance(doorway.state, Resolved)
    doorway.tick(FRAME)
    assert isinstance(doorway.state, Idle)


def test_who_may_not_come_in_now_is_not_asked_again_at_once() -> None:
    doorway = answered(recognised(), Reason.NOT_NOW)
    doorway.see(ANN, times=31)
    assert isinstance(doorway.state, Resolved)
    doorway.see(ANN)
    assert isinstance(doorway.state, Acquiring)


def test_a_released_door_is_a_grant_and_shown_after_it() -> None:
    doorway = recognised()
    assert all(view_of(step.state, POLICY).tone is not Tone.GRANTED for step in doorway.steps)
    step = doorway.lets_in()
    view = view_of(step.state, POLICY)
    assert (view.prompt, view.subject) == (Prompt.GRANTED, ANN_ID)
    assert step.effects == (Show(step.state),)
    assert isinstance(step.state, Resolved)
    assert step.state.until == doorway.now + POLICY.granted_hold_seconds
    assert step.state.retry_at == doorway.now + POLICY.retry_seconds
    assert step.state.track == ANN.track


def test_a_grant_is_good_once() -> None:
    doorway = let_in()
    before = doorway.state
    for again in (doorway.lets_in(), answered(doorway, Reason.NOT_NOW).steps[-1]):
        assert (again.state, again.effects) == (before, ())
    doorway.see(times=30)
    assert doorway.lets_in().state == Idle()


def test_an_answer_about_somebody_else_means_nothing() -> None:
    """The door was slow, and answers about whoever was there before a fault."""
    doorway = recognised()
    before = doorway.people[-1]
    doorway.breaks()
    doorway.mended()
    doorway.see(BOB, times=4)
    state = doorway.state
    assert isinstance(state, Admitting)
    now = Instant(doorway.now)
    for event in (
        Released(now, Authorised(before, Factor.NONE)),
        Answered(now, Reason.NOT_NOW, before),
        Answered(now, Reason.FACTOR_NEEDED, before, Factor.PIN),
    ):
        doorway.handle(event)
        assert doorway.state == state


def test_an_operator_lets_in_whoever_stands_there() -> None:
    for doorway in (Doorway(), recognised()):
        doorway.handle(Released(Instant(doorway.now)))
        view = view_of(doorway.state, POLICY)
        assert (view.prompt, view.subject) == (Prompt.GRANTED, None)
        assert doorway.decisions == []


def test_an_operator_lets_in_whoever_was_just_refused() -> None:
    doorway = answered(recognised(), Reason.NOT_NOW)
    doorway.handle(Released(Instant(doorway.now)))
    assert shown(doorway) is Prompt.GRANTED


def test_an_operator_lets_in_whoever_was_refused() -> None:
    doorway = Doorway()
    doorway.see(STRANGER, times=POLICY.refusal_probes)
    doorway.handle(Released(Instant(doorway.now)))
    assert shown(doorway) is Prompt.GRANTED


def test_an_operator_who_lets_in_whoever_is_asked_ends_the_asking() -> None:
    doorway = asked()
    doorway.handle(Released(Instant(doorway.now)))
    assert shown(doorway) is Prompt.GRANTED
    assert forgotten(doorway) == [Reason.FACTOR_MISSING]


def test_an_operator_adds_nothing_to_a_grant() -> None:
    doorway = let_in()
    before = doorway.state
    doorway.handle(Released(Instant(doorway.now + 1.0)))
    assert doorway.state == before


def test_an_answer_in_the_midst_of_another_session_changes_nothing() -> None:
    doorway = Doorway()
    doorway.see(BOB)
    before = doorway.state
    for reason in (Reason.FACTOR_SHOWN, Reason.NOT_NOW, Reason.FACTOR_NEEDED):
        answered(doorway, reason, factor=Factor.PIN)
    doorway.handle(Released(Instant(doorway.now)))
    assert doorway.state == before


def test_an_answer_lets_nobody_out_of_a_lockout_or_into_service() -> None:
    for state in (LockedOut(until=Instant(5000.0)), OutOfService(faults=frozenset())):
        doorway = Doorway(state=state)
        answered(doorway, Reason.NOT_NOW)
        doorway.handle(Released(Instant(doorway.now)))
        doorway.handle(Claimed(Instant(doorway.now), ANN_ID, Instant(doorway.now)))
        doorway.handle(Presented(Instant(doorway.now), Factor.BADGE, "LINTEL1:ann"))
        doorway.handle(Overruled(Instant(doorway.now)))
        assert doorway.state == state


# -- a second factor -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factor", "prompt"), [(Factor.PIN, Prompt.ENTER_PIN), (Factor.BADGE, Prompt.SHOW_BADGE)]
)
def test_somebody_with_a_second_factor_is_asked_for_it(factor: Factor, prompt: Prompt) -> None:
    doorway = asked(factor)
    view = view_of(doorway.state, POLICY)
    assert (view.prompt, view.tone, view.asks) == (prompt, Tone.WAITING, factor)
    assert doorway.steps[-1].effects == (Show(doorway.state),)


def presents(doorway: Doorway, factor: Factor, at: float, text: str = "4927") -> Presented:
    presented = Presented(Instant(at), factor, text)
    doorway.handle(presented)
    return presented


@pytest.mark.parametrize(
    ("asked_for", "kind"),
    [
        (Factor.PIN, Factor.PIN),
        (Factor.BADGE, Factor.BADGE),
        (Factor.VERIFY, Factor.BADGE),
    ],
)
def test_what_is_presented_in_time_is_checked_for_whoever_was_asked(
    asked_for: Factor, kind: Factor
) -> None:
    doorway = asked(asked_for)
    for at in (doorway.now, doorway.now + POLICY.factor_seconds):
        presented = presents(doorway, kind, at)
        assert doorway.steps[-1].effects == (CheckFactor(doorway.people[-1], presented),)


@pytest.mark.parametrize(
    ("asked_for", "kind", "after"),
    [
        (Factor.PIN, Factor.PIN, -FRAME),
        (Factor.PIN, Factor.PIN, POLICY.factor_seconds + FRAME),
        (Factor.PIN, Factor.PIN, float("nan")),
        (Factor.PIN, Factor.BADGE, FRAME),
        (Factor.BADGE, Factor.PIN, FRAME),
        (Factor.VERIFY, Factor.PIN, FRAME),
    ],
)
def test_what_comes_early_or_late_or_was_not_asked_for_is_not_checked(
    asked_for: Factor, kind: Factor, after: float
) -> None:
    """Somebody else typed it, or shows a badge to whoever has to type."""
    doorway = asked(asked_for)
    before = doorway.state
    presents(doorway, kind, doorway.now + after)
    assert (doorway.state, doorway.steps[-1].effects) == (before, ())


def test_nothing_more_is_checked_once_the_factor_was_shown() -> None:
    doorway = answered(asked(), Reason.FACTOR_SHOWN, presented_at=Instant(1000.0))
    presents(doorway, Factor.PIN, doorway.now)
    assert doorway.steps[-1].effects == ()


def test_a_pin_that_nobody_is_asked_for_is_read_by_nobody() -> None:
    for doorway in (Doorway(), recognised(), let_in()):
        before = doorway.state
        presents(doorway, Factor.PIN, doorway.now)
        assert (doorway.state, doorway.steps[-1].effects) == (before, ())


def test_a_badge_that_nobody_is_asked_for_is_read() -> None:
    busy = Doorway()
    busy.see(ANN)
    for doorway in (Doorway(), busy, let_in()):
        presented = presents(doorway, Factor.BADGE, doorway.now)
        assert doorway.steps[-1].effects == (ReadBadge(presented),)


def test_what_is_presented_is_never_in_a_repr() -> None:
    assert "4927" not in repr(Presented(Instant(0.0), Factor.PIN, "4927"))


def test_a_wrong_code_may_be_mended() -> None:
    doorway = answered(asked(), Reason.FACTOR_WRONG)
    view = view_of(doorway.state, POLICY)
    assert (view.prompt, view.tone, view.asks) == (Prompt.CODE_UNKNOWN, Tone.WRONG, Factor.PIN)
    assert forgotten(doorway) == []
    assert isinstance(doorway.state, Asking)
    assert doorway.state.mistaken
    answered(doorway, Reason.FACTOR_SHOWN, presented_at=Instant(doorway.now))
    assert shown(doorway) is Prompt.LOOK_HERE
    assert isinstance(doorway.state, Asking)
    assert doorway.state.mistaken is False, "the last answer was theirs"


def test_too_many_wrong_pins_end_the_asking_and_count() -> None:
    doorway = answered(asked(), Reason.FACTOR_PAUSED)
    assert shown(doorway) is Prompt.ASK_FOR_HELP
    assert forgotten(doorway) == [Reason.FACTOR_PAUSED]
    assert doorway.steps[-1].effects == (Audit(doorway.decisions[-1]), Show(doorway.state))
    assert isinstance(doorway.state, Resolved)
    assert len(doorway.state.failures.at) == 1


def test_a_pause_that_is_also_a_lockout_is_written_down_once() -> None:
    doorway = asked()
    for _ in range(POLICY.failures_allowed - 1):
        answered(doorway, Reason.FACTOR_WRONG)
    answered(doorway, Reason.FACTOR_PAUSED)
    assert isinstance(doorway.state, LockedOut)
    assert forgotten(doorway) == [Reason.FACTOR_PAUSED]


def test_wrong_codes_lead_to_the_lockout() -> None:
    doorway = asked()
    for _ in range(POLICY.failures_allowed - 1):
        answered(doorway, Reason.FACTOR_WRONG)
        assert isinstance(doorway.state, Asking)
    answered(doorway, Reason.FACTOR_WRONG)
    assert doorway.state == LockedOut(until=Instant(doorway.now + POLICY.lockout_seconds))
    assert doorway.steps[-1].effects[-1] == Show(doorway.state)
    assert forgotten(doorway) == [Reason.FACTOR_WRONG]


def test_wrong_codes_and_refused_faces_are_counted_together() -> None:
    doorway = Doorway(agrees=False)
    doorway.see(STRANGER, times=8)
    doorway.empty(5.0)
    doorway.see(ANN, times=4)
    answered(doorway, Reason.FACTOR_NEEDED, factor=Factor.PIN)
    answered(doorway, Reason.FACTOR_WRONG)
    assert isinstance(doorway.state, Asking)
    answered(doorway, Reason.FACTOR_WRONG)
    assert isinstance(doorway.state, LockedOut)


def test_wrong_codes_grow_old() -> None:
    doorway = Doorway(policy=replace(POLICY, failure_window_seconds=1.0), agrees=False)
    doorway.see(ANN, times=4)
    answered(doorway, Reason.FACTOR_NEEDED, factor=Factor.PIN)
    for _ in range(4):
        answered(doorway, Reason.FACTOR_WRONG)
        doorway.see(ANN, times=8)
    assert isinstance(doorway.state, Asking)


GONE = round(POLICY.factor_absence_seconds / FRAME)


def test_who_walks_away_is_asked_no_more() -> None:
    doorway = asked()
    doorway.see(times=GONE - 1)
    assert isinstance(doorway.state, Asking), "they may be looking down at the keys"
    doorway.see()
    assert isinstance(doorway.state, Idle)
    assert forgotten(doorway) == [Reason.FACTOR_MISSING]
    assert doorway.steps[-1].effects[-1] == Show(doorway.state)


def test_who_stays_may_take_their_time_but_not_for_ever() -> None:
    doorway = asked()
    doorway.see(ANN, times=159)
    assert isinstance(doorway.state, Asking)
    assert doorway.steps[-1].effects == (), "nothing new to show, whoever is seen meanwhile"
    doorway.see(ANN)
    assert shown(doorway) is Prompt.CODE_MISSING
    assert forgotten(doorway) == [Reason.FACTOR_MISSING]
    assert doorway.steps[-1].effects == (Audit(doorway.decisions[-1]), Show(doorway.state))
    doorway.see(ANN, times=31)
    assert shown(doorway) is Prompt.CODE_MISSING


def test_a_time_that_is_none_ends_the_asking() -> None:
    doorway = asked()
    doorway.now = float("nan")
    doorway.tick(0.0)
    assert not isinstance(doorway.state, Asking)


def test_a_second_asking_does_not_give_more_time() -> None:
    doorway = asked()
    before = doorway.state
    doorway.see(ANN, times=8)
    answered(doorway, Reason.FACTOR_NEEDED, factor=Factor.BADGE)
    assert isinstance(doorway.state, Asking)
    assert isinstance(before, Asking)
    assert (doorway.state.until, doorway.state.factor) == (before.until, Factor.PIN)


def test_an_asking_that_names_no_factor_asks_for_nothing_and_lets_nobody_in() -> None:
    doorway = answered(recognised(), Reason.FACTOR_NEEDED)
    assert isinstance(doorway.state, Resolved)
    assert doorway.state.reason is Reason.FACTOR_NEEDED


def test_a_refusal_that_names_a_factor_asks_for_none() -> None:
    doorway = answered(recognised(), Reason.NOT_NOW, factor=Factor.PIN)
    assert isinstance(doorway.state, Resolved)
    assert doorway.state.reason is Reason.NOT_NOW


def test_an_answer_of_the_rules_is_none_about_a_factor() -> None:
    doorway = asked()
    before = doorway.state
    assert answered(doorway, Reason.NOT_NOW).state == before
    assert doorway.lets_in().state == before, "nor is a door that nobody was authorised for"


def test_a_fault_ends_the_asking() -> None:
    doorway = asked()
    doorway.breaks()
    assert isinstance(doorway.state, OutOfService)
    assert forgotten(doorway) == [Reason.FAULT]


def test_refusals_of_before_outlive_an_answer() -> None:
    doorway = answered(asked(), Reason.FACTOR_WRONG)
    answered(doorway, Reason.FACTOR_SHOWN, presented_at=Instant(doorway.now))
    doorway.see(ANN, times=4)
    assert isinstance(doorway.state, Admitting)
    doorway.lets_in()
    assert isinstance(doorway.state, Resolved)
    assert len(doorway.state.failures.at) == 1


def test_refusals_of_before_outlive_the_asking() -> None:
    doorway = asked()
    answered(doorway, Reason.FACTOR_WRONG)
    doorway.see(times=GONE)
    assert isinstance(doorway.state, Idle)
    assert len(doorway.state.failures.at) == 1


# -- a badge alone, while faces are not decided on -----------------------------------------------


def held(hold: Hold = Hold.PAUSED) -> Doorway:
    return Doorway(policy=replace(POLICY, hold=hold), agrees=False)


def badge_alone(factor: Factor = Factor.PIN) -> Doorway:
    """Ann has shown her badge while faces are paused, and is asked for her PIN."""
    return answered(claimed(held(), ANN_ID), Reason.FACTOR_NEEDED, factor=factor)


@pytest.mark.parametrize(
    ("hold", "prompt"),
    [(Hold.PAUSED, Prompt.FACE_PAUSED), (Hold.LOCKED_DOWN, Prompt.DOOR_CLOSED)],
)
def test_no_face_is_decided_on_while_an_operator_holds(hold: Hold, prompt: Prompt) -> None:
    """R81."""
    doorway = Doorway(policy=replace(POLICY, hold=hold))
    doorway.see(ANN, times=40)
    assert isinstance(doorway.state, Idle)
    assert doorway.people == []
    assert view_of(doorway.state, doorway.policy) == view_of(Idle(), doorway.policy)
    assert shown(doorway) is prompt


def test_a_hold_ends_the_session_that_it_finds() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=3)
    doorway.policy = replace(POLICY, hold=Hold.PAUSED)
    doorway.see(ANN)
    assert isinstance(doorway.state, Idle)
    doorway.policy = POLICY
    doorway.see(ANN, times=3)
    assert doorway.people == []


def test_somebody_with_a_badge_goes_on_coming_in_while_faces_are_paused() -> None:
    doorway = badge_alone()
    doorway.see(BOB, times=GONE)
    assert shown(doorway) is Prompt.ENTER_PIN
    typed_at = Instant(doorway.now)
    answered(doorway, Reason.FACTOR_SHOWN, presented_at=typed_at)
    badge, whole = doorway.people
    assert doorway.written == [badge], "who it is is written down once"
    assert badge.faceless
    assert whole == replace(badge, at=typed_at, captured_at=typed_at, factor=Factor.PIN)
    doorway.lets_in()
    assert shown(doorway) is Prompt.GRANTED
    doorway.empty(3.0)
    assert shown(doorway) is Prompt.FACE_PAUSED


def test_a_badge_alone_waits_for_its_pin_to_the_last_moment_and_no_longer() -> None:
    doorway = badge_alone()
    doorway.tick(POLICY.factor_seconds - FRAME)
    assert isinstance(doorway.state, Asking)
    doorway.tick(FRAME)
    assert shown(doorway) is Prompt.CODE_MISSING
    assert forgotten(doorway) == [Reason.FACTOR_MISSING]


def test_a_badge_and_a_pin_complete_each_other_once() -> None:
    doorway = badge_alone()
    person = doorway.people[-1]
    right = Answered(Instant(doorway.now), Reason.FACTOR_SHOWN, person, None, Instant(doorway.now))
    for _ in range(3):
        doorway.handle(right)
    assert len(doorway.people) == 2
    doorway.lets_in()
    doorway.handle(right)
    assert len(doorway.people) == 2


def test_a_badge_is_asked_about_and_written_down_first() -> None:
    doorway = claimed(held(), ANN_ID)
    (person,) = doorway.people
    assert doorway.steps[-1].effects == (Audit(person), Admit(person))
    assert (person.subject, person.evidence, person.factor) == (ANN_ID, (), Factor.NONE)
    assert (person.suspected, person.threshold, person.pad_threshold) == (False, 0.0, 0.0)
    assert doorway.state == Admitting(person=person, track=None)


def test_a_badge_is_asked_about_though_a_result_is_still_shown() -> None:
    doorway = Doorway(agrees=False)
    doorway.see(STRANGER, times=POLICY.refusal_probes)
    doorway.policy = held().policy
    claimed(doorway, ANN_ID)
    assert [person.subject for person in doorway.people] == [ANN_ID]


def test_a_badge_that_is_refused_says_why() -> None:
    doorway = answered(claimed(held(), ANN_ID), Reason.NOT_HERE)
    assert shown(doorway) is Prompt.NOT_HERE


def test_no_badge_is_asked_about_in_a_lockdown() -> None:
    doorway = claimed(held(Hold.LOCKED_DOWN), ANN_ID)
    assert doorway.people == []
    assert shown(doorway) is Prompt.DOOR_CLOSED
    assert isinstance(doorway.state, Resolved)


def test_a_badge_that_waited_for_too_long_speaks_for_nobody() -> None:
    for hold in (None, Hold.PAUSED, Hold.LOCKED_DOWN):
        doorway = Doorway(policy=replace(POLICY, hold=hold))
        shown_at = Instant(doorway.now - POLICY.claim_seconds - FRAME)
        doorway.handle(Claimed(Instant(doorway.now), ANN_ID, shown_at))
        assert doorway.effects == []
        assert doorway.state == Idle()


def test_a_hold_that_finds_a_session_takes_no_badge_for_it() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=3)
    doorway.policy = replace(POLICY, hold=Hold.PAUSED)
    claimed(doorway, ANN_ID)
    assert doorway.people == []


# -- verification, 1:1 ---------------------------------------------------------------------------


def claimed(doorway: Doorway, subject: SubjectId, seconds: float = 10.0) -> Doorway:
    shown_at = Instant(doorway.now + seconds - POLICY.claim_seconds)
    doorway.handle(Claimed(Instant(doorway.now), subject, shown_at))
    return doorway


def test_a_twin_gets_in_with_their_own_badge() -> None:
    """R22: ambiguous in a search of all, clear beside their own badge."""
    without = Doorway()
    without.see(TWIN, times=8)
    assert without.people == []
    doorway = claimed(Doorway(), ANN_ID)
    doorway.see(TWIN, times=4)
    assert [person.subject for person in doorway.people] == [ANN_ID]
    assert doorway.people[0].verified


def test_the_other_twin_gets_in_with_theirs() -> None:
    doorway = claimed(Doorway(), SubjectId("zoe"))
    doorway.see(TWIN, times=4)
    assert [person.subject for person in doorway.people] == ["zoe"]


@pytest.mark.parametrize("score", [ANN.score, POLICY.decision_threshold])
def test_who_resembles_nobody_else_gets_in_with_their_own_badge(score: float) -> None:
    doorway = claimed(Doorway(), ANN_ID)
    doorway.see(ANN.but(score=score), times=4)
    assert [person.subject for person in doorway.people] == [ANN_ID]


@pytest.mark.parametrize("rival", [0.625, 0.75 - POLICY.margin])
def test_a_face_that_is_clearly_anothers_does_not_open_with_a_found_badge(rival: float) -> None:
    doorway = claimed(Doorway(), SubjectId("zoe"))
    doorway.see(ANN.but(score=0.75, rival=rival), times=8)
    assert doorway.people == []
    assert doorway.reasons == [Reason.NOT_RECOGNISED]


def test_a_badge_of_somebody_who_does_not_resemble_the_face() -> None:
    doorway = claimed(Doorway(), BOB_ID)
    doorway.see(ANN, times=8)
    assert doorway.people == []


def test_a_badge_does_not_lower_the_threshold() -> None:
    doorway = claimed(Doorway(), ANN_ID)
    doorway.see(ANN.but(score=0.59), times=8)
    assert doorway.people == []


def test_a_badge_does_not_lend_life() -> None:
    doorway = claimed(Doorway(), ANN_ID)
    doorway.see(ANN.but(pad=0.0), times=8)
    assert doorway.people == []


def test_a_claim_grows_old() -> None:
    doorway = claimed(Doorway(), ANN_ID, seconds=1.0)
    doorway.empty(1.125)
    doorway.see(TWIN, times=8)
    assert doorway.reasons == [Reason.AMBIGUOUS]


def test_a_claim_of_no_time_counts_at_its_own_moment() -> None:
    doorway = claimed(Doorway(), ANN_ID, seconds=0.0)
    assert isinstance(doorway.state, Idle)
    assert doorway.state.claim == Claim(ANN_ID, Instant(doorway.now))


def test_a_badge_beside_a_result_claims_nothing() -> None:
    doorway = let_in()
    before = doorway.state
    claimed(doorway, ANN_ID)
    assert (doorway.state, doorway.steps[-1].effects) == (before, ())


def test_a_badge_counts_for_ten_seconds() -> None:
    """No setting changes it."""
    for old, known in ((10.0, True), (10.0 + FRAME, False)):
        doorway = Doorway()
        doorway.handle(Claimed(Instant(doorway.now), ANN_ID, Instant(doorway.now - old)))
        assert bool(doorway.effects) is known


def test_a_claim_grows_old_in_the_midst_of_a_session() -> None:
    doorway = claimed(Doorway(), ANN_ID, seconds=0.375)
    doorway.see(TWIN, times=4)
    assert doorway.people == []


def test_a_claim_counts_to_its_last_moment() -> None:
    doorway = claimed(Doorway(), ANN_ID, seconds=4 * FRAME)
    doorway.see(TWIN, times=4)
    assert len(doorway.people) == 1


def test_a_claim_in_the_midst_of_a_session_begins_the_evidence_anew() -> None:
    doorway = Doorway()
    doorway.see(TWIN, times=3)
    claimed(doorway, ANN_ID)
    doorway.see(TWIN, times=3)
    assert doorway.people == []
    doorway.see(TWIN)
    assert len(doorway.people) == 1


def test_evidence_of_before_a_badge_does_not_count_beside_it() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=3)
    claimed(doorway, ANN_ID)
    doorway.see(ANN)
    assert doorway.people == []


def test_a_claim_is_spent_with_its_session() -> None:
    doorway = claimed(Doorway(), ANN_ID, seconds=60.0)
    doorway.see(TWIN, times=4)
    doorway.empty(5.0)
    doorway.see(TWIN.but(track=9), times=8)
    assert len(doorway.people) == 1


# -- an operator says no -------------------------------------------------------------------------


def test_an_operator_denies_whoever_is_looked_at() -> None:
    """R81."""
    doorway = Doorway()
    doorway.see(ANN, times=3)
    doorway.handle(Overruled(Instant(doorway.now)))
    assert doorway.reasons == [Reason.OPERATOR_DENIED]
    doorway.see(ANN, times=8)
    assert doorway.people == []
    assert shown(doorway) is Prompt.ASK_FOR_HELP


def test_an_operator_denies_whoever_was_just_let_in() -> None:
    for doorway in (let_in(), recognised()):
        doorway.handle(Overruled(Instant(doorway.now)))
        assert shown(doorway) is Prompt.ASK_FOR_HELP
        doorway.lets_in()
        assert shown(doorway) is Prompt.ASK_FOR_HELP, "what is answered late changes nothing"


def test_an_operator_denies_whoever_is_asked() -> None:
    doorway = asked()
    doorway.handle(Overruled(Instant(doorway.now)))
    assert shown(doorway) is Prompt.ASK_FOR_HELP
    assert forgotten(doorway) == [Reason.OPERATOR_DENIED]


def test_denying_nobody_is_nothing() -> None:
    doorway = Doorway()
    doorway.handle(Overruled(Instant(doorway.now)))
    assert doorway.effects == []
    doorway.see(STRANGER, times=8)
    refused = doorway.state
    doorway.handle(Overruled(Instant(doorway.now)))
    assert doorway.state == refused
