"""`kiosk models list`: every pack, and whether it is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.models.common import model_settings

if TYPE_CHECKING:
    from models.packs.installed import InstalledPack


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
        console.print(Text(f"{row['pack']}: {row['notice']}"))
