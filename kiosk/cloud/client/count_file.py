"""The file of what is counted about Rekognition: durable, and for any process of its owner."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kiosk.domain.errors import CloudUnavailable
from kiosk.store.sqlite_file import make_for_owner

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS spent (month TEXT PRIMARY KEY, calls INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS door (
    month TEXT,
    mode TEXT,
    decisions INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (month, mode)
);
"""


class CountFile:
    """A small database of counts. Any thread and any process may use the same file.

    Args:
        path: the file; made for its owner only.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._turn = path, threading.Lock()

    @contextmanager
    def opened(self, patience_seconds: float) -> Iterator[sqlite3.Connection]:
        """The file, open.

        Args:
            patience_seconds: how long to wait for another process that counts.

        Raises:
            CloudUnavailable: it cannot be used.
        """
        try:
            with self._turn:
                file = self._open(patience_seconds)
                try:
                    yield file
                finally:
                    file.close()
        except (OSError, sqlite3.Error, ValueError) as error:
            why = os.strerror(error.errno or 0) if isinstance(error, OSError) else "it is damaged"
            busy = isinstance(error, sqlite3.OperationalError)
            raise CloudUnavailable(
                "What is spent on Rekognition cannot be counted in"
                f" {self._path}: {'it is busy or the disk is full' if busy else why}.",
                "See whether the disk is full or read-only. Removed, it counts from nothing again.",
            ) from None

    def _open(self, patience_seconds: float) -> sqlite3.Connection:
        make_for_owner(self._path)
        file = sqlite3.connect(self._path, timeout=patience_seconds, isolation_level=None)
        file.execute("PRAGMA synchronous = FULL")
        file.executescript(_TABLES)
        return file
