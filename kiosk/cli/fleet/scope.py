"""`kiosk fleet scope add`: a new scope, which is a site or a group of doors."""

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


def add_scope(
    name: Annotated[str, typer.Argument(help="Small letters, digits and hyphens.")],
    store: StoreOption,
    keys: KeysOption,
    door: Annotated[list[str], typer.Option("--door", help="A door in it; may be repeated.")],
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Make a scope with keys of its own. Its people are known to its devices alone."""
    with fleet_change(store, keys, passphrase_file, dry_run=dry_run) as session:
        session.admin.add_scope(name, door)
        session.publish()
    told = f"Scope {name} is made, with {', '.join(door)}."
    return session.tell({"scope": name, "doors": door}, told, json=json)
