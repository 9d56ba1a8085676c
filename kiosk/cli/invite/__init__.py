"""`kiosk invite`: invite somebody to enrol at the kiosk; list and revoke invitations."""

from __future__ import annotations

import typer

from kiosk.cli.common import guarded, unless_other
from kiosk.cli.invite.listing import list_invitations
from kiosk.cli.invite.making import invite
from kiosk.cli.invite.revoking import revoke

app = typer.Typer(
    name="invite",
    help="Invite somebody to enrol at the kiosk: a code, once, for a few days; list, revoke.",
    invoke_without_command=True,
)


app.callback()(unless_other(guarded(invite)))
app.command("list")(guarded(list_invitations))
app.command()(guarded(revoke))
