"""`kiosk fleet approve` and `revoke`: which devices are in which scopes."""

from __future__ import annotations

from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import KeysOption, PassphraseOption, StoreOption, fleet_admin

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
    json: JsonOption = False,
) -> int:
    """Take a device into scopes: from now on it can open what is shared there."""
    known = fingerprint.replace("-", "").replace(" ", "").lower()
    with fleet_admin(store, keys, passphrase_file) as admin:
        bound = admin.approve(known, scope, door)
        admin.publish()
    if json:
        print_json({"device": known, "scopes": scope, "door": bound})
    else:
        print(f"Device {known} is approved for {', '.join(scope)}.")
    return 0


def revoke(
    device: FingerprintArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Drop a device that is lost: what is shared from now on it cannot open."""
    known = device.replace("-", "").replace(" ", "").lower()
    with fleet_admin(store, keys, passphrase_file) as admin:
        scopes = list(admin.revoke(known))
        admin.publish()
    if json:
        print_json({"device": known, "scopes": scopes})
    else:
        print(f"Device {known} is dropped from {', '.join(scopes)}; their next epoch has begun.")
    return 0
