"""`kiosk operator key`: make an operator's key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.domain.errors import BadInput

NameArgument = Annotated[str, typer.Argument(help="The operator's name, as the settings have it.")]
OutOption = Annotated[Path, typer.Option("--out", help="A new file for the private key.")]


def key(name: NameArgument, *, out: OutOption, json: JsonOption = False) -> int:
    """Make an operator's key. The file stays with the operator; the settings take the output."""
    from config.sections.broker import NAME
    from hardware.operators.keys import make_key

    if not re.fullmatch(NAME, name):
        raise BadInput("That is no operator's name.", "Use 1 to 64 letters, digits, - or _.")
    public = make_key(out)
    if json:
        print_json({"operator": name, "public_key": public, "file": str(out)})
    else:
        print(f'[operators.keys]\n{name} = "{public}"')
    return 0
