from __future__ import annotations

import pytest
from hand_clock import HandClock

from hardware.sim.door import Happened, SimulatedDoor
from kiosk.domain.door.protocol import DoorRules, Leaf, Lock, ReleaseOrder
from kiosk.domain.errors import DoorRefused, DoorTimeout
from kiosk.domain.vision.frame import Instant

RULES = DoorRules(max_age_seconds=1.0, max_release_seconds=60.0)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def door(clock: HandClock) -> SimulatedDoor:
    return SimulatedDoor(RULES, clock, answer_seconds=0.5, wait=clock.pass_)


def whats(door: SimulatedDoor) -> list[Happened]:
    return [entry.what for entry in door.history]


def test_a_release_ends_by_itself(door: SimulatedDoor, clock: HandClock) -> None:
    door.release(ReleaseOrder(5.0, clock.monotonic()))
    assert door.unlocked
    clock.pass_(4.99)
    assert door.status().lock is Lock.RELEASED
    clock.pass_(0.01)
    assert not door.unlocked
    assert door.status().lock is Lock.SECURED
    assert door.history == ((100.0, Happened.RELEASED), (105.0, Happened.SECURED))


def test_the_history_tells_when_a_release_ended_not_when_somebody_looked(
    door: SimulatedDoor, clock: HandClock
) -> None:
    door.release(ReleaseOrder(5.0, clock.monotonic()))
    clock.pass_(1000.0)
    assert door.history[-1] == (105.0, Happened.SECURED)


@pytest.mark.parametrize("age", [1.01, -0.01, float("nan")], ids=["stale", "future", "nan"])
def test_evidence_of_the_wrong_age_moves_nothing(
    door: SimulatedDoor, clock: HandClock, age: float
) -> None:
    with pytest.raises(DoorRefused):
        door.release(ReleaseOrder(5.0, Instant(clock.at - age)))
    assert not door.unlocked
    assert whats(door) == [Happened.REFUSED]
    assert door.releases == 0


@pytest.mark.parametrize("seconds", [0.0, -1.0, 60.1, float("inf"), float("nan")])
def test_a_release_of_a_time_that_is_not_allowed(
    door: SimulatedDoor, clock: HandClock, seconds: float
) -> None:
    with pytest.raises(DoorRefused):
        door.release(ReleaseOrder(seconds, clock.monotonic()))
    assert not door.unlocked


def test_evidence_grows_stale_on_the_way_to_a_slow_door(clock: HandClock) -> None:
    door = SimulatedDoor(RULES, clock, answer_seconds=2.0, wait=clock.pass_)
    door.answers_after(1.5)
    with pytest.raises(DoorRefused):
        door.release(ReleaseOrder(5.0, clock.monotonic()))
    assert not door.unlocked


def test_a_slow_door_that_answers_in_time(door: SimulatedDoor, clock: HandClock) -> None:
    door.answers_after(0.4)
    door.release(ReleaseOrder(5.0, clock.monotonic()))
    assert door.history == ((100.4, Happened.RELEASED),)


def test_a_door_that_answers_too_late_has_not_moved(door: SimulatedDoor, clock: HandClock) -> None:
    door.answers_after(0.6)
    with pytest.raises(DoorTimeout):
        door.release(ReleaseOrder(5.0, clock.monotonic()))
    assert clock.at == pytest.approx(100.5)
    assert not door.unlocked
    assert whats(door) == [Happened.UNANSWERED]


def test_a_cut_wire_times_out_every_command(door: SimulatedDoor, clock: HandClock) -> None:
    door.cut_wire()
    for command in (
        lambda: door.release(ReleaseOrder(5.0, clock.monotonic())),
        door.secure,
        door.status,
    ):
        with pytest.raises(DoorTimeout):
            command()
    door.mend_wire()
    assert door.status().lock is Lock.SECURED


