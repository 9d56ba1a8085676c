"""How long a release takes over each wire: command to acknowledged, real peers on loopback.

Every release moves a lock that was secured before; securing it again is not timed. Run it with
`.venv/bin/python tools/measure doors`, best on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence

from door_rig import Rig, order
from door_rigs import RIGS
from rich.console import Console
from rich.table import Table

from kiosk.measure.timing import Spread, spread

ROUNDS = 200
TARGET_MS = {"osdp": 100, "modbus": 20, "mqtt": 100, "shelly": 30, "webhook": 30}
"""What is asked of the median."""


def release_milliseconds(make: Callable[[], Rig], rounds: int) -> list[float]:
    """From the order to its acknowledgement, once a round.

    Args:
        make: a rig, its wire ready; closed in the end.
        rounds: how many releases.

    Raises:
        DoorError: the peer did not do as ordered.
    """
    rig = make()
    try:
        taken = [_timed(rig) for _ in range(rounds)]
        assert rig.releases == rounds, "each was carried out once"
        return taken
    finally:
        rig.close()


def _timed(rig: Rig) -> float:
    rig.door.secure()
    began = time.perf_counter()
    rig.door.release(order())
    taken = 1000 * (time.perf_counter() - began)
    assert rig.unlocked, "acknowledged is moved"
    return taken


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the drivers that are named, or all, and print one table."""
    parser = argparse.ArgumentParser(prog="tools/measure doors", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="DRIVER", help=", ".join(RIGS))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.names) - set(RIGS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(RIGS)}")
    names = chosen.names or list(RIGS)
    found = {name: spread(release_milliseconds(RIGS[name], chosen.rounds)) for name in names}
    Console(width=72).print(_table(found))


def _table(found: Mapping[str, Spread | None]) -> Table:
    table = Table("wire", title="Command to acknowledged, milliseconds, loopback")
    for column in ("median", "95th percentile", "asked", "releases"):
        table.add_column(column, justify="right")
    for name, told in found.items():
        if told is not None:
            asked = str(TARGET_MS.get(name, ""))
            table.add_row(name, f"{told.median:.1f}", f"{told.p95:.1f}", asked, str(told.count))
    return table


if __name__ == "__main__":
    main()
