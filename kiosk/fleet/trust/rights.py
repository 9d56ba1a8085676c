"""The rights in a fleet's bucket that each role needs, as a policy of IAM and of SeaweedFS.

Signatures keep people safe from whoever writes to the store. Rights keep the store in order, and
what a device may read to its own scopes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kiosk.domain.errors import BadInput
from kiosk.domain.fleet.statement import is_device, is_inviter, scope_name
from kiosk.fleet.trust import layout

_ARN = "arn:aws:s3:::"
_VERSION = "2012-10-17"


class StoreRole(Enum):
    """Whoever uses a fleet's store."""

    DEVICE = "device"
    """A kiosk."""
    PUBLISHER = "publisher"
    """A program that publishes."""
    ADMIN = "admin"
    """An admin at work with `kiosk fleet` and `kiosk people`."""
    INVITER = "inviter"
    """A desk that invites people."""


@dataclass(frozen=True, slots=True)
class StoreRights:
    """What a role may do, by patterns of names; a star stands for any characters.

    Attributes:
        reads: objects that it reads.
        writes: objects that it writes.
        removes: objects that it removes.
        lists: names that it lists, by what they begin with. Who may not list all of them is told by
            AWS that an object is forbidden where there is none.
    """

    reads: Sequence[str]
    writes: Sequence[str]
    removes: Sequence[str] = ()
    lists: Sequence[str] = ()


def rights_of_device(device: str, scopes: Sequence[str]) -> StoreRights:
    """The rights of one kiosk.

    Args:
        device: its fingerprint.
        scopes: those that it is approved for.

    Raises:
        BadInput: there is no scope, or one of these cannot be a name or a fingerprint.
    """
    if not is_device(device):
        raise BadInput(
            f"{device[:60]!r} is no fingerprint of a device.",
            "Take it from the device itself: 32 hexadecimal digits.",
        )
    settings = (layout.RINGS_TARGET, *map(layout.rollout_target, scopes))
    own = (f"{layout.DEVICES}{device}/*", f"{layout.UPLOADS}{device}/*")
    return StoreRights(
        reads=(
            *_people(scopes, "A device reads the people of its scopes."),
            *map(_target, (layout.ADMINS_TARGET, *_AUTHORS, *settings)),
            *own,
        ),
        writes=(*own, layout.request_name(device)),
    )


def rights_of_inviter(inviter: str, scopes: Sequence[str]) -> StoreRights:
    """The rights of one desk that invites people.

    It verifies what is published by others, to know which of its invitations can still be used.

    Args:
        inviter: the fingerprint of its key.
        scopes: those into which it may invite.

    Raises:
        BadInput: there is no scope, or one of these cannot be a name or a fingerprint.
    """
    if not is_inviter(inviter):
        raise BadInput(
            f"{inviter[:60]!r} is no fingerprint of an inviter.", "See the fleet's inviters."
        )
    own = f"{layout.INVITATIONS}{inviter}/*"
    return StoreRights(
        reads=(
            *_people(scopes, "An inviter invites into scopes."),
            *(_target(layout.scope_target(scope)) for scope in scopes),
            *map(_target, _AUTHORS),
            own,
        ),
        writes=(own,),
        lists=(f"{layout.METADATA}*", own),
    )


def _people(scopes: Sequence[str], why: str) -> Iterator[str]:
    """What is published of these scopes."""
    if not scopes:
        raise BadInput(why, "Name at least one scope.")
    yield f"{layout.METADATA}*"
    for scope in scopes:
        yield f"{layout.TARGETS}people/{scope_name(scope)}/*"


def _target(path: str) -> str:
    return layout.target_name(path, "*")


def _metadata(role: str) -> str:
    return f"{layout.METADATA}*.{role}.json"


_AUTHORS = (layout.device_target("*"), layout.inviter_target("*"), layout.HEADS_TARGET)
"""What admins have signed about whose statements count."""
_PUBLISHERS = (_metadata("snapshot"), _metadata(layout.people_role("*")))
"""The publisher's own metadata, of which newer versions replace older ones."""
_ROOTS = _metadata("root")
"""Whoever finds that admins have handed over the next root puts it in its place."""
PUBLISHER_RIGHTS = StoreRights(
    reads=("*",),
    writes=(
        layout.metadata_name("timestamp", None),
        *_PUBLISHERS,
        _ROOTS,
        f"{layout.TARGETS}people/*",
        f"{layout.REVIEW}*",
    ),
    removes=(
        f"{layout.CHANGES}*",
        f"{layout.DEVICES}*",
        f"{layout.UPLOADS}*",
        f"{layout.INVITATIONS}*",
        f"{layout.REQUESTS}*",
        f"{layout.REVIEW}*",
        f"{layout.TARGETS}people/*",
        *_PUBLISHERS,
    ),
    lists=("*",),
)
ADMIN_RIGHTS = StoreRights(
    reads=("*",),
    writes=(
        _metadata("targets"),
        _ROOTS,
        *map(_target, (layout.ADMINS_TARGET, layout.ROOT_TARGET, *_AUTHORS)),
        *map(_target, (layout.scope_target("*"), layout.rollout_target("*"), layout.RINGS_TARGET)),
        f"{layout.CHANGES}*",
        f"{layout.ROOTS}*",
        f"{layout.PENDING}*",
    ),
    removes=(layout.offer_name("*", "*"), f"{layout.PENDING}*"),
    lists=("*",),
)


def iam_policy(rights: StoreRights, bucket: str, prefix: str) -> dict[str, Any]:
    """The rights as a policy of IAM, which SeaweedFS understands too.

    Args:
        rights: what is allowed; everything else is not.
        bucket: the bucket of the fleet's store.
        prefix: beginning of every name there, without a slash at its end; may be empty.
    """
    return {"Version": _VERSION, "Statement": list(_statements(rights, bucket, prefix))}


def _statements(rights: StoreRights, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    above = f"{_ARN}{bucket}/{prefix}/" if prefix else f"{_ARN}{bucket}/"
    allowed = (
        ("Read", "s3:GetObject", rights.reads),
        ("Write", "s3:PutObject", rights.writes),
        ("Remove", "s3:DeleteObject", rights.removes),
    )
    for sid, action, patterns in allowed:
        if patterns:
            yield _statement(sid, action, [f"{above}{pattern}" for pattern in patterns])
    if rights.lists:
        listing = _statement("List", "s3:ListBucket", [f"{_ARN}{bucket}"])
        if "*" not in rights.lists:
            begin = above.removeprefix(f"{_ARN}{bucket}/")
            begins = [f"{begin}{pattern}" for pattern in rights.lists]
            listing["Condition"] = {"StringLike": {"s3:prefix": begins}}
        yield listing


def _statement(sid: str, action: str, resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": [action], "Resource": resources}


def seaweedfs_identity(
    name: str, policy: dict[str, Any], access_key: str, secret_key: str
) -> dict[str, Any]:
    """A configuration of SeaweedFS's S3 server with one identity, and the policy that it has.

    Args:
        name: of the identity and its policy.
        policy: as `iam_policy` makes it.
        access_key: of the identity.
        secret_key: of the identity.
    """
    credentials = {"accessKey": access_key, "secretKey": secret_key}
    identity = {"name": name, "credentials": [credentials], "policyNames": [name], "actions": []}
    content = json.dumps(policy)
    return {"identities": [identity], "policies": [{"name": name, "content": content}]}
