"""Seals what a home holds with another master key.

Each person's own key is opened and wrapped anew; what is sealed with that key stays as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.errors import StoreCorrupt
from kiosk.store.home import Home, write_whole
from kiosk.store.people import database, records
from kiosk.store.people.roll import Roll
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.secrets.sealed_file import state_of
from kiosk.store.secrets.sealing import place, seal, unseal

PURPOSES: Mapping[str, Purpose] = {
    "presence": Purpose.PRESENCE,
    "admin": Purpose.ADMIN,
    "attempts": Purpose.ATTEMPTS,
    "last-use": Purpose.LAST_USE,
    "last-backup": Purpose.LAST_BACKUP,
    "fleet": Purpose.FLEET,
    "fleet-reports": Purpose.FLEET_REPORTS,
    "fleet-settings": Purpose.FLEET_SETTINGS,
    "scopes": Purpose.SCOPES,
}
"""By the name of a sealed file: what its key is derived for."""

CHECK = b"this key opens this database"
_WRAPPED = (
    ("subjects", "subject", "wrapped_key", records.key_place),
    ("invitations", "id", "wrapped_key", lambda ident: place("invitation key", ident)),
    ("scopes", "scope", "content", lambda scope: place("scope", scope)),
)
Changed = Callable[[sqlite3.Connection, AESGCM], None]
"""Changes a copy of a database, before its roll is summed up; is given the cipher of its key."""


class Resealing:
    """Seals one home's files anew, into a folder.

    Args:
        old: holds the key that they are sealed with.
        new: holds the one that they shall be sealed with.
        folder: for the new files.

    Attributes:
        states: those of the files that were made, by name, to be tied.

    Raises:
        StoreKeyError: a key is not usable.
    """

    def __init__(self, old: KeySource, new: KeySource, folder: Home) -> None:
        self._old, self._new, self._folder = old, new, folder
        self.states: dict[str, tuple[str, ...]] = {}

    def __repr__(self) -> str:
        return "Resealing(<hidden>)"

    def file(self, name: str, sealed: bytes) -> None:
        """Seal a small file anew.

        Raises:
            StoreCorrupt: it was changed, or sealed with another key.
        """
        self.content(name, opened(self._old, name, sealed))

    def content(self, name: str, plain: bytes) -> None:
        """Seal the content of a small file."""
        sealed = seal(AESGCM(self._new.derive(PURPOSES[name])), plain, place(name))
        write_whole(self._folder.path / name, sealed)
        self.states[name] = (state_of(sealed),)

    def copy(self, source: sqlite3.Connection) -> None:
        """Copy a database as it is; `database` then seals the copy.

        Args:
            source: the database, open to nobody else or within a transaction.

        Raises:
            StoreError: the disk is full, or cannot be written.
        """
        path = self._folder.references
        with database.translated(path):
            write_whole(path, b"")
            with closing(sqlite3.connect(path)) as copy:
                source.backup(copy)

    def database(self, generation: int, change: Changed = lambda *_: None) -> None:
        """Seal the keys in the copy of a database anew.

        Args:
            generation: the least that the copy has.
            change: changes the copy.

        Raises:
            StoreCorrupt: a record was changed or moved.
            StoreError: the disk is full, or cannot be written.
        """
        path = self._folder.references
        with (
            database.translated(path),
            closing(sqlite3.connect(path, isolation_level=None)) as copy,
        ):
            copy.executescript("PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;")
            copy.execute("BEGIN IMMEDIATE")
            self._wrap_anew(copy, path)
            change(copy, AESGCM(self._new.derive(Purpose.REFERENCES)))
            raised = max(generation, records.generation(copy) + 1)
            copy.execute("UPDATE facts SET value = ? WHERE name = 'generation'", (raised,))
            state = Roll(self._folder, self._new).count(copy).state
            copy.execute("COMMIT")
        self.states[path.name] = (state,)

    def _wrap_anew(self, copy: sqlite3.Connection, path: Path) -> None:
        old = AESGCM(self._old.derive(Purpose.REFERENCES))
        new = AESGCM(self._new.derive(Purpose.REFERENCES))

        def anew(sealed: bytes, where: bytes, what: str) -> bytes:
            try:
                return seal(new, unseal(old, sealed, where), where)
            except (InvalidTag, ValueError) as error:
                raise database.corrupt(path, f"{what} was changed or moved") from error

        for table, name, column, placed in _WRAPPED:
            query = f"SELECT {name}, {column} FROM {table}"  # noqa: S608 - names of our own
            rows = [
                (anew(sealed, placed(ident), f"{ident} in {table}"), ident)
                for ident, sealed in copy.execute(query)
            ]
            change = f"UPDATE {table} SET {column} = ? WHERE {name} = ?"  # noqa: S608 - same
            copy.executemany(change, rows)
        members = [
            (anew(sealed, place("member", subject, scope), f"member {subject}"), subject)
            for subject, scope, sealed in copy.execute(
                "SELECT subject, scope, content FROM members"
            )
        ]
        copy.executemany("UPDATE members SET content = ? WHERE subject = ?", members)
        check = seal(new, CHECK, place("check"))
        copy.execute("UPDATE facts SET value = ? WHERE name = 'check'", (check,))


def opened(key: KeySource, name: str, sealed: bytes) -> bytes:
    """The content of a small sealed file.

    Raises:
        StoreCorrupt: it was changed, or sealed with another key.
    """
    try:
        return unseal(AESGCM(key.derive(PURPOSES[name])), sealed, place(name))
    except (InvalidTag, ValueError) as error:
        raise StoreCorrupt(
            f"The file {name} is damaged, or sealed with another key.",
            "Have what is kept checked, and set right, first.",
        ) from error


def without_living(rows: sqlite3.Connection) -> int:
    """Remove the people whom a fleet manages from a copy; returns how many.

    They come back with the next sync. Whoever was erased stays erased: those rows remain.
    """
    query = "SELECT subject FROM members JOIN subjects USING (subject)"
    living = rows.execute(query).fetchall()
    for table in ("refs", "pictures", "subjects", "members"):
        rows.executemany(f"DELETE FROM {table} WHERE subject = ?", living)  # noqa: S608 - ours
    return len(living)
