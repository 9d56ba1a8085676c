"""Ownership check of settings files: only this user and root may be able to change them."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.domain.errors import SettingsError
from kiosk.domain.ownership import OwnedPath, weakness


def refuse_foreign(path: Path, file: int) -> None:
    """Check that only this user or root can change a settings file and every folder above it.

    Args:
        path: the path by which it was opened.
        file: the open descriptor; it is checked and read, even if the path changes later.

    Raises:
        SettingsError: names the part that others could change.
    """
    status = os.fstat(file)
    folders = {*path.absolute().parents, *path.resolve().parents}
    above = sorted((_place(folder) for folder in folders), reverse=True)
    found = weakness(OwnedPath(str(path), status.st_uid, status.st_mode), above, os.geteuid())
    if found is not None:
        raise SettingsError(
            f"The settings file {path} is not to be relied on: {found.text}.",
            f"{found.remedy} See whether it still says what it should.",
        )


def _place(folder: Path) -> OwnedPath:
    status = folder.stat()
    return OwnedPath(str(folder), status.st_uid, status.st_mode)
