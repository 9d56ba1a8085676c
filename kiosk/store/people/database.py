"""The database file: created atomically, checked before use, never repaired.

SQLite in WAL mode with full synchronisation: a running kiosk reads while an admin enrols, and a
process killed at any moment leaves the last commit. Deleted bytes are overwritten.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from kiosk.domain.errors import StoreCorrupt, StoreError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.store.home import Home, flush_directory, write_whole
from kiosk.store.sqlite_file import (
    is_busy,
    is_damage,
    make_durable,
    pragma,
    refuse_newer,
    upgrade,
)

APPLICATION_ID = 0x4C4E544C
SCHEMA_VERSION = 5
"""2: a profile may hold rules and factors, which version 1 of the program would ignore.
3: tied to the journal head; see `kiosk.store.people.roll`.
4: invitations, and pictures that somebody agreed to.
5: people whom a fleet of kiosks manages; see `kiosk.store.people.members`."""
TIED_VERSION = 3
INVITING_VERSION = 4
FLEET_VERSION = 5
BUSY_SECONDS = 5.0
PAGE_BYTES = 8192

Tied = AbstractContextManager[None]

_STEPS: Mapping[int, str] = {
    INVITING_VERSION: """
CREATE TABLE pictures (
    subject TEXT PRIMARY KEY REFERENCES subjects (subject) ON DELETE CASCADE,
    picture BLOB NOT NULL
) STRICT;
CREATE TABLE invitations (
    id TEXT PRIMARY KEY, wrapped_key BLOB NOT NULL, content BLOB NOT NULL, photo BLOB NOT NULL
) STRICT;
""",
    FLEET_VERSION: """
CREATE TABLE scopes (scope TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE members (
    subject TEXT PRIMARY KEY, scope TEXT NOT NULL, content BLOB NOT NULL
) STRICT;
""",
}
"""What each version has added to the tables of the one before. A row of `members` outlives its
subject, so nothing ties the two."""

_SCHEMA = f"""
PRAGMA page_size = {PAGE_BYTES};
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
BEGIN;
CREATE TABLE facts (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT;
CREATE TABLE subjects (
    subject TEXT PRIMARY KEY, wrapped_key BLOB NOT NULL, profile BLOB NOT NULL
) STRICT;
CREATE TABLE refs (
    id TEXT PRIMARY KEY,
    subject TEXT NOT NULL REFERENCES subjects (subject) ON DELETE CASCADE,
    space TEXT NOT NULL,
    template BLOB NOT NULL
) STRICT;
CREATE INDEX refs_of_subject ON refs (subject);
CREATE INDEX refs_of_space ON refs (space, subject);
{"".join(_STEPS.values())}
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""


def create(home: Home, check: bytes, tied: Callable[[sqlite3.Connection], Tied]) -> bool:
    """Create the database if there is none: built under a temporary name, then renamed.

    Args:
        home: the home.
        check: a sealed value that proves later that a key is the right one.
        tied: receives the new database; returns a context around the rename.

    Returns:
        True if it was created now.
    """
    if os.path.lexists(home.references):
        return False
    with translated(home.references), home.locked():
        if os.path.lexists(home.references):
            return False
        spare = home.references.with_name("references.db.new")
        for leftover in spare.parent.glob(f"{spare.name}*"):
            leftover.unlink()
        write_whole(spare, b"")
        with closing(sqlite3.connect(spare, isolation_level=None)) as database:
            database.executescript(_SCHEMA)
            facts = (("generation", 0), ("check", check))
            database.executemany("INSERT INTO facts VALUES (?, ?)", facts)
            placed = tied(database)
        with placed:
            spare.replace(home.references)
            flush_directory(home.path)
        return True


def connect(path: Path) -> sqlite3.Connection:
    """Open a database that is sound and of a known version; any other is left untouched.

    The connection is in autocommit; it may be used by any thread, by one at a time.

    Raises:
        StoreCorrupt: it is damaged, newer than this program, or not this program's.
        StoreError: it cannot be opened now.
    """
    with translated(path):
        if path.is_symlink():
            raise corrupt(path, "it is a link to another place")
        _undo_unfinished(path)
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as reader:
            _inspect(reader, path)
        database = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_SECONDS,
        )
        make_durable(database, "foreign_keys = ON")
        return database


@contextmanager
def alone(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database that nobody else has open, or can open meanwhile.

    SQLite keeps no file beside it then, which somebody could remove or take for another's later.

    Raises:
        StoreError: another process has it open; or see `connect`.
    """
    database = connect(path)
    try:
        with translated(path):
            (mode,) = database.execute("PRAGMA journal_mode = DELETE").fetchone()
            if mode != "delete":
                raise _in_use(path)
            database.execute("PRAGMA locking_mode = EXCLUSIVE").close()
            database.execute("BEGIN EXCLUSIVE")
            database.execute("COMMIT")
        yield database
    finally:
        database.close()


def _undo_unfinished(path: Path) -> None:
    """Undo what a crash has left half written where SQLite kept no log; see `alone`.

    A connection that only reads could not.
    """
    if path.with_name(f"{path.name}-journal").exists():
        address = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS)) as database:
            pragma(database, "user_version")


def bring_up_to_date(transaction: sqlite3.Connection) -> None:
    """Add what the versions after that of the database have brought."""
    upgrade(transaction, _STEPS, SCHEMA_VERSION)


def empty_log(database: sqlite3.Connection, erased: str) -> None:
    """Move the write-ahead log into the database and truncate it.

    Raises:
        StoreError: another process is reading, so traces of the erased person are left for now.
    """
    (busy, _, _) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreError(
            f"{erased} is erased and cannot be recognised, but encrypted traces are left in the "
            "database's log because another process is reading.",
            "They go when that process ends, or with the next erasure.",
        )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Translate errors of SQLite and the system into those of this program."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explain(path, error) from error
    except OSError as error:
        raise _unwritable(path, os.strerror(error.errno or 0)) from error


def corrupt(path: Path, what: str) -> StoreCorrupt:
    """The error for a database that is not as this program wrote it."""
    return StoreCorrupt(
        f"The references in {path} are damaged: {what}.",
        Remedy(
            "The file was left as it is. Restore a backup; or accept it as it is, then erase and "
            "enrol again whoever is named.",
            NextStep.RESTORE_OR_ACCEPT,
        ),
    )


def _inspect(database: sqlite3.Connection, path: Path) -> None:
    version = pragma(database, "user_version")
    if pragma(database, "application_id") != APPLICATION_ID or not version:
        raise corrupt(path, "it is not a database of this kiosk")
    refuse_newer(path, version, SCHEMA_VERSION)
    if path.stat().st_size % pragma(database, "page_size"):
        raise corrupt(path, "its end is missing")
    (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise corrupt(path, "its pages contradict each other")


def _explain(path: Path, error: sqlite3.Error) -> StoreError:
    if is_damage(error):
        return corrupt(path, "it cannot be read as a database")
    if is_busy(error):
        return _in_use(path)
    return _unwritable(path, str(error))


def _in_use(path: Path) -> StoreError:
    return StoreError(
        f"The database {path} is in use by another process.", "Try again in a moment."
    )


def _unwritable(path: Path, why: str) -> StoreError:
    return StoreError(
        f"The database {path} cannot be used: {why}.",
        "Nothing that was stored is lost. See whether the disk is full or read-only.",
    )
