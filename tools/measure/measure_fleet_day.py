"""Simulate an hour of office life of a fleet: real updaters, links that are cut, people who come.

Every kiosk comes to what its fleet says, and none lets somebody in by their face alone for longer
than its freshness limit after they were revoked. `tools/measure fleet_day` prints what it took.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fleet_day import FleetDay, OfficePlan

DAY = 24.0


def measure(folder: Path, plan: OfficePlan) -> dict[str, Any]:
    """Live through it, and say what it took."""
    began, spent = time.perf_counter(), time.process_time()
    with FleetDay(folder, plan) as day:
        founded = time.perf_counter() - began
        toll = day.live()
        people = day.check_converged()
    hours = plan.minutes / 60
    return {
        "kiosks": plan.scopes * plan.kiosks_each,
        "scopes": plan.scopes,
        "people": people,
        "minutes": plan.minutes,
        "fresh_minutes": plan.fresh.total_seconds() / 60,
        "polls": toll.polls,
        "polls_failed": toll.failed,
        "changes": toll.changes,
        "enrolled": toll.enrolled,
        "withdrawn": toll.withdrawn,
        "looks": toll.looks,
        "served_within_limit": toll.served,
        "longest_served_seconds": round(toll.longest_seconds, 1),
        "asked_for_more": toll.stale,
        "first_sync": {
            "requests": _spread(toll.first_requests),
            "bytes": _spread(toll.first_received),
        },
        "a_kiosk_a_day": {
            "requests": _spread([each * DAY / hours for each in toll.requests]),
            "bytes": _spread([each * DAY / hours for each in toll.received]),
        },
        "founding_seconds": round(founded, 1),
        "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(time.process_time() - spent, 1),
        "load": round(os.getloadavg()[0], 1),
    }


def _spread(values: Sequence[float]) -> dict[str, int]:
    return {
        "median": round(statistics.median(values)),
        "least": round(min(values)),
        "most": round(max(values)),
    }


def main() -> None:
    """Simulate as much as the command line says, and print what came of it as JSON."""
    plan = OfficePlan()
    parser = argparse.ArgumentParser(
        prog="tools/measure fleet_day", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--scopes", type=int, default=plan.scopes)
    parser.add_argument("--kiosks", type=int, default=plan.kiosks_each, help="in each scope")
    parser.add_argument("--people", type=int, default=plan.people_each, help="in each scope")
    parser.add_argument("--minutes", type=float, default=plan.minutes)
    parser.add_argument("--changes", type=float, default=plan.changes_a_minute, help="a minute")
    parser.add_argument("--invited", type=float, default=plan.invited_a_minute, help="a minute")
    parser.add_argument("--seed", type=int, default=plan.seed)
    asked = parser.parse_args()
    plan = OfficePlan(
        asked.scopes,
        asked.kiosks,
        asked.people,
        asked.minutes,
        asked.changes,
        asked.invited,
        seed=asked.seed,
    )
    with tempfile.TemporaryDirectory(prefix="lintel-fleet-day-") as folder:
        print(json.dumps(measure(Path(folder), plan), indent=1))


if __name__ == "__main__":
    main()
