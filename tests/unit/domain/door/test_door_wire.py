"""A door's wire that is cut, slow or lying: nothing counts that the door did not answer."""

from __future__ import annotations

import pytest
from door_machine import POLL, RULES, Door, door

from kiosk.domain.access.states import Reason
from kiosk.domain.door.machine import advance_door, begin
from kiosk.domain.door.model import (
    Alarm,
    By,
    Condition,
    Declined,
    DoorTicked,
    Heard,
    Lost,
    Note,
    Obeyed,
    OperatorCommand,
    OrderRelease,
    OrderSecure,
    Refuse,
    ReleaseWanted,
    Secured,
    Suspected,
)
from kiosk.domain.door.protocol import DoorReading, Leaf, Lock, ReleaseOrder
from kiosk.domain.door.status import condition
from kiosk.domain.vision.frame import Instant

NAN = Instant(float("nan"))
INFINITY = Instant(float("inf"))


# -- beginning -----------------------------------------------------------------------------------


def test_the_first_order_is_to_secure() -> None:
    step = advance_door(begin(Instant(1.0)), DoorTicked(Instant(1.0)), RULES)
    assert step.effects == (OrderSecure(),)
    assert condition(step.state, Instant(1.0), RULES) is Condition.UNKNOWN


def test_a_door_that_is_never_heard_of() -> None:
    d = Door(deaf=True)
    d.wait(1.75)
    assert d.noted(Alarm.UNKNOWN) == []
    assert d.condition is Condition.UNKNOWN
    d.wait(POLL)
    assert d.noted(Alarm.UNKNOWN) == [True]
    assert d.secures == 2


def test_a_schedule_waits_until_the_door_was_heard() -> None:
    d = Door(deaf=True)
    d.schedule(free=True)
    assert d.releases == []
    d.look()
    assert d.releases == [By.SCHEDULE]


# -- an order without an answer ------------------------------------------------------------------


def test_a_release_without_an_answer_counts_as_none_and_is_secured() -> None:
    d = door()
    d.cut = True
    d.grant()
    assert d.condition is Condition.UNKNOWN
    assert d.grant() is None
    d.cut = False
    d.wait(0.25)
    assert (d.secures, d.condition) == (0, Condition.UNKNOWN)
    d.wait(0.25)
    assert (d.secures, d.condition) == (1, Condition.SECURED)
    assert d.noted(Alarm.UNKNOWN) == [True, False]
    assert d.releases == [By.GRANT, By.GRANT]
    assert d.entries == 0


def test_whoever_opens_after_it_forces_nothing_until_the_door_is_secured() -> None:
    d = door()
    d.cut = True
    d.grant()
    d.now += 1.0
    d.opens()
    assert d.noted(Alarm.FORCED) == []
    assert d.entries == 0


def test_once_the_door_is_secured_the_doubt_is_over() -> None:
    d = door()
    d.cut = True
    d.grant()
    d.cut = False
    d.wait(1.0)
    d.opens()
    assert d.condition is Condition.FORCED


def test_the_doubt_lasts_as_long_as_the_order() -> None:
    d = door()
    d.cut = True
    d.grant(3.0)
    d.cut = False
    d.state = advance_door(d.state, Heard(Instant(d.now + 3.0), d.inputs), RULES).state
    d.now += 3.5
    d.opens()
    assert d.condition is Condition.FORCED


def test_whoever_passed_in_doubt_has_passed() -> None:
    d = door()
    d.cut = True
    d.grant()
    d.opens()
    d.shuts()
    d.now += 0.25
    d.opens()
    assert d.condition is Condition.FORCED


def test_whoever_follows_through_a_lock_that_did_not_obey_has_forced_it() -> None:
    d = door()
    d.grant(20.0)
    d.opens()
    d.cut = True
    d.shuts()
    d.now += POLL
    d.opens()
    assert d.condition is Condition.FORCED


def test_a_failed_order_to_secure_is_given_again_twice_a_second() -> None:
    d = door()
    d.grant(30.0)
    d.cut = True
    d.command(OperatorCommand.LOCK_DOWN)
    d.wait(1.0)
    assert d.secures == 3
    d.cut = False
    d.wait(0.5)
    assert (d.secures, d.unlocked) == (4, False)
    d.wait(5.0)
    assert d.secures == 4


