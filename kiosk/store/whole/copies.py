"""Copies of a whole database, for going back: one from before a migration, or one that was damaged.

They are sealed as the original is. But whoever is erased is in them too, so that none outlives the
next erasure, or a week.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.domain.errors import StoreError
from kiosk.store.home import flush_directory, write_whole

LONGEST = timedelta(days=7)


def keep_copy(rows: sqlite3.Connection, path: Path, version: int) -> Path:
    """Copy a database before it is migrated, durably.

    Args:
        rows: the database, within a transaction that reads.
        path: its file.
        version: that of its schema, which names the copy.

    Returns:
        The copy's file. An older one of the same version is replaced.

    Raises:
        OSError, sqlite3.Error: the disk is full, or cannot be written.
    """
    copy = path.with_name(f"{path.name}.v{version}")
    spare = copy.with_name(f"{copy.name}.new")
    spare.unlink(missing_ok=True)
    write_whole(spare, b"")
    with closing(sqlite3.connect(spare)) as target:
        rows.backup(target)
        target.execute("PRAGMA journal_mode = DELETE").close()
    with spare.open("rb") as file:
        os.fsync(file.fileno())
    spare.replace(copy)
    flush_directory(path.parent)
    return copy


def drop_copies(path: Path, now: datetime | None = None) -> None:
    """Remove the copies of a database.

    Args:
        path: the database.
        now: only those that are too old by then, or of a time to come; None removes all.

    Raises:
        StoreError: one cannot be removed.
    """
    try:
        for copy in copies_of(path):
            made = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
            if now is None or not timedelta() <= now - made <= LONGEST:
                copy.unlink()
    except FileNotFoundError:
        return  # another process was faster
    except OSError as error:
        raise StoreError(
            f"A copy of {path} cannot be removed: {os.strerror(error.errno or 0)}.",
            "Remove it by hand: it holds people who may have been erased since.",
        ) from error


def copies_of(path: Path) -> Iterator[Path]:
    """The copies of a database that there are."""
    for form in (f"{path.name}.v*", f"{path.name}.*.aside"):
        yield from path.parent.glob(form)
