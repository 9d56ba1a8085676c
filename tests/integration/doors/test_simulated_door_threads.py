"""The simulated door between threads."""

from __future__ import annotations

import threading

import pytest
from hand_clock import HandClock

from hardware.sim.door import Happened, SimulatedDoor
from kiosk.domain.door.protocol import DoorRules, ReleaseOrder
from kiosk.domain.vision.frame import Instant

RULES = DoorRules(max_age_seconds=1.0, max_release_seconds=60.0)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def door(clock: HandClock) -> SimulatedDoor:
    return SimulatedDoor(RULES, clock, answer_seconds=0.5, wait=clock.pass_)


def test_many_threads_lose_no_entry(clock: HandClock) -> None:
    door = SimulatedDoor(RULES, clock)
    order = ReleaseOrder(5.0, Instant(100.0))
    threads = [
        threading.Thread(target=lambda: [door.release(order) for _ in range(50)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert door.releases == 200


def test_waiting_for_what_happens_and_for_what_does_not(
    door: SimulatedDoor, clock: HandClock
) -> None:
    assert not door.wait_until(Happened.RELEASED, 0.01)
    worker = threading.Timer(0.01, lambda: door.release(ReleaseOrder(5.0, clock.monotonic())))
    worker.start()
    assert door.wait_until(Happened.RELEASED, 10.0)
    worker.join()
