"""The `kiosk` command. One command, one file; heavy modules are imported inside the command."""

from __future__ import annotations

import typer

app = typer.Typer(
    name="kiosk",
    help="Lintel: a door that knows you.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
