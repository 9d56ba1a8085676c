"""The look at which collections there are holds up no question, and is one at a time (R44)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import wait

import pytest

from kiosk.cloud.collections import CollectionsInForce
from kiosk.cloud.ids import CloudIds
from kiosk.cloud.matching import MOST_QUESTIONS, CollectionSearch, SearchTerms
from kiosk.domain.cloud.faces import CollectionFacts, ModelVersion, SearchAnswer
from kiosk.domain.cloud.shards import Generation, Generations, ShardedCollections
from kiosk.domain.errors import CloudUnavailable, MatchingUnavailable

V7 = ModelVersion("7.0")
PLACE = ShardedCollections("lintel", Generation(1, 1, V7))
WAIT = 20.0


class _SlowRecords:
    """Collections that are known or not; a look at them lasts until it is released."""

    def __init__(self) -> None:
        self.place: ShardedCollections | None = PLACE
        self.looks, self.error, self.closed = 0, False, False
        self.begun, self.released = threading.Event(), threading.Event()

    def known(self) -> ShardedCollections | None:
        return self.place

    def close(self) -> None:
        self.closed = True

    def current(self, *, seconds: float) -> ShardedCollections:
        assert seconds > 0.0
        self.looks += 1
        self.begun.set()
        assert self.released.wait(WAIT)
        if self.error:
            raise CloudUnavailable("Nobody answers.")
        return PLACE

    def read(self) -> Generations:
        self.begun.set()
        assert self.released.wait(WAIT)
        return Generations().begun(PLACE.generation, "a", 0.0).switched("a", 0.0)

    def describe_collection(self, name: str, *, seconds: float) -> CollectionFacts:
        assert seconds > 0.0
        return CollectionFacts(name, V7, 1, 1)

    def search(self, *_: object, seconds: float) -> SearchAnswer:
        assert seconds > 0.0
        return SearchAnswer(V7, ())


@pytest.fixture
def records() -> Iterator[_SlowRecords]:
    made = _SlowRecords()
    yield made
    made.released.set()


@pytest.fixture
def search(records: _SlowRecords) -> Iterator[CollectionSearch]:
    terms, ids = SearchTerms(98.5), CloudIds(bytes(32))
    made = CollectionSearch(records, records, ids, dict, terms)  # type: ignore[arg-type] # asks no more
    yield made
    made.close()


def test_questions_are_answered_while_a_look_lasts(
    records: _SlowRecords, search: CollectionSearch
) -> None:
    for _ in range(2 * MOST_QUESTIONS):
        assert search.ask(b"", None, WAIT).result(WAIT).seen
    assert records.begun.wait(WAIT)
    assert records.looks == 1


def test_a_question_waits_for_the_look_under_way(
    records: _SlowRecords, search: CollectionSearch
) -> None:
    records.place = None
    search.prepare()
    assert records.begun.wait(WAIT)
    asked = search.ask(b"", None, WAIT)
    assert not wait([asked], 0.05).done
    records.released.set()
    assert asked.result(WAIT).candidates.space == "rekognition/7.0"


def test_a_question_ends_in_time_though_the_look_lasts(
    records: _SlowRecords, search: CollectionSearch
) -> None:
    records.place = None
    for _ in range(2 * MOST_QUESTIONS):
        with pytest.raises(MatchingUnavailable, match="in time"):
            search.ask(b"", None, 0.05).result(WAIT)
    assert records.begun.wait(WAIT)
    assert records.looks == 1


def test_a_look_that_failed_is_begun_anew(records: _SlowRecords, search: CollectionSearch) -> None:
    records.place, records.error = None, True
    records.released.set()
    with pytest.raises(MatchingUnavailable, match="Nobody answers"):
        search.ask(b"", None, WAIT).result(WAIT)
    records.error = False
    assert search.ask(b"", None, WAIT).result(WAIT).seen


def test_no_look_is_begun_once_it_is_closed(
    records: _SlowRecords, search: CollectionSearch
) -> None:
    search.close()
    with pytest.raises(RuntimeError, match="after shutdown"):
        search.prepare()
    assert (records.looks, records.closed) == (0, True)


def test_nobody_waits_for_anothers_look_longer_than_it_may_take(records: _SlowRecords) -> None:
    clock = time.monotonic
    collections = CollectionsInForce(records, records, "lintel", clock)  # type: ignore[arg-type] # asks no more
    other = threading.Thread(target=lambda: collections.current(seconds=WAIT))
    other.start()
    assert records.begun.wait(WAIT)
    with pytest.raises(CloudUnavailable, match="in time"):
        collections.current(seconds=0.05)
    records.released.set()
    other.join(WAIT)
    assert collections.known() == PLACE
