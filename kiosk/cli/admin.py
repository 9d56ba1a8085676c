"""`kiosk admin`: the PIN of the installer's screen."""

from __future__ import annotations

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, guarded, made_home
from kiosk.cli.people.pin_entry import StdinOption, new_pin

app = typer.Typer(name="admin", help="The PIN of the installer's screen.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `pin` a subcommand, although it is the only one."""


@app.command()
@guarded
def pin(
    *,
    stdin: StdinOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Set the admin PIN of 6 to 12 digits. It is asked for twice and never shown."""
    from config.settings import load
    from kiosk.app.admin.pin import set_admin_pin

    place = made_home(home)
    if config is not None:
        load(place, config)
    set_admin_pin(place, new_pin("admin PIN", stdin=stdin))
    if json:
        print_json({"admin_pin": True})
    else:
        print("The admin PIN is set; it opens the installer's screen.")
    return 0
