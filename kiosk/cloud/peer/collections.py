"""What the peer keeps: collections with their faces and users.

Every change is a value that can be written down and done again, so that a peer that is started
again knows what it knew. Listings show a change at once; a search does when it is old enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kiosk.cloud.peer.sight import Vector, text_of, vector_of


@dataclass(slots=True)
class KeptFace:
    """An indexed face.

    Attributes:
        id, image: UUIDs.
        external: ExternalImageId; None for none.
        box: shares of the picture.
        confidence: 0 to 100.
        vector: the template.
        since: when a search finds it, seconds since 1970.
        user: whom it is associated with.
    """

    id: str
    image: str
    external: str | None
    box: tuple[float, float, float, float]
    confidence: float
    vector: Vector
    since: float
    user: str | None = None


@dataclass(slots=True)
class KeptUser:
    """A user, whose vector is the mean of their faces'.

    Attributes:
        id: UserId.
        faces: ids of the associated faces, oldest first.
        vector: of these faces; None without any.
        older: the vector that a search uses until `since`.
        since: seconds since 1970.
    """

    id: str
    faces: list[str] = field(default_factory=list)
    vector: Vector | None = None
    older: Vector | None = None
    since: float = 0.0

    def searched(self, now: float) -> Vector | None:
        """The vector that a search uses now."""
        return self.vector if now >= self.since else self.older

    def status(self, now: float) -> str:
        """UserStatus."""
        if now < self.since:
            return "UPDATING"
        return "ACTIVE" if self.faces else "CREATED"


@dataclass(slots=True)
class KeptCollection:
    """A collection; faces and users in the order in which they came."""

    name: str
    model: str
    created: float
    faces: dict[str, KeptFace] = field(default_factory=dict)
    users: dict[str, KeptUser] = field(default_factory=dict)

    def associate(self, user: str, faces: Sequence[str], since: float) -> None:
        """Associate faces, which there are, with a user, who there is."""
        for each in faces:
            self.faces[each].user = user
            self.users[user].faces.append(each)
        self._turn(self.users[user], since)

    def disassociate(self, user: str, faces: Sequence[str], since: float) -> None:
        """Take faces from a user who has them."""
        for each in faces:
            self.faces[each].user = None
            self.users[user].faces.remove(each)
        self._turn(self.users[user], since)

    def _turn(self, user: KeptUser, since: float) -> None:
        user.older, user.since = user.vector, since
        user.vector = mean([self.faces[each].vector for each in user.faces])


def mean(vectors: Sequence[Vector]) -> Vector | None:
    """The direction of the mean; None for no vectors, or if they cancel each other."""
    total = np.sum(np.asarray(vectors, np.float64), axis=0) if vectors else np.zeros(1)
    length = float(np.linalg.norm(total))
    return None if length == 0.0 else (total / length).astype(np.float32)


class KeptCollections(Mapping[str, KeptCollection]):
    """All collections, by name. `apply` is the only way in which they change."""

    def __init__(self) -> None:
        self._all: dict[str, KeptCollection] = {}

    def __getitem__(self, name: str) -> KeptCollection:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def apply(self, change: Mapping[str, Any]) -> None:
        """Do one change; KeyError where it does not fit to what there is."""
        what, name = change["do"], change["collection"]
        if what == "create":
            self._all[name] = KeptCollection(name, change["model"], change["created"])
        elif what == "drop":
            del self._all[name]
        elif what == "index":
            for said in change["faces"]:
                face = _face(said)
                self._all[name].faces[face.id] = face
        elif what == "delete":
            for each in change["faces"]:
                del self._all[name].faces[each]
        else:
            self._apply_to_user(self._all[name], what, change)

    def _apply_to_user(
        self, collection: KeptCollection, what: str, change: Mapping[str, Any]
    ) -> None:
        user = change["user"]
        if what == "create user":
            collection.users[user] = KeptUser(user)
        elif what == "delete user":
            collection.disassociate(user, list(collection.users[user].faces), 0.0)
            del collection.users[user]
        elif what == "associate":
            collection.associate(user, change["faces"], change["since"])
        elif what == "disassociate":
            collection.disassociate(user, change["faces"], change["since"])
        else:
            raise KeyError(what)

    def changes(self) -> Iterable[dict[str, Any]]:
        """The changes that make what there is now."""
        for each in self._all.values():
            named = {"collection": each.name}
            yield {"do": "create", **named, "model": each.model, "created": each.created}
            yield {"do": "index", **named, "faces": [said_of(face) for face in each.faces.values()]}
            for user in each.users.values():
                yield {"do": "create user", **named, "user": user.id}
                if user.faces:
                    about = {"user": user.id, "faces": user.faces, "since": user.since}
                    yield {"do": "associate", **named, **about}


def said_of(face: KeptFace) -> dict[str, Any]:
    """A face in a change."""
    return {
        "id": face.id,
        "image": face.image,
        "external": face.external,
        "box": list(face.box),
        "confidence": face.confidence,
        "vector": text_of(face.vector),
        "since": face.since,
    }


def _face(said: Mapping[str, Any]) -> KeptFace:
    left, top, width, height = said["box"]
    return KeptFace(
        said["id"],
        said["image"],
        said["external"],
        (left, top, width, height),
        said["confidence"],
        vector_of(said["vector"]),
        said["since"],
    )
