"""`kiosk fleet publish`: put in order what was said, and sign that it is fresh."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import (
    DryRunOption,
    KeysOption,
    PassphraseOption,
    StoreOption,
    fleet_session,
)
from kiosk.domain.errors import BadInput, FleetStoreUnreachable

if TYPE_CHECKING:
    from kiosk.cli.fleet.common import FleetSession
    from kiosk.fleet.publisher import Publication

EVERY_SECONDS = 2.0


def publish(
    store: StoreOption,
    keys: KeysOption,
    watch: Annotated[bool, typer.Option("--watch", help="Go on publishing until ended.")] = False,
    every: Annotated[
        float, typer.Option(min=0.2, help="Seconds between looks, with --watch.")
    ] = EVERY_SECONDS,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Publish once, or go on. What fails a check is set aside in the store and named here."""
    if watch and dry_run:
        raise BadInput("--watch goes on publishing, and --dry-run publishes nothing.", "Drop one.")
    with fleet_session(store, keys, passphrase_file, dry_run=dry_run) as session:
        admin = session.admin
        while True:
            try:
                done = admin.publish()
            except FleetStoreUnreachable as error:
                if not watch:
                    raise
                print(error.problem, file=sys.stderr)
            else:
                if done is None:
                    raise BadInput(
                        f"There is no publisher's key in {keys}.", "Publish where that key lies."
                    )
                if not watch or done.published or done.review:
                    _print(done, session, json=json)
            if not watch:
                return 0
            time.sleep(every)


def _print(done: Publication, session: FleetSession, *, json: bool) -> None:
    said = {"version": done.version, "published": done.published, "review": done.review}
    added = ", ".join(f"{scope}: {count}" for scope, count in done.published.items())
    told = f"Version {done.version} is published. New statements: {added or 'none'}."
    session.tell(said, told, json=json)
    for line in () if json else done.review:
        print(f"Set aside for review: {line}", file=sys.stderr)
