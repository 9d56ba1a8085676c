"""People at the door, one after the other."""

from __future__ import annotations

import pytest
from door_machine import POLL, RULES, Door, door

from kiosk.domain.access.states import Reason
from kiosk.domain.door.machine import order_for
from kiosk.domain.door.model import (
    Alarm,
    By,
    Condition,
    OperatorCommand,
    OrderRelease,
    PassageRules,
)
from kiosk.domain.door.protocol import DoorReading, Leaf
from kiosk.domain.door.status import passing
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.frame import Instant

# -- one person ----------------------------------------------------------------------------------


def test_somebody_walks_in() -> None:
    d = door()
    assert d.condition is Condition.SECURED
    assert d.grant() is None
    assert (d.unlocked, d.condition, d.entries) == (True, Condition.RELEASED, 0)
    d.wait(1.0)
    d.opens()
    assert (d.condition, d.entries) == (Condition.PASSING, 1)
    d.wait(1.0)
    d.shuts()
    assert (d.unlocked, d.condition) == (False, Condition.SECURED)
    assert (d.releases, d.secures, d.entries) == ([By.GRANT], 1, 1)
    assert d.noted(Alarm.FORCED) == d.noted(Alarm.STUCK) == []


def test_somebody_who_changes_their_mind() -> None:
    """The release ends in the device; nothing needs to be ordered, and nobody has entered."""
    d = door()
    d.grant()
    d.wait(4.75)
    assert d.condition is Condition.RELEASED
    d.wait(POLL)
    assert d.condition is Condition.SECURED
    assert (d.secures, d.entries) == (0, 0)


def test_tailgater() -> None:
    """A second grant while the first person passes opens nothing and lengthens nothing."""
    d = door()
    d.grant()
    d.wait(2.0)
    assert d.grant() is Reason.PASSING
    d.opens()
    assert d.grant() is Reason.PASSING
    d.wait(4.0)
    assert not d.unlocked
    assert d.grant() is Reason.PASSING
    d.shuts()
    assert d.grant() is None
    assert d.releases == [By.GRANT, By.GRANT]


def test_somebody_who_pulls_at_the_door_as_it_shuts() -> None:
    """The release went with the one whom it let in."""
    d = door()
    d.grant(20.0)
    d.wait(1.0)
    d.opens()
    d.wait(1.0)
    d.shuts()
    d.now += POLL
    d.opens()
    assert d.condition is Condition.FORCED


def test_the_next_person_at_a_door_without_a_contact() -> None:
    d = door()
    d.look(leaf=Leaf.UNSEEN)
    assert d.grant() is None
    assert d.entries == 1
    d.wait(4.75)
    assert d.grant() is Reason.PASSING
    d.wait(POLL)
    assert d.grant() is None
    assert d.entries == 2


def test_somebody_let_in_before_the_door_was_heard_counts_as_entered() -> None:
    d = Door()
    assert d.grant() is None
    assert d.entries == 1


def test_somebody_who_comes_back_for_their_bag_enters_once() -> None:
    d = door(relock_on_close=False)
    d.grant()
    for _ in range(2):
        d.opens()
        d.shuts()
    assert d.entries == 1
    assert d.noted(Alarm.FORCED) == []


def test_a_door_that_need_not_relock_lets_the_next_one_in_when_it_has_shut() -> None:
    d = door(relock_on_close=False)
    d.grant()
    d.opens()
    d.wait(1.0)
    d.shuts()
    assert d.unlocked
    assert d.grant() is None
    d.opens()
    assert d.entries == 2
    assert d.noted(Alarm.FORCED) == []


def test_wheelchair_user() -> None:
    """R92: longer, and the door operator is pulsed; the wait before the alarm is longer too."""
    person = PersonRules(needs_longer=True, credential=7)
    order = order_for(person, Instant(3.0), RULES)
    assert (order.seconds, order.push_seconds, order.captured_at) == (15.0, 1.0, 3.0)
    assert order.credential == 7
    d = door()
    d.grant(order.seconds)
    d.wait(1.0)
    d.opens()
    d.wait(14.0 + 9.75)
    assert d.condition is Condition.PASSING
    d.shuts()
    assert d.noted(Alarm.HELD_OPEN_WARNING) == []


def test_anybody_else_is_not_pushed() -> None:
    order = order_for(PersonRules(credential=8), Instant(3.0), RULES)
    assert (order.seconds, order.push_seconds, order.captured_at) == (5.0, 0.0, 3.0)
    assert order.credential == 8


