"""The `kiosk` command line: one file per command. Heavy modules are imported inside the command."""

from __future__ import annotations

from importlib import metadata
from typing import Annotated

import typer

from kiosk.cli import admin, audit, door, evaluate, invite, models, operator, people
from kiosk.cli.bench import bench
from kiosk.cli.calibrate import calibrate
from kiosk.cli.common import guarded
from kiosk.cli.demo import demo
from kiosk.cli.doctor import doctor
from kiosk.cli.enrol import enrol
from kiosk.cli.init import init
from kiosk.cli.run import run

app = typer.Typer(
    name="kiosk",
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


app.add_typer(invite.app)
app.add_typer(models.app)
app.add_typer(audit.app)
app.add_typer(operator.app)
app.add_typer(door.app)
app.add_typer(people.app)
app.add_typer(admin.app)
app.add_typer(evaluate.app)
app.command()(guarded(bench))
app.command()(guarded(calibrate))
app.command()(guarded(demo))
app.command()(guarded(doctor))
app.command()(guarded(enrol))
app.command()(guarded(init))
app.command()(guarded(run))
