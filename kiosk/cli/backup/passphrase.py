"""The passphrase of a backup: from a file, or asked at the terminal."""

from __future__ import annotations

import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from kiosk.cli.fleet.common import passphrase_of
from kiosk.domain.errors import BadInput

PassphraseFileOption = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="A file whose first line is the passphrase."),
]
FEWEST_CHARACTERS = 12
"""Whoever has the file can guess as long as they like; each guess takes a third of a second."""


def passphrase(file: Path | None, *, new: bool) -> bytes:
    """The passphrase of a backup.

    Args:
        file: its first line is taken; None asks at the terminal.
        new: True to have it typed twice, and to refuse one that is too short.

    Raises:
        BadInput: there is neither a file nor a terminal; the two that were typed differ; or it is
            too short.
    """
    found = passphrase_of(file) or _typed(twice=new)
    if new and len(found.decode(errors="replace")) < FEWEST_CHARACTERS:
        raise BadInput(
            f"A backup's passphrase has at least {FEWEST_CHARACTERS} characters.",
            "Take several words that nobody puts together.",
        )
    return found


def _typed(*, twice: bool) -> bytes:
    if not sys.stdin.isatty():
        raise BadInput("There is no passphrase.", "Give --passphrase-file.")
    first = getpass("The passphrase of the backup: ")
    if twice and getpass("The same again: ") != first:
        raise BadInput("The two passphrases differ.", "Start again.")
    return first.encode()