# -- doors that stay open, and doors that are forced ---------------------------------------------


def test_propped_door() -> None:
    d = door()
    d.grant()
    d.opens()
    d.wait(5.0 + 9.75)
    assert d.condition is Condition.PASSING
    d.wait(POLL)
    assert d.condition is Condition.HELD_OPEN_WARNING
    d.wait(9.75)
    assert d.condition is Condition.HELD_OPEN_WARNING
    d.wait(POLL)
    assert d.condition is Condition.HELD_OPEN
    d.shuts()
    assert d.condition is Condition.SECURED
    assert d.noted(Alarm.HELD_OPEN) == d.noted(Alarm.HELD_OPEN_WARNING) == [True, False]


def test_a_door_that_stood_open_when_the_kiosk_started() -> None:
    """Nobody saw it forced; somebody has to shut it all the same."""
    d = Door(inputs=DoorReading(leaf=Leaf.OPEN))
    d.wait(POLL)
    assert d.condition is Condition.PASSING
    d.wait(20.0)
    assert d.condition is Condition.HELD_OPEN
    assert d.noted(Alarm.FORCED) == []


def test_burglar() -> None:
    d = door()
    d.wait(1.0)
    d.opens()
    assert d.condition is Condition.FORCED
    assert d.grant() is Reason.PASSING
    d.wait(30.0)
    assert d.condition is Condition.FORCED
    d.shuts()
    assert d.condition is Condition.SECURED
    assert d.noted(Alarm.FORCED) == [True, False]


def test_somebody_who_opens_just_before_the_end_and_is_seen_just_after() -> None:
    d = door()
    d.grant()
    d.wait(4.75)
    d.now += 2 * POLL
    d.opens()
    assert d.noted(Alarm.FORCED) == []
    assert d.entries == 1


def test_somebody_who_opens_just_after_the_end() -> None:
    d = door()
    d.grant()
    d.wait(5.0)
    d.now += POLL
    d.opens()
    assert d.noted(Alarm.FORCED) == [True]
    assert d.entries == 0


def test_a_hand_on_the_tamper_switch() -> None:
    d = door()
    d.look(tampered=True)
    assert d.condition is Condition.TAMPERED
    d.look(tampered=False)
    assert d.noted(Alarm.TAMPERED) == [True, False]


# -- leaving -------------------------------------------------------------------------------------


def test_somebody_leaves_by_a_handle_and_a_sensor() -> None:
    """The exit sensor takes the alarm away for a while; it orders nothing."""
    d = door()
    d.look(exit_asked=True)
    d.wait(1.0)
    d.look(exit_asked=False)
    d.wait(5.75)
    d.opens()
    assert d.condition is Condition.PASSING
    d.wait(2.0)
    d.shuts()
    d.wait(POLL)
    d.opens()
    assert d.condition is Condition.FORCED
    assert d.noted(Alarm.EXIT) == [True, False]
    assert (d.releases, d.secures) == ([], 0)


def test_whoever_has_left_has_no_right_to_leave_again() -> None:
    d = door()
    d.look(exit_asked=True)
    d.look(exit_asked=False)
    d.wait(1.0)
    d.opens()
    d.wait(1.0)
    d.shuts()
    d.wait(1.0)
    d.opens()
    assert d.condition is Condition.FORCED


def test_a_door_that_opens_long_after_the_exit_button() -> None:
    d = door()
    d.look(exit_asked=True)
    d.look(exit_asked=False)
    d.wait(6.0)
    d.opens()
    assert d.condition is Condition.FORCED


def test_somebody_opens_and_is_seen_by_the_sensor_at_once() -> None:
    d = door()
    d.wait(1.0)
    d.look(exit_asked=True, leaf=Leaf.OPEN)
    assert d.condition is Condition.PASSING


def test_somebody_leaves_by_a_button_that_releases() -> None:
    d = door(exit_releases=True)
    d.look(exit_asked=True)
    assert (d.unlocked, d.releases) == (True, [By.EXIT])
    d.look(exit_asked=False)
    assert d.grant() is Reason.PASSING
    d.wait(1.0)
    d.opens()
    d.shuts()
    assert not d.unlocked
    assert d.entries == 0


def test_somebody_leans_on_the_exit_button() -> None:
    d = door(exit_releases=True)
    d.look(exit_asked=True)
    for _ in range(40):
        d.wait(POLL)
        assert d.unlocked
    assert len(d.releases) == 1 + 4
    d.opens()
    d.shuts()
    assert d.unlocked


