"""When a rollout goes on, waits or halts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.fleet.halting import (
    DoorTally,
    HaltLimits,
    RingDevice,
    RingState,
    ring_verdict,
)

LIMITS = HaltLimits()
WEEK, DAY = 168.0, 24.0


def tally(
    decisions: int, refusals: int, faults: int = 0, hours: float = WEEK, slow: int = 0
) -> DoorTally:
    grants = decisions - refusals
    return DoorTally(decisions, refusals, faults, hours, (0, grants - slow, slow, 0))


def device(before: DoorTally | None, after: DoorTally, name: str = "a1") -> RingDevice:
    return RingDevice(name, runs=True, before=before, after=after)


BEFORE = tally(2000, 100)


def state(*devices: RingDevice, limits: HaltLimits = LIMITS) -> RingState:
    return ring_verdict(devices, limits).state


def test_as_before_is_good() -> None:
    assert state(device(BEFORE, tally(300, 15, hours=DAY))) is RingState.GOOD


@pytest.mark.parametrize(
    ("after", "word"),
    [
        (tally(300, 75, hours=DAY), "refusals"),
        (tally(300, 15, faults=6, hours=DAY), "failed 6 times"),
        (tally(300, 15, hours=DAY, slow=120), "slow grants"),
    ],
)
def test_a_rise_halts(after: DoorTally, word: str) -> None:
    verdict = ring_verdict([device(BEFORE, after)], LIMITS)
    assert verdict.state is RingState.BAD
    assert word in verdict.reasons[0]


def test_a_rise_shows_before_enough_was_decided() -> None:
    assert state(device(BEFORE, tally(30, 20, hours=1.0))) is RingState.BAD


def test_a_hint_of_a_rise_waits() -> None:
    verdict = ring_verdict([device(BEFORE, tally(200, 22, hours=DAY))], LIMITS)
    assert verdict.state is RingState.WAITS
    assert "That may still be chance." in verdict.reasons[0]


def test_a_rise_that_is_certain_and_small_goes_on() -> None:
    before, after = tally(200_000, 10_000), tally(200_000, 12_000)
    assert state(device(before, after)) is RingState.GOOD
    strict = replace(LIMITS, refusals=0.005)
    assert state(device(before, after), limits=strict) is RingState.BAD


def test_one_door_among_many_is_seen() -> None:
    well = [device(tally(9000, 450), tally(5000, 250), f"w{n}") for n in range(30)]
    verdict = ring_verdict([*well, device(tally(500, 25), tally(60, 40), "sick")], LIMITS)
    assert verdict.state is RingState.BAD
    assert "Device sick" in verdict.reasons[0]


def test_too_few_decisions_wait() -> None:
    verdict = ring_verdict([device(BEFORE, tally(199, 9, hours=DAY))], LIMITS)
    assert (verdict.state, verdict.reasons) == (
        RingState.WAITS,
        ("199 of 200 decisions were taken with it.",),
    )


def test_a_device_that_went_back_halts() -> None:
    failed = RingDevice("b2", runs=False, failed=True, problem="It did not get ready.")
    verdict = ring_verdict([device(BEFORE, tally(300, 15, hours=DAY)), failed], LIMITS)
    assert verdict.state is RingState.BAD
    assert verdict.reasons == ("Device b2 went back: It did not get ready.",)


@pytest.mark.parametrize(
    "other",
    [
        RingDevice("b2", runs=False, problem="It has never reported."),
        RingDevice("b2", runs=False),
        replace(device(BEFORE, tally(50, 2), "b2"), problem="It has not reported for too long."),
    ],
)
def test_a_device_that_does_not_answer_waits(other: RingDevice) -> None:
    assert state(device(BEFORE, tally(300, 15, hours=DAY)), other) is RingState.WAITS


def test_without_a_time_before_nothing_can_be_compared() -> None:
    assert state(device(None, tally(300, 290))) is RingState.WAITS
    assert state(device(DoorTally(), tally(300, 290))) is RingState.WAITS


def test_an_empty_ring_goes_nowhere() -> None:
    assert state() is RingState.WAITS


@given(st.integers(1, 400), st.data())
def test_more_refusals_are_never_better(decisions: int, data: st.DataObject) -> None:
    order = {RingState.GOOD: 0, RingState.WAITS: 1, RingState.BAD: 2}
    fewer = data.draw(st.integers(0, decisions))
    more = data.draw(st.integers(fewer, decisions))
    found = [state(device(BEFORE, DoorTally(decisions, it, 0, DAY))) for it in (fewer, more)]
    assert order[found[0]] <= order[found[1]]


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_what_a_device_says_breaks_nothing(decisions: int, faults: int) -> None:
    lies = DoorTally(decisions, decisions, faults, 0.0, (0,) * 3)
    assert state(device(lies, lies)) in RingState
    assert state(device(DoorTally(5, 5, 0, 1e-9, (7,)), lies)) in RingState
