"""`kiosk fleet policy`: the rights in the bucket that each role of a fleet needs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.fleet.common import StoreOption
from kiosk.domain.errors import BadInput
from kiosk.fleet.trust.rights import (
    ADMIN_RIGHTS,
    PUBLISHER_RIGHTS,
    StoreRights,
    StoreRole,
    iam_policy,
    rights_of_device,
    rights_of_inviter,
    seaweedfs_identity,
)

if TYPE_CHECKING:
    from kiosk.fleet.stores.address import BucketAddress

ACCESS_KEY_BYTES, SECRET_KEY_BYTES = 10, 30


def policy(
    role: Annotated[StoreRole, typer.Argument(help="Who gets the rights.")],
    store: StoreOption,
    device: Annotated[
        str | None, typer.Option(help="The device's fingerprint, as it shows it itself.")
    ] = None,
    inviter: Annotated[
        str | None, typer.Option(help="The inviter's fingerprint, of `kiosk fleet inviter list`.")
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="A scope of the device or the inviter; may be repeated."),
    ] = None,
    seaweedfs: Annotated[
        bool,
        typer.Option("--seaweedfs", help="Print an identity of SeaweedFS, with new access keys."),
    ] = False,
) -> int:
    """Print a policy of IAM as JSON. Nothing is read from the store, or written to it."""
    bucket = _bucket(store)
    whose = {StoreRole.DEVICE: device, StoreRole.INVITER: inviter}
    rights = _rights(role, whose, scope or [])
    made = iam_policy(rights, bucket.bucket, bucket.prefix)
    if seaweedfs:
        name = "-".join([role.value, *(_plain(each) for each in whose.values() if each)])
        access = secrets.token_hex(ACCESS_KEY_BYTES)
        made = seaweedfs_identity(name, made, access, secrets.token_urlsafe(SECRET_KEY_BYTES))
    print_json(made)
    return 0


def _bucket(store: str) -> BucketAddress:
    from kiosk.fleet.stores.address import BucketAddress, parse_address

    address = parse_address(store)
    if not isinstance(address, BucketAddress):
        raise BadInput(
            "A folder's rights are those of its files.",
            "Give --store s3://BUCKET/PREFIX; for a folder, use groups of the operating system.",
        )
    return address


def _rights(
    role: StoreRole, whose: Mapping[StoreRole, str | None], scopes: list[str]
) -> StoreRights:
    others = [f"--{each.value}" for each, name in whose.items() if name and each is not role]
    if role not in whose and scopes:
        others.append("--scope")
    if others:
        raise BadInput(
            f"The rights of the {role.value} do not depend on {' and '.join(others)}.",
            "Leave it out.",
        )
    if role not in whose:
        return PUBLISHER_RIGHTS if role is StoreRole.PUBLISHER else ADMIN_RIGHTS
    fingerprint = whose[role]
    if fingerprint is None:
        raise BadInput(
            f"Each {role.value} has rights of its own.", f"Give --{role.value} and --scope."
        )
    of_one = rights_of_device if role is StoreRole.DEVICE else rights_of_inviter
    return of_one(_plain(fingerprint), scopes)


def _plain(fingerprint: str) -> str:
    return fingerprint.replace("-", "").replace(" ", "").lower()
