"""How fast photographs of many people are brought into a fleet, and on how many cores."""

from __future__ import annotations

import csv
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.bench import homes
from kiosk.bench.children import Children
from kiosk.bench.fleet.office import IMPORTED, BenchFleet

if TYPE_CHECKING:
    from kiosk.bench.parts import Bench

COLUMNS = ("subject", "given_name", "groups", "valid_from", "valid_until", "consent", "photo")
SOME_NOT_ENROLLED = 1
"""The exit code where some had too few good photographs, as strangers' photographs may be."""


def import_pictures(
    bench: Bench, office: BenchFleet, children: Children, top: Path
) -> dict[str, Any]:
    """A real import of the given photographs, each as somebody else; they are read, not copied.

    Where fewer are given than are measured they are taken again: whoever looks the same is left
    out of the fleet, after all of them were looked at.
    """
    pictures = top / "pictures"
    pictures.mkdir()
    rows = [COLUMNS]
    for number in range(bench.amounts.imported):
        photograph = bench.person.photographs[number % len(bench.person.photographs)]
        name = f"{number}{photograph.suffix}"
        (pictures / name).symlink_to(photograph.absolute())
        rows.append((f"pictured-{number}", "", "", "", "", "given", name))
    listed = top / "people.csv"
    with listed.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    command = ["fleet", "import", str(listed), "--photos", str(pictures), "--scope", IMPORTED]
    command += ["--store", office.address, "--keys", str(office.keys_folder), "--json"]
    began, before = time.perf_counter(), _processor_seconds()
    command += ["--home", str(bench.home), *homes.config_options(bench.home, bench.config)]
    told = children.command(command, (0, SOME_NOT_ENROLLED))
    spent, seconds = _processor_seconds() - before, time.perf_counter() - began
    return {
        "photographs": told["looked_at"],
        "photographs_per_second": told["photographs_per_second"],
        "seconds": told["seconds"],
        "processors_used": round(spent / seconds, 2),
    }


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