def test_the_exit_button_does_not_shorten_what_another_has() -> None:
    d = door(exit_releases=True)
    d.operator(30.0)
    d.look(exit_asked=True)
    d.look(exit_asked=False)
    d.wait(20.0)
    assert d.unlocked
    assert d.releases == [By.OPERATOR]


# -- operators -----------------------------------------------------------------------------------


def test_an_operator_may_let_in_a_second_person() -> None:
    d = door()
    d.grant()
    d.opens()
    d.wait(4.0)
    assert d.operator() is None
    d.wait(4.75)
    assert d.unlocked
    assert d.entries == 1


def test_lockdown() -> None:
    d = door()
    d.grant(30.0)
    d.command(OperatorCommand.LOCK_DOWN)
    assert (d.unlocked, d.condition) == (False, Condition.LOCKED_DOWN)
    d.wait(1.0)
    assert d.grant() is Reason.LOCKED_DOWN
    d.command(OperatorCommand.LIFT)
    assert d.grant() is None
    assert d.noted(Alarm.LOCKED_DOWN) == [True, False]


def test_an_installer_overrules_nothing() -> None:
    d = door()
    d.command(OperatorCommand.LOCK_DOWN)
    assert d.installer() is Reason.LOCKED_DOWN
    d.command(OperatorCommand.LIFT)
    assert d.installer() is None
    assert (d.releases, d.entries) == ([By.INSTALLER], 0)
    d.opens()
    assert d.installer() is Reason.PASSING
    assert d.entries == 0


@pytest.mark.parametrize("by", [By.GRANT, By.OPERATOR, By.INSTALLER])
def test_what_is_declined_to_somebody_holds_back_no_schedule(by: By) -> None:
    d = door()
    d.declines = True
    d.grant(by=by)
    d.declines = False
    d.schedule(free=True)
    assert d.condition is Condition.UNLOCKED


def test_an_operator_lets_somebody_into_a_lockdown() -> None:
    d = door()
    d.command(OperatorCommand.LOCK_DOWN)
    assert d.operator() is None
    assert (d.unlocked, d.condition) == (True, Condition.RELEASED)
    d.wait(6.0)
    assert d.condition is Condition.LOCKED_DOWN
    assert d.grant() is Reason.LOCKED_DOWN


def test_a_lockdown_ends_what_an_operator_began_before_it() -> None:
    d = door()
    d.operator(30.0)
    d.command(OperatorCommand.LOCK_DOWN)
    assert not d.unlocked


def test_leaving_during_a_lockdown() -> None:
    d = door(exit_releases=True)
    d.look(exit_asked=True)
    d.command(OperatorCommand.LOCK_DOWN)
    assert d.unlocked
    d.wait(10.0)
    assert d.unlocked
    d.look(exit_asked=False)
    d.wait(5.0)
    assert not d.unlocked
    d.look(exit_asked=True)
    assert d.unlocked
    d.opens()
    assert d.noted(Alarm.FORCED) == []


def test_a_lockdown_leaves_the_door_to_whoever_has_just_pressed_the_button() -> None:
    d = door(exit_releases=True)
    d.look(exit_asked=True)
    d.look(exit_asked=False)
    d.command(OperatorCommand.LOCK_DOWN)
    assert d.unlocked
    assert d.secures == 0


def test_secured_by_an_operator() -> None:
    d = door()
    d.grant(30.0)
    d.command(OperatorCommand.SECURE)
    assert (d.unlocked, d.condition) == (False, Condition.SECURED)
    assert d.grant() is None


# -- schedules -----------------------------------------------------------------------------------


def test_a_free_door() -> None:
    """Releases of 8 s, renewed at half their time, so that the device's own timer bounds each."""
    d = door()
    d.schedule(free=True)
    assert d.condition is Condition.UNLOCKED
    d.wait(39.75)
    assert d.unlocked
    assert len(d.releases) == 1 + 9
    d.schedule(free=False)
    assert (d.unlocked, d.condition) == (False, Condition.SECURED)
    assert d.noted(Alarm.UNLOCKED) == [True, False]


def test_a_lobby() -> None:
    """Through a free door all may pass, known or not, and nothing is held open."""
    d = door()
    d.schedule(free=True)
    d.opens()
    d.wait(60.0)
    assert d.condition is Condition.UNLOCKED
    assert passing(d.state) is False
    assert d.grant() is None
    assert d.entries == 1
    d.shuts()
    assert d.unlocked
    d.wait(20.0)
    assert d.unlocked
    assert d.secures == 0
    assert d.noted(Alarm.HELD_OPEN_WARNING) == []


