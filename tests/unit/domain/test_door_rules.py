"""What a door will do: a release ends by itself, stale evidence opens nothing."""

from __future__ import annotations

import pytest

from kiosk.domain.door import DoorReading, DoorRules, DoorState
from kiosk.domain.errors import DoorRefused
from kiosk.domain.frame import Instant

RULES = DoorRules(max_age_seconds=1.0, max_release_seconds=10.0, held_open_seconds=30.0)
NOW = Instant(100.0)
NAN = float("nan")
CLOSED = DoorReading()


def released(seconds: float = 5.0, door: DoorReading = CLOSED) -> DoorReading:
    return door.release(seconds, NOW, NOW, RULES)


def after(seconds: float) -> Instant:
    return Instant(NOW + seconds)


def test_a_door_begins_secured() -> None:
    assert CLOSED.state(NOW, RULES) is DoorState.SECURED
    assert not CLOSED.unlocked(NOW)


def test_a_release_ends_by_itself() -> None:
    door = released(5.0)
    assert door.state(NOW, RULES) is DoorState.RELEASED
    assert door.unlocked(after(4.99))
    assert not door.unlocked(after(5.0))
    assert door.state(after(5.0), RULES) is DoorState.SECURED


@pytest.mark.parametrize("age", [0.0, 0.5, 1.0])
def test_fresh_evidence_releases(age: float) -> None:
    assert CLOSED.release(5.0, NOW, after(age), RULES).unlocked(after(age))


@pytest.mark.parametrize("age", [1.01, 100.0, -0.01, -100.0, NAN])
def test_stale_evidence_and_evidence_from_the_future_release_nothing(age: float) -> None:
    with pytest.raises(DoorRefused, match="evidence"):
        CLOSED.release(5.0, NOW, after(age), RULES)


@pytest.mark.parametrize("seconds", [0.01, 10.0])
def test_a_release_of_an_allowed_time(seconds: float) -> None:
    assert released(seconds).lock_until == NOW + seconds


@pytest.mark.parametrize("seconds", [0.0, -1.0, 10.01, NAN, float("inf")])
def test_a_release_of_another_time_is_refused(seconds: float) -> None:
    with pytest.raises(DoorRefused, match="release of"):
        released(seconds)


def test_a_refused_release_leaves_the_door_as_it_was() -> None:
    door = released(5.0)
    with pytest.raises(DoorRefused):
        released(99.0, door)
    assert door.lock_until == after(5.0)


def test_secure_locks_at_once() -> None:
    assert released().secure().state(NOW, RULES) is DoorState.SECURED


def test_walking_through() -> None:
    door = released().leaf_opened(after(1.0))
    assert door.state(after(1.0), RULES) is DoorState.RELEASED
    assert door.state(after(20.0), RULES) is DoorState.RELEASED
    assert door.leaf_closed().state(after(20.0), RULES) is DoorState.SECURED


def test_a_leaf_that_falls_shut_does_not_lock_the_lock() -> None:
    door = released().leaf_opened(after(1.0)).leaf_closed()
    assert door.unlocked(after(2.0))


def test_a_leaf_held_open() -> None:
    door = released().leaf_opened(NOW)
    assert door.state(after(29.99), RULES) is DoorState.RELEASED
    assert door.state(after(30.0), RULES) is DoorState.HELD_OPEN
    assert door.leaf_closed().state(after(31.0), RULES) is DoorState.SECURED


def test_a_leaf_that_opens_twice_has_been_open_since_the_first_time() -> None:
    door = released().leaf_opened(NOW).leaf_opened(after(20.0))
    assert door.state(after(30.0), RULES) is DoorState.HELD_OPEN


def test_a_leaf_forced_open() -> None:
    door = CLOSED.leaf_opened(NOW)
    assert door.state(NOW, RULES) is DoorState.FORCED
    assert door.state(after(100.0), RULES) is DoorState.FORCED
    assert door.leaf_closed().state(NOW, RULES) is DoorState.SECURED


def test_a_leaf_opened_after_the_release_has_ended_is_forced() -> None:
    assert released(5.0).leaf_opened(after(5.0)).state(after(5.0), RULES) is DoorState.FORCED


@pytest.mark.parametrize("ends", [DoorReading.secure, lambda door: released(5.0, door)])
def test_a_forced_door_stays_forced_whatever_the_lock_does(ends: object) -> None:
    assert callable(ends)
    door = ends(CLOSED.leaf_opened(NOW))
    assert door.state(NOW, RULES) is DoorState.FORCED
    assert door.open_since == NOW


def test_securing_an_open_door_leaves_it_open() -> None:
    door = released().leaf_opened(NOW).secure()
    assert door.state(after(40.0), RULES) is DoorState.HELD_OPEN
    assert not door.unlocked(NOW)
