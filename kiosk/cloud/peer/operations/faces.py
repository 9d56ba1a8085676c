"""Operations on the faces of a collection."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from kiosk.cloud.peer.account import PeerAccount, PeerRequest
from kiosk.cloud.peer.collections import KeptFace, said_of
from kiosk.cloud.peer.operations.details import CONFIDENCE, detail, kept
from kiosk.cloud.peer.operations.paging import page
from kiosk.cloud.peer.operations.quality import DEFAULT, refused
from kiosk.cloud.peer.refusals import PeerRefusal, no_user
from kiosk.cloud.peer.sight import SeenFace

_MOST_FACES = 100


def index_faces(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """Add the largest faces of a picture that pass the filter."""
    with account.lock:
        account.collection(asked)
    seen = account.seen(asked)
    level = asked.given.get("QualityFilter", DEFAULT)
    most = min(asked.given.get("MaxFaces", _MOST_FACES), _MOST_FACES)
    wanted = asked.given.get("DetectionAttributes", ())
    taken, left = _chosen(seen.faces, level, most)
    with account.lock:
        collection = account.collection(asked)
        if len(collection.faces) + len(taken) > account.limits.faces:
            raise PeerRefusal(
                "ServiceQuotaExceededException", "The collection holds as many faces as it may"
            )
        picture, since = str(uuid.uuid4()), account.now() + account.delay
        external = asked.given.get("ExternalImageId")
        faces = [_indexed(face, picture, external, since) for face in taken]
        if faces:
            account.change("index", collection.name, faces=[said_of(face) for face in faces])
        model = collection.model
    records = zip(faces, taken, strict=True)
    return {
        "FaceRecords": [
            {"Face": kept(face, model), "FaceDetail": detail(looks, wanted)}
            for face, looks in records
        ],
        "FaceModelVersion": model,
        "UnindexedFaces": [
            {"Reasons": reasons, "FaceDetail": detail(looks, wanted)} for looks, reasons in left
        ],
    }


def list_faces(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """The faces of a collection, of a user, or of some ids."""
    given = asked.given
    with account.lock:
        collection = account.collection(asked)
        user, ids = given.get("UserId"), given.get("FaceIds")
        if user is not None and user not in collection.users:
            raise no_user(user)
        names = [
            face.id
            for face in collection.faces.values()
            if (user is None or face.user == user) and (ids is None or face.id in ids)
        ]
        shown, more = page(names, dict(given), account.limits.page)
        faces = [kept(collection.faces[name], collection.model) for name in shown]
        return {"Faces": faces, "FaceModelVersion": collection.model, **more}


def delete_faces(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """Delete the faces that are there and belong to no user."""
    with account.lock:
        collection = account.collection(asked)
        gone: list[str] = []
        failed: list[dict[str, Any]] = []
        for name in dict.fromkeys(asked.given["FaceIds"]):
            face = collection.faces.get(name)
            if face is None:
                failed.append({"FaceId": name, "Reasons": ["FACE_NOT_FOUND"]})
            elif face.user is not None:
                why = {"UserId": face.user, "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}
                failed.append({"FaceId": name, **why})
            else:
                gone.append(name)
        if gone:
            account.change("delete", collection.name, faces=gone)
    deleted = {"DeletedFaces": gone} if gone else {}  # the shape has no empty list
    return {**deleted, "UnsuccessfulFaceDeletions": failed}


def _chosen(
    faces: Sequence[SeenFace], level: str, most: int
) -> tuple[list[SeenFace], list[tuple[SeenFace, list[str]]]]:
    """The faces that are indexed, and those that are not, with the reasons."""
    taken: list[SeenFace] = []
    left: list[tuple[SeenFace, list[str]]] = []
    for face in faces:
        if reasons := refused(face, level):
            left.append((face, reasons))
        elif len(taken) >= most:
            left.append((face, ["EXCEEDS_MAX_FACES"]))
        else:
            taken.append(face)
    return taken, left


def _indexed(face: SeenFace, picture: str, external: str | None, since: float) -> KeptFace:
    return KeptFace(str(uuid.uuid4()), picture, external, face.box, CONFIDENCE, face.vector, since)