def test_a_free_door_that_stays_open_after_hours() -> None:
    d = door()
    d.schedule(free=True)
    d.opens()
    d.wait(30.0)
    d.schedule(free=False)
    d.wait(9.75)
    assert d.condition is Condition.PASSING
    d.wait(POLL)
    assert d.condition is Condition.HELD_OPEN_WARNING


def test_a_lockdown_of_a_free_door() -> None:
    d = door()
    d.schedule(free=True)
    d.command(OperatorCommand.LOCK_DOWN)
    d.wait(20.0)
    assert not d.unlocked
    d.command(OperatorCommand.LIFT)
    assert d.condition is Condition.UNLOCKED
    assert d.noted(Alarm.UNLOCKED) == [True, False, True]


def test_a_free_door_that_an_operator_secures_stays_so_until_the_schedule_changes() -> None:
    d = door()
    d.schedule(free=True)
    d.command(OperatorCommand.SECURE)
    d.schedule(free=True)
    d.wait(20.0)
    assert not d.unlocked
    d.schedule(free=False)
    d.schedule(free=True)
    assert d.unlocked


def test_an_operator_gives_a_secured_door_back_to_its_schedule() -> None:
    d = door()
    d.schedule(free=True)
    d.command(OperatorCommand.SECURE)
    d.command(OperatorCommand.LIFT)
    assert d.condition is Condition.UNLOCKED


def test_a_door_that_was_secured_before_its_hours_is_free_when_they_begin() -> None:
    d = door()
    d.command(OperatorCommand.SECURE)
    d.schedule(free=True)
    assert d.unlocked


# -- fire ----------------------------------------------------------------------------------------


def test_fire() -> None:
    d = door(fire_releases=True)
    d.command(OperatorCommand.LOCK_DOWN)
    d.look(fire=True)
    assert (d.unlocked, d.condition) == (True, Condition.FIRE)
    d.wait(1.0)
    d.opens()
    d.wait(60.0)
    assert d.unlocked
    assert d.noted(Alarm.FORCED) == d.noted(Alarm.HELD_OPEN) == []
    d.look(fire=False)
    assert not d.unlocked
    d.shuts()
    assert d.condition is Condition.LOCKED_DOWN
    assert d.noted(Alarm.FIRE) == [True, False]


def test_fire_is_stronger_than_an_operator() -> None:
    d = door(fire_releases=True)
    d.look(fire=True)
    before = d.secures
    for command in OperatorCommand:
        d.command(command)
        assert d.unlocked
    assert d.secures == before


def test_a_lockdown_does_not_order_again_what_fire_has_released() -> None:
    d = door(fire_releases=True)
    d.look(fire=True)
    d.command(OperatorCommand.LOCK_DOWN)
    assert d.releases == [By.FIRE]


def test_whoever_flees_forces_nothing_even_if_the_lock_does_not_obey() -> None:
    d = door(fire_releases=True)
    d.declines = True
    d.look(fire=True)
    d.wait(1.0)
    d.opens()
    assert d.noted(Alarm.FORCED) == []


def test_fire_comes_back_at_once_when_the_wire_does() -> None:
    d = door(fire_releases=True)
    d.look(fire=True)
    d.cut = True
    d.wait(20.0)
    before = d.secures
    d.cut = False
    d.wait(1.0)
    assert d.unlocked
    assert d.secures == before


def test_a_fire_alarm_is_no_way_into_a_door_that_is_not_said_to_fail_safe() -> None:
    d = door()
    d.look(fire=True)
    assert (d.unlocked, d.condition) == (False, Condition.SECURED)
    d.wait(1.0)
    d.opens()
    assert d.condition is Condition.FORCED


def test_fire_in_a_free_door_ends_to_a_free_door() -> None:
    d = door(fire_releases=True)
    d.schedule(free=True)
    d.look(fire=True)
    d.wait(10.0)
    d.look(fire=False)
    assert d.condition is Condition.RELEASED
    d.wait(5.0)
    assert d.condition is Condition.UNLOCKED
    d.schedule(free=False)
    assert not d.unlocked


# -- interlock -----------------------------------------------------------------------------------


@pytest.mark.parametrize("neighbour", [None, False])
def test_the_other_door_of_an_interlock_is_not_secured(neighbour: bool | None) -> None:  # noqa: FBT001 - a contact's reading
    d = door(interlock=True, exit_releases=True, fire_releases=True)
    d.look(neighbour_secured=neighbour)
    d.schedule(free=True)
    assert d.grant() is Reason.INTERLOCKED
    assert d.operator() is Reason.INTERLOCKED
    assert not d.unlocked
    d.look(exit_asked=True)
    assert d.unlocked


