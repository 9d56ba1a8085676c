"""`kiosk fleet init`: found a fleet in an empty store."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import (
    DryRunOption,
    KeysOption,
    PassphraseOption,
    StoreOption,
    new_passphrase,
    warn_unprotected,
)


def init(
    store: StoreOption,
    keys: KeysOption,
    admins: Annotated[int, typer.Option(min=1, max=20, help="How many admins.")] = 3,
    threshold: Annotated[int, typer.Option(min=1, help="How many of them must sign.")] = 2,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Make the keys of admins and publisher, and found a fleet that they sign for.

    Give each admin their own key file, and a copy of root.json; leave the publisher's where it
    publishes.
    """
    from kiosk.fleet.trust.editing import AdminSigning
    from kiosk.fleet.trust.keyring import Keyring
    from kiosk.store.home import now_utc
    from kiosk.wiring.fleet import created_store

    said = {"admins": admins, "threshold": threshold, "root": str(keys / "root.json")}
    if dry_run:
        _try(store, keys, admins, threshold)
        return _told({**said, "dry_run": True}, json=json)
    AdminSigning.refuse_threshold(admins, threshold)  # before a folder is made
    opened = created_store(store)
    AdminSigning.refuse_founded(opened, admins, threshold)
    ring = Keyring.create(keys, admins, new_passphrase(passphrase_file))
    AdminSigning(opened, ring, now_utc).found(threshold)
    warn_unprotected(ring)
    return _told(said, json=json)


def _try(store: str, keys: Path, admins: int, threshold: int) -> None:
    """Found the same fleet in a folder that is thrown away, with keys that nobody keeps."""
    from kiosk.fleet.trust.editing import AdminSigning
    from kiosk.fleet.trust.keyring import Keyring
    from kiosk.store.home import now_utc
    from kiosk.wiring.fleet import tried_store

    Keyring.refuse_taken(keys)
    with TemporaryDirectory() as made, tried_store(store, Path(made) / "store") as opened:
        AdminSigning.refuse_founded(opened, admins, threshold)
        ring = Keyring.create(Path(made) / "keys", admins, None)
        AdminSigning(opened, ring, now_utc).found(threshold)


def _told(said: dict[str, object], *, json: bool) -> int:
    if json:
        print_json(said)
        return 0
    print(
        f"A fleet is founded: {said['threshold']} of {said['admins']} admins sign. Its root of "
        f"trust: {said['root']}"
    )
    if "dry_run" in said:
        print("It was a dry run: nothing was written.")
    return 0
