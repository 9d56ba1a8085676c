"""Shards and generations of collections (R42, R43, R44, R45)."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from kiosk.domain.cloud.faces import CloudId, ModelVersion
from kiosk.domain.cloud.shards import (
    LEASE_SECONDS,
    Generation,
    Generations,
    Retired,
    ShardedCollections,
    collection_name,
    place_of,
    shard_of,
)
from kiosk.domain.errors import CloudRefused

V6, V7 = ModelVersion("6.0"), ModelVersion("7.0")
FIRST, SECOND, THIRD = Generation(1, 4, V6), Generation(2, 8, V7), Generation(3, 8, V7)


def _id(number: int) -> CloudId:
    return CloudId(hashlib.sha256(str(number).encode()).hexdigest()[:32])


def test_people_are_spread_evenly_over_the_shards() -> None:
    counts = Counter(shard_of(_id(number), 7) for number in range(7_000))
    assert set(counts) == set(range(7))
    # Poisson: a standard deviation of 29 about 1,000, and six of them.
    assert all(abs(count - 1_000) < 180 for count in counts.values())


def test_somebody_known_is_in_one_shard_and_always_the_same() -> None:
    collections = ShardedCollections("lintel", FIRST)
    assert collections.of(CloudId("00000005" + "f" * 24)) == "lintel-g1-1"
    assert collections.of(_id(3)) == collections.of(_id(3))
    assert collections.names == ("lintel-g1-0", "lintel-g1-1", "lintel-g1-2", "lintel-g1-3")


@pytest.mark.parametrize("shards", [0, -1, 101])
def test_no_other_numbers_of_shards(shards: int) -> None:
    with pytest.raises(ValueError, match="shards"):
        shard_of(_id(1), shards)
    with pytest.raises(ValueError, match="shards"):
        Generation(1, shards, V7)


def test_a_name_says_its_place() -> None:
    assert place_of("lintel", collection_name("lintel", 12, 99)) == (12, 99)
    assert place_of("lintel", "lintel-g123456-78") == (123_456, 78)


@pytest.mark.parametrize(
    "name",
    [
        "lintel",
        "lintel-g1",
        "lintel-g01-0",
        "lintel-g1-",
        "lintel-g-1-0",
        "lintel-gx-0",
        "lintel-g1234567-89",
        "1-0",
        "other-g1-0",
        "lintel-x-g1-0",
        "lintel-g1-0-0",
        "lintel-g٣-0",
        "lintel-g1-0 ",
        "lintel-g1-999999999999",
    ],
)
def test_names_of_others_are_left_alone(name: str) -> None:
    assert place_of("lintel", name) is None


def _in_force() -> Generations:
    return Generations().begun(FIRST, "a", 0.0).switched("a", 1.0)


def test_a_generation_is_filled_beside_the_one_in_force_and_then_takes_its_place() -> None:
    filling = _in_force().begun(SECOND, "a", 10.0)
    assert filling.in_force == FIRST
    assert filling.present == (FIRST, SECOND)
    switched = filling.switched("a", 20.0)
    assert (switched.in_force, switched.building) == (SECOND, None)
    assert [(it.generation, it.since) for it in switched.retired] == [(FIRST, 20.0)]
    assert switched.deleted(1).present == (SECOND,)
    assert switched.revision == 4


def test_of_two_who_fill_a_generation_one_is_told_so() -> None:
    filling = _in_force().begun(SECOND, "a", 10.0)
    with pytest.raises(CloudRefused, match="another job"):
        filling.begun(SECOND, "b", 10.0 + LEASE_SECONDS - 1.0)
    with pytest.raises(CloudRefused, match="taken over"):
        filling.switched("b", 11.0)
    with pytest.raises(CloudRefused, match="taken over"):
        filling.given_up("b", 11.0)


def test_whoever_was_interrupted_goes_on() -> None:
    filling = _in_force().begun(SECOND, "a", 10.0)
    again = filling.begun(SECOND, "a", 200.0)
    assert again.building is not None
    assert again.building.until == 200.0 + LEASE_SECONDS


def test_a_dead_job_is_taken_over_and_hears_of_it_if_it_was_not_dead() -> None:
    filling = _in_force().begun(SECOND, "a", 10.0)
    taken = filling.begun(SECOND, "b", 10.0 + LEASE_SECONDS)
    with pytest.raises(CloudRefused, match="taken over"):
        taken.switched("a", 400.0)
    assert taken.switched("b", 400.0).in_force == SECOND


def test_what_a_dead_job_left_is_kept_in_mind_until_it_is_deleted() -> None:
    taken = _in_force().begun(SECOND, "a", 10.0).begun(THIRD, "b", 10.0 + LEASE_SECONDS)
    assert taken.present == (SECOND, FIRST, THIRD)


def test_a_number_is_never_used_again() -> None:
    left = _in_force().begun(SECOND, "a", 10.0).given_up("a", 11.0).deleted(2)
    assert left.present == (FIRST,)
    assert left.next_number == 3
    with pytest.raises(ValueError, match="never filled again"):
        left.begun(SECOND, "a", 12.0)


def test_collections_are_of_their_generations_model() -> None:
    assert ShardedCollections("lintel", SECOND).model == V7


def test_more_time_is_only_for_whoever_fills() -> None:
    filling = _in_force().begun(SECOND, "a", 10.0)
    longer = filling.renewed("a", 100.0)
    assert longer.building is not None
    assert (longer.building.until, longer.in_force) == (100.0 + LEASE_SECONDS, FIRST)
    with pytest.raises(CloudRefused, match="taken over"):
        filling.renewed("b", 100.0)


def test_there_are_1_to_100_shards_by_the_first_digits_of_an_id() -> None:
    ids = [CloudId(f"{number:08x}" + "f" * 24) for number in (0, 16, 99)]
    assert [shard_of(each, 100) for each in ids] == [0, 16, 99]
    assert [shard_of(each, 1) for each in ids] == [0, 0, 0]
    assert [Generation(1, shards, V7).shards for shards in (1, 100)] == [1, 100]


@pytest.mark.parametrize(("number", "model"), [(0, V7), (-1, V7), (1, ModelVersion(""))])
def test_a_generation_has_a_number_and_a_model(number: int, model: ModelVersion) -> None:
    with pytest.raises(ValueError, match="a generation has a number"):
        Generation(number, 1, model)


def test_before_the_first_generation_there_is_none() -> None:
    assert Generations().present == ()
    assert Generations().begun(FIRST, "a", 0.0).present == (FIRST,)


def test_what_was_given_up_is_left_after_what_was_left_before() -> None:
    once = _in_force().begun(SECOND, "a", 10.0).given_up("a", 11.0)
    assert once.retired == (Retired(SECOND, 11.0),)
    twice = once.begun(THIRD, "a", 12.0).given_up("a", 13.0)
    assert twice.retired == (Retired(SECOND, 11.0), Retired(THIRD, 13.0))
    assert (twice.in_force, twice.building) == (FIRST, None)


def test_whoever_fills_nothing_is_told_so() -> None:
    with pytest.raises(CloudRefused, match="taken over"):
        _in_force().switched("a", 2.0)


def test_a_job_that_stopped_keeps_others_away_for_five_minutes() -> None:
    assert LEASE_SECONDS == 300.0
