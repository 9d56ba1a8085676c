"""`kiosk keys`: the master key with which a kiosk seals all that it keeps."""

from __future__ import annotations

from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import HomeOption, JsonOption, guarded, made_home
from kiosk.domain.errors import BadInput

app = typer.Typer(name="keys", help="The key that seals what is kept.", no_args_is_help=True)


@app.callback()
def _keys() -> None:
    """The key that seals what is kept."""


@app.command()
@guarded
def rotate(
    *,
    home: HomeOption = None,
    credential: Annotated[
        str | None, typer.Option(help="Seal the new key with this credential of the system.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Keep the new key in a file, without a credential.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Make a new key, and seal everything with it. No kiosk may run meanwhile.

    It is kept as the old one was, unless an option says otherwise. Badges, open invitations and the
    kiosk's id stay as they are.
    """
    from kiosk.store.home import Home
    from kiosk.store.secrets.credential import check_name
    from kiosk.store.secrets.keys import FileKey
    from kiosk.store.whole.rotation import rotate as replace_key

    if plain and credential is not None:
        raise BadInput("--plain and --credential say different things.", "Give one of them.")
    kept = Home(made_home(home))
    name = None if credential is None else check_name(credential)
    if name is None and not plain:
        name = FileKey(kept).credential
    replace_key(kept, name)
    if json:
        print_json({"rotated": True, "credential": name})
    else:
        place = "in a file of the home" if name is None else f"sealed with the credential {name}"
        print(f"Everything is sealed with a new key, {place}.")
    return 0
