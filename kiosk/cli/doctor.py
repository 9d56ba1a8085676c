"""`kiosk doctor`: check everything that a kiosk needs, and name a remedy for each problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kiosk.app.console import print_json, with_command
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, known_home
from kiosk.domain.errors import OutOfServiceError
from kiosk.domain.finding import Finding, Health, worst

CODES = {Health.OK: 0, Health.WARN: 1, Health.BAD: OutOfServiceError.exit_code}
STYLES = {Health.OK: "green", Health.WARN: "yellow", Health.BAD: "bold red"}


def doctor(home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False) -> int:
    """Check everything, and say what to do. Exit 0 all is well, 1 warnings, 4 something is bad.

    Nothing is released. A door that no running kiosk controls is locked once, to see that it
    responds.
    """
    from kiosk.diagnostics.checks import examine, of_kiosk

    findings = list(examine(of_kiosk(known_home(home), config)))
    found = worst(findings)
    if json:
        print_json(report(findings))
    else:
        _print_table(findings)
    return CODES[found]


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