def test_an_operator_does_not_wait_for_the_next_try() -> None:
    d = door()
    d.cut = True
    d.grant()
    d.cut = False
    d.command(OperatorCommand.SECURE)
    assert d.secures == 1


def test_a_renewal_that_fails_is_secured_and_begun_again() -> None:
    d = door()
    d.schedule(free=True)
    d.wait(3.75)
    d.cut = True
    d.wait(0.5)
    d.cut = False
    d.wait(1.0)
    assert d.secures == 1
    assert d.unlocked
    assert d.noted(Alarm.UNLOCKED) == [True]


def test_what_stands_and_is_declined_is_tried_twice_a_second() -> None:
    d = door()
    d.declines = True
    d.schedule(free=True)
    assert (d.condition, len(d.releases)) == (Condition.SECURED, 1)
    d.wait(1.0)
    assert len(d.releases) == 3
    d.declines = False
    d.wait(0.5)
    assert d.condition is Condition.UNLOCKED


def test_a_panel_that_says_no() -> None:
    d = door()
    d.declines = True
    d.grant()
    assert (d.condition, d.secures) == (Condition.SECURED, 0)
    d.declines = False
    d.schedule(free=True)
    assert d.condition is Condition.UNLOCKED


def test_a_declined_order_does_not_forget_that_the_door_was_to_be_secured() -> None:
    d = door()
    d.cut = True
    d.command(OperatorCommand.SECURE)
    d.cut, d.declines = False, True
    d.grant()
    d.wait(0.5)
    assert d.secures == 2


def test_an_obeyed_order_stands_for_what_was_owed_before() -> None:
    d = door()
    d.cut = True
    d.command(OperatorCommand.SECURE)
    d.cut = False
    d.operator(20.0)
    d.wait(2.0)
    assert d.unlocked


def test_a_lockdown_while_an_order_is_under_way() -> None:
    """The wire answers before anything else may happen; should it not, the lockdown still wins."""
    d = door()
    asked = advance_door(
        d.state,
        ReleaseWanted(Instant(d.now), By.OPERATOR, ReleaseOrder(5.0, Instant(d.now))),
        RULES,
    )
    d.state = asked.state
    assert d.grant() is Reason.PASSING
    assert d.operator() is Reason.PASSING
    d.command(OperatorCommand.LOCK_DOWN)
    assert d.secures == 0
    d.tell(Obeyed(Instant(d.now)))
    assert d.secures == 1
    assert d.condition is Condition.LOCKED_DOWN


def test_an_order_that_is_declined_after_a_lockdown_leaves_the_door_to_be_secured() -> None:
    d = door()
    order = ReleaseOrder(5.0, Instant(d.now))
    d.state = advance_door(d.state, ReleaseWanted(Instant(d.now), By.GRANT, order), RULES).state
    d.command(OperatorCommand.LOCK_DOWN)
    d.tell(Declined(Instant(d.now)))
    assert d.secures == 1


def test_fire_does_not_wait_once_the_wire_has_answered_again() -> None:
    d = door(fire_releases=True)
    d.cut = True
    d.command(OperatorCommand.SECURE)
    d.cut = False
    d.operator(1.0)
    d.look(fire=True)
    assert d.releases == [By.OPERATOR, By.FIRE]


def test_a_grant_that_is_obeyed_in_a_lockdown_ends_at_once() -> None:
    d = door()
    order = ReleaseOrder(5.0, Instant(d.now))
    d.state = advance_door(d.state, ReleaseWanted(Instant(d.now), By.GRANT, order), RULES).state
    d.command(OperatorCommand.LOCK_DOWN)
    d.command(OperatorCommand.LIFT)
    d.tell(Secured(Instant(d.now)))
    d.command(OperatorCommand.LOCK_DOWN)
    d.tell(Obeyed(Instant(d.now)))
    assert d.condition is Condition.LOCKED_DOWN


@pytest.mark.parametrize("answer", [Obeyed, Declined])
def test_an_answer_to_nothing(answer: type[Obeyed | Declined]) -> None:
    d = door()
    before = d.state
    d.tell(answer(Instant(d.now)))
    assert d.state == before


