"""`kiosk fleet rollout`: sign settings and models for a scope, and give them to a first ring."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import DryRunOption, PassphraseOption
from kiosk.cli.fleet.rollout.common import (
    ring_named,
    rollout_change,
    tell_rollout,
)
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from kiosk.domain.fleet.halting import HaltLimits
    from kiosk.fleet.rollout.directing import RolloutWish
    from kiosk.fleet.rollout.plan import PinnedPack

OWN = "own"


def rollout(
    _context: typer.Context,
    *,
    store: Annotated[str | None, typer.Option("--store", help="The fleet's store.")] = None,
    keys: Annotated[Path | None, typer.Option("--keys", help="A folder with admins' keys.")] = None,
    scope: Annotated[str | None, typer.Option(help="Whose kiosks get it.")] = None,
    settings: Annotated[
        Path | None, typer.Option(help="A TOML file with what the fleet sets; all of it.")
    ] = None,
    models: Annotated[
        str | None, typer.Option(help="A model pack; `own` leaves it to each kiosk again.")
    ] = None,
    ring: Annotated[
        str | None, typer.Option(help="canary, wave or all: who gets it at once.")
    ] = None,
    decisions: Annotated[
        int, typer.Option(min=1, help="Decisions that have to be seen in a ring.")
    ] = 200,
    refusals: Annotated[
        float, typer.Option(min=0, max=1, help="By how much the share of refusals may rise.")
    ] = 0.05,
    slow: Annotated[
        float, typer.Option(min=0, max=1, help="By how much the share of slow grants may rise.")
    ] = 0.10,
    faults: Annotated[
        float, typer.Option(min=1, help="How many times as often parts may fail.")
    ] = 2.0,
    dry_run: DryRunOption = False,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Roll out settings or models. Without either, --ring takes on what is being rolled out."""
    from kiosk.domain.fleet.halting import HaltLimits

    if store is None or keys is None or scope is None:
        raise BadInput("Whose kiosks, and where?", "Give --store, --keys and --scope.")
    with rollout_change(store, keys, passphrase_file, dry_run=dry_run) as (session, director):
        if settings is None and models is None:
            if ring is None:
                raise BadInput("There is nothing to roll out.", "Give --settings or --models.")
            done = director.advance(scope, ring_named(ring))
        else:
            from config.settings import check_shared

            limits = HaltLimits(decisions, refusals, slow, faults)
            wish = _wish(settings, models, ring or "canary", limits)
            done = director.begin(scope, wish, check_shared)
    return tell_rollout(session, done, json=json)


def _wish(settings: Path | None, models: str | None, ring: str, limits: HaltLimits) -> RolloutWish:
    from kiosk.fleet.rollout.directing import RolloutWish

    text = None if settings is None else _text(settings)
    pack = None if models in {None, OWN} else _pinned(str(models))
    return RolloutWish(text, pack, models == OWN, ring_named(ring), limits)


def _pinned(name: str) -> PinnedPack:
    from kiosk.wiring.rollout.packs import pinned_pack

    return pinned_pack(name)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"The file {file} is no UTF-8 text.", "Save it as UTF-8.") from error
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise BadInput(f"The file {file} cannot be read: {why}.", "Check its path.") from error
