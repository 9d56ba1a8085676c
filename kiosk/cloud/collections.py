"""The collections that are searched: read from the metadata, and checked with Rekognition.

What was read is kept for a while. If one of them does not answer, the last that was known stays in
use for an hour, and is not looked for again at once; an older generation is deleted later than that
hour at the earliest. Only five collections a second can be checked: a look goes on from where the
one before ended.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.faces import CollectionFacts
from kiosk.domain.cloud.shards import Generations, ShardedCollections
from kiosk.domain.errors import CloudRefused, CloudUnavailable, StoreError

FRESH_SECONDS = 60.0
"""How long it is not looked again which generation is in force."""
CHECKED_SECONDS = 3600.0
"""How long it is not looked again whether each collection is there."""
PAUSE_SECONDS = 10.0
"""How long it is not looked again after nobody answered, if something is known."""
STALE_SECONDS = 3600.0
"""How long the last that was known is used while nothing answers."""
CALL_SECONDS = 5.0
"""The most that one collection is waited for."""
_NONE_YET = "Make them first, and enrol people into them."


class GenerationRecords(Protocol):
    """Where the record of the generations is kept: one for all kiosks of a site.

    Every call raises:
        CloudUnavailable: it gives no answer now.
        CloudRefused: access is refused, or what is there makes no sense.
        StoreError: the kiosk's own database cannot be used.
    """

    def read(self) -> Generations:
        """The record; one of revision 0 if there is none."""
        ...

    def replace(self, old: Generations, new: Generations) -> bool:
        """Write a record; False if another than `old` is there by now, and nothing is written."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    collections: ShardedCollections
    read_at: float


class CollectionsInForce:
    """Says which collections are searched.

    Args:
        service: Rekognition.
        records: where it is kept which generation is in force.
        prefix: what the collections' names begin with.
        monotonic: a clock that only goes forward, in seconds.
    """

    def __init__(
        self,
        service: FaceService,
        records: GenerationRecords,
        prefix: str,
        monotonic: Callable[[], float],
    ) -> None:
        self._service, self._records, self._prefix = service, records, prefix
        self._monotonic = monotonic
        self._turn = threading.Lock()
        self._known: _Known | None = None
        self._next_look = -math.inf
        self._looked_for: ShardedCollections | None = None
        self._checked: dict[str, float] = {}
        self._closed = False

    def known(self) -> ShardedCollections | None:
        """What was read within the last hour; asks nobody."""
        known, now = self._known, self._monotonic()
        if known is None or now - known.read_at > STALE_SECONDS:
            return None
        return known.collections

    def current(self, *, seconds: float) -> ShardedCollections:
        """The collections in force; asks only if what is known is older than a minute.

        Any thread may call it; one at a time asks, and the others wait for it.

        Args:
            seconds: the most that this may take.

        Raises:
            CloudRefused: there are none, one is missing, or one belongs to another model.
            CloudUnavailable: nothing is known, and nobody answers.
            StoreError: nothing is known, and the kiosk's own database cannot be used.
        """
        deadline = self._monotonic() + seconds
        if not self._turn.acquire(timeout=max(0.0, seconds)):
            if (last := self.known()) is None:
                raise CloudUnavailable("The collections did not all answer in time.")
            return last
        try:
            return self._looked(deadline)
        finally:
            self._turn.release()

    def close(self) -> None:
        """Have a look that is under way end with the collection that it is at; none is begun."""
        self._closed = True

    def _looked(self, deadline: float) -> ShardedCollections:
        last, now = self.known(), self._monotonic()
        if last is not None and now <= self._next_look:
            return last
        try:
            self._known = known = self._read(now, deadline)
        except CloudRefused:
            self._known = None
            raise
        except (CloudUnavailable, StoreError):
            self._next_look = self._monotonic() + PAUSE_SECONDS
            if (last := self.known()) is None:
                raise
            return last
        self._next_look = now + FRESH_SECONDS
        return known.collections

    def _read(self, now: float, deadline: float) -> _Known:
        generation = self._records.read().in_force
        if generation is None:
            raise CloudRefused("No collections of faces are in force.", _NONE_YET)
        collections = ShardedCollections(self._prefix, generation)
        if collections != self._looked_for:
            self._looked_for, self._checked = collections, {}
        for name in collections.names:
            if now - self._checked.get(name, -math.inf) > CHECKED_SECONDS:
                self._check(collections, name, deadline)
        return _Known(collections, now)

    def _check(self, collections: ShardedCollections, name: str, deadline: float) -> None:
        if self._closed:
            raise CloudUnavailable("The collections are looked at no longer.")
        left = deadline - self._monotonic()
        checked_facts(self._service, collections, name, seconds=min(left, CALL_SECONDS))
        self._checked[name] = self._monotonic()


def checked_facts(
    service: FaceService, collections: ShardedCollections, name: str, *, seconds: float
) -> CollectionFacts:
    """What one of the collections says of itself.

    Raises:
        CloudRefused: there is none of that name, or it belongs to another model.
        CloudUnavailable: no answer in time.
    """
    if seconds <= 0.0:
        raise CloudUnavailable("The collections did not all answer in time.")
    facts = service.describe_collection(name, seconds=seconds)
    if facts is None:
        raise CloudRefused(
            f"The collection {name} does not exist.",
            "See whether the region and the account are the right ones; if it was deleted, fill"
            " a new generation of collections from the photographs.",
        )
    if facts.model != collections.model:
        raise CloudRefused(
            f"The collection {name} belongs to face model {facts.model}, not to"
            f" {collections.model} as it did: it was deleted and made again.",
            "Fill a new generation of collections from the photographs.",
        )
    return facts
