"""`kiosk invite`: invite somebody to enrol at the kiosk; list and revoke invitations."""

from __future__ import annotations

import functools
from typing import Any

import typer

from kiosk.cli.common import guarded
from kiosk.cli.invite.listing import list_invitations
from kiosk.cli.invite.making import invite
from kiosk.cli.invite.revoking import revoke

app = typer.Typer(
    name="invite",
    help="Invite somebody to enrol at the kiosk: a code, once, for a few days; list, revoke.",
    invoke_without_command=True,
)


@functools.wraps(invite)
def _unless_other(_context: typer.Context, **options: Any) -> None:  # noqa: ANN401 - of typer
    """Make an invitation, unless the command line goes on with another command."""
    if _context.invoked_subcommand is None:
        guarded(invite)(_context, **options)


app.callback()(_unless_other)
app.command("list")(guarded(list_invitations))
app.command()(guarded(revoke))
