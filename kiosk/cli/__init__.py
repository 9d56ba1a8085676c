"""The `kiosk` command line: one file per command. Heavy modules are imported inside the command."""

from __future__ import annotations

from importlib import metadata
from typing import Annotated

import typer

from kiosk.cli.on_demand import OnDemand

app = typer.Typer(
    name="kiosk",
    cls=OnDemand,
    help="Lintel: touchless door access by face recognition.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _show_version(asked: bool) -> None:
    if asked:
        try:
            print(f"lintel-kiosk {metadata.version('lintel-kiosk')}")
        except metadata.PackageNotFoundError:
            print("lintel-kiosk, not installed: run `make setup` to know its version")
        raise typer.Exit


@app.callback()
def _kiosk(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Lintel: touchless door access by face recognition."""
