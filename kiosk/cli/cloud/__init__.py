"""`kiosk cloud`: Amazon Rekognition as a second matcher."""

from __future__ import annotations

import typer

from kiosk.cli.cloud.peer import peer
from kiosk.cli.common import guarded

app = typer.Typer(
    name="cloud",
    help="Amazon Rekognition as a second matcher.",
    no_args_is_help=True,
)


@app.callback()
def _cloud() -> None:
    """Amazon Rekognition as a second matcher."""


app.command()(guarded(peer))
