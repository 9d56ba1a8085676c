"""How collections and metadata differ: found by comparing two whole readings, changed by nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from kiosk.cloud.jobs.listing import CollectionListing
from kiosk.domain.cloud.faces import CloudId, FaceId
from kiosk.domain.cloud.flows import PersonFaces
from kiosk.domain.cloud.shards import ShardedCollections

OLD_SECONDS = 900.0
"""A flow that was begun so long ago, and has not ended, is told of."""


class DriftKind(Enum):
    """A way to differ; the value is that in reports."""

    ORPHAN = "orphan"
    """A face of nobody, or of somebody who has no row."""
    UNRECORDED = "unrecorded"
    """Faces of somebody who agreed to it, and whose row is lost or names only faces of before."""
    DOUBLED = "doubled"
    """A face beside those that the person's row names."""
    MISSING = "missing"
    """A face that a row names is not in the collection."""
    WRONG_SHARD = "wrong_shard"
    """A face or a row lies in a collection where nobody looks for this person."""
    NO_USER = "no_user"
    """A person's faces have no user, or are not associated with theirs."""
    STRAY_USER = "stray_user"
    """A user whose person has no faces that count."""
    UNKNOWN_HERE = "unknown_here"
    """The same of somebody who is unknown here, and whom another kiosk of the fleet may know."""
    NO_CONSENT = "no_consent"
    """Somebody did not agree to it, or withdrew, or is enrolled no longer."""
    UNFINISHED = "unfinished"
    """A flow was begun long ago and has not ended."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference.

    Attributes:
        kind: which.
        collection: where.
        person: whose; None for faces of nobody.
        faces: that it is about.
    """

    kind: DriftKind
    collection: str
    person: CloudId | None = None
    faces: tuple[FaceId, ...] = ()


@dataclass(frozen=True)
class DriftRules:
    """What is right.

    Attributes:
        agreed: the people who are enrolled here and agreed to it.
        known: everybody who is enrolled here.
        alone: True if nobody but this kiosk registers people: whom it does not know, nobody knows.
        now: seconds since 1970.
    """

    agreed: Collection[CloudId]
    known: Collection[CloudId]
    alone: bool
    now: float

    def allowed(self, person: CloudId) -> bool:
        """True unless it is known that somebody's faces must not be there."""
        if person in self.known:
            return person in self.agreed
        return not self.alone


def drifts(
    collections: ShardedCollections,
    listing: CollectionListing,
    rows: Sequence[PersonFaces],
    rules: DriftRules,
) -> Iterator[Drift]:
    """How one collection differs from its rows.

    Args:
        collections: of its generation.
        listing: what it holds.
        rows: that are about it.
        rules: what is right.
    """
    name = listing.name
    if listing.foreign:
        yield Drift(DriftKind.ORPHAN, name, None, listing.foreign)
    by_person = {row.person: row for row in rows}
    for person in sorted({*by_person, *listing.faces, *listing.users}):
        faces, row = listing.of(person), by_person.get(person)
        if not rules.allowed(person):
            yield Drift(DriftKind.NO_CONSENT, name, person, faces)
        elif collections.of(person) != name:
            yield Drift(DriftKind.WRONG_SHARD, name, person, faces)
        elif row is None:
            yield from _unnamed(person, listing, rules)
        elif row.intent is not None:
            if rules.now - row.intent.at > OLD_SECONDS:
                yield Drift(DriftKind.UNFINISHED, name, person, faces)
        else:
            yield from _of_row(row, listing, rules)


def _unnamed(person: CloudId, listing: CollectionListing, rules: DriftRules) -> Iterator[Drift]:
    """Somebody in the collection whom no row names, and who may be there as far as is known.

    Whoever is enrolled here has agreed to it, then; the others may be another kiosk's.
    """
    whole = _associated(person, listing)
    if whole and person not in rules.known:
        yield Drift(DriftKind.UNKNOWN_HERE, listing.name, person, listing.of(person))
        return
    loose = tuple(face for face in listing.of(person) if face not in whole)
    if whole:
        yield Drift(DriftKind.UNRECORDED, listing.name, person, whole)
    elif person in listing.users:
        yield Drift(DriftKind.STRAY_USER, listing.name, person)
    if loose:
        yield Drift(DriftKind.ORPHAN, listing.name, person, loose)


def _of_row(row: PersonFaces, listing: CollectionListing, rules: DriftRules) -> Iterator[Drift]:
    person, name, listed = row.person, listing.name, listing.of(row.person)
    if row.faces and not {*row.faces} & {*listed} and _associated(person, listing):
        yield from _unnamed(person, listing, rules)  # the metadata is older than the collection
        return
    missing = tuple(face for face in row.faces if face not in listed)
    doubled = tuple(face for face in listed if face not in row.faces)
    if missing or not row.faces:
        yield Drift(DriftKind.MISSING, name, person, missing)
    if doubled:
        yield Drift(DriftKind.DOUBLED, name, person, doubled)
    there = [face for face in row.faces if face in listed]
    loose = tuple(face for face in there if face not in _associated(person, listing))
    if there and (loose or person not in listing.users):
        yield Drift(DriftKind.NO_USER, name, person, loose or tuple(there))


def _associated(person: CloudId, listing: CollectionListing) -> tuple[FaceId, ...]:
    return tuple(it.face for it in listing.faces.get(person, ()) if it.user == person)


def lasting(first: Sequence[Drift], second: Sequence[Drift]) -> Sequence[Drift]:
    """The differences that were seen twice: what is being changed, or is not listed yet, is none.

    Of each the faces that both have are kept.
    """
    before: Mapping[tuple[object, ...], Drift] = {
        (it.kind, it.collection, it.person): it for it in first
    }
    found = []
    for each in second:
        other = before.get((each.kind, each.collection, each.person))
        if other is not None:
            faces = tuple(face for face in each.faces if face in other.faces)
            if faces or not each.faces or not other.faces:
                found.append(Drift(each.kind, each.collection, each.person, faces))
    return found
