"""Ownership checks: a home is used only if no other user could change it or its parent folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from kiosk.domain.errors import BadInput
from kiosk.domain.ownership import OwnedPath, weakness
from kiosk.domain.remedies import NextStep, Remedy


def refuse_foreign(home: Path, names: Iterable[Path]) -> None:
    """Check that only this user can change a home, its parent folders, and the files in it.

    Args:
        home: the folder; if it does not exist, only its parents are checked.
        names: the files in it.

    Raises:
        BadInput: names a path that others could change, or a link in place of a file.
    """
    there = os.path.lexists(home)
    try:
        _refuse(home, there=there)
        for path in names if there else ():
            if os.path.lexists(path):
                _refuse_file(path, home)
    except OSError as error:
        raise BadInput(
            f"The home {home} cannot be used: {error.strerror}.",
            Remedy(
                "Choose another home, or run as the user to whom it belongs.", NextStep.CHOOSE_HOME
            ),
        ) from error


def _refuse(home: Path, *, there: bool) -> None:
    folders = {*home.absolute().parents, *home.resolve().parents}
    above = sorted((_place(folder) for folder in folders if folder.exists()), reverse=True)
    found = weakness(_place(home) if there else None, above, os.geteuid())
    if found is not None:
        raise BadInput(f"The home {home} is not used: {found.text}.", found.remedy)


def _refuse_file(path: Path, home: Path) -> None:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise BadInput(
            f"The home {home} is not used: {path} is a link to another place.",
            "Remove it, and see who has made it.",
        )
    found = weakness(OwnedPath(str(path), status.st_uid, status.st_mode), (), os.geteuid())
    if found is not None:
        raise BadInput(f"The home {home} is not used: {found.text}.", found.remedy)


def _place(path: Path) -> OwnedPath:
    status = path.stat()
    return OwnedPath(str(path), status.st_uid, status.st_mode)
