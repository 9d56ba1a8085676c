"""The table of the journal's events, read from their classes, as Markdown.

`python tools/journal_events.py` prints it, for `docs/journal.md`.
"""

from __future__ import annotations

from dataclasses import MISSING, fields

from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.registry import EVENTS


def table() -> str:
    """A row for each class of event, in the order of the registry."""
    rows = [f"| `{event.name}` | {_meaning(event)} | {_details(event)} |" for event in EVENTS]
    return "\n".join(["| event | when | details |", "|---|---|---|", *rows])


def _meaning(event: type[JournalEvent]) -> str:
    return (event.__doc__ or "").split("\n", maxsplit=1)[0]


def _details(event: type[JournalEvent]) -> str:
    fixed = [f"`{name}`: {_json(value)}" for name, value in event.fixed.items()]
    own = [
        f"`{field.name}`" + ("" if field.default is MISSING else " ?") for field in fields(event)
    ]
    return ", ".join([*fixed, *own])


def _json(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"`{value}`"


if __name__ == "__main__":
    print(table())
