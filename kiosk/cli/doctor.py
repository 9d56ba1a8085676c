"""`kiosk doctor`: check everything that a kiosk needs, and name a remedy for each problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json, with_command
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, known_home
from kiosk.domain.errors import OutOfServiceError
from kiosk.domain.finding import Finding, Health, worst

if TYPE_CHECKING:
    from kiosk.diagnostics.data_map.classes import DataClass
    from kiosk.diagnostics.data_map.rows import ClassRow

CODES = {Health.OK: 0, Health.WARN: 1, Health.BAD: OutOfServiceError.exit_code}
STYLES = {Health.OK: "green", Health.WARN: "yellow", Health.BAD: "bold red"}


MapOption = Annotated[
    bool,
    typer.Option("--data-map", help="Show what is stored, by class, and what must not be there."),
]


def doctor(
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    data_map: MapOption = False,
) -> int:
    """Check everything, and say what to do. Exit 0 all is well, 1 warnings, 4 something is bad.

    Nothing is released. A door that no running kiosk controls is locked once, to see that it
    responds.
    """
    from kiosk.diagnostics.checks import examine, of_kiosk

    place = known_home(home)
    if data_map:
        return _mapped(place, config, json=json)
    findings = list(examine(of_kiosk(place, config)))
    if json:
        print_json(report(findings))
    else:
        _print_table(findings)
    return CODES[worst(findings)]


def _mapped(home: Path, config: Path | None, *, json: bool) -> int:
    """The data map of a home: nothing else is checked, and nothing is asked of any store."""
    from kiosk.diagnostics.data_map.classes import STORE
    from kiosk.diagnostics.data_map.rows import ClassRow, class_rows, findings, named_files
    from kiosk.diagnostics.data_map.walking import walked
    from kiosk.store.home import Home
    from kiosk.wiring.rollout.settings import settings_of

    found = tuple(walked(home, named_files(settings_of(home, config)))) if home.is_dir() else ()
    told, rows = list(findings(found)), class_rows(found)
    in_store = STORE if Home(home).fleet.exists() else ()
    if json:
        store = [ClassRow(kind, None, None, ()).record() for kind in in_store]
        classes = [row.record() for row in rows]
        print_json(report(told) | {"classes": classes, "store": store})
        return CODES[worst(told)]
    _print_map(rows, in_store)
    _print_table(told)
    return CODES[worst(told)]


def _print_map(rows: Sequence[ClassRow], store: Sequence[DataClass]) -> None:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(
        Column("about", ratio=2), "files", "rights", "protection", Column("until", ratio=1)
    )
    for row in rows:
        where = ", ".join(row.kind.shown) or "where they say"
        names = "\n".join((*row.kind.about, f"({where})"))
        cells = (names, f"{row.files:,}", ", ".join(row.modes), row.kind.protection.value)
        table.add_row(*map(Text, cells), Text(row.kind.until))
    for kind in store:
        names = "\n".join((*kind.about, f"(the fleet's store: {', '.join(kind.shown)})"))
        table.add_row(Text(names), "?", "?", Text(kind.protection.value), Text(kind.until))
    Console().print(table)


def report(findings: Sequence[Finding]) -> dict[str, object]:
    """The findings as JSON data for other programs."""
    return {"worst": worst(findings).value, "findings": [_row(finding) for finding in findings]}


def _row(finding: Finding) -> dict[str, str]:
    return {
        "name": finding.name,
        "health": finding.health.value,
        "text": finding.text,
        "remedy": with_command(finding.remedy),
    }


def _print_table(findings: Sequence[Finding]) -> None:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(Column("", no_wrap=True), "what", Column("found, and what to do", ratio=1))
    for each in findings:
        told = Text(each.text)
        if each.remedy:
            told.append(f"\n{with_command(each.remedy)}", style="italic")
        table.add_row(Text(each.health.value, style=STYLES[each.health]), Text(each.name), told)
    Console().print(table)
    count = Counter(finding.health for finding in findings)
    print(f"{count[Health.BAD]} bad, {count[Health.WARN]} warnings, {count[Health.OK]} good.")
