"""`kiosk models list`: every pack, and whether it is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.models.common import model_settings

if TYPE_CHECKING:
    from models.packs.installed import InstalledPack
    from models.packs.manifest import Pack


def list_packs(
    *, home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """Show every pack, its licence, and whether it is installed."""
    from models.packs.installed import InstalledPack, load_manifest, weights_directory

    kiosk_home, settings = model_settings(home, config)
    rows = []
    for pack in load_manifest().packs.values():
        directory = weights_directory(settings.directory, kiosk_home, pack)
        rows.append(_row(InstalledPack.in_folder(pack, directory), settings.pack))
    if json:
        print_json({"packs": rows})
    else:
        _print_table(rows)
    return 0


def _row(found: InstalledPack, chosen: str) -> Mapping[str, object]:
    pack = found.pack
    return {
        "pack": pack.name,
        "title": pack.title,
        "licence": pack.licence,
        "commercial_use": pack.commercial_use,
        "notice": pack.notice,
        "calibration": _calibration(pack),
        "installed": found.condition,
        "chosen": pack.name == chosen,
        "directory": str(found.directory),
    }


def _print_table(rows: Sequence[Mapping[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(Column("pack", no_wrap=True), "licence", "business use", "installed")
    for row in rows:
        name = f"{row['pack']}\n(chosen)" if row["chosen"] else str(row["pack"])
        use = "yes" if row["commercial_use"] else "no"
        cells = (name, str(row["licence"]), use, str(row["installed"]))
        table.add_row(*(Text(cell) for cell in cells))
    console = Console()
    console.print(table)
    for row in rows:
        console.print(Text(f"\n{row['pack']}: {row['notice']}"))
        if isinstance(told := row["calibration"], dict):
            console.print(Text(_sentence(told)))


def _calibration(pack: Pack) -> dict[str, object] | None:
    """Points and provenance of a pack's own embedding; None where there are none."""
    for file in pack.files:
        if file.provenance is not None:
            points = [{"fmr": point.fmr, "score": point.score} for point in file.points]
            return {"space": file.space, "points": points, **asdict(file.provenance)}
    return None


def _sentence(told: Mapping[str, object]) -> str:
    return (
        f"Calibrated on {told['data']}: {told['images']:,} images, {told['non_mated']:,} "
        f"comparisons of two people ({told['form']}), {told['date']}. Left out: "
        f"{told['left_out']}. Means: scores {told['mean_shift']} higher ({told['mean_data']}). "
        f"Not covered: {told['not_covered']}."
    )
