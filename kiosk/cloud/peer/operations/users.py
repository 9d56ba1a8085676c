"""Operations on the users of a collection."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any

from kiosk.cloud.peer.account import PeerAccount, PeerRequest
from kiosk.cloud.peer.collections import KeptUser
from kiosk.cloud.peer.operations.paging import page
from kiosk.cloud.peer.refusals import PeerRefusal
from kiosk.domain.access.policy import Form

ASSOCIATED_FROM = 75.0
"""UserMatchThreshold of an association where none is given."""
_MOST_USERS = 500

Operation = Callable[[PeerAccount, PeerRequest], dict[str, Any]]


def _once(operation: Operation) -> Operation:
    """The operation, which does nothing and answers the same to a token that it has answered."""

    @functools.wraps(operation)
    def run(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
        token = asked.given.get("ClientRequestToken")
        if token is None:
            return operation(account, asked)
        place = (asked.operation, str(token))
        digest = hashlib.sha256(json.dumps(asked.given, sort_keys=True).encode()).hexdigest()
        with account.lock:
            if place not in account.tokens:
                account.tokens[place] = (digest, operation(account, asked))
            before, answer = account.tokens[place]
        if before != digest:
            raise PeerRefusal(
                "IdempotentParameterMismatchException",
                "A ClientRequestToken was used before, with other parameters",
            )
        return answer

    return run


@_once
def create_user(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """Make a user without faces."""
    with account.lock:
        collection = account.collection(asked)
        name = asked.given["UserId"]
        if name in collection.users:
            raise PeerRefusal(
                "ConflictException", "A user with the same id already exists in the collection"
            )
        account.change("create user", collection.name, user=name)
    return {}


@_once
def delete_user(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """Delete a user; their faces stay, and belong to nobody."""
    with account.lock:
        collection = account.collection(asked)
        account.change("delete user", collection.name, user=account.user(asked).id)
    return {}


def list_users(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """The users of a collection."""
    with account.lock:
        users = account.collection(asked).users
        most = min(account.limits.page, _MOST_USERS)
        shown, more = page(list(users), dict(asked.given), most)
        now = account.now()
        said = [{"UserId": name, "UserStatus": users[name].status(now)} for name in shown]
        return {"Users": said, **more}


@_once
def associate_faces(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """Associate faces with a user. Those that are so already are passed over."""
    with account.lock:
        collection, user = account.collection(asked), account.user(asked)
        room = account.limits.faces_of_user - len(user.faces)
        if room <= 0:
            raise PeerRefusal(
                "ServiceQuotaExceededException", "The user has as many faces as one may"
            )
        taken: list[str] = []
        failed: list[dict[str, Any]] = []
        for name in dict.fromkeys(asked.given["FaceIds"]):
            face = collection.faces.get(name)
            if face is not None and face.user == user.id:
                continue
            why = _why_not(account, asked, user, name, room - len(taken))
            if why is None:
                taken.append(name)
            else:
                failed.append({"FaceId": name, "UserId": user.id, **why})
        if taken:
            since = account.now() + account.delay
            account.change("associate", collection.name, user=user.id, faces=taken, since=since)
        return {
            "AssociatedFaces": [{"FaceId": name} for name in taken],
            "UnsuccessfulFaceAssociations": failed,
            "UserStatus": "UPDATING" if taken else user.status(account.now()),
        }


@_once
def disassociate_faces(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """Take faces from a user; they stay in the collection."""
    with account.lock:
        collection, user = account.collection(asked), account.user(asked)
        taken: list[str] = []
        failed: list[dict[str, Any]] = []
        for name in dict.fromkeys(asked.given["FaceIds"]):
            face = collection.faces.get(name)
            if face is not None and face.user == user.id:
                taken.append(name)
            elif face is not None and face.user is not None:
                why = {"UserId": face.user, "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]}
                failed.append({"FaceId": name, **why})
            else:
                failed.append({"FaceId": name, "Reasons": ["FACE_NOT_FOUND"]})
        if taken:
            since = account.now() + account.delay
            account.change("disassociate", collection.name, user=user.id, faces=taken, since=since)
        return {
            "DisassociatedFaces": [{"FaceId": name} for name in taken],
            "UnsuccessfulFaceDisassociations": failed,
            "UserStatus": "UPDATING" if taken else user.status(account.now()),
        }


def _why_not(
    account: PeerAccount, asked: PeerRequest, user: KeptUser, name: str, room: int
) -> dict[str, Any] | None:
    """Why a face is not associated; None if it is."""
    collection = account.collection(asked)
    face = collection.faces.get(name)
    if face is None:
        return {"Reasons": ["FACE_NOT_FOUND"]}
    if face.user is not None:
        return {"UserId": face.user, "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]}
    if room <= 0:
        return {"Reasons": []}  # no reason of AWS's names it
    if user.vector is None:
        return None
    scale = account.scales.of(collection.model, Form.MEAN)
    likeness = scale.similarity(float(user.vector @ face.vector))
    if likeness < asked.given.get("UserMatchThreshold", ASSOCIATED_FROM):
        return {"Confidence": likeness, "Reasons": ["LOW_MATCH_CONFIDENCE"]}
    return None
