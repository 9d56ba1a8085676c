"""Many people's faces into collections: local gates and calls side by side, resumed when killed.

A few threads place people; the quotas of the adapter hold these. What could not be done is done
again, after a listing that finds what a lost answer has left behind. At the end everything is
listed once more, and what is there twice is deleted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass

from kiosk.cloud.jobs.batch import IndexBatch
from kiosk.cloud.jobs.listing import CollectionListing, all_listed
from kiosk.cloud.jobs.outcome import IndexReport
from kiosk.cloud.jobs.placing import CALL_SECONDS, Placed, Placing, PlacingEnd, PlacingParts, clear
from kiosk.cloud.jobs.progress import JobProgress
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.errors import CloudRefused, CloudUnavailable
from kiosk.domain.people.batch import BatchPerson

ROUNDS = 4
"""How often people are begun whose calls failed."""
PAUSE_SECONDS = 2.0
"""Before the second round; twice as long before each later one."""
MOST_FAILED = 20
"""So many people who fail one after another end a round."""
MOST_REFUSED = 3
"""So many who are refused one after another are no matter of single people."""
AHEAD = 2
"""People handed to each thread at a time."""

_Listing = Mapping[str, CollectionListing]


@dataclass(frozen=True)
class JobClock:
    """Monotonic seconds, and a way to wait."""

    monotonic: Callable[[], float]
    sleep: Callable[[float], None]


def looked(batch: IndexBatch, seen: Callable[[int], None]) -> IndexReport:
    """What would come of everybody's photographs; nothing is sent."""
    report, gated = IndexReport(), {}
    seen(batch.photographs_not_sent)
    for person, photographs in batch.gated([*batch.willing.values()]):
        gated[person] = photographs
        report.looked_at += len(photographs)
        seen(len(photographs))
    report.people = list(batch.ended(gated, {}, dry=True))
    return report


class BatchIndexing:
    """Fills the collections of a generation.

    Args:
        parts: what faces are placed with.
        workers: threads.
        clock: for pauses and rates.
    """

    def __init__(self, parts: PlacingParts, workers: int, clock: JobClock) -> None:
        self.parts = parts
        self.workers, self.clock = workers, clock

    def run(
        self,
        batch: IndexBatch,
        progress: JobProgress,
        seen: Callable[[int], None],
        alive: Callable[[], None] = lambda: None,
    ) -> IndexReport:
        """Place everybody who may be sent.

        Args:
            batch: the people.
            progress: how far it has come.
            seen: called with the number of photographs that were looked at.
            alive: called again and again while it works; what it raises ends the work.

        Raises:
            CloudRefused: the service refuses what has to be done for everybody.
            StoreError: the kiosk's own files cannot be used.
        """
        return _IndexRun(self, batch, progress, seen, alive).run()


