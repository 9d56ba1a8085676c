"""`kiosk fleet scope add`: a new scope, which is a site or a group of doors."""

from __future__ import annotations

from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import KeysOption, PassphraseOption, StoreOption, fleet_admin


def add_scope(
    name: Annotated[str, typer.Argument(help="Small letters, digits and hyphens.")],
    store: StoreOption,
    keys: KeysOption,
    door: Annotated[list[str], typer.Option("--door", help="A door in it; may be repeated.")],
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Make a scope with keys of its own. Its people are known to its devices alone."""
    with fleet_admin(store, keys, passphrase_file) as admin:
        admin.add_scope(name, door)
        admin.publish()
    if json:
        print_json({"scope": name, "doors": door})
    else:
        print(f"Scope {name} is made, with {', '.join(door)}.")
    return 0
