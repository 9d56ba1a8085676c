"""The state of the collections and of all that is about them, read and never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kiosk.cloud.collections import checked_facts
from kiosk.cloud.jobs.building import BuildingParts
from kiosk.cloud.jobs.placing import CALL_SECONDS
from kiosk.cloud.outbox.port import Outbox
from kiosk.domain.cloud.faces import MOST_FACES, CloudId, CollectionFacts
from kiosk.domain.cloud.flows import FacesState
from kiosk.domain.cloud.planning import ALARM_FILL
from kiosk.domain.cloud.shards import Generations, ShardedCollections
from kiosk.domain.errors import CloudRefused, CloudUnavailable


@dataclass(frozen=True, slots=True)
class OverviewTerms:
    """What the state is measured by.

    Attributes:
        thresholds: similarities that release the door, by face model.
        most_faces: that a collection holds.
        agreed: people enrolled here whose consent names the cloud.
    """

    thresholds: Mapping[str, float]
    agreed: Collection[CloudId]
    most_faces: int = MOST_FACES


@dataclass(frozen=True, slots=True)
class CloudOverview:
    """The state.

    Attributes:
        record: which generations there are.
        collections: what each collection in force says of itself.
        fill: of the fullest, 0 to 1.
        agreed: people enrolled here who agreed to it.
        indexed: those of them whose faces count.
        waiting: those of them whose faces do not, or not yet.
        others: people in the collections who are not enrolled here.
        flagged: people who resemble somebody else, and at whom nobody has looked.
        queued: work in the outboxes.
        dead: dead letters.
        warnings: what is not as it should be.
    """

    record: Generations
    collections: Sequence[CollectionFacts]
    fill: float
    agreed: int
    indexed: int
    waiting: int
    others: int
    flagged: int
    queued: int
    dead: int
    warnings: Sequence[str]


def overview(
    parts: BuildingParts, outboxes: Sequence[Outbox], terms: OverviewTerms
) -> CloudOverview:
    """The state now.

    Where the service gives no answer, that is a warning, and the rest is told all the same.

    Raises:
        CloudUnavailable: the metadata's table gives no answer in time.
        CloudRefused: it may not be read.
        StoreError: the kiosk's own database cannot be used.
    """
    record, warnings = parts.records.read(), list[str]()
    facts = [*_facts(parts, record, warnings)]
    names = () if record.in_force is None else _names(parts, record)
    rows = [row for name in names for row in parts.metadata.everybody(name)]
    counted = {it.person for it in rows if it.faces and it.state is not FacesState.LEAVING}
    indexed = counted & set(terms.agreed)
    fill = max((it.faces / terms.most_faces for it in facts), default=0.0)
    queued = sum(each.waiting() for each in outboxes)
    dead = sum(len(each.dead()) for each in outboxes)
    flagged = sum(row.duplicate_of is not None for row in rows)
    warnings += _warned(record, terms, facts)
    if dead:
        warnings.append(f"{dead:,} dead letters wait for somebody to look at them.")
    if flagged:
        warnings.append(f"{flagged:,} people resemble somebody else: look who they are.")
    return CloudOverview(
        record,
        facts,
        fill,
        len(terms.agreed),
        len(indexed),
        len(terms.agreed) - len(indexed),
        len(counted - set(terms.agreed)),
        flagged,
        queued,
        dead,
        tuple(warnings),
    )


def _names(parts: BuildingParts, record: Generations) -> Sequence[str]:
    if record.in_force is None:
        return ()
    return ShardedCollections(parts.prefix, record.in_force).names


def _facts(
    parts: BuildingParts, record: Generations, warnings: list[str]
) -> Sequence[CollectionFacts]:
    """What the collections in force say; those that are not as they should be are told of."""
    if record.in_force is None:
        return ()
    collections = ShardedCollections(parts.prefix, record.in_force)
    found = []
    for name in collections.names:
        try:
            found.append(checked_facts(parts.service, collections, name, seconds=CALL_SECONDS))
        except CloudRefused as error:
            warnings.append(str(error))
        except CloudUnavailable as error:  # nor do the others answer, and each would be waited for
            warnings.append(str(error))
            break
    return found


def _warned(
    record: Generations, terms: OverviewTerms, facts: Sequence[CollectionFacts]
) -> Sequence[str]:
    found = []
    if record.in_force is None:
        found.append("No collections are in force: nobody can be searched.")
    elif record.in_force.model not in terms.thresholds:
        found.append(
            f"cloud.thresholds has no similarity for face model {record.in_force.model}: the"
            " cloud releases no door."
        )
    found += [
        f"The collection {each.name} holds {each.faces:,} of {terms.most_faces:,} faces: fill a new"
        " generation with more shards."
        for each in facts
        if each.faces >= terms.most_faces * ALARM_FILL
    ]
    if record.building is not None:
        found.append(f"Generation {record.building.generation.number} is being filled.")
    if record.retired:
        numbers = ", ".join(str(it.generation.number) for it in record.retired)
        found.append(
            f"The collections of generation {numbers} are searched no longer: delete them a day"
            " after the new ones came into force."
        )
    return found
