"""Everything that is in collections, read from end to end: whose faces there are, and which users.

Rekognition finds nobody by an external id, so that each question about people who are in no
answer is answered by a whole listing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.faces import CloudId, FaceId, IndexedFace

PAGE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class CollectionListing:
    """What one collection holds.

    Attributes:
        name: its name.
        faces: each person's, by their id.
        foreign: faces with no id of ours, or with that of another in whose user they are.
        users: the people who have a user.
    """

    name: str
    faces: Mapping[CloudId, tuple[IndexedFace, ...]]
    foreign: tuple[FaceId, ...]
    users: frozenset[CloudId]

    def of(self, person: CloudId) -> tuple[FaceId, ...]:
        """The faces of a person."""
        return tuple(it.face for it in self.faces.get(person, ()))

    @property
    def count(self) -> int:
        """All faces."""
        return len(self.foreign) + sum(len(each) for each in self.faces.values())


@dataclass(slots=True)
class _Found:
    faces: dict[CloudId, list[IndexedFace]] = field(default_factory=dict)
    foreign: list[FaceId] = field(default_factory=list)


def listed(service: FaceService, collection: str) -> CollectionListing:
    """Everything in a collection.

    Raises:
        CloudRefused: there is none of that name, or listing it is refused.
        CloudUnavailable: no answer in time.
    """
    found = _Found()
    for face in service.faces(collection, seconds=PAGE_SECONDS):
        _put(found, face)
    users = frozenset(service.users(collection, seconds=PAGE_SECONDS))
    faces = {person: tuple(own) for person, own in found.faces.items()}
    return CollectionListing(collection, faces, tuple(found.foreign), users)


def all_listed(service: FaceService, names: Iterable[str]) -> Mapping[str, CollectionListing]:
    """Everything in several collections, by their names."""
    return {name: listed(service, name) for name in names}


def _put(found: _Found, face: IndexedFace) -> None:
    if face.person is None or face.user not in (None, face.person):
        found.foreign.append(face.face)
    else:
        found.faces.setdefault(face.person, []).append(face)
