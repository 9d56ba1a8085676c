"""`kiosk fleet inviter` and `kiosk fleet invite`: who may invite people, and their invitations."""

from __future__ import annotations

import typer

from kiosk.cli.common import guarded, unless_other
from kiosk.cli.fleet.inviting.invitation import invite, list_invitations, revoke
from kiosk.cli.fleet.inviting.inviter import add, drop, list_inviters

inviters = typer.Typer(name="inviter", help="Who may invite people in the name of admins.")
inviters.command()(guarded(add))
inviters.command()(guarded(drop))
inviters.command("list")(guarded(list_inviters))

invitations = typer.Typer(
    name="invite",
    help="Invite somebody to enrol at any kiosk of a scope; list, revoke.",
    invoke_without_command=True,
)
invitations.callback()(unless_other(guarded(invite)))
invitations.command("list")(guarded(list_invitations))
invitations.command()(guarded(revoke))
