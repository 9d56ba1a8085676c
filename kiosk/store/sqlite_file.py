"""What a kiosk's databases have in common: durable settings, versions, and SQLite's errors."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kiosk.domain.errors import StoreTooNew
from kiosk.store.home import OWNER_ONLY_FILE

_DURABLE: Final = ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON")
_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_PRIMARY: Final = 0xFF
"""SQLite's extended result codes keep the primary code in the low byte."""


def make_for_owner(path: Path) -> None:
    """Make an empty file for its owner only, if there is none; raises OSError for a link."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    os.close(os.open(path, flags, OWNER_ONLY_FILE))


def make_durable(database: sqlite3.Connection, *more: str) -> None:
    """Have a connection keep what it commits, and overwrite what it deletes.

    Args:
        database: the connection.
        more: further settings, as `foreign_keys = ON`.
    """
    for setting in (*_DURABLE, *more):
        database.execute(f"PRAGMA {setting}").close()


def pragma(database: sqlite3.Connection, name: str) -> int:
    """The integer value of a database pragma."""
    (value,) = database.execute(f"PRAGMA {name}").fetchone()
    return int(value)


def upgrade(transaction: sqlite3.Connection, steps: Mapping[int, str], known: int) -> None:
    """Add what the versions after that of the database have brought.

    Args:
        transaction: open.
        steps: version -> the statements that it has added, in their order.
        known: the version of this program.
    """
    version = pragma(transaction, "user_version")
    for statements in (each for number, each in steps.items() if number > version):
        for statement in statements.split(";\n"):
            transaction.execute(statement)
    transaction.execute(f"PRAGMA user_version = {known}")


def refuse_newer(path: Path, version: int, known: int) -> None:
    """Raises StoreTooNew: the database is newer than this program."""
    if version > known:
        raise StoreTooNew(
            f"The database {path} is of version {version}; this program knows {known}.",
            "Install the newer program again; the file was left as it is.",
        )


def is_damage(error: sqlite3.Error) -> bool:
    """True if the file is no database, or a damaged one."""
    return _code(error) in _DAMAGE


def is_busy(error: sqlite3.Error) -> bool:
    """True if another process has it."""
    return _code(error) in _BUSY


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & _PRIMARY
