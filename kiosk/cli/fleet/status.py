"""`kiosk fleet status`: scopes, devices, people, and what is not as safe as it could be."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import KeysOption, PassphraseOption, StoreOption, fleet_session
from kiosk.cli.fleet.reports.devices import device_lines, devices_said, reported_devices

if TYPE_CHECKING:
    from kiosk.fleet.reporting.reading import DeviceStatus
    from kiosk.fleet.status import FleetStatus


def status(
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Remember nothing of it beside the keys.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Show the fleet as it is published now."""
    with fleet_session(store, keys, passphrase_file, dry_run=dry_run) as session:
        seen = session.admin.status()
        devices = reported_devices(session)
    said = {
        "version": seen.version,
        "published_at": None if seen.signed_at is None else seen.signed_at.isoformat(),
        "admins": seen.admins,
        "threshold": seen.threshold,
        "scopes": [
            {
                "scope": each.scope,
                "doors": list(each.doors),
                "devices": list(each.devices),
                "people": each.people,
                "waiting": each.waiting,
            }
            for each in seen.scopes
        ],
        "pending": seen.pending,
        "devices": devices_said(devices),
        "warnings": list(seen.warnings),
    }
    if json:
        print_json(said)
    else:
        _print(seen, devices)
    return 0


def _print(seen: FleetStatus, devices: Sequence[DeviceStatus]) -> None:
    print(f"Version {seen.version}, {seen.threshold} of {seen.admins} admins sign.")
    for each in seen.scopes:
        people = f"{each.people} people"
        if each.people is None:
            people = "people unknown without an admin's key"
        print(
            f"Scope {each.scope}: {people}, {len(each.devices)} devices, "
            f"{each.waiting} statements wait."
        )
    if seen.pending:
        print(f"{seen.pending} changes wait for more admins: see `kiosk fleet pending`.")
    for line in device_lines(devices):
        print(line)
    for warning in seen.warnings:
        print(warning, file=sys.stderr)
