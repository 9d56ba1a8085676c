"""The roll of a database: one keyed checksum over all of its records.

Each record has a keyed hash, and the roll is their sum, so that updating it costs only as much as
the change. A record that is restored, removed or exchanged without the kiosk changes the sum; so
does an older copy of the whole file.
"""

from __future__ import annotations

import hmac
import sqlite3
from contextlib import closing
from dataclasses import dataclass

from kiosk.store.home import Home
from kiosk.store.people import database
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.ties import ABSENT, Ties, replaced

_MODULUS = 2**256
_TABLES = {
    "facts": "SELECT name, value FROM facts WHERE name = 'check'",
    "subjects": "SELECT subject, wrapped_key, profile FROM subjects",
    "refs": "SELECT id, subject, space, template FROM refs",
}
_PICTURES = "SELECT subject, picture FROM pictures"
_INVITATIONS = "SELECT id, wrapped_key, content, photo FROM invitations"
_ADDED = {"pictures": _PICTURES, "invitations": _INVITATIONS}


@dataclass(frozen=True, slots=True)
class Sum:
    """The checksum of a database."""

    generation: int
    records: int

    @property
    def state(self) -> str:
        """The state to which the database is tied."""
        return f"{self.generation}.{self.records:064x}"


class Roll:
    """Computes the checksum of one home's database, and ties it to the journal head.

    Args:
        home: the home.
        key: holds the master key.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(self, home: Home, key: KeySource) -> None:
        self._home = home
        self._name = home.references.name
        self._key = key.derive(Purpose.ROLL)
        self.ties = Ties(home, key)
        self.sum = Sum(0, 0)
        self.tied = False
        self._seen: int | None = None

    def __repr__(self) -> str:
        return "Roll(<hidden>)"

    def refuse_missing(self) -> None:
        """Check that a missing database never existed.

        Raises:
            StoreReplaced: there was one.
        """
        known = self.ties.known(self._name)
        if known and ABSENT not in known:
            raise replaced(self._home, self._name, there=False)

    def fits(self, rows: sqlite3.Connection, before: tuple[object, ...] = ()) -> tuple[object, ...]:
        """Check that the database read by a transaction is the one stored last.

        Args:
            rows: a connection within a transaction.
            before: the result of the previous call, from an earlier transaction.

        Returns:
            Empty where it matches; else what was found. Another process may have changed the
            database in between, so one mismatch proves nothing.

        Raises:
            StoreReplaced: this check and the one before found the same mismatch.
        """
        seen = database.pragma(rows, "data_version")
        if seen == self._seen:
            return ()
        found = self.count(rows)
        known = self.ties.known(self._name)
        tied = database.pragma(rows, "user_version") >= database.TIED_VERSION
        if found.state not in known and (known not in ((), (ABSENT,)) or tied):
            looked = (found, known)
            self.tied = tied
            if looked == before:
                raise replaced(self._home, self._name, there=True)
            return looked
        self.sum, self._seen, self.tied = found, seen, tied
        return ()

    def count(self, rows: sqlite3.Connection) -> Sum:
        """The checksum of all current records."""
        records = sum(
            self._hash(table, row)
            for table, query in _tables(rows).items()
            for row in rows.execute(query)
        )
        (generation,) = rows.execute("SELECT value FROM facts WHERE name = 'generation'").fetchone()
        return Sum(int(generation), records % _MODULUS)

    def share(
        self, rows: sqlite3.Connection, subject: str | None, invitation: str | None = None
    ) -> int:
        """The share of one subject's records, and of one invitation, in the checksum."""
        invited = rows.execute(f"{_INVITATIONS} WHERE id = ?", (invitation,)) if invitation else ()
        return sum(self._hash("invitations", row) for row in invited) + sum(
            self._hash(table, row)
            for table, query in _tables(rows).items()
            if table in {"subjects", "refs", "pictures"}
            for row in rows.execute(f"{query} WHERE subject = ?", (subject,))
        )

    def commit(self, transaction: sqlite3.Connection, after: Sum) -> None:
        """Commit a transaction that changes the checksum.

        Raises:
            StoreError, JournalTampered: the head cannot be written; nothing is committed.
        """
        with self.ties.change(self._name, self.sum.state, after.state):
            transaction.execute("COMMIT")
        self.sum = after

    def settle(self) -> None:
        """Make the state found the only valid one."""
        if self.ties.known(self._name) != (self.sum.state,):
            self.ties.tie({self._name: (self.sum.state,)})

    def moved(self, before: int, after: int) -> Sum:
        """The checksum after the generation and a part of the records were changed.

        Args:
            before: the share of that part before.
            after: its share now.
        """
        records = self.sum.records - before + after
        return Sum(self.sum.generation + 1, records % _MODULUS)

    def _hash(self, table: str, row: tuple[object, ...]) -> int:
        parts = [each if isinstance(each, bytes) else str(each).encode() for each in row]
        lengths = ",".join(str(len(each)) for each in parts)
        text = b"".join((f"{table}:{lengths}:".encode(), *parts))
        return int.from_bytes(hmac.digest(self._key, text, "sha256"), "big")


def _tables(rows: sqlite3.Connection) -> dict[str, str]:
    """The tables of a database, each with the query for its records."""
    inviting = database.pragma(rows, "user_version") >= database.INVITING_VERSION
    return _TABLES | (_ADDED if inviting else {})


def state_of_database(home: Home, key: KeySource) -> str:
    """The current state of the database, valid or not.

    Raises:
        StoreError: it cannot be read.
    """
    if not home.references.exists():
        return ABSENT
    roll = Roll(home, key)
    with database.translated(home.references), closing(database.connect(home.references)) as rows:
        return roll.count(rows).state
