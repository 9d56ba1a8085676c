"""The open database of people, tied to the journal head.

Each transaction is on the state stored last, or it is refused: an older copy of the file, or one
that was changed without the kiosk, decides nothing.
"""

from __future__ import annotations

import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.errors import StoreReplaced
from kiosk.domain.vision.template import SubjectId
from kiosk.store.home import Home
from kiosk.store.people import database, records
from kiosk.store.people.roll import Roll, Touched
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.secrets.sealed_file import SealedFile
from kiosk.store.secrets.sealing import place, seal
from kiosk.store.sqlite_file import pragma
from kiosk.store.ties import ABSENT
from kiosk.store.whole.copies import drop_copies, keep_copy

_CHECK = b"this key opens this database"
_ACCEPT = "Accept that it is gone: then a scope that is read again may be an older one."


class TiedDatabase(ABC):
    """The database of one home; any thread may use it.

    Args:
        home: holds the database; it is created if there is none.
        key: holds the master key.

    Raises:
        StoreKeyError: there is no key, or it is that of another database.
        StoreCorrupt: the database is damaged or newer than this program; it was left untouched.
        StoreReplaced: it is not the one stored last.
        StoreError: it cannot be opened now.
    """

    def __init__(self, home: Home, key: KeySource) -> None:
        self._path = home.references
        self.master = AESGCM(key.derive(Purpose.REFERENCES))
        self._lock = threading.Lock()
        self._roll = Roll(home, key)
        self.created = database.create(home, seal(self.master, _CHECK, place("check")), self._tied)
        self._floors = SealedFile(home, home.scopes, key, Purpose.SCOPES, _ACCEPT)
        self._database = database.connect(self._path)
        try:
            self._check_key()
        except BaseException:
            self._database.close()
            raise

    def tie(self) -> None:
        """Bring a database of an older version up to date, and settle an interrupted change.

        A copy is kept of what is brought up to date; see `kiosk.store.whole.copies`.

        Raises:
            StoreReplaced: it is not the one stored last.
            StoreError: it could not be made durable, or there is no room for the copy.
        """
        with self.reading() as rows:
            if self._version() < database.SCHEMA_VERSION:
                keep_copy(rows, self._path, self._version())
        with self._lock, database.translated(self._path), self._begun("BEGIN IMMEDIATE"):
            self._roll.settle()
            if self._version() >= database.SCHEMA_VERSION:
                return
            if not self._roll.tied:
                records.wrap_anew(self._database, self.master)
            database.bring_up_to_date(self._database)
            self._roll.commit(self._database, self._roll.count(self._database))
            self._roll.tied = True

    @property
    def path(self) -> Path:
        """The database file."""
        return self._path

    def shred(self, subject: SubjectId) -> None:
        """Overwrite what a transaction has removed; neither log nor copies keep anything of it.

        Args:
            subject: the person whom it was about.

        Raises:
            StoreError: another process is reading, so traces are left for now.
        """
        drop_copies(self._path)
        self._empty_log(subject)

    def empty_log(self) -> None:
        """Overwrite what earlier transactions have removed and could not be shredded then.

        Raises:
            StoreError: another process is reading, so traces are left for now.
        """
        self._empty_log("Whoever was removed")

    def keep_floors(self, floors: Mapping[str, bytes]) -> None:
        """Keep beside the database how far each scope was applied, should the database be lost.

        Raises:
            StoreError: it could not be made durable; what was kept before stays.
        """
        self._floors.save({scope: content.hex() for scope, content in floors.items()})

    def drop_copies(self, now: datetime) -> None:
        """Remove copies of the whole database that are too old by now.

        Raises:
            StoreError: one cannot be removed.
        """
        drop_copies(self._path, now)

    def close(self) -> None:
        """Close the database. Idempotent."""
        with self._lock, database.translated(self._path):
            self._database.close()

    @abstractmethod
    def _name_damage(self) -> None:
        """Called within a transaction where the database is not the one stored last.

        Raises:
            StoreCorrupt: a record that cannot be decrypted explains it.
        """

    # -- transactions ----------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A consistent read, however long it takes."""
        with self._lock, database.translated(self._path), self._begun("BEGIN"):
            yield self._database
            self._database.execute("COMMIT")

    @contextmanager
    def writing(
        self, subject: SubjectId | None, invitation: str | None = None
    ) -> Iterator[sqlite3.Connection]:
        """An atomic change of one subject, of one invitation, or of both; durable at its end."""
        subjects = frozenset(() if subject is None else (subject,))
        with self._changing(lambda _: Touched(subjects, invitation)) as rows:
            yield rows

    @contextmanager
    def writing_many(
        self, subjects: Collection[SubjectId], scope: str
    ) -> Iterator[sqlite3.Connection]:
        """An atomic change of these subjects and of one scope; durable at its end."""
        with self._changing(lambda _: Touched(frozenset(subjects), scope=scope)) as rows:
            yield rows

    @contextmanager
    def writing_scope(self, scope: str) -> Iterator[sqlite3.Connection]:
        """An atomic change of a scope and of every subject in it; durable at its end."""

        def touched(rows: sqlite3.Connection) -> Touched:
            found = rows.execute("SELECT subject FROM members WHERE scope = ?", (scope,))
            return Touched(frozenset(subject for (subject,) in found), scope=scope)

        with self._changing(touched) as rows:
            yield rows

    @contextmanager
    def _changing(
        self, touched: Callable[[sqlite3.Connection], Touched]
    ) -> Iterator[sqlite3.Connection]:
        """An atomic change of what the transaction itself finds to be touched."""
        with self._lock, database.translated(self._path), self._begun("BEGIN IMMEDIATE"):
            changed = touched(self._database)
            before = self._roll.share(self._database, changed)
            yield self._database
            self._database.execute("UPDATE facts SET value = value + 1 WHERE name = 'generation'")
            after = self._roll.share(self._database, changed)
            self._roll.commit(self._database, self._roll.moved(before, after))

    @contextmanager
    def _begun(self, begin: str) -> Iterator[None]:
        """A transaction on the state stored last; rolled back if it is not committed."""
        found: tuple[object, ...] = ()
        try:
            self._database.execute(begin)
            while found := self._roll.fits(self._database, found):
                self._database.execute("ROLLBACK")
                self._database.execute(begin)
            yield
        except StoreReplaced:
            self._name_damage()
            raise
        finally:
            if self._database.in_transaction:
                with suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")

    def _version(self) -> int:
        return pragma(self._database, "user_version")

    def _empty_log(self, erased: str) -> None:
        with self._lock, database.translated(self._path):
            database.empty_log(self._database, erased)

    # -- opening ---------------------------------------------------------------------------------

    def _tied(self, made: sqlite3.Connection) -> AbstractContextManager[None]:
        """The change that ties a new database; refused where the previous one was removed."""
        self._roll.refuse_missing()
        return self._roll.ties.change(self._path.name, ABSENT, self._roll.count(made).state)

    def _check_key(self) -> None:
        with self._lock, database.translated(self._path):
            query = "SELECT value FROM facts WHERE name = 'check'"
            (sealed,) = self._database.execute(query).fetchone()
        records.check_key(self.master, sealed, self._path)
