"""`kiosk restore`: put a backup into an empty home, or over the kiosk that it was made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.backup.passphrase import PassphraseFileOption, passphrase
from kiosk.cli.common import HomeOption, JsonOption, expanded, home_of

if TYPE_CHECKING:
    from kiosk.store.whole.restore import Restored


def restore(
    source: Annotated[Path, typer.Option("--from", help="A file that `kiosk backup` has written.")],
    *,
    home: HomeOption = None,
    passphrase_file: PassphraseFileOption = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Restore over the kiosk that is there.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Verify the backup, and change nothing.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Restore a backup, all of it or nothing. Whoever was erased since stays erased."""
    from kiosk.fleet.applying.state import read_again
    from kiosk.store.home import Home
    from kiosk.store.whole.restore import restore as take

    kept, path = Home(home_of(home)), expanded(source).absolute()
    secret = passphrase(passphrase_file, new=False)
    done = take(kept, path, secret, read_again, over=yes, only_look=dry_run)
    if json:
        print_json(_said(done, dry_run=dry_run))
    else:
        _print(done, kept.path, dry_run=dry_run)
    return 0


def _said(done: Restored, *, dry_run: bool) -> dict[str, object]:
    made = done.manifest
    return {
        "restored": not dry_run,
        "into": done.target.value,
        "made_at": made.made_at.isoformat(timespec="seconds"),
        "kiosk": made.kiosk,
        "people": made.people,
        "entry": made.entry,
        "erased_again": list(done.erased_again),
        "left_out": list(done.left_out),
        "set_aside": done.set_aside,
    }


def _print(done: Restored, home: Path, *, dry_run: bool) -> None:
    made = done.manifest
    verb = "verifies" if dry_run else f"is in {home} now"
    at = f"{made.made_at:%Y-%m-%d %H:%M} UTC"
    print(f"The backup of {at} with {made.people} people {verb}.")
    if done.erased_again:
        print(f"Erased since, and not brought back: {', '.join(done.erased_again)}.")
    if done.left_out:
        print(f"Enrolled since, and not in the backup: {', '.join(done.left_out)}.")
    if done.set_aside:
        print(f"The journal that was there is kept as {done.set_aside}.")
