"""What a verdict about rings says, word for word, and where each of its limits is."""

from __future__ import annotations

from math import nextafter

import pytest

from kiosk.domain.fleet import halting
from kiosk.domain.fleet.comparison import Share, SharePair, share_chance
from kiosk.domain.fleet.halting import (
    DoorTally,
    HaltLimits,
    RingDevice,
    RingState,
    RingVerdict,
    ring_verdict,
)

WEEK, DAY = 168.0, 24.0
BEFORE = DoorTally(2000, 100)
AS_BEFORE = DoorTally(300, 15)
GOOD, WAITS, BAD = RingState.GOOD, RingState.WAITS, RingState.BAD


def device(before: DoorTally | None, after: DoorTally, name: str = "a1") -> RingDevice:
    return RingDevice(name, runs=True, before=before, after=after)


def verdict(*devices: RingDevice, limits: HaltLimits | None = None) -> RingVerdict:
    return ring_verdict(devices, limits or HaltLimits())


def failing(before: tuple[int, float], after: tuple[int, float], name: str = "a1") -> RingDevice:
    """A device of which parts failed so often in so many hours."""
    counts = [DoorTally(300, 15, faults, hours) for faults, hours in (before, after)]
    return device(counts[0], counts[1], name)


def granting(before: tuple[int, ...], after: tuple[int, ...]) -> RingDevice:
    """A device that refused nobody, and granted as fast as this."""
    counts = [DoorTally(sum(speeds), speeds=speeds) for speeds in (before, after)]
    return device(counts[0], counts[1])


# -- what has to be seen first -------------------------------------------------------------------


def test_of_an_empty_ring_only_that_it_is_empty_is_said() -> None:
    assert verdict() == RingVerdict(WAITS, ("No device is in this ring.",), 0)


def test_as_many_decisions_as_are_asked_for_are_enough() -> None:
    assert verdict(device(BEFORE, DoorTally(200, 10))) == RingVerdict(GOOD, (), 200)


def test_nothing_counts_of_a_device_that_does_not_run_with_it() -> None:
    away = RingDevice("b2", runs=False, before=BEFORE, after=DoorTally(300, 200), problem="Late.")
    assert verdict(device(BEFORE, AS_BEFORE), away) == RingVerdict(
        WAITS, ("Device b2 does not run with it yet. Late.",), 300
    )


@pytest.mark.parametrize("before", [None, DoorTally(hours=WEEK)])
def test_it_is_said_that_nothing_can_be_compared(before: DoorTally | None) -> None:
    said = "No device says what it did before, so that nothing can be compared."
    assert verdict(device(before, AS_BEFORE)) == RingVerdict(WAITS, (said,), 300)


def test_one_device_that_can_be_compared_is_enough() -> None:
    new = device(None, AS_BEFORE, "b2")
    assert verdict(device(BEFORE, AS_BEFORE), new) == RingVerdict(GOOD, (), 600)


def test_where_nothing_is_told_of_a_device_nothing_was_counted() -> None:
    assert DoorTally() == DoorTally(decisions=0, refusals=0, faults=0, hours=0.0, speeds=())


# -- what chance makes ---------------------------------------------------------------------------


def test_a_large_rise_that_chance_makes_often_goes_on() -> None:
    """One refusal of 20 before, and 7 points more now."""
    assert verdict(device(DoorTally(20, 1), DoorTally(200, 24))) == RingVerdict(GOOD, (), 200)


@pytest.mark.parametrize(
    ("limit", "at", "beyond"), [("HALTS_AT", BAD, WAITS), ("WAITS_AT", WAITS, GOOD)]
)
def test_the_limits_of_chance_count_themselves(
    limit: str, at: RingState, beyond: RingState, monkeypatch: pytest.MonkeyPatch
) -> None:
    risen = device(BEFORE, DoorTally(200, 22))
    chance = share_chance([SharePair(Share(100, 2000), Share(22, 200))])
    for value, state in ((chance, at), (nextafter(chance, 0.0), beyond)):
        monkeypatch.setattr(halting, limit, value)
        assert verdict(risen).state is state


# -- one device, or several ----------------------------------------------------------------------


def test_one_device_is_looked_at_once() -> None:
    said = (
        "Device a1: the share of refusals has risen by 6 points (chance alone: 0.001)."
        " That may still be chance."
    )
    risen = device(BEFORE, DoorTally(200, 22))
    assert verdict(risen).reasons == (said,)
    assert verdict(risen, device(None, AS_BEFORE, "b2")).reasons == (said,), "it adds nothing"