def test_a_release_ends_though_the_wire_was_cut_in_it(
    door: SimulatedDoor, clock: HandClock
) -> None:
    door.release(ReleaseOrder(5.0, clock.monotonic()))
    door.cut_wire()
    clock.pass_(5.0)
    assert not door.unlocked


def test_secure_ends_a_release(door: SimulatedDoor, clock: HandClock) -> None:
    door.release(ReleaseOrder(5.0, clock.monotonic()))
    clock.pass_(1.0)
    door.secure()
    door.secure()
    assert not door.unlocked
    assert door.history[1:] == ((101.0, Happened.SECURED),)


def test_a_second_release_runs_from_its_own_command(door: SimulatedDoor, clock: HandClock) -> None:
    door.release(ReleaseOrder(5.0, clock.monotonic()))
    clock.pass_(3.0)
    door.release(ReleaseOrder(5.0, clock.monotonic()))
    clock.pass_(4.0)
    assert door.unlocked
    assert door.releases == 2


def test_a_leaf_opened_with_a_release_and_held(door: SimulatedDoor, clock: HandClock) -> None:
    door.release(ReleaseOrder(5.0, clock.monotonic()))
    door.leaf_opens()
    door.leaf_opens()
    clock.pass_(4.0)
    assert (door.status().lock, door.status().leaf) == (Lock.RELEASED, Leaf.OPEN)
    clock.pass_(1.0)
    assert (door.status().lock, door.status().leaf) == (Lock.SECURED, Leaf.OPEN)
    door.leaf_closes()
    door.leaf_closes()
    assert door.status().lock is Lock.SECURED
    assert whats(door) == [
        Happened.RELEASED,
        Happened.LEAF_OPENED,
        Happened.SECURED,
        Happened.LEAF_CLOSED,
    ]


def test_a_leaf_opened_without_a_release_is_forced(door: SimulatedDoor) -> None:
    door.leaf_opens()
    assert (door.status().lock, door.status().leaf) == (Lock.SECURED, Leaf.OPEN)
    assert whats(door) == [Happened.LEAF_FORCED]


def test_a_leaf_opened_just_after_a_release_is_forced(
    door: SimulatedDoor, clock: HandClock
) -> None:
    door.release(ReleaseOrder(5.0, clock.monotonic()))
    clock.pass_(5.0)
    door.leaf_opens()
    assert whats(door)[-1] is Happened.LEAF_FORCED


def test_the_door_operator_is_pulsed_with_a_release_that_asks_for_it(
    door: SimulatedDoor, clock: HandClock
) -> None:
    """R92."""
    door.release(ReleaseOrder(5.0, clock.monotonic(), push_seconds=1.0))
    assert whats(door) == [Happened.RELEASED, Happened.PUSHED]


def test_inputs_are_read_back(door: SimulatedDoor) -> None:
    door.inputs(tampered=True, fire=True, neighbour_secured=False)
    reading = door.status()
    assert (reading.tampered, reading.fire, reading.neighbour_secured) == (True, True, False)


def test_closing_secures_and_may_be_done_twice(door: SimulatedDoor, clock: HandClock) -> None:
    door.release(ReleaseOrder(5.0, clock.monotonic()))
    door.close()
    door.close()
    assert not door.unlocked
    assert whats(door) == [Happened.RELEASED, Happened.SECURED, Happened.CLOSED]


def test_a_closed_door_refuses(door: SimulatedDoor, clock: HandClock) -> None:
    door.close()
    with pytest.raises(DoorRefused):
        door.release(ReleaseOrder(5.0, clock.monotonic()))
    assert not door.unlocked


def test_closing_with_the_wire_cut_leaves_the_lock_to_its_own_time(
    door: SimulatedDoor, clock: HandClock
) -> None:
    door.release(ReleaseOrder(5.0, clock.monotonic()))
    door.cut_wire()
    door.close()
    clock.pass_(5.0)
    assert not door.unlocked
