"""`kiosk fleet policy`: the rights in the bucket that a device, the publisher or an admin needs."""

from __future__ import annotations

import secrets
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
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="The device's scope; may be repeated.")
    ] = None,
    seaweedfs: Annotated[
        bool,
        typer.Option("--seaweedfs", help="Print an identity of SeaweedFS, with new access keys."),
    ] = False,
) -> int:
    """Print a policy of IAM as JSON. Nothing is read from the store, or written to it."""
    bucket = _bucket(store)
    rights = _rights(role, device, scope or [])
    made = iam_policy(rights, bucket.bucket, bucket.prefix)
    if seaweedfs:
        name = role.value if device is None else f"{role.value}-{_plain(device)}"
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


def _rights(role: StoreRole, device: str | None, scopes: list[str]) -> StoreRights:
    if role is StoreRole.DEVICE:
        if device is None:
            raise BadInput("A device has rights of its own.", "Give --device and --scope.")
        return rights_of_device(_plain(device), scopes)
    if device is not None or scopes:
        raise BadInput(
            f"The rights of the {role.value} are the same for all devices.",
            "Leave --device and --scope out.",
        )
    return PUBLISHER_RIGHTS if role is StoreRole.PUBLISHER else ADMIN_RIGHTS


def _plain(fingerprint: str) -> str:
    return fingerprint.replace("-", "").replace(" ", "").lower()
