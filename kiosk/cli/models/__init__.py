"""`kiosk models`: list, install and verify model packs."""

from __future__ import annotations

import typer

from kiosk.cli.common import guarded
from kiosk.cli.models.install import install_pack
from kiosk.cli.models.listing import list_packs
from kiosk.cli.models.verify import verify_pack

app = typer.Typer(
    name="models", help="Model packs: list, install and verify them.", no_args_is_help=True
)

app.command("list")(guarded(list_packs))
app.command("install")(guarded(install_pack))
app.command("verify")(guarded(verify_pack))
