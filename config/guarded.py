"""Settings are read only where nobody else could have written them."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.domain.errors import SettingsError
from kiosk.domain.ownership import OwnedPath, weakness


def refuse_foreign(path: Path, file: int) -> None:
    """See that a settings file, and every folder above it, is ours or root's to change alone.

    Args:
        path: by which it was opened.
        file: the descriptor; what it says is read from there, whatever the path leads to later.

    Raises:
        SettingsError: names what others could change.
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
