"""`kiosk backup`: write all that a kiosk keeps into one file, sealed with a passphrase."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.backup.passphrase import PassphraseFileOption, passphrase
from kiosk.cli.common import HomeOption, JsonOption, expanded, made_home


def backup(
    to: Annotated[Path, typer.Option("--to", help="A new file.")],
    *,
    home: HomeOption = None,
    passphrase_file: PassphraseFileOption = None,
    json: JsonOption = False,
) -> int:
    """Write a backup: people, journal, PINs and keys. A running kiosk goes on meanwhile.

    People whom a fleet manages are not in it: they come back with the next sync.
    """
    from kiosk.fleet.applying.state import read_again
    from kiosk.store.home import Home
    from kiosk.store.whole.backup import back_up

    kept, path = made_home(home), expanded(to).absolute()
    secret = passphrase(passphrase_file, new=True)
    made = back_up(Home(kept), path, secret, read_again)
    if json:
        at = made.made_at.isoformat(timespec="seconds")
        print_json({"file": str(path), "made_at": at, "people": made.people, "entry": made.entry})
    else:
        print(f"{path} holds {made.people} people, and the journal up to entry {made.entry}.")
    return 0
