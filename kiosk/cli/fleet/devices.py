"""`kiosk fleet approve` and `revoke`: which devices are in which scopes."""

from __future__ import annotations

from typing import Annotated

import typer

from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import (
    DryRunOption,
    KeysOption,
    PassphraseOption,
    StoreOption,
    fleet_change,
)

FingerprintArgument = Annotated[
    str, typer.Argument(help="The fingerprint, as the device itself shows it.")
]


def approve(
    fingerprint: FingerprintArgument,
    store: StoreOption,
    keys: KeysOption,
    scope: Annotated[list[str], typer.Option("--scope", help="Its scope; may be repeated.")],
    door: Annotated[
        str | None, typer.Option(help="Its door; of a scope with one door, that one.")
    ] = None,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Take a device into scopes: from now on it can open what is shared there."""
    known = fingerprint.replace("-", "").replace(" ", "").lower()
    with fleet_change(store, keys, passphrase_file, dry_run=dry_run) as session:
        bound = session.admin.approve(known, scope, door)
        session.publish()
    told = f"Device {known} is approved for {', '.join(scope)}."
    return session.tell({"device": known, "scopes": scope, "door": bound}, told, json=json)


def revoke(
    device: FingerprintArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Drop a device that is lost: what is shared from now on it cannot open."""
    known = device.replace("-", "").replace(" ", "").lower()
    with fleet_change(store, keys, passphrase_file, dry_run=dry_run) as session:
        scopes = list(session.admin.revoke(known))
        session.publish()
    told = f"Device {known} is dropped from {', '.join(scopes)}; their next epoch has begun."
    return session.tell({"device": known, "scopes": scopes}, told, json=json)
