"""Rekognition in memory, by its port, for tests of what the flows decide; the wire has its own.

A picture is the text `name-detail`: pictures of one name are of one person. As with AWS, a face
that is a user's cannot be deleted, a deleted user leaves their faces, indexing has no token, and
one that comes again with other parameters is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from kiosk.domain.cloud.faces import (
    CloudId,
    CollectionFacts,
    DetectedFace,
    FaceId,
    IndexedFace,
    Match,
    ModelVersion,
    ReadText,
    SearchAnswer,
)
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.errors import CloudRefused, CloudUnavailable

MODEL = ModelVersion("7.0")
GOOD = DetectedFace(
    *(99.9, 0.2, 0.2, 0.6, 0.6, 0.0, 0.0, 0.0, 80.0, 80.0), eyes_open=True, sunglasses=False
)
TWINS = frozenset({"anna", "hanna"})
"""Names of two people whom the service takes for one."""


def picture(name: str, detail: str = "1") -> FacePicture:
    """A picture of somebody."""
    return FacePicture(f"{name}-{detail}".encode(), 400, 400)


def similarity(one: bytes, other: bytes) -> float:
    """How alike two pictures are."""
    names = {it.decode().split("-")[0] for it in (one, other)}
    return 99.7 if len(names) == 1 or names == TWINS else 3.0


@dataclass
class _Collection:
    model: ModelVersion = MODEL
    faces: dict[FaceId, tuple[IndexedFace, bytes]] = field(default_factory=dict)
    users: set[CloudId] = field(default_factory=set)


class MemoryFaces:
    """The service; see `FaceService`.

    Attributes:
        calls: the names of the methods that were called, in order.
        fail: the next call of a method raises this error, before or after its work is done.
        seen: what is wrong with pictures, by their text.
    """

    def __init__(self) -> None:
        self.held: dict[str, _Collection] = {}
        self.calls: list[str] = []
        self.fail: dict[str, tuple[Exception, bool]] = {}
        self.seen: dict[bytes, Sequence[DetectedFace]] = {}
        self._numbers = count(1)
        self._tokens: dict[tuple[str, str], tuple[object, ...]] = {}

    def faces_of(self, person: CloudId) -> dict[str, set[FaceId]]:
        """The faces of somebody, by collection."""
        return {
            name: {face for face, (it, _) in held.faces.items() if it.person == person}
            for name, held in self.held.items()
        }

    # -- the port --------------------------------------------------------------------------------

    def create_collection(self, name: str, **_seconds: float) -> ModelVersion:
        return self.held.setdefault(name, _Collection()).model

    def describe_collection(self, name: str, **_seconds: float) -> CollectionFacts | None:
        held = self.held.get(name)
        if held is None:
            return None
        return CollectionFacts(name, held.model, len(held.faces), len(held.users))

    def collections(self, **_seconds: float) -> Sequence[tuple[str, ModelVersion]]:
        self._called("collections")
        return [(name, held.model) for name, held in self.held.items()]

    def delete_collection(self, name: str, **_seconds: float) -> None:
        self.held.pop(name, None)

    def detect_faces(self, picture: bytes, **_seconds: float) -> Sequence[DetectedFace]:
        self._called("detect_faces")
        return self.seen.get(picture, (GOOD,))

    def compare_faces(
        self, source: bytes, target: bytes, threshold: float, **_seconds: float
    ) -> Sequence[float]:
        self._called("compare_faces")
        found = similarity(source, target)
        return [found] if found >= threshold else []

    def search(
        self, collection: str, picture: bytes, threshold: float, **_seconds: float
    ) -> SearchAnswer:
        self._called("search")
        held = self._held(collection)
        best: dict[CloudId, float] = {}
        for face, of in held.faces.values():
            found = similarity(picture, of)
            if face.user is not None and found >= threshold:
                best[face.user] = max(found, best.get(face.user, 0.0))
        matches = sorted((Match(*each) for each in best.items()), key=lambda it: -it.similarity)
        return SearchAnswer(held.model, tuple(matches))

    def detect_text(self, _picture: bytes, **_seconds: float) -> Sequence[ReadText]:
        return ()

    def index_face(
        self, collection: str, picture: bytes, person: CloudId, **_seconds: float
    ) -> tuple[FaceId, ModelVersion] | None:
        self._called("index_face")
        held = self._held(collection)
        if picture.startswith(b"unusable"):
            return None
        face = FaceId(f"face-{next(self._numbers)}")
        held.faces[face] = (IndexedFace(face, person), picture)
        self._answered("index_face")
        return face, held.model

    def create_user(self, collection: str, person: CloudId, token: str, **_seconds: float) -> None:
        self._called("create_user")
        self._once("create_user", token, collection, person)
        self._held(collection).users.add(person)
        self._answered("create_user")

    def associate_faces(
        self,
        collection: str,
        person: CloudId,
        faces: Sequence[FaceId],
        token: str,
        **_seconds: float,
    ) -> Sequence[FaceId]:
        self._called("associate_faces")
        self._once("associate_faces", token, collection, person, *faces)
        held = self._held(collection)
        if person not in held.users:
            raise CloudRefused("There is no such user.", "")
        there = [face for face in faces if face in held.faces]
        for face in there:
            self._put(held, face, person)
        self._answered("associate_faces")
        return there

    def disassociate_faces(
        self,
        collection: str,
        person: CloudId,
        faces: Sequence[FaceId],
        token: str,
        **_seconds: float,
    ) -> None:
        self._called("disassociate_faces")
        self._once("disassociate_faces", token, collection, person, *faces)
        held = self._held(collection)
        for face in faces:
            if face in held.faces and held.faces[face][0].user == person:
                self._put(held, face, None)
        self._answered("disassociate_faces")

    def delete_user(self, collection: str, person: CloudId, token: str, **_seconds: float) -> None:
        self._called("delete_user")
        self._once("delete_user", token, collection, person)
        held = self._held(collection)
        held.users.discard(person)
        for face, (it, _) in held.faces.items():
            if it.user == person:
                self._put(held, face, None)
        self._answered("delete_user")

    def delete_faces(
        self, collection: str, faces: Sequence[FaceId], **_seconds: float
    ) -> Sequence[FaceId]:
        self._called("delete_faces")
        held = self._held(collection)
        for face in faces:
            if face in held.faces and held.faces[face][0].user is None:
                del held.faces[face]
        self._answered("delete_faces")
        return [face for face in faces if face not in held.faces]

    def faces(
        self, collection: str, person: CloudId | None = None, **_seconds: float
    ) -> Iterator[IndexedFace]:
        self._called("faces")
        found = [face for face, _ in self._held(collection).faces.values()]
        return iter([face for face in found if person in (None, face.user)])

    def users(self, collection: str, **_seconds: float) -> Iterator[CloudId]:
        self._called("users")
        return iter(sorted(self._held(collection).users))

    # -- internals -------------------------------------------------------------------------------

    def _held(self, name: str) -> _Collection:
        if name not in self.held:
            raise CloudRefused(f"There is no collection {name}.", "")
        return self.held[name]

    def _put(self, held: _Collection, face: FaceId, user: CloudId | None) -> None:
        indexed, of = held.faces[face]
        held.faces[face] = (replace(indexed, user=user), of)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name in self.fail and not self.fail[name][1]:
            raise self.fail.pop(name)[0]

    def _once(self, name: str, token: str, *details: object) -> None:
        if self._tokens.setdefault((name, token), details) != details:
            raise CloudRefused(f"A token of {name} was used for another request before.", "")

    def _answered(self, name: str) -> None:
        if name in self.fail and self.fail[name][1]:
            raise self.fail.pop(name)[0]


def gone() -> CloudUnavailable:
    """No answer in time."""
    return CloudUnavailable("Rekognition did not answer in time.", "Try again.")