def test_a_door_that_could_not_be_secured_is_not_said_to_be() -> None:
    d = door()
    d.grant(30.0)
    d.wait(POLL)
    d.cut = True
    d.command(OperatorCommand.SECURE)
    assert d.condition is Condition.UNKNOWN


def test_a_release_that_is_obeyed_ends_the_doubt_about_the_one_before() -> None:
    d = door()
    d.cut = True
    d.grant()
    d.cut = False
    d.grant()
    assert d.condition is Condition.RELEASED


def test_somebody_doubts_the_door() -> None:
    d = door()
    d.grant(30.0)
    d.cut = True
    d.command(OperatorCommand.SECURE)
    d.cut = False
    d.tell(Suspected(Instant(d.now)))
    assert (d.secures, d.unlocked, d.condition) == (2, False, Condition.SECURED)


# -- silence -------------------------------------------------------------------------------------


def test_a_door_that_falls_silent_is_unknown_and_is_secured_when_it_comes_back() -> None:
    d = door()
    d.cut = True
    d.wait(1.75)
    assert d.condition is Condition.SECURED
    d.wait(POLL)
    assert d.condition is Condition.UNKNOWN
    d.wait(10.0)
    d.cut = False
    before = d.secures
    d.wait(1.0)
    assert d.condition is Condition.SECURED
    assert d.secures == before + 1
    assert d.noted(Alarm.UNKNOWN) == [True, False]


def test_a_grant_is_tried_though_nothing_is_heard() -> None:
    d = door()
    d.deaf = True
    d.wait(3.0)
    assert d.condition is Condition.UNKNOWN
    assert d.grant() is None
    assert d.unlocked


def test_a_silent_door_is_secured_once_if_it_obeys() -> None:
    d = door()
    d.deaf = True
    d.wait(10.0)
    assert d.secures == 1
    d.look()
    d.wait(10.0)
    assert d.secures == 2


def test_a_slow_answer_is_no_silence_that_ends_the_release_it_answers() -> None:
    d = door()
    d.deaf = True
    order = ReleaseOrder(5.0, Instant(d.now))
    d.state = advance_door(d.state, ReleaseWanted(Instant(d.now), By.GRANT, order), RULES).state
    d.now += 3.0
    assert d.tell(Obeyed(Instant(d.now))).effects == (Note(Alarm.UNKNOWN, begins=True),)
    d.look()
    assert d.condition is Condition.RELEASED


def test_a_free_door_that_falls_silent_is_secured() -> None:
    d = door()
    d.schedule(free=True)
    d.deaf = True
    d.wait(2.0)
    assert not d.unlocked
    d.deaf = False
    d.wait(1.0)
    assert d.unlocked


def test_an_exit_button_that_was_pressed_when_the_door_fell_silent() -> None:
    d = door(exit_releases=True)
    d.look(exit_asked=True)
    d.deaf = True
    d.wait(10.0)
    assert not d.unlocked


def test_a_burglar_who_cuts_the_wire_first() -> None:
    d = door()
    d.cut = True
    d.wait(5.0)
    d.inputs = DoorReading(leaf=Leaf.OPEN)
    d.cut = False
    d.wait(1.0)
    assert d.noted(Alarm.FORCED) == [True]


def test_somebody_who_was_let_in_while_the_wire_was_cut() -> None:
    d = door()
    d.grant()
    d.cut = True
    d.wait(10.0)
    d.cut = False
    d.opens()
    assert d.noted(Alarm.FORCED) == []
    assert d.entries == 1


# -- a relay that lies ---------------------------------------------------------------------------


def test_a_stuck_relay() -> None:
    """It says released after its time: secured again at once, and an alarm after the grace."""
    d = door()
    d.grant()
    d.stuck = True
    d.wait(5.0)
    assert (d.secures, d.condition) == (1, Condition.RELEASED)
    d.wait(0.75)
    assert d.noted(Alarm.STUCK) == []
    d.wait(POLL)
    assert d.condition is Condition.STUCK
    before = d.secures
    d.wait(1.0)
    assert d.secures == before + 4
    d.stuck = False
    d.wait(POLL)
    assert d.condition is Condition.SECURED
    assert d.noted(Alarm.STUCK) == [True, False]


