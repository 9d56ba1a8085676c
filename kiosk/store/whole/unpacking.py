"""Opens a backup into a folder. Nothing in it counts before its end was verified."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import IO

from kiosk.domain.errors import Refused
from kiosk.store.home import Home, write_whole
from kiosk.store.secrets.master_key import MasterKey
from kiosk.store.whole.archive import opened
from kiosk.store.whole.backup import KEY, MANIFEST, BackupManifest
from kiosk.store.whole.exchange import unusable

MOST_SMALL_BYTES = 65_536


def unpacked(source: Path, passphrase: bytes, work: Home) -> tuple[BackupManifest, MasterKey]:
    """Open a backup into a folder, all but its key; see `kiosk.store.whole.archive.opened`.

    Raises:
        BadInput: it cannot be read, or is none.
        Refused: it was changed or cut, holds something else, or the passphrase is another one.
    """
    data = (work.references, work.journal, work.head, work.cloud_ids, *work.sealed)
    paths = {path.name: path for path in data}
    small: dict[str, bytes] = {}
    with opened(source, passphrase) as archive:
        for entry in archive:
            file = archive.extractfile(entry) if entry.isreg() else None
            if file is None or not (entry.name in paths or entry.name in {MANIFEST, KEY}):
                raise _foreign(source, entry)
            if entry.name in paths:
                _copy(file, paths[entry.name], work)
            else:
                small[entry.name] = file.read(MOST_SMALL_BYTES)
    try:
        return BackupManifest.decode(small[MANIFEST]), MasterKey.decode(small[KEY])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(
            f"The backup {source} cannot be understood.", "Take another; nothing was restored."
        ) from error


def _copy(file: IO[bytes], path: Path, work: Home) -> None:
    try:
        write_whole(path, b"")
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy)
    except OSError as error:
        raise unusable(work, error) from error


def _foreign(source: Path, entry: tarfile.TarInfo) -> Refused:
    return Refused(
        f"The backup {source} holds something that belongs in none: {entry.name[:80]!r}.",
        "See who has made it; nothing was restored.",
    )
