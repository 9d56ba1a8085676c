"""`kiosk fleet rollout advance`, `kiosk fleet halt` and `ring`: how far a rollout goes."""

from __future__ import annotations

from typing import Annotated

import typer

from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import DryRunOption, KeysOption, PassphraseOption, StoreOption
from kiosk.cli.fleet.devices import FingerprintArgument
from kiosk.cli.fleet.rollout.common import (
    ring_named,
    rollout_change,
    tell_rollout,
)

ScopeOption = Annotated[str, typer.Option("--scope", help="Whose kiosks.")]


def advance(
    store: StoreOption,
    keys: KeysOption,
    scope: ScopeOption,
    ring: Annotated[str | None, typer.Option(help="wave or all; else the next one.")] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Although more ought to be seen first.")
    ] = False,
    dry_run: DryRunOption = False,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Take a rollout on to the next ring, if the devices that have it do as well as before."""
    with rollout_change(store, keys, passphrase_file, dry_run=dry_run) as (session, director):
        wanted = None if ring is None else ring_named(ring)
        done = director.advance(scope, wanted, anyway=anyway)
    return tell_rollout(session, done, json=json)


def halt(
    store: StoreOption,
    keys: KeysOption,
    scope: ScopeOption,
    dry_run: DryRunOption = False,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Halt a rollout: every kiosk that has the new settings goes back to those before."""
    with rollout_change(store, keys, passphrase_file, dry_run=dry_run) as (session, director):
        done = director.halt(scope)
    return tell_rollout(session, done, json=json)


def ring(
    device: FingerprintArgument,
    ring: Annotated[str, typer.Argument(help="canary, wave or all.")],
    store: StoreOption,
    keys: KeysOption,
    dry_run: DryRunOption = False,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Say how early a device gets new settings; one of which nothing is said gets them last."""
    known, early = device.replace("-", "").replace(" ", "").lower(), ring_named(ring)
    with rollout_change(store, keys, passphrase_file, dry_run=dry_run) as (session, director):
        director.put_in_ring(known, early)
    told = f"Device {known} is in the ring {early.value}."
    return session.tell({"device": known, "ring": early.value}, told, json=json)
