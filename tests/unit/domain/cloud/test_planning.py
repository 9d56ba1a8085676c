"""The plan: calls a second, hours, shards, and money (R37, R42, R47)."""

from __future__ import annotations

import pytest

from kiosk.domain.cloud.modes import CloudMode
from kiosk.domain.cloud.planning import (
    CountedDecisions,
    DecisionHabits,
    DecisionPrice,
    decision_prices,
    index_plan,
    needed_shards,
    needed_tps,
)
from kiosk.domain.errors import BadInput


def test_a_thousand_pictures_in_ten_seconds_need_a_hundred_calls_a_second() -> None:
    assert needed_tps(1_000, 10.0) == 100.0
    assert needed_tps(1, 2.0) == 0.5


@pytest.mark.parametrize(("images", "seconds"), [(0, 10.0), (10, 0.0), (10, float("inf"))])
def test_nothing_and_never_are_no_plan(images: int, seconds: float) -> None:
    with pytest.raises(BadInput, match="no plan"):
        needed_tps(images, seconds)


def test_a_plan_above_the_quota_says_what_to_ask_for() -> None:
    plan = index_plan(1_000, 10.0, {"IndexFaces": 50.0}, 1.0, 1)
    assert not plan.fits
    assert plan.quota_to_ask_for == 112  # of 111.2 nine tenths are 100
    assert index_plan(1, 1.0 / 100.80000027, {}, 1.0, 1).quota_to_ask_for == 112  # and no more
    assert plan.hours == pytest.approx(1_000 / 45.0 / 3600.0)


def test_a_plan_within_the_quota_fits() -> None:
    assert index_plan(1_000, 20.0, {"IndexFaces": 50.0}, 1.0, 1).fits
    assert not index_plan(1_000, 19.9, {"IndexFaces": 50.0}, 1.0, 1).fits


def test_an_operation_that_is_not_named_has_five_calls_a_second() -> None:
    assert index_plan(10, 1.0, {}, 1.0, 1).quota == 5.0


def test_each_picture_is_indexed_once_and_searched_in_every_shard() -> None:
    plan = index_plan(2_000, 100.0, {}, 1.5, 4)
    assert (plan.calls, plan.cost) == (10_000, 15.0)


@pytest.mark.parametrize(
    ("people", "shards"), [(1, 1), (3_200_000, 1), (3_200_001, 2), (100_000_000, 32)]
)
def test_no_shard_is_planned_fuller_than_the_alarm(people: int, shards: int) -> None:
    assert needed_shards(people, 5) == shards


@pytest.mark.parametrize("faces", [1, 100])
def test_so_many_faces_a_person_may_have(faces: int) -> None:
    assert needed_shards(1, faces) == 1


@pytest.mark.parametrize(("people", "faces"), [(0, 5), (1, 0), (1, 101)])
def test_nobody_needs_no_shard(people: int, faces: int) -> None:
    with pytest.raises(BadInput):
        needed_shards(people, faces)


def test_each_mode_has_its_price() -> None:
    habits = DecisionHabits(searches=1.5, asked=0.1, known=0.5)
    assert {each.mode: each.cost for each in decision_prices(habits, 2.0, 3)} == {
        CloudMode.LOCAL: 0.0,
        CloudMode.CLOUD: pytest.approx(6.0),
        CloudMode.LOCAL_THEN_CLOUD: pytest.approx(0.6),
        CloudMode.BOTH_AGREE: pytest.approx(6.0),
    }


@pytest.mark.parametrize(
    "habits",
    [{"searches": 2.1}, {"searches": 0.9}, {"asked": 1.1}, {"known": -0.1}, {"known": 1.1}],
)
def test_other_shares_are_refused(habits: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        DecisionHabits(**habits)


@pytest.mark.parametrize(
    ("decisions", "calls", "enough"),
    [(100, 100, True), (99, 100, False), (100, 99, False), (1_000, 0, True), (999, 99, False)],
)
def test_a_price_is_measured_once_enough_was_counted(
    decisions: int, calls: int, *, enough: bool
) -> None:
    counted = CountedDecisions(decisions, calls)
    assert counted.enough is enough
    assert (counted.price(CloudMode.CLOUD, 2.0) is not None) is enough


def test_the_ends_of_the_shares_are_shares() -> None:
    never = DecisionHabits(searches=2.0, asked=0.0, known=1.0)
    assert never.calls(CloudMode.LOCAL_THEN_CLOUD, 3) == 0.0
    assert never.calls(CloudMode.CLOUD, 3) == 2.0


def test_what_was_counted_takes_the_place_of_habits() -> None:
    counted = {
        CloudMode.CLOUD: CountedDecisions(200, 250),
        CloudMode.BOTH_AGREE: CountedDecisions(3, 9),
    }
    local, cloud, _, both = decision_prices(DecisionHabits(), 2.0, 3, counted)
    assert cloud == DecisionPrice(CloudMode.CLOUD, 1.25, 2.5, 200)
    assert (both.calls, both.cost, both.counted) == (3.0, 6.0, None)
    assert (local.cost, local.counted) == (0.0, None)
