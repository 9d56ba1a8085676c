"""Where people's faces are: collections, in shards, in generations.

A collection is tied to its face model for ever (R45), so that a new model needs new collections.
Those that were made together are a generation; it has a number, and one collection for each shard.
Which generation is searched is one record, `Generations`. Whoever changes it compares it first with
what they have read, and changes it as a whole: of two who begin at once one is told so.

Times are seconds since 1970, of the clock of whoever writes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.domain.cloud.faces import CloudId, ModelVersion
from kiosk.domain.errors import CloudRefused

LEASE_SECONDS = 300.0
"""How long a builder who has stopped keeps others from beginning."""
MOST_SHARDS = 100
_DIGITS = 8


def shard_of(person: CloudId, shards: int) -> int:
    """The shard of a person's faces. Ids are spread evenly, so that the shards are."""
    if not 1 <= shards <= MOST_SHARDS:
        raise ValueError(f"there are 1 to {MOST_SHARDS} shards, not {shards}")
    return int(person[:_DIGITS], 16) % shards


@dataclass(frozen=True, slots=True)
class Generation:
    """Collections that were made together.

    Attributes:
        number: from 1.
        shards: how many collections there are.
        model: the version of their face model, the same for all.
    """

    number: int
    shards: int
    model: ModelVersion

    def __post_init__(self) -> None:
        if self.number < 1 or not 1 <= self.shards <= MOST_SHARDS or not self.model:
            raise ValueError(f"a generation has a number, 1 to {MOST_SHARDS} shards, and a model")


def collection_name(prefix: str, number: int, shard: int) -> str:
    """The name of a shard's collection, such as `lintel-g1-0`."""
    return f"{prefix}-g{number}-{shard}"


def place_of(prefix: str, name: str) -> tuple[int, int] | None:
    """The generation's number and the shard that a name says; None if it is no name of ours."""
    number, _, shard = name.removeprefix(f"{prefix}-g").partition("-")
    if not (number.isdecimal() and shard.isdecimal()) or len(number + shard) > _DIGITS:
        return None
    place = int(number), int(shard)
    return place if collection_name(prefix, *place) == name else None


@dataclass(frozen=True, slots=True)
class ShardedCollections:
    """The collections of one generation, by name.

    Attributes:
        prefix: what their names begin with.
        generation: whose they are.
    """

    prefix: str
    generation: Generation

    @property
    def model(self) -> ModelVersion:
        """The version of their face model."""
        return self.generation.model

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, for a search of somebody unknown (R44)."""
        number = self.generation.number
        return tuple(collection_name(self.prefix, number, s) for s in range(self.generation.shards))

    def of(self, person: CloudId) -> str:
        """The one that holds a person's faces (R43)."""
        return self.names[shard_of(person, self.generation.shards)]


@dataclass(frozen=True, slots=True)
class Building:
    """A generation that somebody fills.

    Attributes:
        generation: it.
        owner: a random id of whoever fills it; an interrupted job goes on with the same.
        until: when others may take it over.
    """

    generation: Generation
    owner: str
    until: float


@dataclass(frozen=True, slots=True)
class Retired:
    """A generation that is searched no longer.

    Attributes:
        generation: it.
        since: when the next one came into force.
    """

    generation: Generation
    since: float


@dataclass(frozen=True, slots=True)
class Generations:
    """Which generations there are: the whole record.

    Attributes:
        revision: how often it was changed; 0 for a record that was never written.
        in_force: the one that is searched; None before the first.
        building: the one that is being filled beside it; None if none is.
        retired: those that are left, oldest first. Their collections are not deleted yet.
        last_number: the highest number that was ever used.
    """

    revision: int = 0
    in_force: Generation | None = None
    building: Building | None = None
    retired: tuple[Retired, ...] = ()
    last_number: int = 0

    @property
    def next_number(self) -> int:
        """The number of the next generation; none is ever used again."""
        return self.last_number + 1

    @property
    def present(self) -> tuple[Generation, ...]:
        """All whose collections there may be: a withdrawal has to look into each."""
        current = () if self.in_force is None else (self.in_force,)
        building = () if self.building is None else (self.building.generation,)
        return (*(it.generation for it in self.retired), *current, *building)

    def begun(self, generation: Generation, owner: str, now: float) -> Generations:
        """The record with a generation that is filled from now on, or taken over, or renewed.

        Raises:
            CloudRefused: somebody else fills one.
        """
        held = self.building
        if held is not None and held.owner != owner and now < held.until:
            raise CloudRefused(
                f"Generation {held.generation.number} of the collections is being filled"
                f" by another job, for {held.until - now:,.0f} more seconds at least.",
                "Wait until it is in force; if that job is dead, begin again after this time.",
            )
        retired = self.retired
        if held is None or held.generation != generation:
            if generation.number < self.next_number:
                raise ValueError("a generation that was there before is never filled again")
            if held is not None:
                retired += (Retired(held.generation, now),)
        return self._next(
            building=Building(generation, owner, now + LEASE_SECONDS),
            retired=retired,
            last_number=generation.number,
        )

    def renewed(self, owner: str, now: float) -> Generations:
        """The record with more time for whoever fills a generation.

        Raises:
            CloudRefused: it was taken over, or given up.
        """
        return self.begun(self._held_by(owner).generation, owner, now)

    def switched(self, owner: str, now: float) -> Generations:
        """The record with the generation that was filled in force.

        Raises:
            CloudRefused: it was taken over, or given up.
        """
        held = self._held_by(owner)
        retired = self.retired
        if self.in_force is not None:
            retired += (Retired(self.in_force, now),)
        return self._next(in_force=held.generation, building=None, retired=retired)

    def given_up(self, owner: str, now: float) -> Generations:
        """The record with the generation that was filled left, to be deleted.

        Raises:
            CloudRefused: it was taken over, or given up.
        """
        left = Retired(self._held_by(owner).generation, now)
        return self._next(building=None, retired=(*self.retired, left))

    def deleted(self, number: int) -> Generations:
        """The record without a generation that was left, once its collections are deleted."""
        return self._next(
            retired=tuple(it for it in self.retired if it.generation.number != number)
        )

    def _held_by(self, owner: str) -> Building:
        if self.building is None or self.building.owner != owner:
            raise CloudRefused(
                "Another job has taken over the collections that this one filled.",
                "Leave it to the other job.",
            )
        return self.building

    def _next(self, **changes: object) -> Generations:
        return replace(self, revision=self.revision + 1, **changes)  # type: ignore[arg-type]
