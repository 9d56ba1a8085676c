"""The test of a door: what it says of doors that obey, and of doors that do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from hand_clock import HandClock

from kiosk.diagnostics import door_test as door_steps
from kiosk.diagnostics.door_test import try_out
from kiosk.domain.door.protocol import DoorReading, Leaf, Lock
from kiosk.domain.errors import DoorTimeout
from kiosk.domain.finding import Finding, Health

SECONDS = 0.25
CLOCK = HandClock()


@dataclass
class Lever:
    """A door, by what it says so long after its release; nothing before."""

    says: Callable[[float], DoorReading | None]
    did: list[object] = field(default_factory=list)
    released_at: float = float("inf")

    def secure(self) -> None:
        self.did.append("secured")

    def release(self, seconds: float) -> None:
        self.did.append(seconds)
        self.released_at = CLOCK.monotonic()

    def reading(self) -> DoorReading | None:
        return self.says(CLOCK.monotonic() - self.released_at)


def good(passed: float, leaf: Leaf = Leaf.UNSEEN) -> DoorReading:
    return DoorReading(Lock.RELEASED if passed < SECONDS else Lock.SECURED, leaf)


def tried(lever: Lever) -> dict[str, Finding]:
    return {finding.name: finding for finding in try_out(lever, SECONDS)}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_steps, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(door_steps, "LOOK_SECONDS", 0.01)
    by_hand = SimpleNamespace(monotonic=CLOCK.monotonic, sleep=CLOCK.pass_)
    monkeypatch.setattr(door_steps, "time", by_hand)


def test_a_door_that_obeys() -> None:
    lever = Lever(good)
    found = tried(lever)
    assert lever.did == ["secured", SECONDS]
    assert {finding.health for finding in found.values()} == {Health.OK}
    assert list(found) == ["secured", "released", "secured again by itself", "leaf"]
    assert "try it" in found["released"].text
    assert found["leaf"].text == "no contact fitted"


def test_each_step_is_told_before_the_next_is_done() -> None:
    lever = Lever(good)
    steps = try_out(lever, SECONDS)
    assert next(iter(steps)).name == "secured"
    assert lever.did == ["secured"]


def test_a_relay_that_stays_released_is_bad() -> None:
    found = tried(Lever(lambda _: DoorReading(Lock.RELEASED)))
    assert found["secured again by itself"].health is Health.BAD
    assert found["secured again by itself"].remedy


def test_a_lock_that_cannot_be_read_back_is_not_taken_for_one_that_obeyed() -> None:
    found = tried(Lever(lambda _: DoorReading(Lock.SECURED)))
    assert found["read back"].health is Health.WARN
    assert found["secured again by itself"].health is Health.OK


def test_a_door_that_falls_silent_is_bad() -> None:
    found = tried(Lever(lambda passed: good(passed) if passed < SECONDS / 2 else None))
    assert found["secured again by itself"].health is Health.BAD


@pytest.mark.parametrize(("opened", "text"), [(True, "was seen to open"), (False, "stayed shut")])
def test_what_the_leaf_did(*, opened: bool, text: str) -> None:
    def says(passed: float) -> DoorReading:
        is_open = opened and SECONDS / 4 < passed < SECONDS / 2
        return good(passed, Leaf.OPEN if is_open else Leaf.CLOSED)

    assert tried(Lever(says))["leaf"].text.startswith(text)


def test_a_lock_that_is_shut_early_behind_somebody_ends_the_test() -> None:
    lever = Lever(lambda passed: good(passed + SECONDS / 2))
    found = tried(lever)
    assert found["secured again by itself"].health is Health.OK
    assert CLOCK.monotonic() - lever.released_at < SECONDS


def test_an_order_that_fails_ends_it_and_nothing_is_released() -> None:
    class Dead(Lever):
        def secure(self) -> None:
            raise DoorTimeout("It does not answer.", "Look at its power.")

    lever = Dead(good)
    with pytest.raises(DoorTimeout):
        tried(lever)
    assert lever.did == []
