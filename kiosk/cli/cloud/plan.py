"""`kiosk cloud plan`: calls a second, hours, collections and money, before anything is sent."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.cloud.common import ReadsOnlyOption, decision_counts, settings_in
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, known_home
from kiosk.domain.errors import Refused

if TYPE_CHECKING:
    from kiosk.domain.cloud.planning import DecisionPrice, IndexPlan


def plan(
    images: Annotated[int, typer.Option(help="Photographs that are to be indexed.")],
    seconds: Annotated[float, typer.Option(help="In which they are to be done.")],
    *,
    people: Annotated[int, typer.Option(help="That there will be; else one for each image.")] = 0,
    faces: Annotated[int, typer.Option(help="Photographs of each person.")] = 1,
    searches: Annotated[float, typer.Option(help="Questions for each decision, 1 to 2.")] = 1.0,
    asked: Annotated[
        float, typer.Option(help="Share of decisions that the kiosk alone cannot take.")
    ] = 1.0,
    known: Annotated[float, typer.Option(help="Share of decisions after a badge or PIN.")] = 0.0,
    measured: Annotated[
        bool, typer.Option("--measured", help="Price decisions by what this kiosk counted.")
    ] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    dry_run: ReadsOnlyOption = False,
    json: JsonOption = False,
) -> int:
    """Plan an indexing and the price of decisions. Nothing is sent, and no account is needed."""
    from kiosk.domain.cloud.planning import (
        DecisionHabits,
        decision_prices,
        index_plan,
        needed_shards,
    )

    del dry_run
    place = known_home(home)
    cloud = settings_in(place, config).cloud
    shards = needed_shards(people or max(1, images // max(1, faces)), faces)
    made = index_plan(images, seconds, cloud.tps, cloud.price, cloud.shards)
    habits = DecisionHabits(searches, asked, known)
    counted = decision_counts(place).by_mode if measured else {}
    prices = decision_prices(habits, cloud.price, cloud.shards, counted)
    if json:
        print_json(_said(made, shards, prices))
    else:
        _print(made, shards, prices, cloud.shards, asked)
    if measured and not any(it.counted for it in prices):
        print("Too little was counted here: these are the prices by the options.", file=sys.stderr)
    if shards > cloud.shards:
        print(f"cloud.shards is {cloud.shards}; so many faces need {shards}.", file=sys.stderr)
    return 0 if made.fits else _refused(made)


def _refused(made: IndexPlan) -> int:
    ask = f"Ask AWS for a quota of {made.quota_to_ask_for} IndexFaces a second, or take more time."
    print(f"The quota of {made.quota:g} calls a second is too low. {ask}", file=sys.stderr)
    return Refused.exit_code


def _said(made: IndexPlan, shards: int, prices: tuple[DecisionPrice, ...]) -> dict[str, object]:
    return {
        "images": made.images,
        "tps_needed": round(made.tps, 3),
        "tps_quota": made.quota,
        "fits": made.fits,
        "quota_to_ask_for": None if made.fits else made.quota_to_ask_for,
        "hours": round(made.hours, 3),
        "calls": made.calls,
        "cost": round(made.cost, 4),
        "shards_needed": shards,
        "decisions": [
            {
                "mode": it.mode.value,
                "calls_per_decision": round(it.calls, 4),
                "cost_per_thousand": round(it.cost, 4),
                "decisions_counted": it.counted,
            }
            for it in prices
        ],
    }


def _print(
    made: IndexPlan,
    shards: int,
    prices: tuple[DecisionPrice, ...],
    set_shards: int,
    asked: float,
) -> None:
    from kiosk.domain.cloud.modes import CloudMode

    print(f"{made.images:,} photographs need {made.tps:g} calls a second; {made.quota:g} are set.")
    takes = f"{made.hours:.1f} hours" if made.hours >= 1.0 else f"{made.hours * 60:.1f} minutes"
    print(f"At nine tenths of the quota they take {takes}.")
    print(f"{made.calls:,} calls with a picture cost {made.cost:,.2f}, searches included.")
    print(f"Collections: {set_shards} set, {shards} needed.")
    print("A thousand decisions cost, in each mode:")
    for each in prices:
        by = "" if each.counted is None else f", as counted in {each.counted:,} decisions"
        if each.mode is CloudMode.LOCAL_THEN_CLOUD and each.counted is None and asked == 1.0:
            by = " if the kiosk alone could decide on nobody; --asked says how many it cannot"
        print(f"  {each.mode.value:17} {each.cost:8.2f}  ({each.calls:.3g} calls each{by})")
