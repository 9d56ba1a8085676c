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
from kiosk.domain.fleet.statement import is_device, scope_name
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


@dataclass(frozen=True, slots=True)
class StoreRights:
    """What a role may do, by patterns of names; a star stands for any characters.

    Attributes:
        reads: objects that it reads.
        writes: objects that it writes.
        removes: objects that it removes.
        lists: True if it lists names. Who may not is told by AWS that an object is forbidden where
            there is none.
    """

    reads: Sequence[str]
    writes: Sequence[str]
    removes: Sequence[str] = ()
    lists: bool = False


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
    if not scopes:
        raise BadInput("A device reads the people of its scopes.", "Name at least one scope.")
    for scope in scopes:
        scope_name(scope)
    cards = (layout.device_target("*"), layout.scope_target("*"), layout.inviter_target("*"))
    targets = (f"people/{scope}/*" for scope in scopes)
    settings = (layout.RINGS_TARGET, *map(layout.rollout_target, scopes))
    own = f"{layout.UPLOADS}{device}/*"
    return StoreRights(
        reads=(
            f"{layout.METADATA}*",
            *(f"{layout.TARGETS}{target}" for target in (*targets, *cards)),
            layout.target_name(layout.ADMINS_TARGET, "*"),
            *(layout.target_name(target, "*") for target in settings),
            own,
        ),
        writes=(own, layout.request_name(device)),
    )


PUBLISHER_RIGHTS = StoreRights(
    reads=("*",),
    writes=(
        f"{layout.METADATA}*",
        f"{layout.TARGETS}people/*",
        f"{layout.REVIEW}*",
    ),
    removes=(f"{layout.CHANGES}*", f"{layout.UPLOADS}*", f"{layout.INVITATIONS}*"),
    lists=True,
)
ADMIN_RIGHTS = StoreRights(
    reads=("*",),
    writes=(
        f"{layout.METADATA}*",
        f"{layout.TARGETS}*",
        f"{layout.CHANGES}*",
        f"{layout.INVITATIONS}*",
    ),
    removes=(layout.offer_name("*", "*"),),
    lists=True,
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
        yield _statement("List", "s3:ListBucket", [f"{_ARN}{bucket}"])


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
