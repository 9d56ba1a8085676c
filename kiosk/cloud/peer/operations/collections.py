"""Operations on collections."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kiosk.cloud.peer.account import PeerAccount, PeerRequest
from kiosk.cloud.peer.operations.paging import page
from kiosk.cloud.peer.policies import collection_arn
from kiosk.cloud.peer.refusals import PeerRefusal

_DONE = 200


def create_collection(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """Make a collection with the newest face model."""
    name = asked.given["CollectionId"]
    with account.lock:
        if name in account.collections:
            raise PeerRefusal(
                "ResourceAlreadyExistsException", f"The collection id: {name} already exists"
            )
        if len(account.collections) >= account.limits.collections:
            raise PeerRefusal(
                "ServiceQuotaExceededException", "The account has as many collections as it may"
            )
        account.change("create", name, model=account.model, created=account.now())
        model = account.model
    arn = collection_arn(account.region, name).removeprefix("arn:")  # as AWS answers it
    return {"StatusCode": _DONE, "CollectionArn": arn, "FaceModelVersion": model}


def describe_collection(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """What a collection says of itself."""
    with account.lock:
        kept = account.collection(asked)
        return {
            "FaceCount": len(kept.faces),
            "UserCount": len(kept.users),
            "FaceModelVersion": kept.model,
            "CollectionARN": collection_arn(account.region, kept.name),
            "CreationTimestamp": datetime.fromtimestamp(kept.created, UTC),
        }


def list_collections(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """Names and face models."""
    with account.lock:
        shown, more = page(list(account.collections), dict(asked.given), account.limits.page)
        models = [account.collections[name].model for name in shown]
    return {"CollectionIds": list(shown), "FaceModelVersions": models, **more}


def delete_collection(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """Delete a collection with all that is in it."""
    with account.lock:
        account.change("drop", account.collection(asked).name)
    return {"StatusCode": _DONE}
