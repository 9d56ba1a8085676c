"""`kiosk door`: show the door's state and operate it from the command line, for installation."""

from __future__ import annotations

import typer

from kiosk.cli.common import guarded
from kiosk.cli.door.learn_key import learn_key
from kiosk.cli.door.release import release
from kiosk.cli.door.secure import secure
from kiosk.cli.door.status import status
from kiosk.cli.door.trial import trial

app = typer.Typer(name="door", help="The door: its state, a test, a release.", no_args_is_help=True)

app.command("learn-key")(guarded(learn_key))
app.command()(guarded(status))
app.command()(guarded(release))
app.command()(guarded(secure))
app.command("test")(guarded(trial))
