"""`kiosk cloud status`: collections, people, what waits, and what was spent."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kiosk.app.console import print_json
from kiosk.cli.cloud.common import ReadsOnlyOption, decision_counts, opened_admin
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, made_home

if TYPE_CHECKING:
    from kiosk.cloud.client.spending import Spent
    from kiosk.cloud.jobs.overview import CloudOverview
    from kiosk.cloud.monitoring.circuits_said import CircuitsSaid
    from kiosk.cloud.monitoring.decision_counts import DecisionCounts

NEARLY_SPENT = 0.8


def status(
    home: HomeOption = None,
    config: ConfigOption = None,
    dry_run: ReadsOnlyOption = False,
    json: JsonOption = False,
) -> int:
    """Show the collections, who is in them, what waits, and what was spent this month."""
    del dry_run
    place = made_home(home)
    with opened_admin(place, config) as admin:
        from kiosk.cloud.jobs.overview import OverviewTerms, overview
        from kiosk.cloud.monitoring.circuits_said import circuits_said
        from kiosk.wiring.cloud.client import spending_of

        terms = OverviewTerms(admin.settings.cloud.thresholds, set(admin.consents()))
        seen = overview(admin.building, admin.outboxes, terms)
        price, spent = admin.settings.cloud.price, spending_of(admin.settings.cloud, place).spent()
        said = circuits_said(admin.open_home.home)
    counted = decision_counts(place)
    warnings = [*seen.warnings, *_spending(spent), *_shut(said)]
    if json:
        more = {"decisions": _decisions(counted, price), "kiosk": _circuits(said)}
        print_json({**_said(seen, spent), **more, "warnings": warnings})
    else:
        _print(seen, spent)
        _print_circuits(said)
        _print_decisions(counted, price)
        for each in warnings:
            print(each, file=sys.stderr)
    return 1 if warnings else 0


def _spending(spent: Spent) -> list[str]:
    if spent.cost < spent.limit * NEARLY_SPENT:
        return []
    return [f"{spent.cost:g} of {spent.limit:g} are spent in {spent.month}: then nothing is sent."]


def _shut(said: CircuitsSaid) -> list[str]:
    return [
        f"{group.calls} to Rekognition are not sent since {it.since:%Y-%m-%d %H:%M:%S} UTC:"
        " several failed."
        for group, it in said.by_group.items()
        if it.shut
    ]


def _circuits(said: CircuitsSaid) -> dict[str, object]:
    """What the running kiosk wrote of its calls; null where nothing is known of them."""
    found = {
        group.value: {"sent": not it.shut, "since": it.since.isoformat(timespec="seconds")}
        for group, it in said.by_group.items()
    }
    return {"running": said.running, "calls": found or None}


def _print_circuits(said: CircuitsSaid) -> None:
    if not said.running:
        print("No kiosk runs in this home: whether its calls reach Rekognition is not known.")
    elif not said.by_group:
        print("A kiosk runs; the end of its journal does not say whether its calls are sent.")
    for group, it in said.by_group.items():
        if not it.shut:
            since = f"{it.since:%Y-%m-%d %H:%M:%S} UTC"
            print(f"{group.calls} of the running kiosk are sent, by its journal since {since}.")


def _said(seen: CloudOverview, spent: Spent) -> dict[str, object]:
    current, held = seen.record.in_force, seen.record.building
    return {
        "generation": None if current is None else current.number,
        "model": None if current is None else current.model,
        "shards": 0 if current is None else current.shards,
        "building": None if held is None else held.generation.number,
        "retired": [it.generation.number for it in seen.record.retired],
        "collections": [
            {"name": it.name, "model": it.model, "faces": it.faces, "users": it.users}
            for it in seen.collections
        ],
        "fill": round(seen.fill, 6),
        "people": {
            "agreed": seen.agreed,
            "indexed": seen.indexed,
            "waiting": seen.waiting,
            "of_others": seen.others,
            "flagged": seen.flagged,
        },
        "queued": seen.queued,
        "dead_letters": seen.dead,
        "spent": {
            "month": spent.month,
            "calls": spent.calls,
            "cost": round(spent.cost, 4),
            "limit": spent.limit,
        },
    }


def _print(seen: CloudOverview, spent: Spent) -> None:
    current = seen.record.in_force
    if current is not None:
        print(f"Generation {current.number}, face model {current.model}.")
    for each in seen.collections:
        print(f"{each.name}: faces: {each.faces:,}, people: {each.users:,}.")
    print(
        f"People here who agreed: {seen.agreed:,}; indexed: {seen.indexed:,}, not yet:"
        f" {seen.waiting:,}. In the collections and not enrolled here: {seen.others:,}."
    )
    print(f"Work that waits: {seen.queued:,}; dead letters: {seen.dead:,}.")
    print(
        f"Calls with a picture in {spent.month}: {spent.calls:,}; cost: {spent.cost:g} of"
        f" {spent.limit:g}."
    )


def _decisions(counted: DecisionCounts, price: float) -> dict[str, object]:
    """What was counted at the door, and what it costs; null where too little was counted."""
    modes = []
    for mode, each in counted.by_mode.items():
        made = each.price(mode, price)
        modes.append(
            {
                "mode": mode.value,
                "decisions": each.decisions,
                "calls": each.calls,
                "calls_per_decision": None if made is None else round(made.calls, 4),
                "cost_per_thousand": None if made is None else round(made.cost, 4),
            }
        )
    return {"since": counted.since, "modes": modes}


def _print_decisions(counted: DecisionCounts, price: float) -> None:
    if not counted.by_mode:
        print("No decision was counted at the door yet.")
        return
    print(f"Decisions at the door since {counted.since}, and the calls for them:")
    for mode, each in counted.by_mode.items():
        made = each.price(mode, price)
        cost = (
            "too few to say what a thousand cost"
            if made is None
            else f"{made.calls:.3g} each, a thousand decisions cost {made.cost:.4g}"
        )
        print(f"  {mode.value}: {each.decisions:,} decisions, {each.calls:,} calls: {cost}.")
