"""`kiosk retention`: erase whose time is over, as a running kiosk does once a day."""

from __future__ import annotations

from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, guarded, made_home

app = typer.Typer(
    name="retention",
    help="Erase whose time is over, and drop what need not be kept.",
    no_args_is_help=True,
)


@app.callback()
def _retention() -> None:
    """Erase whose time is over, and drop what need not be kept."""


@app.command()
@guarded
def run(
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    sure: Annotated[
        bool,
        typer.Option("--clock-is-right", help="You have looked: the clock has not jumped."),
    ] = False,
    json: JsonOption = False,
) -> int:
    """Erase leavers and people who do not use the door; drop old invitations and journal entries.

    Exit 3 if the clock is in doubt: nothing is done.
    """
    from kiosk.store.open_home import OpenHome
    from kiosk.wiring.retention import retention
    from kiosk.wiring.rollout.settings import settings_of

    kept = made_home(home)
    settings = settings_of(kept, config)
    with OpenHome.open(kept) as open_home:
        done = retention(settings, open_home).run(sure=sure)
    if json:
        print_json(
            {
                "left": list(done.left),
                "unused": list(done.unused),
                "invitations": done.invitations,
                "journal_entries": done.entries,
            }
        )
        return 0
    print(f"Erased after their last day: {', '.join(done.left) or 'nobody'}.")
    print(f"Erased because they did not use the door: {', '.join(done.unused) or 'nobody'}.")
    print(f"Invitations that went, or lost their photograph: {done.invitations}.")
    print(f"Journal entries that went: {done.entries}.")
    return 0
