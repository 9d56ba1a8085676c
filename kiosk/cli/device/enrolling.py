"""`kiosk device enrol`: make this kiosk's keys for a fleet, and ask to be approved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import HomeOption, JsonOption, home_of
from kiosk.cli.fleet.common import StoreOption, root_of

GROUP = 4


def enrol(
    store: StoreOption,
    root: Annotated[
        Path, typer.Option(help="The fleet's root of trust, from an admin, not from the store.")
    ],
    home: HomeOption = None,
    json: JsonOption = False,
) -> int:
    """Make keys on this device, and show their fingerprint for an admin to compare.

    Run again, it shows the same. Nothing is shared with this device before it is approved.
    """
    from kiosk.app.admin.terminal_code import terminal_code
    from kiosk.fleet.device import DeviceFile, hand_in
    from kiosk.store.open_home import OpenHome
    from kiosk.wiring.fleet import opened_store

    trusted = root_of(root)
    with OpenHome.open(home_of(home)) as open_home, opened_store(store) as opened:
        file = DeviceFile(open_home.home)
        device = file.join(store, trusted, open_home.recorder.note, opened)
        hand_in(device, opened)
    if json:
        print_json({"fingerprint": device.fingerprint})
        return 0
    shown = device.fingerprint
    groups = [shown[at : at + GROUP] for at in range(0, len(shown), GROUP)]
    print(f"The fingerprint of this device: {' '.join(groups)}")
    print(terminal_code(shown.upper()))
    print(f"An admin compares it and runs: kiosk fleet approve {shown} --scope NAME")
    return 0
