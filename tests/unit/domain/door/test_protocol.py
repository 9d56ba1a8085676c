"""What every driver holds an order to: stale evidence and long times release nothing."""

from __future__ import annotations

import pytest

from kiosk.domain.door.protocol import DoorReading, DoorRules, Leaf, Lock, ReleaseOrder
from kiosk.domain.errors import DoorRefused
from kiosk.domain.vision.frame import Instant

RULES = DoorRules(max_age_seconds=1.0, max_release_seconds=10.0)
NOW = Instant(100.0)
NAN = float("nan")


def order(seconds: float = 5.0, age: float = 0.0, push: float = 0.0) -> ReleaseOrder:
    return ReleaseOrder(seconds, Instant(NOW - age), push)


@pytest.mark.parametrize("age", [0.0, 0.5, 1.0])
def test_fresh_evidence_passes(age: float) -> None:
    RULES.check(order(age=age), NOW)


@pytest.mark.parametrize("age", [1.01, -0.01, NAN, float("inf")])
def test_evidence_of_the_wrong_age_is_refused(age: float) -> None:
    with pytest.raises(DoorRefused, match="evidence"):
        RULES.check(order(age=age), NOW)


@pytest.mark.parametrize("seconds", [0.001, 10.0])
def test_times_at_the_bounds_pass(seconds: float) -> None:
    RULES.check(order(seconds), NOW)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 10.01, NAN, float("inf")])
def test_a_time_that_is_not_allowed_is_refused(seconds: float) -> None:
    with pytest.raises(DoorRefused, match="release of"):
        RULES.check(order(seconds), NOW)


def test_a_push_within_its_bounds_passes() -> None:
    RULES.check(order(push=10.0), NOW)


@pytest.mark.parametrize("push", [-0.1, 10.01, NAN])
def test_a_push_that_is_not_allowed_is_refused(push: float) -> None:
    with pytest.raises(DoorRefused, match="operator"):
        RULES.check(order(push=push), NOW)


def test_what_is_not_fitted_reads_as_at_rest() -> None:
    rest = DoorReading()
    assert (rest.lock, rest.leaf) == (Lock.SECURED, Leaf.UNSEEN)
    assert [rest.tampered, rest.exit_asked, rest.fire] == [False, False, False]
    assert rest.neighbour_secured is None
