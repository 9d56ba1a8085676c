"""`kiosk fleet init`: found a fleet in an empty store."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import KeysOption, PassphraseOption, StoreOption, new_passphrase


def init(
    store: StoreOption,
    keys: KeysOption,
    admins: Annotated[int, typer.Option(min=1, max=20, help="How many admins.")] = 3,
    threshold: Annotated[int, typer.Option(min=1, help="How many of them must sign.")] = 2,
    passphrase_file: PassphraseOption = None,
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

    opened = created_store(store)
    AdminSigning.refuse_founded(opened, admins, threshold)
    ring = Keyring.create(keys, admins, new_passphrase(passphrase_file))
    AdminSigning(opened, ring, now_utc).found(threshold)
    if ring.unprotected:
        print(
            f"{ring.unprotected} admins' keys in {keys} have no passphrase: whoever reads these "
            "files is an admin. Give --passphrase-file to seal them.",
            file=sys.stderr,
        )
    root = str(keys / "root.json")
    if json:
        print_json({"admins": admins, "threshold": threshold, "root": root})
        return 0
    print(f"A fleet is founded: {threshold} of {admins} admins sign. Its root of trust: {root}")
    return 0
