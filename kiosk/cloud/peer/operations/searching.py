"""Searches for faces and for users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from kiosk.cloud.peer.account import PeerAccount, PeerRequest, no_face
from kiosk.cloud.peer.collections import KeptCollection, KeptFace, KeptUser
from kiosk.cloud.peer.operations.details import CONFIDENCE, best, box, detail, kept
from kiosk.cloud.peer.operations.quality import NONE, refused
from kiosk.cloud.peer.refusals import PeerRefusal, invalid, no_user
from kiosk.cloud.peer.sight import SeenFace, Vector
from kiosk.domain.access.policy import Form

SEARCHED_FROM = 80.0
"""FaceMatchThreshold and UserMatchThreshold where none is given."""
MOST_FACES, MOST_USERS = 80, 10
"""Matches where the request does not say how many."""


def search_faces_by_image(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """The faces of a collection that are like the picture's largest face."""
    _known(account, asked)
    face = account.largest(asked)
    if refused(face, asked.given.get("QualityFilter", NONE)):
        raise invalid("There are no faces in the image that pass the quality filter.")
    with account.lock:
        collection = account.collection(asked)
        found = _faces(account, asked, collection, face.vector, None)
    return {
        "SearchedFaceBoundingBox": box(face.box),
        "SearchedFaceConfidence": CONFIDENCE,
        **found,
    }


def search_faces(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """The faces of a collection that are like one of them."""
    with account.lock:
        collection = account.collection(asked)
        face = _face(collection, asked.given["FaceId"])
        found = _faces(account, asked, collection, face.vector, face.id)
    return {"SearchedFaceId": face.id, **found}


def search_users_by_image(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """The users of a collection whose vector is like the picture's largest face."""
    _known(account, asked)
    faces = account.seen(asked).faces
    if not faces:
        raise no_face()
    largest, *others = faces
    level = asked.given.get("QualityFilter", NONE)
    unsearched = [_unsearched(face, ["FACE_NOT_LARGEST"]) for face in others]
    reasons = refused(largest, level)
    with account.lock:
        collection = account.collection(asked)
        if reasons:
            return {
                "UserMatches": [],
                "FaceModelVersion": collection.model,
                "UnsearchedFaces": [_unsearched(largest, reasons), *unsearched],
            }
        found = _users(account, asked, collection, largest.vector, None)
    return {
        **found,
        "SearchedFace": {"FaceDetail": detail(largest)},
        "UnsearchedFaces": unsearched,
    }


def search_users(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """The users of a collection whose vector is like a face's or another user's."""
    face, user = asked.given.get("FaceId"), asked.given.get("UserId")
    if (face is None) is (user is None):
        raise invalid("Exactly one of FaceId and UserId must be given")
    with account.lock:
        collection = account.collection(asked)
        if face is not None:
            kept_face = _face(collection, face)
            found = _users(account, asked, collection, kept_face.vector, kept_face.user)
            return {**found, "SearchedFace": {"FaceId": face}}
        if user not in collection.users:
            raise no_user(str(user))
        vector = collection.users[user].searched(account.now())
        if vector is None:
            raise invalid("The user has no faces yet")
        found = _users(account, asked, collection, vector, user)
        return {**found, "SearchedUser": {"UserId": user}}


def _known(account: PeerAccount, asked: PeerRequest) -> None:
    """A collection that there is not is refused before its picture is looked at."""
    with account.lock:
        account.collection(asked)


def _face(collection: KeptCollection, name: str) -> KeptFace:
    if name not in collection.faces:
        raise PeerRefusal(
            "InvalidParameterException", f"faceId was not found in the collection: {name}"
        )
    return collection.faces[name]


def _faces(
    account: PeerAccount,
    asked: PeerRequest,
    collection: KeptCollection,
    vector: Vector,
    without: str | None,
) -> dict[str, Any]:
    now = account.now()
    there = [each for each in collection.faces.values() if each.since <= now and each.id != without]
    scale = account.scales.of(collection.model)
    scored = _scored([each.vector for each in there], vector, there, scale.similarity)
    threshold = asked.given.get("FaceMatchThreshold", SEARCHED_FROM)
    found = best(asked, scored, threshold, asked.given.get("MaxFaces", MOST_FACES))
    return {
        "FaceMatches": [
            {"Similarity": similarity, "Face": kept(face, collection.model)}
            for similarity, face in found
        ],
        "FaceModelVersion": collection.model,
    }


def _users(
    account: PeerAccount,
    asked: PeerRequest,
    collection: KeptCollection,
    vector: Vector,
    without: str | None,
) -> dict[str, Any]:
    now = account.now()
    there = [
        (user, means)
        for user in collection.users.values()
        if user.id != without and (means := user.searched(now)) is not None
    ]
    scale = account.scales.of(collection.model, Form.MEAN)
    users = [user for user, _ in there]
    scored = _scored([means for _, means in there], vector, users, scale.similarity)
    threshold = asked.given.get("UserMatchThreshold", SEARCHED_FROM)
    found = best(asked, scored, threshold, asked.given.get("MaxUsers", MOST_USERS))
    return {
        "UserMatches": [_match(similarity, user, now) for similarity, user in found],
        "FaceModelVersion": collection.model,
    }


def _scored(
    vectors: list[Vector], probe: Vector, whose: Iterable[Any], similarity: Callable[[float], float]
) -> Iterator[tuple[float, Any]]:
    if not vectors:
        return
    cosines = np.stack(vectors).astype(np.float64) @ probe.astype(np.float64)
    for cosine, each in zip(cosines, whose, strict=True):
        yield similarity(float(cosine)), each


def _match(similarity: float, user: KeptUser, now: float) -> dict[str, Any]:
    return {
        "Similarity": similarity,
        "User": {"UserId": user.id, "UserStatus": user.status(now)},
    }


def _unsearched(face: SeenFace, reasons: list[str]) -> dict[str, Any]:
    return {"FaceDetails": detail(face), "Reasons": reasons}
