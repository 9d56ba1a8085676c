"""Worker processes that end: who was in their hands is assessed again, each exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import Settings
from kiosk.domain.people.batch import AssessedPerson, BatchPerson, BatchPhotograph
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.wiring.batch import workers
from kiosk.wiring.batch.workers import WorkerParts, assessed
from kiosk.wiring.vision import Weights
from models.packs.installed import load_manifest

PARTS = WorkerParts(Settings(), Weights(load_manifest().pack("standard"), {}), Path("photos"))


def person(name: str) -> BatchPerson:
    return BatchPerson(SubjectId(name), None, PersonRules(), "form 3", (f"{name}.jpg",))


class Pool:
    """Does its work at once, and breaks for good at a photograph that ends processes."""

    def __init__(self, ends: Callable[[SubjectId], bool]) -> None:
        self._ends, self._broken = ends, False

    def submit(
        self, _work: object, subject: SubjectId, names: Sequence[str]
    ) -> Future[AssessedPerson]:
        if self._broken:
            raise BrokenProcessPool
        future: Future[AssessedPerson] = Future()
        if self._ends(subject):
            self._broken = True
            future.set_exception(BrokenProcessPool())
        else:
            photographs = tuple(BatchPhotograph(name, "00") for name in names)
            future.set_result(AssessedPerson(subject, photographs, ()))
        return future


def outcomes(monkeypatch: pytest.MonkeyPatch, ends: Callable[[SubjectId], bool]) -> dict[str, str]:
    """What is said of the photographs of twelve people."""

    @contextmanager
    def pool(_parts: WorkerParts, _workers: int) -> Iterator[Pool]:
        yield Pool(ends)

    monkeypatch.setattr(workers, "_pool", pool)
    people = [person(f"p-{n:02}") for n in range(12)]
    found = list(assessed(PARTS, people, 2))
    assert sorted(each.subject for each in found) == [each.subject for each in people]
    return {each.subject: each.photographs[0].refused for each in found}


def test_nobody_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(outcomes(monkeypatch, lambda _: False).values()) == {""}


def test_a_photograph_that_ends_processes_is_refused_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = outcomes(monkeypatch, lambda subject: subject in {"p-03", "p-07"})
    refused = {subject for subject, reason in said.items() if reason}
    assert refused == {"p-03", "p-07"}
    assert said["p-03"] == "not_an_image"


def test_a_worker_that_ends_by_chance_costs_nobody_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = iter([False, False, True])
    assert set(outcomes(monkeypatch, lambda _: next(times, False)).values()) == {""}
