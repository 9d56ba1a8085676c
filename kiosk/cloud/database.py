"""The kiosk's own database for the cloud: metadata of people's faces, and the outbox.

Each record is sealed and bound to its place. The key is derived from that of people's ids, so that
exchanging the kiosk's own key leaves the file readable. It holds no subject id and no name. A lost
file can be made again from the listings of the collections.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.cloud.ids import CloudIds
from kiosk.domain.errors import StoreCorrupt, StoreError, StoreKeyError
from kiosk.store.closing import ClosedAtItsEnd
from kiosk.store.secrets.sealing import place, seal, unseal
from kiosk.store.sqlite_file import (
    is_damage,
    make_durable,
    make_for_owner,
    pragma,
    refuse_newer,
    upgrade,
)

APPLICATION_ID = 0x4C4E5443
SCHEMA_VERSION = 1
BUSY_SECONDS = 5.0
_STEPS = {
    1: """
CREATE TABLE facts (name TEXT PRIMARY KEY, revision INTEGER NOT NULL, content BLOB NOT NULL) STRICT;
CREATE TABLE faces (
    person TEXT NOT NULL,
    collection TEXT NOT NULL,
    revision INTEGER NOT NULL,
    unfinished INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (person, collection)
) STRICT;
CREATE INDEX faces_of_collection ON faces (collection);
CREATE INDEX faces_unfinished ON faces (unfinished) WHERE unfinished;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person TEXT NOT NULL,
    next_at REAL NOT NULL,
    dead INTEGER NOT NULL DEFAULT 0,
    content BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_of_person ON outbox (person, id);
""",
}
"""What each version has added to the tables of the one before."""
_CHECK = "check"


class CloudDatabase(ClosedAtItsEnd):
    """The open database; a context manager. Any thread may use it, and any number of processes.

    Args:
        path: of its file; made if it is missing.
        ids: whose key seals it.

    Raises:
        StoreKeyError: another key has sealed it.
        StoreTooNew: it is newer than this program.
        StoreError: it cannot be used.
    """

    def __init__(self, path: Path, ids: CloudIds) -> None:
        self.path = path
        self._cipher = AESGCM(ids.derive("lintel/1/cloud-database"))
        self._turn = threading.RLock()
        with self._translated():
            self._rows = self._opened()
        try:
            with self.transaction() as rows:
                self._bring_up_to_date(rows)
                self._check_key(rows)
        except BaseException:
            self._rows.close()
            raise

    def close(self) -> None:
        """Close the file, once nobody reads or writes it. Idempotent."""
        with self._turn:  # closed in the middle of another thread's question, SQLite crashes
            self._rows.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction that writes; durable once it is left, undone if that is by an error.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._turn, self._translated():
            self._rows.execute("BEGIN IMMEDIATE")
            try:
                yield self._rows
                self._rows.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._rows.execute("ROLLBACK")
                raise

    def ask(self, question: str, *values: object) -> Sequence[tuple[Any, ...]]:
        """The rows that answer a question.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._turn, self._translated():
            return self._rows.execute(question, values).fetchall()

    def sealed(self, text: str, *where: str) -> bytes:
        """A text sealed for a place."""
        return seal(self._cipher, text.encode(), place(*where))

    def opened(self, content: bytes, *where: str) -> str:
        """The text that was sealed for a place.

        Raises:
            StoreCorrupt: it was changed or moved.
        """
        try:
            return unseal(self._cipher, content, place(*where)).decode()
        except (InvalidTag, ValueError) as error:
            raise self.corrupt("a record was changed or moved") from error

    def corrupt(self, what: str) -> StoreCorrupt:
        """The error for a database that is not as this program wrote it."""
        return StoreCorrupt(
            f"The cloud's metadata in {self.path} is damaged: {what}.",
            "Move the file away, and have it made again from the listings of the collections.",
        )

    def _opened(self) -> sqlite3.Connection:
        make_for_owner(self.path)
        rows = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
        )
        try:
            make_durable(rows)
        except BaseException:
            rows.close()
            raise
        return rows

    def _bring_up_to_date(self, rows: sqlite3.Connection) -> None:
        version, application = pragma(rows, "user_version"), pragma(rows, "application_id")
        refuse_newer(self.path, version, SCHEMA_VERSION)
        if version and application != APPLICATION_ID:
            raise self.corrupt("it is not a database of this kiosk")
        upgrade(rows, _STEPS, SCHEMA_VERSION)
        rows.execute(f"PRAGMA application_id = {APPLICATION_ID}")

    def _check_key(self, rows: sqlite3.Connection) -> None:
        found = rows.execute("SELECT content FROM facts WHERE name = ?", (_CHECK,)).fetchone()
        if found is None:
            content = self.sealed(_CHECK, "cloud-fact", _CHECK, "1")
            rows.execute("INSERT INTO facts VALUES (?, 1, ?)", (_CHECK, content))
            return
        try:
            self.opened(found[0], "cloud-fact", _CHECK, "1")
        except StoreCorrupt as error:
            raise StoreKeyError(
                f"{self.path} was sealed with another key of people's ids in the cloud.",
                "Put back the key that the site's kiosks had.",
            ) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if is_damage(error):
                raise self.corrupt("it cannot be read as a database") from error
            raise self._unusable(str(error)) from error
        except OSError as error:
            raise self._unusable(os.strerror(error.errno or 0)) from error

    def _unusable(self, why: str) -> StoreError:
        return StoreError(
            f"The database {self.path} cannot be used: {why}.",
            "See whether the disk is full or read-only, and to whom the file belongs.",
        )
