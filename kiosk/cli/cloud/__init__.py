"""`kiosk cloud`: Amazon Rekognition as a second matcher."""

from __future__ import annotations

import typer

from kiosk.cli.cloud import dead_letters
from kiosk.cli.cloud.alarms import alarms
from kiosk.cli.cloud.indexing import index, reindex
from kiosk.cli.cloud.init import init
from kiosk.cli.cloud.peer import peer
from kiosk.cli.cloud.plan import plan
from kiosk.cli.cloud.policy import policy
from kiosk.cli.cloud.reconciling import erase, reconcile
from kiosk.cli.cloud.status import status
from kiosk.cli.common import guarded

app = typer.Typer(
    name="cloud",
    help="Amazon Rekognition as a second matcher.",
    no_args_is_help=True,
)


app.command()(guarded(plan))
app.command()(guarded(policy))
app.command()(guarded(alarms))
app.command()(guarded(init))
app.command()(guarded(status))
app.command()(guarded(index))
app.command()(guarded(reindex))
app.command()(guarded(reconcile))
app.command()(guarded(erase))
app.add_typer(dead_letters.app)
app.command()(guarded(peer))
