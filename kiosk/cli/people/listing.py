"""`kiosk people list`: everybody who is enrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.people.common import kept_home, plain, warn_of_other_space

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def list_people(
    *, home: HomeOption = None, config: ConfigOption = None, json: JsonOption = False
) -> int:
    """List everybody who is enrolled."""
    from kiosk.people.reading import people_of
    from kiosk.people.records import summary

    kept = kept_home(home, config)
    rows = [summary(person) for person in people_of(kept)]
    warn_of_other_space(kept, config)
    if json:
        print_json({"people": rows})
        return 0
    _show_table(rows)
    print(f"{len(rows)} enrolled.")
    return 0


def _show_table(rows: Sequence[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    known = ("subject", "given name", "references", "enrolled (UTC)", "groups", "factor")
    table = Table(*known, "PIN", "badge")
    for row in rows:
        shown = row | {"enrolled_at": row["enrolled_at"][:10]}
        table.add_row(*(Text(plain(value)) for value in shown.values()))
    Console().print(table)
