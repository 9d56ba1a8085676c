"""`kiosk fleet status`: scopes, devices, people, and what is not as safe as it could be."""

from __future__ import annotations

import sys

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import KeysOption, PassphraseOption, StoreOption, fleet_admin
from kiosk.cli.fleet.reports.devices import device_lines, devices_said, reported_devices


def status(
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Show the fleet as it is published now."""
    with fleet_admin(store, keys, passphrase_file) as admin:
        seen = admin.status()
    devices = reported_devices(store, keys, passphrase_file)
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
        "devices": devices_said(devices),
        "warnings": list(seen.warnings),
    }
    if json:
        print_json(said)
        return 0
    print(f"Version {seen.version}, {seen.threshold} of {seen.admins} admins sign.")
    for each in seen.scopes:
        print(
            f"Scope {each.scope}: {each.people} people, {len(each.devices)} devices, "
            f"{each.waiting} statements wait."
        )
    for line in device_lines(devices):
        print(line)
    for warning in seen.warnings:
        print(warning, file=sys.stderr)
    return 0