def test_of_two_devices_chance_may_take_either_but_both_together_only_once() -> None:
    """Alone, the chance of the first would be 0.001 and that of the second 0.0002."""
    first, second = device(BEFORE, DoorTally(200, 22)), device(BEFORE, DoorTally(200, 24), "b2")
    assert verdict(first, second).reasons == (
        "Together: the share of refusals has risen by 6 points (chance alone: 9.7e-07).",
        "Device b2: the share of refusals has risen by 7 points (chance alone: 0.00039).",
    )


def test_of_two_devices_failures_may_be_chance_of_either() -> None:
    """Alone, the chance of the first would be 0.011."""
    well = failing((0, WEEK), (0, DAY), "b2")
    said = "parts have failed 7 times, where 2.0 were to be expected"
    assert verdict(failing((14, WEEK), (7, DAY)), well).reasons == (
        f"Together: {said} (chance alone: 0.011). That may still be chance.",
        f"Device a1: {said} (chance alone: 0.022). That may still be chance.",
    )


# -- refusals ------------------------------------------------------------------------------------


def test_a_share_may_rise_to_the_limit_however_certain_it_is() -> None:
    quarter = HaltLimits(refusals=0.25)
    assert verdict(device(DoorTally(200), DoorTally(200, 50)), limits=quarter).state is GOOD
    assert verdict(device(DoorTally(200), DoorTally(200, 51)), limits=quarter).state is BAD


@pytest.mark.parametrize(("before", "after"), [((0, 0), (200, 150)), ((200, 10), (0, 0))])
def test_a_device_that_decided_nothing_at_one_time_adds_no_refusals(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    other = device(DoorTally(*before), DoorTally(*after), "b2")
    assert verdict(device(BEFORE, AS_BEFORE), other).state is GOOD


# -- failures of parts ---------------------------------------------------------------------------


def test_parts_may_fail_twice_as_often() -> None:
    assert verdict(failing((100, WEEK), (200, WEEK))).state is GOOD
    said = "parts have failed 201 times, where 100.0 were to be expected (chance alone: 3e-09)."
    assert verdict(failing((100, WEEK), (201, WEEK))).reasons == (f"Device a1: {said}",)


def test_only_devices_that_ran_before_and_after_add_failures() -> None:
    said = verdict(
        failing((14, WEEK), (20, DAY)),
        failing((3, 0.0), (30, DAY), "b2"),
        failing((3, WEEK), (30, 0.0), "c3"),
        failing((2, 1.0), (3, 1.0), "d4"),
    )
    assert [each.partition(" (")[0] for each in said.reasons] == [
        "Together: parts have failed 23 times, where 4.0 were to be expected",
        "Device a1: parts have failed 20 times, where 2.0 were to be expected",
    ]


# -- slow grants ---------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [(0, 95, 5, 0), (50, 45, 5, 0)])
def test_a_class_is_slow_if_just_so_many_were_faster(before: tuple[int, ...]) -> None:
    said = verdict(granting(before, (0, 160, 40, 0)))
    assert said.reasons == (
        "Device a1: the share of slow grants has risen by 15 points (chance alone: 0.00025).",
    )


def test_a_class_into_which_more_came_before_is_not_slow() -> None:
    assert verdict(granting((0, 94, 6, 0), (0, 160, 40, 0))).state is GOOD


def test_slow_grants_may_become_as_many_as_the_limit_allows() -> None:
    quarter = HaltLimits(slow=0.25)
    fast = (200, 0)
    assert verdict(granting(fast, (150, 50)), limits=quarter).state is GOOD
    assert verdict(granting(fast, (149, 51)), limits=quarter).state is BAD


@pytest.mark.parametrize("after", [(), (0, 0, 0)])
def test_who_granted_nothing_since_was_not_slow(after: tuple[int, ...]) -> None:
    counts = DoorTally(200, 10, speeds=after)
    assert verdict(device(DoorTally(200, 10, speeds=(95, 5, 0)), counts)).state is GOOD


@pytest.mark.parametrize("lied", [1e-17, 5e-324])
def test_a_device_that_lies_about_its_hours_breaks_no_verdict(lied: float) -> None:
    honest = failing((0, WEEK), (40, DAY))
    liar = failing((9, lied), (0, DAY), "b2")
    assert verdict(honest, liar).state is BAD
    assert verdict(failing((0, WEEK), (0, DAY)), liar).state is GOOD
