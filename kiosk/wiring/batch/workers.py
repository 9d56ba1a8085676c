"""Worker processes that make references from photographs; each loads the models once.

They are started anew, not forked: no lock, file or key of the parent is in them. They end with it,
however it ends. A photograph that ends a worker is refused, and the others go on.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from kiosk.domain.errors import LintelError, OutOfServiceError
from kiosk.domain.people.batch import AssessedPerson, BatchPerson
from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.enrolment.batch.assessing import HashingReader, assess_person, unreadable
from kiosk.enrolment.batch.sources import photograph_source
from kiosk.enrolment.from_photographs import Enroller
from kiosk.wiring.apart.parent import end_with_parent
from kiosk.wiring.vision import Weights, load_enroller

AHEAD = 2
"""People handed to each worker at a time, so that none waits for the next."""


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """What a worker is given as it starts.

    Attributes:
        settings: all settings.
        loaded: the pack.
        photographs: a folder or an archive.
    """

    settings: Settings
    loaded: Weights
    photographs: Path


def usable_processors() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0))


def assessed(
    parts: WorkerParts, people: Sequence[BatchPerson], workers: int
) -> Iterator[AssessedPerson]:
    """What comes of each person's photographs, in the order in which they are done.

    Args:
        parts: for each worker.
        people: who is to be assessed.
        workers: how many processes do it.

    Raises:
        ModelError: a worker cannot load the models.
        OutOfServiceError: no worker can be started.
    """
    left = list(reversed(people))
    while left:
        suspects: list[BatchPerson] = []
        with _pool(parts, min(workers, len(left))) as pool:
            yield from _in_pool(pool, left, AHEAD * workers, suspects)
        for person in suspects:
            yield _alone(parts, person)


def _in_pool(
    pool: ProcessPoolExecutor, left: list[BatchPerson], most: int, suspects: list[BatchPerson]
) -> Iterator[AssessedPerson]:
    """Assess people until none is left, or a worker ends; then those in hand are the suspects."""
    running: dict[Future[AssessedPerson], BatchPerson] = {}
    try:
        while left or running:
            while left and len(running) < most:
                person = left[-1]
                running[pool.submit(_assess, person.subject, person.photographs)] = person
                left.pop()
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                yield done.result()
                del running[done]
    except BrokenProcessPool:
        finished = [each for each in running if each.done() and each.exception() is None]
        yield from (each.result() for each in finished)
        suspects += [person for each, person in running.items() if each not in finished]


def _alone(parts: WorkerParts, person: BatchPerson) -> AssessedPerson:
    """Assess somebody in a process of their own, to see whether it was their photograph."""
    with _pool(parts, 1) as pool:
        try:
            return pool.submit(_assess, person.subject, person.photographs).result()
        except BrokenProcessPool:
            return unreadable(person.subject, person.photographs)


@contextmanager
def _pool(parts: WorkerParts, workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool whose first worker is ready."""
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, spawn, _begin, (parts,))
    try:
        try:
            pool.submit(_ready).result()
        except BrokenProcessPool as error:
            raise OutOfServiceError(
                "A worker process ended before it could begin.",
                "See whether there is enough memory; fewer --workers need less.",
            ) from error
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


# -- in a worker ---------------------------------------------------------------------------------

_Assess = Callable[[SubjectId, Sequence[str]], AssessedPerson]
_mine: list[_Assess | LintelError] = []


def _begin(parts: WorkerParts) -> None:
    """Make this process a worker. An error is told to whoever asks it to work."""
    end_with_parent()
    try:
        _mine.append(_assessor(parts))
    except LintelError as error:
        _mine.append(error)


def _assessor(parts: WorkerParts) -> _Assess:
    from hardware.camera.still import still_in

    most_bytes = parts.settings.enrolment.max_image_bytes
    reader = HashingReader(photograph_source(parts.photographs, most_bytes), still_in)
    enroller: Enroller = load_enroller(parts.settings, parts.loaded, 1, reader)
    space: SpaceId = parts.loaded.pack.space

    def assess(subject: SubjectId, names: Sequence[str]) -> AssessedPerson:
        return assess_person(enroller, reader, space, subject, names)

    return assess


def _ready() -> None:
    _own()


def _assess(subject: SubjectId, names: Sequence[str]) -> AssessedPerson:
    return _own()(subject, names)


def _own() -> _Assess:
    (mine,) = _mine
    if isinstance(mine, LintelError):
        raise mine
    return mine
