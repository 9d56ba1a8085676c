"""What every driver holds a release order to, whatever its device is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hand_clock import HandClock

from hardware.door.driver import DoorDriver, Permit
from kiosk.domain.door.protocol import DoorReading, DoorRules, ReleaseOrder
from kiosk.domain.errors import DoorRefused, DoorTimeout
from kiosk.domain.vision.frame import Instant

RULES = DoorRules(max_age_seconds=2.0, max_release_seconds=30.0)


@dataclass
class Wire:
    """What went over it, and what happens while a release waits for it."""

    sent: list[str]
    meanwhile: Callable[[], None] = lambda: None
    cut: bool = False


class WiredDoor(DoorDriver):
    """A driver whose release waits before it is sent, as all real ones do."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(RULES, clock, 0.5)
        self.wire = Wire([])

    def status(self) -> DoorReading:
        return DoorReading()

    def _release(self, order: ReleaseOrder, permit: Permit) -> None:
        del order
        self.wire.sent.append("asked")
        self.wire.meanwhile()
        permit.check()
        self.wire.sent.append("release")

    def _secure(self) -> None:
        if self.wire.cut:
            raise DoorTimeout("No answer.")
        self.wire.sent.append("secure")

    def _close_device(self) -> None:
        self.wire.sent.append("closed")


@pytest.fixture
def clock() -> HandClock:
    return HandClock(100.0)


@pytest.fixture
def door(clock: HandClock) -> WiredDoor:
    return WiredDoor(clock)


def order(clock: HandClock) -> ReleaseOrder:
    return ReleaseOrder(5.0, clock.monotonic())


def test_an_order_goes_out_once(door: WiredDoor, clock: HandClock) -> None:
    assert door.release(order(clock)) is None
    assert door.wire.sent == ["asked", "release"]


@pytest.mark.parametrize(
    "wrong",
    [
        ReleaseOrder(5.0, Instant(97.9)),
        ReleaseOrder(5.0, Instant(100.1)),
        ReleaseOrder(31.0, Instant(100.0)),
        ReleaseOrder(float("nan"), Instant(100.0)),
    ],
)
def test_what_the_rules_forbid_does_not_even_ask_the_device(
    door: WiredDoor, wrong: ReleaseOrder
) -> None:
    with pytest.raises(DoorRefused):
        door.release(wrong)
    assert door.wire.sent == []


def test_evidence_that_grew_stale_while_it_waited(door: WiredDoor, clock: HandClock) -> None:
    door.wire.meanwhile = lambda: clock.pass_(2.1)
    with pytest.raises(DoorRefused, match="evidence"):
        door.release(order(clock))
    assert door.wire.sent == ["asked"]


def test_a_door_that_was_secured_meanwhile_is_not_released(
    door: WiredDoor, clock: HandClock
) -> None:
    door.wire.meanwhile = door.secure
    with pytest.raises(DoorRefused, match="the door was secured"):
        door.release(order(clock))
    assert door.wire.sent == ["asked", "secure"]


def test_it_counts_though_the_door_did_not_hear_of_it(door: WiredDoor, clock: HandClock) -> None:
    def secures() -> None:
        door.wire.cut = True
        with pytest.raises(DoorTimeout):
            door.secure()

    door.wire.meanwhile = secures
    with pytest.raises(DoorRefused, match="the door was secured"):
        door.release(order(clock))
    assert door.wire.sent == ["asked"]


def test_an_order_after_that_counts(door: WiredDoor, clock: HandClock) -> None:
    door.secure()
    door.release(order(clock))
    assert door.wire.sent == ["secure", "asked", "release"]


def test_closing_takes_back_what_waits_and_is_done_once(door: WiredDoor, clock: HandClock) -> None:
    door.wire.meanwhile = door.close
    with pytest.raises(DoorRefused, match="closed"):
        door.release(order(clock))
    door.close()
    assert door.wire.sent == ["asked", "secure", "closed"]


def test_a_door_that_was_closed_releases_nothing(door: WiredDoor, clock: HandClock) -> None:
    door.wire.cut = True
    door.close()
    with pytest.raises(DoorRefused, match="closed"):
        door.release(order(clock))
    assert "release" not in door.wire.sent