def test_a_stuck_relay_stays_so_while_somebody_is_let_in() -> None:
    d = door()
    d.stuck = True
    d.wait(2.0)
    d.grant()
    d.wait(1.0)
    assert d.condition is Condition.STUCK
    assert d.noted(Alarm.STUCK) == [True]


def test_a_relay_that_somebody_else_releases_is_secured_at_once() -> None:
    d = door()
    d.unlocked_until = d.now + 60.0
    d.look()
    assert (d.secures, d.unlocked) == (1, False)
    d.look()
    assert d.noted(Alarm.STUCK) == []


def test_whoever_walks_in_behind_a_stuck_relay_has_forced_it() -> None:
    d = door()
    d.stuck = True
    d.wait(1.0)
    d.opens()
    assert d.condition is Condition.FORCED


def test_a_release_that_the_relay_has_ended_is_over() -> None:
    """Only after the grace: what the relay says may be as old as an answer is allowed to be."""
    d = door()
    d.grant(30.0)
    d.unlocked_until = d.now
    d.wait(0.75)
    assert d.condition is Condition.RELEASED
    d.wait(POLL)
    assert d.condition is Condition.SECURED
    assert d.grant() is None


def test_a_relay_under_fire_is_not_wrong() -> None:
    d = door(fire_releases=True, grace_seconds=1.0)
    d.declines = d.stuck = True
    d.look(fire=True)
    d.wait(5.0)
    assert d.secures == 0
    assert d.noted(Alarm.STUCK) == []


def test_a_relay_that_is_being_told_is_not_wrong_yet() -> None:
    d = door()
    order = ReleaseOrder(5.0, Instant(d.now))
    d.state = advance_door(d.state, ReleaseWanted(Instant(d.now), By.GRANT, order), RULES).state
    d.tell(Heard(Instant(d.now), DoorReading(Lock.RELEASED, Leaf.CLOSED)))
    assert d.state.wrong_since is None


# -- time that is none ---------------------------------------------------------------------------


@pytest.mark.parametrize("at", [NAN, INFINITY, Instant(99.0)])
def test_a_time_that_is_none_lets_nobody_in(at: Instant) -> None:
    d = door()
    step = d.tell(ReleaseWanted(at, By.GRANT, ReleaseOrder(5.0, Instant(d.now))))
    assert step.effects == (Refuse(Reason.FAULT),)


@pytest.mark.parametrize("at", [NAN, INFINITY, Instant(0.0)])
def test_a_time_that_is_none_ends_no_wait(at: Instant) -> None:
    d = door()
    d.opens()
    before = d.state
    d.tell(DoorTicked(at))
    assert d.state == before
    step = d.tell(Lost(at))
    assert d.state.now == before.now
    assert step.effects == (Note(Alarm.UNKNOWN, begins=True),)


@pytest.mark.parametrize("at", [NAN, INFINITY, Instant(0.0)])
def test_what_happens_at_no_time_still_happens(at: Instant) -> None:
    d = door()
    d.grant(30.0)
    d.tell(Suspected(at))
    assert (d.secures, d.unlocked) == (1, False)


def test_a_release_of_no_time_is_none() -> None:
    d = door()
    d.grant(float("nan"))
    assert d.condition is Condition.SECURED
    d.now += POLL
    d.opens()
    assert d.condition is Condition.FORCED


def test_a_condition_is_asked_between_two_events() -> None:
    d = door()
    d.grant(1.5)
    until = Instant(d.now + 1.5)
    assert condition(d.state, Instant(until - 0.001), RULES) is Condition.RELEASED
    assert condition(d.state, until, RULES) is Condition.SECURED
    assert condition(d.state, NAN, RULES) is Condition.RELEASED
    later = advance_door(d.state, Heard(until, d.inputs), RULES).state
    assert condition(later, Instant(0.0), RULES) is Condition.SECURED


def test_what_begins_is_written_down_before_the_door_moves() -> None:
    d = door()
    d.schedule(free=True)
    assert d.history[0] == Note(Alarm.UNLOCKED, begins=True)
    assert isinstance(d.history[1], OrderRelease)