def test_the_other_door_of_an_interlock_is_secured() -> None:
    d = door(interlock=True)
    d.look(neighbour_secured=True)
    assert d.grant() is None
    d.opens()
    d.shuts()
    d.schedule(free=True)
    assert d.unlocked


def test_an_interlock_of_which_nothing_was_heard_lately() -> None:
    d = door(interlock=True)
    d.look(neighbour_secured=True)
    d.deaf = True
    d.wait(1.75)
    assert d.grant() is None
    d.command(OperatorCommand.SECURE)
    d.wait(POLL)
    assert d.grant() is Reason.INTERLOCKED


def test_a_kiosk_that_has_heard_nothing_of_an_interlock() -> None:
    assert Door(rules=door(interlock=True).rules).grant() is Reason.INTERLOCKED


def test_two_doors_that_were_released_at_once_give_way() -> None:
    d = door(interlock=True)
    d.look(neighbour_secured=True)
    d.grant()
    d.look(neighbour_secured=False)
    assert not d.unlocked


def test_a_door_that_somebody_passes_through_does_not_give_way() -> None:
    d = door(interlock=True)
    d.look(neighbour_secured=True)
    d.grant()
    d.opens()
    d.look(neighbour_secured=False)
    assert d.unlocked


def test_whoever_flees_does_not_give_way() -> None:
    d = door(interlock=True, fire_releases=True)
    d.look(neighbour_secured=False, fire=True)
    d.wait(1.0)
    assert d.unlocked
    assert d.releases == [By.FIRE]


def test_whoever_leaves_does_not_give_way() -> None:
    d = door(interlock=True, exit_releases=True)
    d.look(neighbour_secured=True, exit_asked=True)
    d.look(neighbour_secured=False, exit_asked=False)
    assert d.unlocked


# -- a door for which nobody set anything --------------------------------------------------------

USUAL = PassageRules()


def test_usually_somebody_has_5_s_and_whoever_needs_longer_15_s_and_no_push() -> None:
    """A push is only for a door with an operator."""
    assert order_for(PersonRules(), Instant(3.0), USUAL).seconds == 5.0
    longer = order_for(PersonRules(needs_longer=True), Instant(3.0), USUAL)
    assert (longer.seconds, longer.push_seconds) == (15.0, 0.0)


def test_usually_a_free_door_is_renewed_at_half_of_20_s_and_pushes_nobody() -> None:
    d = door(USUAL)
    d.schedule(free=True)
    d.wait(9.75)
    assert d.releases == [By.SCHEDULE]
    d.wait(POLL)
    orders = [effect.order for effect in d.history if isinstance(effect, OrderRelease)]
    assert [(order.seconds, order.push_seconds) for order in orders] == [(20.0, 0.0)] * 2


def test_usually_a_door_may_stand_open_for_20_s_and_is_held_open_after_30_s() -> None:
    d = door(USUAL)
    d.grant()
    d.opens()
    for seconds, then in (
        (5.0 + 19.75, Condition.PASSING),
        (POLL, Condition.HELD_OPEN_WARNING),
        (9.75, Condition.HELD_OPEN_WARNING),
        (POLL, Condition.HELD_OPEN),
    ):
        d.wait(seconds)
        assert d.condition is then


@pytest.mark.parametrize(("seconds", "then"), [(9.75, Condition.PASSING), (10.0, Condition.FORCED)])
def test_usually_the_exit_button_lets_somebody_open_for_10_s(
    seconds: float, then: Condition
) -> None:
    d = door(USUAL)
    d.look(exit_asked=True)
    d.look(exit_asked=False)
    d.wait(seconds)
    d.opens()
    assert d.condition is then


def test_usually_a_door_is_heard_five_times_a_second_and_unknown_after_2_s() -> None:
    assert USUAL.poll_seconds == 0.2
    d = door(USUAL)
    d.cut = True
    d.wait(1.75)
    assert d.condition is Condition.SECURED
    d.wait(POLL)
    assert d.condition is Condition.UNKNOWN


def test_usually_a_relay_is_stuck_after_2_s() -> None:
    d = door(USUAL)
    d.stuck = True
    d.look()
    d.wait(1.75)
    assert d.noted(Alarm.STUCK) == []
    d.wait(POLL)
    assert d.condition is Condition.STUCK
