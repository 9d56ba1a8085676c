"""`kiosk evaluate`: measure this kiosk's recognition and its attack detection."""

from __future__ import annotations

import typer

from kiosk.cli.common import guarded
from kiosk.cli.evaluate.pad import pad
from kiosk.cli.evaluate.recognition import recognition

app = typer.Typer(
    name="evaluate",
    help="Measure recognition and attack detection in the terms of ISO/IEC 19795 and 30107-3.",
    no_args_is_help=True,
)

app.command()(guarded(recognition))
app.command()(guarded(pad))
