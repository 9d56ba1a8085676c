"""An index is for one gallery and goes with it; without one every reference is compared."""

from __future__ import annotations

import gc
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.vision.comparison import CandidateList, Gallery, Shortlist, Shortlisted
from kiosk.domain.vision.template import (
    Reference,
    ReferenceId,
    SpaceId,
    SubjectId,
    Template,
    Vector,
)
from models.search.indexed import IndexedSearch

SPACE = SpaceId("test/1")


def gallery(*people: str) -> Gallery:
    rows = [Template(np.eye(4, dtype=np.float32)[i], SPACE) for i in range(len(people))]
    return Gallery.of(
        SPACE,
        [
            Reference(ReferenceId(who), SubjectId(who), row)
            for who, row in zip(people, rows, strict=True)
        ],
    )


PROBE = Template(np.float32([0.8, 0.6, 0.0, 0.0]), SPACE)
BEFORE, AFTER = ("ann", "bob", "cid"), ("bob", "cid", "dan")


class Everybody:
    """A shortlist of all references that counts how often it is asked."""

    def __init__(self, matrix: NDArray[np.float32]) -> None:
        self.asked = 0
        self._rows = np.arange(len(matrix))

    def nearest(self, probe: Vector) -> Shortlisted:
        del probe
        self.asked += 1
        return Shortlisted(self._rows, float("-inf"))


class Bench:
    """A search whose building waits until it is told to go on."""

    def __init__(self, most: int = 2) -> None:
        self.built: list[Everybody] = []
        self.waiting: list[Callable[[], None]] = []
        self.broken = False
        self.search = IndexedSearch(self._build, most, self.waiting.append)

    def _build(self, matrix: NDArray[np.float32]) -> Shortlist:
        if self.broken:
            raise MemoryError
        self.built.append(Everybody(matrix))
        return self.built[-1]

    def go_on(self) -> None:
        self.waiting.pop(0)()

    def names(self, searched: Gallery) -> list[str]:
        found: CandidateList = self.search.identify(searched, PROBE)
        assert found == searched.identify(PROBE)
        return [one.subject for one in found.candidates]


def test_until_the_index_is_there_every_reference_is_compared() -> None:
    bench, people = Bench(), gallery(*BEFORE)
    assert bench.names(people) == ["ann", "bob"]
    assert bench.built == []
    bench.go_on()
    assert bench.names(people) == ["ann", "bob"]
    assert bench.built[0].asked == 1
    assert bench.waiting == [], "it is built once"


def test_an_erased_person_is_not_found_in_the_index_of_before() -> None:
    bench, people = Bench(), gallery(*BEFORE)
    bench.search.prepare(people)
    bench.go_on()
    assert bench.names(gallery(*AFTER)) == ["bob", "cid"]
    assert bench.built[0].asked == 0


def test_an_index_that_is_ready_too_late_is_not_that_of_the_next_gallery() -> None:
    bench, before, after = Bench(), gallery(*BEFORE), gallery(*AFTER)
    bench.search.prepare(before)
    assert bench.names(after) == ["bob", "cid"]
    assert len(bench.waiting) == 1, "one at a time"
    bench.go_on()
    assert bench.names(after) == ["bob", "cid"]
    bench.go_on()
    assert bench.names(after) == ["bob", "cid"]
    assert [index.asked for index in bench.built] == [0, 1]


def test_a_gallery_that_is_gone_takes_its_index_with_it() -> None:
    bench, people = Bench(), gallery(*BEFORE)
    bench.search.prepare(people)
    bench.go_on()
    assert len(bench.search._indexes) == 1
    del people
    gc.collect()
    assert len(bench.search._indexes) == 0


def test_a_gallery_that_is_gone_is_not_indexed_any_more() -> None:
    bench, people = Bench(), gallery(*BEFORE)
    bench.search.prepare(people)
    del people
    gc.collect()
    bench.go_on()
    assert bench.built == []
    bench.search.prepare(gallery(*AFTER))
    assert len(bench.waiting) == 1


def test_a_small_gallery_gets_no_index() -> None:
    bench = Bench(most=3)
    assert bench.names(gallery(*BEFORE)) == ["ann", "bob"]
    assert bench.waiting == []
    bench.names(gallery(*BEFORE, "dan"))
    assert len(bench.waiting) == 1


def test_an_index_that_cannot_be_built_is_done_without() -> None:
    bench, people = Bench(), gallery(*BEFORE)
    bench.broken = True
    bench.search.prepare(people)
    bench.go_on()
    assert bench.names(people) == ["ann", "bob"]
    assert bench.waiting == [], "not again for the same gallery"
    bench.broken = False
    other = gallery(*AFTER)
    bench.search.prepare(other)
    bench.go_on()
    assert bench.names(other) == ["bob", "cid"]
    assert bench.built[0].asked == 1


def test_a_machine_without_room_for_a_thread_is_asked_again() -> None:
    def full(_: Callable[[], None]) -> None:
        raise RuntimeError

    bench, people = Bench(), gallery(*BEFORE)
    bench.search._start = full
    assert bench.names(people) == ["ann", "bob"]
    bench.search._start = bench.waiting.append
    assert bench.names(people) == ["ann", "bob"]
    assert len(bench.waiting) == 1
