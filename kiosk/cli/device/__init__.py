"""`kiosk device`: this kiosk as a device of a fleet."""

from __future__ import annotations

import typer

from kiosk.cli.common import guarded
from kiosk.cli.device.enrolling import enrol
from kiosk.cli.device.offering import offer

app = typer.Typer(name="device", help="This kiosk as a device of a fleet.", no_args_is_help=True)
app.callback()(lambda: None)
app.command()(guarded(enrol))
app.command()(guarded(offer))
