"""`kiosk invite`: invite somebody to enrol at the kiosk; list and revoke invitations."""

from __future__ import annotations

import functools
from collections.abc import Callable

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


def _unless_other(command: Callable[..., None]) -> Callable[..., None]:
    """The command, which does nothing where the command line goes on with another."""

    @functools.wraps(command)
    def run(_context: typer.Context, **options: object) -> None:
        if _context.invoked_subcommand is None:
            command(_context, **options)

    return run


app.callback()(_unless_other(guarded(invite)))
app.command("list")(guarded(list_invitations))
app.command()(guarded(revoke))
