"""Entry of a new PIN: twice at a terminal without echo, or one line from another program."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import Annotated

import typer

from kiosk.domain.errors import BadInput

MAX_CHARACTERS = 100

StdinOption = Annotated[
    bool, typer.Option("--stdin", help="Read the PIN from standard input, one line.")
]


def new_pin(what: str, *, stdin: bool) -> str:
    """The new PIN that the user enters.

    Args:
        what: the name of the PIN, such as "PIN of s-1001".
        stdin: read one line from standard input instead of prompting.

    Raises:
        BadInput: there is no terminal to prompt at, or the two entries differ.
    """
    if stdin:
        return _line()
    if not sys.stdin.isatty():
        raise BadInput("There is no terminal to type a PIN at.", "Add --stdin and send one line.")
    first = getpass(f"New {what}: ")
    if getpass("The same again: ") != first:
        raise BadInput("The two were not the same.", "Nothing was changed; try again.")
    return first


def _line() -> str:
    try:
        line = sys.stdin.readline(MAX_CHARACTERS)
    except UnicodeDecodeError:
        raise BadInput("What came from standard input is no text.", "Send digits.") from None
    return line.removesuffix("\n").removesuffix("\r")
