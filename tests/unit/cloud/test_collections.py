"""Which collections are searched, and when nobody is let in by them (R44, R45, R46)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.cloud.collections import (
    CALL_SECONDS,
    CHECKED_SECONDS,
    FRESH_SECONDS,
    PAUSE_SECONDS,
    STALE_SECONDS,
    CollectionsInForce,
)
from kiosk.cloud.matching import LOOK_SECONDS
from kiosk.domain.cloud.faces import CollectionFacts, ModelVersion
from kiosk.domain.cloud.shards import Generation, Generations
from kiosk.domain.errors import CloudRefused, CloudUnavailable

V7 = ModelVersion("7.0")
FIRST, SECOND = Generation(1, 2, V7), Generation(2, 3, V7)


class _Account:
    """Collections, the record of them, and a clock. Anything may stop answering."""

    def __init__(self) -> None:
        self.record = Generations().begun(FIRST, "a", 0.0).switched("a", 0.0)
        self.models = {"lintel-g1-0": "7.0", "lintel-g1-1": "7.0"}
        self.now, self.answers, self.asked = 0.0, True, 0
        self.takes, self.described = 0.0, list[str]()

    def read(self) -> Generations:
        self._answer()
        return self.record

    def describe_collection(self, name: str, *, seconds: float) -> CollectionFacts | None:
        assert 0.0 < seconds <= CALL_SECONDS
        self._answer()
        self.described.append(name)
        self.now += self.takes
        model = self.models.get(name)
        return None if model is None else CollectionFacts(name, ModelVersion(model), 1, 1)

    def _answer(self) -> None:
        self.asked += 1
        if not self.answers:
            raise CloudUnavailable("Nobody answers.")


@pytest.fixture
def account() -> _Account:
    return _Account()


@pytest.fixture
def collections(account: _Account) -> CollectionsInForce:
    return CollectionsInForce(account, account, "lintel", lambda: account.now)  # type: ignore[arg-type]


def test_they_are_read_once_a_minute(account: _Account, collections: CollectionsInForce) -> None:
    assert collections.known() is None
    assert collections.current(seconds=3.0).names == ("lintel-g1-0", "lintel-g1-1")
    asked = account.asked
    account.now = FRESH_SECONDS
    collections.current(seconds=3.0)
    assert account.asked == asked
    account.now += 1.0
    collections.current(seconds=3.0)
    assert account.asked == asked + 1


def test_a_switch_is_seen(account: _Account, collections: CollectionsInForce) -> None:
    collections.current(seconds=3.0)
    account.record = account.record.begun(SECOND, "a", 1.0).switched("a", 1.0)
    account.models |= {f"lintel-g2-{shard}": "7.0" for shard in range(3)}
    account.now = FRESH_SECONDS + 1.0
    assert collections.current(seconds=3.0).generation == SECOND


def test_no_collections_are_an_error(account: _Account, collections: CollectionsInForce) -> None:
    account.record = Generations()
    with pytest.raises(CloudRefused, match="No collections"):
        collections.current(seconds=3.0)


def test_one_that_is_missing_is_an_error(
    account: _Account, collections: CollectionsInForce
) -> None:
    del account.models["lintel-g1-1"]
    with pytest.raises(CloudRefused, match="lintel-g1-1 does not exist"):
        collections.current(seconds=3.0)
    assert collections.known() is None


def test_one_that_was_made_again_under_another_model_is_an_error(
    account: _Account, collections: CollectionsInForce
) -> None:
    collections.current(seconds=3.0)
    account.models["lintel-g1-1"] = "8.0"
    account.now = CHECKED_SECONDS + 1.0
    with pytest.raises(CloudRefused, match=r"face model 8\.0"):
        collections.current(seconds=3.0)
    assert collections.known() is None


def test_while_nobody_answers_the_last_that_was_known_is_used_for_an_hour(
    account: _Account, collections: CollectionsInForce
) -> None:
    before = collections.current(seconds=3.0)
    account.answers = False
    account.now = STALE_SECONDS
    assert collections.current(seconds=3.0) == before
    account.now += 1.0
    with pytest.raises(CloudUnavailable):
        collections.current(seconds=3.0)
    assert collections.known() is None


def test_after_nobody_answered_it_is_not_looked_again_at_once(
    account: _Account, collections: CollectionsInForce
) -> None:
    before = collections.current(seconds=3.0)
    account.now, account.answers = FRESH_SECONDS + 1.0, False
    assert collections.current(seconds=3.0) == before
    asked, account.now = account.asked, account.now + PAUSE_SECONDS
    assert collections.current(seconds=3.0) == before
    assert account.asked == asked
    account.now += 1.0
    assert collections.current(seconds=3.0) == before
    assert account.asked == asked + 1


def test_while_nothing_is_known_it_is_looked_again_at_once(
    account: _Account, collections: CollectionsInForce
) -> None:
    account.answers = False
    with pytest.raises(CloudUnavailable):
        collections.current(seconds=3.0)
    account.answers = True
    assert collections.current(seconds=3.0).generation == FIRST


def many(account: _Account) -> Generation:
    """As many collections as the settings allow, described at the quota of every account."""
    generation = Generation(3, 100, V7)
    account.record = account.record.begun(generation, "a", 1.0).switched("a", 1.0)
    account.models = {f"lintel-g3-{shard}": "7.0" for shard in range(100)}
    account.takes = 0.2
    return generation


def test_one_look_in_the_background_is_enough_for_the_most_collections(
    account: _Account, collections: CollectionsInForce
) -> None:
    generation = many(account)
    assert collections.current(seconds=LOOK_SECONDS).generation == generation


def test_a_look_goes_on_from_where_the_one_before_ended(
    account: _Account, collections: CollectionsInForce
) -> None:
    generation = many(account)
    for _ in range(3):
        with pytest.raises(CloudUnavailable, match="in time"):
            collections.current(seconds=5.0)
    assert collections.current(seconds=15.0).generation == generation
    assert sorted(account.described) == sorted(account.models)


def test_what_was_checked_counts_for_its_generation_only(
    account: _Account, collections: CollectionsInForce
) -> None:
    many(account)
    with pytest.raises(CloudUnavailable):
        collections.current(seconds=5.0)
    checked = list(account.described)
    again = Generation(3, 100, ModelVersion("8.0"))
    account.record = replace(account.record, in_force=again)
    account.models = dict.fromkeys(account.models, "8.0")
    account.described.clear()
    with pytest.raises(CloudUnavailable):
        collections.current(seconds=5.0)
    assert account.described[:20] == checked[:20]


def test_a_look_ends_when_it_is_closed(account: _Account, collections: CollectionsInForce) -> None:
    collections.close()
    with pytest.raises(CloudUnavailable, match="no longer"):
        collections.current(seconds=5.0)
    assert account.described == []


def test_no_call_begins_after_its_time(account: _Account, collections: CollectionsInForce) -> None:
    with pytest.raises(CloudUnavailable, match="in time"):
        collections.current(seconds=0.0)
    assert account.asked == 1
