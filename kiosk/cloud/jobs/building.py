"""A generation of collections: made, filled beside the one that is searched, put in force, deleted.

Of two jobs that begin at once, or at one that was taken for dead and was not, one is told so: the
record is changed by comparing it first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk.cloud.collections import GenerationRecords, checked_facts
from kiosk.cloud.jobs.placing import CALL_SECONDS
from kiosk.cloud.metadata.port import Metadata
from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.faces import CloudId, ModelVersion
from kiosk.domain.cloud.flows import FacesState
from kiosk.domain.cloud.shards import (
    LEASE_SECONDS,
    Generation,
    Generations,
    ShardedCollections,
    collection_name,
)
from kiosk.domain.errors import CloudRefused, CloudUnavailable

GRACE_SECONDS = 24 * 3600.0
"""How long a generation that is searched no longer stays at least: kiosks hear of it later."""
ATTEMPTS = 5


@dataclass(frozen=True)
class BuildingParts:
    """What generations are made with.

    Attributes:
        service: Rekognition.
        records: where it is kept which generations there are.
        metadata: of the site.
        prefix: what the collections' names begin with.
        now: seconds since 1970.
    """

    service: FaceService
    records: GenerationRecords
    metadata: Metadata
    prefix: str
    now: Callable[[], float]


class GenerationBuilder:
    """Makes a generation of collections, and keeps others from making one meanwhile.

    Args:
        parts: what it is done with.
        owner: a random id of the job.
    """

    def __init__(self, parts: BuildingParts, owner: str) -> None:
        self._parts, self._owner = parts, owner
        self._held_until = 0.0

    def begin(self, shards: int, model: ModelVersion | None) -> ShardedCollections:
        """Make the next generation's collections, or go on with what was begun.

        Args:
            shards: how many; what was begun keeps its own.
            model: that they must belong to; None for whatever the service makes now.

        Raises:
            CloudRefused: another job makes one, or the collections belong to another model.
            CloudUnavailable: no answer in time.
        """
        record = self._parts.records.read()
        if (held := record.building) is not None:
            generation = held.generation
            record.begun(generation, self._owner, self._parts.now())  # raises who holds it
            self._made(generation.number, generation.shards, generation.model)
        else:
            made = self._made(record.next_number, shards, model)
            generation = Generation(record.next_number, shards, made)
        self._replace(record, lambda it: it.begun(generation, self._owner, self._parts.now()))
        self._held_until = self._parts.now() + LEASE_SECONDS
        return ShardedCollections(self._parts.prefix, generation)

    def stay(self) -> None:
        """Keep others away for a while longer; cheap to call again and again.

        Raises:
            CloudRefused: another job has taken the generation over.
        """
        now = self._parts.now()
        if now + LEASE_SECONDS / 2 < self._held_until:
            return
        self._replace(self._parts.records.read(), lambda it: it.renewed(self._owner, now))
        self._held_until = now + LEASE_SECONDS

    def in_force(self) -> ShardedCollections | None:
        """The collections that are searched now; None where there are none."""
        current = self._parts.records.read().in_force
        return None if current is None else ShardedCollections(self._parts.prefix, current)

    def missing(
        self, collections: ShardedCollections, before: ShardedCollections | None
    ) -> Sequence[CloudId]:
        """The people in the collections of before who are not in others."""
        if before is None:
            return ()
        there = self._people(collections.names)
        return sorted(self._people(before.names) - there)

    def switch(self) -> Generation:
        """Put the generation in force; returns it.

        Raises:
            CloudRefused: another job has taken it over.
        """
        record = self._parts.records.read()
        new = self._replace(record, lambda it: it.switched(self._owner, self._parts.now()))
        if new.in_force is None:
            raise AssertionError("a switch puts a generation in force")
        return new.in_force

    def give_up(self) -> None:
        """Leave the generation, to be deleted."""
        record = self._parts.records.read()
        self._replace(record, lambda it: it.given_up(self._owner, self._parts.now()))

    def _people(self, names: Sequence[str]) -> set[CloudId]:
        """Those whose faces count."""
        rows = (row for name in names for row in self._parts.metadata.everybody(name))
        leaving = FacesState.LEAVING
        return {row.person for row in rows if row.faces and row.state is not leaving}

    def _made(self, number: int, shards: int, model: ModelVersion | None) -> ModelVersion:
        """Make the collections; the model that all of them belong to.

        Raises:
            CloudRefused: they belong to different models, or not to that one.
        """
        found = model
        for shard in range(shards):
            name = collection_name(self._parts.prefix, number, shard)
            made = self._parts.service.create_collection(name, seconds=CALL_SECONDS)
            if found is not None and made != found:
                raise CloudRefused(
                    f"The collection {name} belongs to face model {made}, not to {found}.",
                    "AWS decides which model new collections have: fill the next generation.",
                )
            found = made
        if found is None:
            raise AssertionError("a generation has a shard")
        return found

    def _replace(
        self, record: Generations, change: Callable[[Generations], Generations]
    ) -> Generations:
        return replaced(self._parts.records, record, change)


def replaced(
    records: GenerationRecords,
    record: Generations,
    change: Callable[[Generations], Generations],
) -> Generations:
    """The record, changed; what others change meanwhile is kept.

    Raises:
        CloudRefused: the change cannot be made to what is there by now.
        CloudUnavailable: others changed it again and again.
    """
    for _ in range(ATTEMPTS):
        new = change(record)
        if records.replace(record, new):
            return new
        record = records.read()
    raise CloudUnavailable(
        "Which collections are in force is changed by others again and again.", "Try it later."
    )


def delete_retired(parts: BuildingParts, grace: float, *, dry_run: bool) -> Sequence[str]:
    """Delete the generations that are searched no longer, with every face and row of theirs.

    Args:
        parts: what it is done with.
        grace: only what has been so for so many seconds.
        dry_run: True to only say which.

    Returns:
        The names of the collections.

    Raises:
        CloudRefused: it is refused.
        CloudUnavailable: no answer in time. It may be tried again.
    """
    deleted: list[str] = []
    for left in parts.records.read().retired:
        if parts.now() - left.since < grace:
            continue
        names = ShardedCollections(parts.prefix, left.generation).names
        deleted += names
        if dry_run:
            continue
        for name in names:
            parts.service.delete_collection(name, seconds=CALL_SECONDS)
            for row in [*parts.metadata.everybody(name)]:
                parts.metadata.delete(row)
        number = left.generation.number
        replaced(parts.records, parts.records.read(), lambda it, n=number: it.deleted(n))  # type: ignore[misc]
    return deleted


def check_all(service: FaceService, collections: ShardedCollections) -> None:
    """Raises CloudRefused: a collection is missing, or belongs to another model."""
    for name in collections.names:
        checked_facts(service, collections, name, seconds=CALL_SECONDS)
