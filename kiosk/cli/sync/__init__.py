"""`kiosk sync`: bring this kiosk to what its fleet says, now."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, made_home
from kiosk.domain.errors import LintelError

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.fleet.applying.result import SyncResult
    from kiosk.fleet.stores.port import Traffic
    from kiosk.store.open_home import OpenHome


def sync(
    home: HomeOption = None,
    config: ConfigOption = None,
    once: Annotated[
        bool, typer.Option("--once", help="Sync once and end; else go on until ended.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Fetch, verify and apply what is new. A running kiosk does so by itself."""
    from kiosk.store.open_home import OpenHome
    from kiosk.wiring.fleet import fleet_updater
    from kiosk.wiring.rollout.settings import settings_of
    from kiosk.wiring.rollout.taking import settings_taking

    place = made_home(home)
    settings = settings_of(place, config)
    with (
        OpenHome.open(place) as open_home,
        fleet_updater(open_home, settings, settings_taking(open_home, config)) as (
            updater,
            traffic,
        ),
    ):
        while True:
            result = updater.sync()
            _hand_in_receipts(open_home)
            _print(result, age_of(result, open_home.utc()), traffic, json=json)
            if once:
                return 0
            time.sleep(settings.fleet.poll_seconds)


def _hand_in_receipts(open_home: OpenHome) -> None:
    """Confirm what was applied; a store that this kiosk may only read ends no sync."""
    from kiosk.wiring.reporting.device import hand_in_receipts

    try:
        hand_in_receipts(open_home)
    except LintelError as error:
        print(f"What was applied is not confirmed. {error.problem}", file=sys.stderr)


def age_of(result: SyncResult, now: datetime) -> int:
    """For how many seconds nobody has signed that this is all."""
    return max(0, int((now - result.signed_at).total_seconds()))


def _print(result: SyncResult, age: int, traffic: Traffic, *, json: bool) -> None:
    if json:
        said = {
            "version": result.version,
            "people": result.people,
            "erased": sum(change.erased for change in result.changes),
            "age_seconds": age,
            "bytes": traffic.bytes,
            "requests": traffic.requests,
        }
        print_json(said)
        return
    changed = sum(change.put for change in result.changes)
    erased = sum(change.erased for change in result.changes)
    print(
        f"Version {result.version} of the fleet, {age} s old: {result.people} people, "
        f"{changed} new or changed, {erased} erased."
    )
