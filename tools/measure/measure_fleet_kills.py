"""Kill publishers and kiosks of a fleet at random points of publish, download and apply.

Never between two versions, nobody lost, and whoever comes next brings it to its end.
`tools/measure fleet_kills` prints a table.
"""

from __future__ import annotations

import argparse
import os

from fleet_kills import kill_fleets

KILLS = 500


def main() -> None:
    """Kill as many as the command line says, and print the toll."""
    parser = argparse.ArgumentParser(
        prog="tools/measure fleet_kills", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fleets", type=int, default=os.cpu_count() or 1, help="at once")
    asked = parser.parse_args()
    toll = kill_fleets(asked.kills, asked.seed, asked.fleets)
    print("| work | killed | came to its end first |")
    print("|---|---|---|")
    for kind in sorted(toll.killed | toll.finished):
        print(f"| {kind} | {toll.killed[kind]} | {toll.finished[kind]} |")
    print(f"Killed after it was published: {toll.published}; after it was applied: {toll.applied}.")


if __name__ == "__main__":
    main()
