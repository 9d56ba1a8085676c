"""The roll of a database: one keyed checksum over all of its records.

Each record has a keyed hash, and the roll is their sum, so that updating it costs only as much as
the change. A record that is restored, removed or exchanged without the kiosk changes the sum; so
does an older copy of the whole file.
"""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

from kiosk.store.home import Home
from kiosk.store.people import database
from kiosk.store.secrets.keys import KeySource, Purpose
from kiosk.store.sqlite_file import pragma
from kiosk.store.ties import ABSENT, Ties, replaced

_MODULUS = 2**256
_SINCE: Mapping[int, Mapping[str, str]] = {
    1: {
        "facts": "SELECT name, value FROM facts WHERE name = 'check'",
        "subjects": "SELECT subject, wrapped_key, profile FROM subjects",
        "refs": "SELECT id, subject, space, template FROM refs",
    },
    database.INVITING_VERSION: {
        "pictures": "SELECT subject, picture FROM pictures",
        "invitations": "SELECT id, wrapped_key, content, photo FROM invitations",
    },
    database.FLEET_VERSION: {
        "scopes": "SELECT scope, content FROM scopes",
        "members": "SELECT subject, scope, content FROM members",
    },
}
"""By the version that brought a table: the query for its records."""
_OF_SUBJECT = ("subjects", "refs", "pictures", "members")
_AT_ONCE = 500
"""So many ids in one query: SQLite has allowed 999 of them since it has existed."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The checksum of a database."""

    generation: int
    records: int

    @property
    def state(self) -> str:
        """The state to which the database is tied."""
        return f"{self.generation}.{self.records:064x}"


@dataclass(frozen=True, slots=True)
class Touched:
    """What a transaction may change; only the shares of these records are computed again.

    Attributes:
        subjects: everything of these people.
        invitation: the id of an invitation; None for none.
        scope: what is applied of a scope; None for none.
    """

    subjects: frozenset[str] = frozenset()
    invitation: str | None = None
    scope: str | None = None


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
        seen = pragma(rows, "data_version")
        if seen == self._seen:
            return ()
        found = self.count(rows)
        known = self.ties.known(self._name)
        tied = pragma(rows, "user_version") >= database.TIED_VERSION
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

    def share(self, rows: sqlite3.Connection, touched: Touched) -> int:
        """The share of the touched records in the checksum."""
        tables = _tables(rows)
        return sum(
            self._hash(table, row)
            for table, column, values in _keys(touched)
            if table in tables
            for row in rows.execute(f"{tables[table]} WHERE {column} IN ({_marks(values)})", values)
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
    version = pragma(rows, "user_version")
    found: dict[str, str] = {}
    for since, tables in _SINCE.items():
        found |= tables if version >= since else {}
    return found


def _keys(touched: Touched) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Table, column and values that name the touched records; not too many values at once."""
    subjects = tuple(touched.subjects)
    for table in _OF_SUBJECT:
        for at in range(0, len(subjects), _AT_ONCE):
            yield table, "subject", subjects[at : at + _AT_ONCE]
    if touched.invitation is not None:
        yield "invitations", "id", (touched.invitation,)
    if touched.scope is not None:
        yield "scopes", "scope", (touched.scope,)


def _marks(values: tuple[str, ...]) -> str:
    return ", ".join("?" * len(values))


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
