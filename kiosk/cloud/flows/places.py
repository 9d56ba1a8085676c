"""In which collections the flows work: those in force, as others may change them at any time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kiosk.domain.cloud.shards import Generation, Generations, ShardedCollections
from kiosk.domain.errors import CloudRefused, CloudUnavailable
from kiosk.domain.remedies import NextStep, Remedy


class InForce(Protocol):
    """Says which collections are in force; see `kiosk.cloud.collections`."""

    def current(self, *, seconds: float) -> ShardedCollections:
        """The collections in force; those of a minute ago serve too."""
        ...


class FlowPlaces:
    """Which collections are in force: quickly for a judgement, exactly for what is registered.

    Args:
        collections: keeps what it has read for a while.
        read: reads which generation is in force.
        prefix: what the collections' names begin with.
    """

    def __init__(self, collections: InForce, read: Callable[[], Generations], prefix: str) -> None:
        self._collections, self._read, self.prefix = collections, read, prefix

    def recent(self, *, seconds: float) -> ShardedCollections:
        """The collections in force, or those of a minute ago. Raises as `InForce`."""
        return self._collections.current(seconds=seconds)

    def now(self, *, seconds: float) -> ShardedCollections:
        """The collections in force now.

        Args:
            seconds: the most that it may take to look whether they are as they were.

        Raises:
            CloudRefused: there are none.
            CloudUnavailable, StoreError: the record cannot be read.
        """
        recent, generation = self.recent(seconds=seconds), self._generation()
        if recent.generation == generation:
            return recent
        return ShardedCollections(self.prefix, generation)

    def refuse_other_than(self, place: ShardedCollections) -> None:
        """Find that these are still in force.

        Raises:
            CloudUnavailable: others are in force by now, where the work has to be done again.
            CloudRefused, StoreError: as `now`.
        """
        if self._generation() != place.generation:
            raise CloudUnavailable(
                "Other collections came into force while somebody was registered.",
                "It is done again in those.",
            )

    def _generation(self) -> Generation:
        generation = self._read().in_force
        if generation is None:
            raise CloudRefused(
                "No collections of faces are in force.",
                Remedy("Make them first.", NextStep.MAKE_CLOUD),
            )
        return generation
