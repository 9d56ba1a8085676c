"""Looking at, and tampering with, what a kiosk keeps, byte by byte."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

WINDOW = 16
"""So many bytes in a row are no accident."""


def raw(home: Path) -> bytes:
    """Every byte of every file under a home but the key."""
    files = sorted(path for path in home.rglob("*") if path.is_file() and path.name != "key")
    return b"".join(path.read_bytes() for path in files)


def windows(secret: bytes) -> Iterator[bytes]:
    """Pieces of a secret; none may be found."""
    for at in range(0, max(1, len(secret) - WINDOW + 1), WINDOW):
        yield secret[at : at + WINDOW]


def leaks(secret: bytes, haystack: bytes) -> bool:
    """Whether any piece of the secret stands in the haystack."""
    return any(piece in haystack for piece in windows(secret))


def alter(database: Path, statement: str, *values: object) -> None:
    """Change the database behind the kiosk's back."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute(statement, values)


def ask(database: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    """Read the database behind the kiosk's back."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query, values).fetchall()


def lines(journal: Path) -> list[str]:
    """The lines of a journal, without their ends."""
    return journal.read_text(encoding="ascii").splitlines()


def rewrite(journal: Path, kept: list[str]) -> None:
    """Replace a journal's lines."""
    journal.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")


def die_at_flush(count: int) -> None:
    """Kill this process, a test's child, at so many flushes to the disk from now on."""
    real, left = os.fsync, [count]

    def flush(descriptor: int) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        real(descriptor)

    os.fsync = flush