class _IndexRun:
    """One run, from the gates to the listing at the end."""

    def __init__(
        self,
        job: BatchIndexing,
        batch: IndexBatch,
        progress: JobProgress,
        seen: Callable[[int], None],
        alive: Callable[[], None],
    ) -> None:
        self._parts, self._workers, self._clock = job.parts, job.workers, job.clock
        self._placing = Placing(job.parts)
        self._batch, self._progress = batch, progress
        self._seen, self._alive = seen, alive
        self._report = IndexReport(resumed=len(progress.gated))
        self._turn = threading.Lock()
        self._in_row = 0

    def run(self) -> IndexReport:
        report, began = self._report, self._clock.monotonic()
        left, failed = self._first_round(), False
        for number in range(1, ROUNDS):
            if not left:
                break
            failed = True
            self._clock.sleep(PAUSE_SECONDS * 2.0 ** (number - 1))
            with suppress(CloudUnavailable):  # without a listing nobody is begun again
                left = self._worked(iter(left), self._listing())
        report.seconds = self._clock.monotonic() - began
        if failed or report.resumed:
            self._clock.sleep(PAUSE_SECONDS)  # what a lost answer has added is listed by then
        try:
            self._delete_withdrawn()
            self._delete_doubled()
        except CloudUnavailable:
            report.unlisted = True
        report.people = list(
            self._batch.ended(self._progress.gated, self._progress.placed, dry=False)
        )
        return report

    # -- rounds ----------------------------------------------------------------------------------

    def _first_round(self) -> Sequence[CloudId]:
        """Everybody whose faces are not placed yet; those with whom it failed."""
        kept, fresh = [], []
        self._seen(self._batch.photographs_not_sent)
        for person, each in self._batch.willing.items():
            if person in self._progress.gated:
                self._seen(len(each.photographs))
                kept.append(person)
            else:
                fresh.append(each)
        listing = self._listing() if kept else {}
        return self._worked(self._people(kept, fresh), listing)

    def _people(self, kept: Sequence[CloudId], fresh: Sequence[BatchPerson]) -> Iterator[CloudId]:
        yield from (person for person in kept if person not in self._progress.placed)
        for person, photographs in self._batch.gated(fresh):
            self._progress.gate(person, photographs)
            self._report.looked_at += len(photographs)
            self._seen(len(photographs))
            yield person

    def _listing(self) -> _Listing:
        return all_listed(self._parts.service, self._parts.collections.names)

    def _worked(self, people: Iterator[CloudId], listing: _Listing) -> Sequence[CloudId]:
        """Place people; those with whom it failed."""
        failed: list[CloudId] = []
        running: dict[Future[None], CloudId] = {}
        self._in_row = 0
        with ThreadPoolExecutor(self._workers, "placing") as pool:
            for person in self._timed(people):
                if self._in_row >= MOST_FAILED:
                    failed.append(person)
                    continue
                if self._sendable(person) and self._batch.agrees(person):
                    running[pool.submit(self._place, person, listing)] = person
                while len(running) >= AHEAD * self._workers:
                    failed += self._done(running)
                self._alive()
            while running:
                failed += self._done(running)
                self._alive()
        return failed

    def _timed(self, people: Iterator[CloudId]) -> Iterator[CloudId]:
        while True:
            began = self._clock.monotonic()
            person = next(people, None)
            self._report.gate_seconds += self._clock.monotonic() - began
            if person is None:
                return
            yield person

    def _done(self, running: dict[Future[None], CloudId]) -> Iterator[CloudId]:
        """Wait until somebody is done with; those with whom it failed."""
        began = self._clock.monotonic()
        done = wait(running, return_when=FIRST_COMPLETED).done
        self._report.call_seconds += self._clock.monotonic() - began
        for each in done:
            person, error = running.pop(each), each.exception()
            self._in_row = 0 if error is None else self._in_row + 1
            if error is not None and self._may_pass(person, error):
                yield person

    def _may_pass(self, person: CloudId, error: BaseException) -> bool:
        """Note what stood in somebody's way; raises what stands in everybody's."""
        refused = isinstance(error, CloudRefused)
        alone = self._in_row < min(MOST_REFUSED, len(self._batch.consents))
        if not isinstance(error, CloudUnavailable) and not (refused and alone):
            raise error
        self._batch.failed(person, str(error), refused=refused)
        return not refused

    # -- one person ------------------------------------------------------------------------------

    def _sendable(self, person: CloudId) -> bool:
        return any(each.box is not None for each in self._progress.gated[person])

    def _place(self, person: CloudId, listing: _Listing) -> None:
        """Place somebody, and keep that."""
        gated = self._progress.gated[person]
        pictures = self._batch.pictures(person, gated)
        if not pictures:
            self._progress.place(person, Placed(PlacingEnd.NOT_TAKEN, (False,) * len(gated)))
            return
        collection = self._parts.collections.of(person)
        leftovers = listing[collection].of(person) if listing else ()
        consent = self._batch.consents[person]
        placed = self._placing.place(person, [*pictures.values()], consent, leftovers)
        taken = dict(zip(pictures, placed.taken, strict=True))
        whole = tuple(taken.get(place, False) for place in range(len(gated)))
        self._progress.place(person, Placed(placed.end, whole))
        if placed.end is not PlacingEnd.THERE:
            with self._turn:
                self._report.sent += len(pictures)
                self._report.calls += len(pictures)

    def _delete_withdrawn(self) -> None:
        """Delete who withdrew, or was erased, while they were being placed."""
        for person, placed in self._progress.placed.items():
            if placed.end is not PlacingEnd.INDEXED or self._batch.agrees(person):
                continue
            collection = self._parts.collections.of(person)
            row = self._parts.metadata.get(person, collection)
            faces = () if row is None else row.faces
            clear(self._parts.service, collection, person, faces)
            if row is not None:
                self._parts.metadata.delete(row)

    def _delete_doubled(self) -> None:
        """Delete what is there twice. What is missing may only not be listed yet: it stays."""
        placed = self._progress.placed.items()
        if not any(each.end is PlacingEnd.INDEXED for _, each in placed):
            return
        listing = self._listing()
        for person, each in placed:
            if each.end is not PlacingEnd.INDEXED:
                continue
            collection = self._parts.collections.of(person)
            row = self._parts.metadata.get(person, collection)
            if row is None or row.intent is not None:
                continue
            extra = [face for face in listing[collection].of(person) if face not in row.faces]
            if extra:
                self._parts.service.delete_faces(collection, extra, seconds=CALL_SECONDS)
