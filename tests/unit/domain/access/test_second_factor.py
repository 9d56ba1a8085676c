"""What is answered about somebody who was recognised, and what they still owe."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from doorway import ANN, BOB, FRAME, POLICY, STRANGER, Doorway

from kiosk.domain.access.factors import Factor
from kiosk.domain.access.machine import (
    Acquiring,
    Answered,
    Asking,
    Claimed,
    Forget,
    Idle,
    LockedOut,
    OutOfService,
    Overruled,
    Reason,
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


def recognised() -> Doorway:
    doorway = Doorway()
    doorway.see(ANN, times=4)
    assert isinstance(doorway.state, Resolved)
    return doorway


def answered(doorway: Doorway, reason: Reason | None, **more: object) -> Doorway:
    subject = more.pop("subject", ANN_ID)
    doorway.handle(Answered(Instant(doorway.now), reason, subject, **more))  # type: ignore[arg-type]
    return doorway


def asked(factor: Factor = Factor.PIN) -> Doorway:
    doorway = answered(recognised(), Reason.FACTOR_NEEDED, factor=factor)
    assert isinstance(doorway.state, Asking)
    return doorway


def shown(doorway: Doorway) -> Prompt:
    return view_of(doorway.state, doorway.policy).prompt


def forgotten(doorway: Doorway) -> list[Reason]:
    return [effect.reason for effect in doorway.effects if isinstance(effect, Forget)]


# -- rules, door and panel say no ----------------------------------------------------------------


@pytest.mark.parametrize("reason", [Reason.NOT_NOW, Reason.PASSING, Reason.PANEL_DENIED])
def test_a_refusal_of_the_doors_end_takes_the_place_of_the_grant(reason: Reason) -> None:
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


def test_who_waits_for_the_door_to_shut_is_looked_at_again_right_after() -> None:
    doorway = answered(recognised(), Reason.PASSING)
    doorway.see(ANN, times=12)
    assert isinstance(doorway.state, Acquiring)


def test_who_may_not_come_in_now_is_not_asked_again_at_once() -> None:
    doorway = answered(recognised(), Reason.NOT_NOW)
    doorway.see(ANN, times=31)
    assert isinstance(doorway.state, Resolved)
    doorway.see(ANN)
    assert isinstance(doorway.state, Acquiring)


def test_an_answer_that_confirms_what_stands_changes_nothing() -> None:
    doorway = recognised()
    before = doorway.state
    step = answered(doorway, None).steps[-1]
    assert (step.state, step.effects) == (before, ())


def test_an_answer_in_the_midst_of_another_session_changes_nothing() -> None:
    doorway = Doorway()
    doorway.see(BOB)
    before = doorway.state
    for reason in (None, Reason.NOT_NOW, Reason.FACTOR_NEEDED):
        answered(doorway, reason, factor=Factor.PIN)
    assert doorway.state == before


def test_an_answer_lets_nobody_out_of_a_lockout_or_into_service() -> None:
    for state in (LockedOut(until=Instant(5000.0)), OutOfService(faults=frozenset())):
        doorway = Doorway(state=state)
        answered(doorway, None)
        doorway.handle(Claimed(Instant(doorway.now), ANN_ID, Instant(5000.0)))
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


def test_the_right_code_is_a_grant() -> None:
    doorway = answered(asked(), None)
    view = view_of(doorway.state, POLICY)
    assert (view.prompt, view.subject) == (Prompt.GRANTED, ANN_ID)
    assert isinstance(doorway.state, Resolved)
    assert doorway.state.until == doorway.now + POLICY.granted_hold_seconds
    assert doorway.state.retry_at == doorway.now + POLICY.retry_seconds


def test_a_wrong_code_may_be_mended() -> None:
    doorway = answered(asked(), Reason.FACTOR_WRONG)
    view = view_of(doorway.state, POLICY)
    assert (view.prompt, view.tone, view.asks) == (Prompt.CODE_UNKNOWN, Tone.WRONG, Factor.PIN)
    assert forgotten(doorway) == []
    assert shown(answered(doorway, None)) is Prompt.GRANTED


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
    doorway = Doorway()
    doorway.see(STRANGER, times=8)
    doorway.empty(5.0)
    doorway.see(ANN, times=4)
    answered(doorway, Reason.FACTOR_NEEDED, factor=Factor.PIN)
    answered(doorway, Reason.FACTOR_WRONG)
    assert isinstance(doorway.state, Asking)
    answered(doorway, Reason.FACTOR_WRONG)
    assert isinstance(doorway.state, LockedOut)


def test_wrong_codes_grow_old() -> None:
    doorway = Doorway(policy=replace(POLICY, failure_window_seconds=1.0))
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
    doorway.see(ANN)
    assert shown(doorway) is Prompt.CODE_MISSING
    assert forgotten(doorway) == [Reason.FACTOR_MISSING]
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


@pytest.mark.parametrize("more", [{"subject": None, "factor": Factor.PIN}, {"factor": None}])
def test_an_asking_that_names_nobody_or_nothing_asks_nobody(more: dict[str, object]) -> None:
    doorway = recognised()
    before = doorway.state
    answered(doorway, Reason.FACTOR_NEEDED, **more)
    assert doorway.state == before


def test_a_rule_that_changes_while_somebody_is_asked() -> None:
    doorway = answered(asked(), Reason.NOT_NOW)
    assert shown(doorway) is Prompt.NOT_NOW


def test_a_fault_ends_the_asking() -> None:
    doorway = asked()
    doorway.breaks()
    assert isinstance(doorway.state, OutOfService)
    assert forgotten(doorway) == [Reason.FAULT]


def test_refusals_of_before_outlive_an_answer() -> None:
    doorway = answered(answered(asked(), Reason.FACTOR_WRONG), None)
    assert isinstance(doorway.state, Resolved)
    assert len(doorway.state.failures.at) == 1


def test_refusals_of_before_outlive_the_asking() -> None:
    doorway = asked()
    answered(doorway, Reason.FACTOR_WRONG)
    doorway.see(times=GONE)
    assert isinstance(doorway.state, Idle)
    assert len(doorway.state.failures.at) == 1


# -- a badge alone, while faces are not decided on -----------------------------------------------


def paused() -> Doorway:
    return Doorway(policy=replace(POLICY, hold=Hold.PAUSED))


@pytest.mark.parametrize(
    ("hold", "prompt"),
    [(Hold.PAUSED, Prompt.FACE_PAUSED), (Hold.LOCKED_DOWN, Prompt.DOOR_CLOSED)],
)
def test_no_face_is_decided_on_while_an_operator_holds(hold: Hold, prompt: Prompt) -> None:
    """R81."""
    doorway = Doorway(policy=replace(POLICY, hold=hold))
    doorway.see(ANN, times=40)
    assert isinstance(doorway.state, Idle)
    assert doorway.releases == []
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
    assert doorway.releases == []


def test_somebody_with_a_badge_goes_on_coming_in_while_faces_are_paused() -> None:
    doorway = answered(paused(), Reason.FACTOR_NEEDED, factor=Factor.PIN)
    doorway.see(BOB, times=GONE)
    assert shown(doorway) is Prompt.ENTER_PIN
    answered(doorway, None)
    assert shown(doorway) is Prompt.GRANTED
    doorway.empty(3.0)
    assert shown(doorway) is Prompt.FACE_PAUSED


def test_a_badge_that_is_refused_says_why() -> None:
    doorway = answered(paused(), Reason.NOT_HERE, subject=None)
    assert shown(doorway) is Prompt.NOT_HERE


# -- verification, 1:1 ---------------------------------------------------------------------------


def claimed(doorway: Doorway, subject: SubjectId, seconds: float = 10.0) -> Doorway:
    doorway.handle(Claimed(Instant(doorway.now), subject, Instant(doorway.now + seconds)))
    return doorway


def test_a_twin_gets_in_with_their_own_badge() -> None:
    """R22: ambiguous in a search of all, clear beside their own badge."""
    without = Doorway()
    without.see(TWIN, times=8)
    assert without.releases == []
    doorway = claimed(Doorway(), ANN_ID)
    doorway.see(TWIN, times=4)
    assert [d.subject for d in doorway.decisions] == [ANN_ID]


def test_the_other_twin_gets_in_with_theirs() -> None:
    doorway = claimed(Doorway(), SubjectId("zoe"))
    doorway.see(TWIN, times=4)
    assert [d.subject for d in doorway.decisions] == ["zoe"]


def test_a_face_that_is_clearly_anothers_does_not_open_with_a_found_badge() -> None:
    doorway = claimed(Doorway(), SubjectId("zoe"))
    doorway.see(ANN.but(rival=0.75), times=8)
    assert doorway.releases == []
    assert doorway.reasons == [Reason.NOT_RECOGNISED]


def test_a_badge_of_somebody_who_does_not_resemble_the_face() -> None:
    doorway = claimed(Doorway(), BOB_ID)
    doorway.see(ANN, times=8)
    assert doorway.releases == []


def test_a_badge_does_not_lower_the_threshold() -> None:
    doorway = claimed(Doorway(), ANN_ID)
    doorway.see(ANN.but(score=0.59), times=8)
    assert doorway.releases == []


def test_a_badge_does_not_lend_life() -> None:
    doorway = claimed(Doorway(), ANN_ID)
    doorway.see(ANN.but(pad=0.0), times=8)
    assert doorway.releases == []


def test_a_claim_grows_old() -> None:
    doorway = claimed(Doorway(), ANN_ID, seconds=1.0)
    doorway.empty(1.125)
    doorway.see(TWIN, times=8)
    assert doorway.reasons == [Reason.AMBIGUOUS]


def test_a_claim_grows_old_in_the_midst_of_a_session() -> None:
    doorway = claimed(Doorway(), ANN_ID, seconds=0.375)
    doorway.see(TWIN, times=4)
    assert doorway.releases == []


def test_a_claim_in_the_midst_of_a_session_begins_the_evidence_anew() -> None:
    doorway = Doorway()
    doorway.see(TWIN, times=3)
    claimed(doorway, ANN_ID)
    doorway.see(TWIN, times=3)
    assert doorway.releases == []
    doorway.see(TWIN)
    assert len(doorway.releases) == 1


def test_evidence_of_before_a_badge_does_not_count_beside_it() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=3)
    claimed(doorway, ANN_ID)
    doorway.see(ANN)
    assert doorway.releases == []


def test_a_claim_is_spent_with_its_session() -> None:
    doorway = claimed(Doorway(), ANN_ID, seconds=60.0)
    doorway.see(TWIN, times=4)
    doorway.empty(5.0)
    doorway.see(TWIN.but(track=9), times=8)
    assert len(doorway.releases) == 1


# -- an operator says no -------------------------------------------------------------------------


def test_an_operator_denies_whoever_is_looked_at() -> None:
    """R81."""
    doorway = Doorway()
    doorway.see(ANN, times=3)
    doorway.handle(Overruled(Instant(doorway.now)))
    assert doorway.reasons == [Reason.OPERATOR_DENIED]
    doorway.see(ANN, times=8)
    assert doorway.releases == []
    assert shown(doorway) is Prompt.ASK_FOR_HELP


def test_an_operator_denies_whoever_was_just_let_in() -> None:
    doorway = recognised()
    doorway.handle(Overruled(Instant(doorway.now)))
    assert shown(doorway) is Prompt.ASK_FOR_HELP


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
