"""`kiosk invite revoke ID`: end an invitation before it is used."""

from __future__ import annotations

from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.people.common import kept_home

IdArgument = Annotated[str, typer.Argument(help="Its id, as in `kiosk invite list`.")]


def revoke(
    ident: IdArgument,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """End an invitation: its code does not count any more, and its photograph is gone."""
    from kiosk.people.invitations import InvitationService
    from kiosk.store.open_home import OpenHome

    kept = kept_home(home, config, changes=True)
    with OpenHome.open(kept.path) as open_home:
        ended = InvitationService(open_home).revoke(ident)
    if json:
        print_json({"id": ended.ident, "subject": ended.subject, "state": ended.state.value})
    else:
        print(f"The invitation of {ended.subject} does not count any more.")
    return 0
