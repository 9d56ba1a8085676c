"""`kiosk operator`: send a signed operator's order to the kiosk on the same machine."""

from __future__ import annotations

import typer

from kiosk.cli.common import guarded
from kiosk.cli.operator.key import key
from kiosk.cli.operator.orders import plain_order, release, reset_passback
from kiosk.domain.operators.orders import Verb

app = typer.Typer(
    name="operator", help="Order what the door does; every order is signed.", no_args_is_help=True
)

app.command()(guarded(key))
app.command()(guarded(release))
app.command("reset-passback")(guarded(reset_passback))
for _verb, _help in (
    (Verb.DENY, "Refuse the person at the door."),
    (Verb.LOCKDOWN, "Let nobody in, until it is lifted."),
    (Verb.LIFT, "End a lockdown."),
    (Verb.PAUSE, "Decide on no face, until it is resumed; other factors go on working."),
    (Verb.RESUME, "End a pause."),
    (Verb.SECURE, "Lock at once."),
    (Verb.STATUS, "Say what the door is doing."),
):
    app.command(_verb.value, help=_help)(guarded(plain_order(_verb)))
