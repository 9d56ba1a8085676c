"""One person's faces into one collection, from photographs that passed the local gates.

The row of the person says beforehand what is begun. Whoever is interrupted leaves at most faces
that no row names; these are found by a listing, and deleted before the person is begun again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum

from kiosk.cloud.metadata.port import Metadata
from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.faces import CloudId, FaceId
from kiosk.domain.cloud.flows import CloudFlow, FlowIntent, FlowStep, PersonFaces
from kiosk.domain.cloud.shards import ShardedCollections
from kiosk.domain.errors import CloudRefused, CloudUnavailable

CALL_SECONDS = 60.0
"""For a call of a job, its wait for the quota included."""
TOKEN_BYTES = 16


class PlacingEnd(Enum):
    """What became of a person; the value is that in reports."""

    INDEXED = "indexed"
    THERE = "unchanged"
    """They are in the collection already."""
    NOT_TAKEN = "not_taken"
    """Rekognition's own quality filter took none of their photographs."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of a person and of each of their photographs.

    Attributes:
        end: of the person.
        taken: whether each photograph is in the collection now, in their order.
    """

    end: PlacingEnd
    taken: tuple[bool, ...]


@dataclass(frozen=True)
class PlacingParts:
    """What faces are placed with.

    Attributes:
        service: Rekognition.
        metadata: of the site.
        collections: that are filled.
        owner: says in the rows who placed them.
        users: True to make a user of each person's faces.
        now: seconds since 1970.
    """

    service: FaceService
    metadata: Metadata
    collections: ShardedCollections
    owner: str
    users: bool
    now: Callable[[], float]


class Placing:
    """Places people's faces. Any thread may use it, for different people.

    Args:
        parts: what it is done with.
    """

    def __init__(self, parts: PlacingParts) -> None:
        self._parts = parts

    def place(
        self,
        person: CloudId,
        pictures: Sequence[bytes],
        consent: str,
        leftovers: Sequence[FaceId] = (),
    ) -> Placed:
        """Place a person's faces; somebody whose faces are there stays as they are.

        Args:
            person: whose they are.
            pictures: JPEG of the one face each, at least one.
            consent: what they agreed to, as the row says it.
            leftovers: faces of theirs that were listed; those that no row names are deleted first.

        Raises:
            CloudUnavailable: no answer in time. It may be tried again, with a listing.
            CloudRefused: the service refuses it, or its answer makes no sense.
            StoreError: the kiosk's own database cannot be used.
        """
        parts, collection = self._parts, self._parts.collections.of(person)
        row = parts.metadata.get(person, collection)
        if row is not None and row.faces:
            return Placed(PlacingEnd.THERE, (True,) * len(pictures))
        token = secrets.token_hex(TOKEN_BYTES)
        if leftovers:
            clear(parts.service, collection, person, leftovers, users=parts.users)
        row = self._begun(row or PersonFaces(person, collection), token, len(pictures), consent)
        found: list[FaceId | None] = []
        try:
            if parts.users:
                parts.service.create_user(collection, person, token, seconds=CALL_SECONDS)
            for each in pictures:  # one by one: what was indexed before a refusal is undone
                found += (self._indexed(collection, person, each),)
            faces = self._associated(row, [face for face in found if face is not None], token)
        except CloudRefused:
            with suppress(CloudRefused, CloudUnavailable):
                self._undo(row, [face for face in found if face is not None])
            raise
        if not faces:
            self._undo(row, ())
            return Placed(PlacingEnd.NOT_TAKEN, (False,) * len(pictures))
        parts.metadata.put(replace(row, faces=tuple(faces), intent=None))
        return Placed(PlacingEnd.INDEXED, tuple(face in faces for face in found))

    def _begun(self, row: PersonFaces, token: str, pictures: int, consent: str) -> PersonFaces:
        """The row of somebody who is not in the collection yet, with what is to be done."""
        parts = self._parts
        intent = FlowIntent(CloudFlow.REGISTRATION, FlowStep.INDEX, token, pictures, at=parts.now())
        model = parts.collections.model
        begun = replace(row, model=model, consent=consent, owner=parts.owner, intent=intent)
        return parts.metadata.put(begun)

    def _indexed(self, collection: str, person: CloudId, picture: bytes) -> FaceId | None:
        answer = self._parts.service.index_face(collection, picture, person, seconds=CALL_SECONDS)
        if answer is None:
            return None
        face, model = answer
        if model != self._parts.collections.model:
            raise CloudRefused(
                f"The collection {collection} belongs to face model {model}, not to"
                f" {self._parts.collections.model}.",
                "Compare the collections with the metadata, and fill a new generation.",
            )
        return face

    def _associated(
        self, row: PersonFaces, faces: Sequence[FaceId], token: str
    ) -> Sequence[FaceId]:
        """The faces that count; those that the user does not take are deleted again."""
        parts = self._parts
        if not parts.users or not faces:
            return faces
        taken = parts.service.associate_faces(
            row.collection, row.person, faces, f"{token}-faces", seconds=CALL_SECONDS
        )
        if left := [face for face in faces if face not in taken]:
            parts.service.delete_faces(row.collection, left, seconds=CALL_SECONDS)
        return [face for face in faces if face in taken]

    def _undo(self, row: PersonFaces, faces: Sequence[FaceId]) -> None:
        """Leave nothing of somebody."""
        parts = self._parts
        clear(parts.service, row.collection, row.person, faces, users=parts.users)
        parts.metadata.delete(row)


def clear(
    service: FaceService,
    collection: str,
    person: CloudId,
    faces: Sequence[FaceId],
    *,
    users: bool = True,
) -> None:
    """Delete a person's user, and then these faces: a face that is a user's is not deleted.

    Raises:
        CloudUnavailable: no answer in time, or a face is not gone yet.
        CloudRefused: it is refused.
    """
    if users:
        token = secrets.token_hex(TOKEN_BYTES)
        service.delete_user(collection, person, token, seconds=CALL_SECONDS)
    if not faces:
        return
    gone = service.delete_faces(collection, faces, seconds=CALL_SECONDS)
    if left := [face for face in faces if face not in gone]:
        raise CloudUnavailable(
            f"{len(left)} faces in the collection {collection} could not be deleted yet.",
            "Try it again later.",
        )
