"""How a new PIN is typed: twice, without an echo; or one line from another program."""

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
    """A PIN that somebody chose.

    Args:
        what: is asked for, such as "PIN of s-1001".
        stdin: read a line instead of asking.

    Raises:
        BadInput: nobody is there to ask, or the two were not the same.
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
