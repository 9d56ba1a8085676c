"""After a batch: each photograph is searched in every shard, and who resembles another is flagged.

The flag is on both rows. It locks nobody out: people look who they are (R41).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import replace

from kiosk.cloud.jobs.batch import IndexBatch
from kiosk.cloud.jobs.outcome import AlikePair, IndexReport
from kiosk.cloud.jobs.placing import CALL_SECONDS, PlacingEnd, PlacingParts
from kiosk.cloud.jobs.progress import JobProgress
from kiosk.cloud.metadata.port import MetadataChanged
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.errors import CloudUnavailable

ATTEMPTS = 3
"""At a row that others change at the same time."""


class ResemblanceSearch:
    """Searches the photographs of a batch.

    Args:
        parts: what faces were placed with.
        threshold: a similarity from which on two people are taken for one.
        workers: threads.
    """

    def __init__(self, parts: PlacingParts, threshold: float, workers: int) -> None:
        self._parts, self._threshold, self._workers = parts, threshold, workers

    def run(
        self,
        batch: IndexBatch,
        progress: JobProgress,
        report: IndexReport,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        """Search everybody who was placed and not searched yet; the report says what was found.

        Raises:
            CloudRefused: the service refuses to search.
            StoreError: the kiosk's own files cannot be used.
        """
        left = [
            person
            for person, placed in progress.placed.items()
            if placed.end is PlacingEnd.INDEXED
            and person not in progress.searched
            and batch.agrees(person)
        ]
        with ThreadPoolExecutor(self._workers, "searching") as pool:
            running = [pool.submit(self._searched, each, batch, progress) for each in left]
            try:
                for done in as_completed(running):
                    self._counted(done.result, report)
                    alive()
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        report.pairs = [
            AlikePair(batch.subject(person), other)
            for person, alike in progress.searched.items()
            for other in alike
        ]

    def _counted(self, calls: Callable[[], int], report: IndexReport) -> None:
        try:
            report.calls += calls()
        except CloudUnavailable:
            report.unsearched += 1

    def _searched(self, person: CloudId, batch: IndexBatch, progress: JobProgress) -> int:
        """Search one person's photographs; how many calls that took."""
        calls, alike = 0, dict[CloudId, str]()
        taken = progress.placed[person].taken
        for place, picture in batch.pictures(person, progress.gated[person]).items():
            if not taken[place]:
                continue
            for name in self._parts.collections.names:
                answer = self._parts.service.search(
                    name, picture, self._threshold, seconds=CALL_SECONDS
                )
                calls += 1
                alike |= {it.person: name for it in answer.matches if it.person != person}
        self._flag(person, self._parts.collections.of(person), [*alike])
        for other, name in alike.items():
            self._flag(other, name, [person])
        progress.search(person, [*alike])
        return calls

    def _flag(self, person: CloudId, collection: str, alike: Sequence[CloudId]) -> None:
        if not alike:
            return
        metadata = self._parts.metadata
        for _ in range(ATTEMPTS):
            row = metadata.get(person, collection)
            if row is None or row.duplicate_of is not None:
                return
            with suppress(MetadataChanged):
                metadata.put(replace(row, duplicate_of=alike[0]))
                return
