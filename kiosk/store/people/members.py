"""People whom a fleet of kiosks manages, in the same database as those enrolled here, and its roll.

A scope is a group of people that several kiosks share. What this kiosk has applied of a scope, and
what a scope says of a person, are bytes that the store does not read: it seals them. A member's row
outlives the person's erasure. It is the tombstone that keeps an older record from coming back.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.errors import BadInput, StoreError
from kiosk.domain.vision.template import ReferenceId, SubjectId, Template
from kiosk.store.people import database, records, subjects
from kiosk.store.people.person import Profile
from kiosk.store.people.references import References
from kiosk.store.secrets.keys import KEY_BYTES
from kiosk.store.secrets.sealing import place, seal, unseal

_PUT_SCOPE = "INSERT OR REPLACE INTO scopes VALUES (?, ?)"
_PUT_MEMBER = "INSERT OR REPLACE INTO members VALUES (?, ?, ?)"


@dataclass(frozen=True, slots=True, eq=False)
class FleetRecord:
    """What a scope says of one person.

    Attributes:
        subject: their id.
        profile: all that is agreed with them.
        references: their templates, each with its id; at least one.
        content: the change that says so, and its proof; opaque to the store.
    """

    subject: SubjectId
    profile: Profile
    references: tuple[tuple[ReferenceId, Template], ...]
    content: bytes

    def __repr__(self) -> str:
        return f"FleetRecord({self.subject}, <{len(self.references)} hidden references>)"


class Members:
    """Stores scopes and their people; any thread may call it.

    A large change holds up whoever shares the same `References`: apply it with one of its own.

    Args:
        references: the database in which they lie.
    """

    def __init__(self, references: References) -> None:
        self._references = references

    def __repr__(self) -> str:
        return "Members(<hidden>)"

    # -- what is there ---------------------------------------------------------------------------

    def content(self, scope: str) -> bytes | None:
        """The applied state of a scope; None where nothing of it was applied.

        Raises:
            StoreError: the record was changed or moved, or cannot be read now.
        """
        query = "SELECT content FROM scopes WHERE scope = ?"
        with self._references.reading() as rows:
            row = rows.execute(query, (scope,)).fetchone()
        return None if row is None else self._open(row[0], "scope", scope)

    def scopes(self) -> Mapping[str, bytes]:
        """The applied state of every scope, by name.

        Raises:
            StoreError: a record was changed or moved, or cannot be read now.
        """
        with self._references.reading() as rows:
            found = rows.execute("SELECT scope, content FROM scopes ORDER BY scope").fetchall()
        return {scope: self._open(sealed, "scope", scope) for scope, sealed in found}

    def of(self, scope: str) -> Mapping[SubjectId, bytes]:
        """The content of each member of a scope, tombstones included.

        Raises:
            StoreError: a record was changed or moved, or cannot be read now.
        """
        return {who: self.opened(scope, who, it) for who, it in self.sealed(scope).items()}

    def sealed(self, scope: str) -> Mapping[SubjectId, bytes]:
        """The content of each member of a scope as it is stored; raises as `content`."""
        query = "SELECT subject, content FROM members WHERE scope = ? ORDER BY subject"
        with self._references.reading() as rows:
            found = rows.execute(query, (scope,)).fetchall()
        return {SubjectId(who): sealed for who, sealed in found}

    def opened(self, scope: str, subject: SubjectId, sealed: bytes) -> bytes:
        """The content of a member; raises as `content`."""
        return self._open(sealed, "member", subject, scope)

    def scope_of(self, subject: SubjectId) -> str | None:
        """The scope that manages an enrolled subject; None for one enrolled here, or unknown.

        An id that a scope has erased stays the scope's, whoever is enrolled under it.
        """
        query = "SELECT scope FROM members JOIN subjects USING (subject) WHERE subject = ?"
        with self._references.reading() as rows:
            row = rows.execute(query, (subject,)).fetchone()
        return None if row is None else str(row[0])

    def content_of(self, subject: SubjectId) -> bytes | None:
        """The content of a member, or of a tombstone; None where no scope knows the id.

        Raises:
            StoreError: the record was changed or moved, or cannot be read now.
        """
        query = "SELECT scope, content FROM members WHERE subject = ?"
        with self._references.reading() as rows:
            row = rows.execute(query, (subject,)).fetchone()
        return None if row is None else self._open(row[1], "member", subject, row[0])

    def living(self, scope: str) -> Mapping[SubjectId, int]:
        """The enrolled people whom a scope manages, each with the number of their references."""
        query = """
            SELECT subject, count(id) FROM members JOIN subjects USING (subject)
            LEFT JOIN refs USING (subject) WHERE scope = ? GROUP BY subject
        """
        with self._references.reading() as rows:
            return {SubjectId(who): int(n) for who, n in rows.execute(query, (scope,)).fetchall()}

    def count(self) -> int:
        """How many people are enrolled whom a scope manages."""
        query = "SELECT count(*) FROM members JOIN subjects USING (subject)"
        with self._references.reading() as rows:
            (count,) = rows.execute(query).fetchone()
        return int(count)

    def others(self) -> int:
        """How many people are enrolled whom no scope manages."""
        query = """
            SELECT count(*) FROM subjects WHERE subject NOT IN (SELECT subject FROM members)
        """
        with self._references.reading() as rows:
            (count,) = rows.execute(query).fetchone()
        return int(count)

    # -- changes ---------------------------------------------------------------------------------

    def apply(
        self,
        scope: str,
        content: bytes,
        put: Sequence[FleetRecord],
        gone: Mapping[SubjectId, bytes],
        moved: Collection[SubjectId] = (),
    ) -> bool:
        """Apply a change of a scope: all of it or nothing, durable on return.

        Args:
            scope: its name.
            content: the state of the scope from now on.
            put: people who are replaced wholly, or are new; also who was enrolled here before.
            gone: people who are erased, with the content of the tombstone of each.
            moved: people whom another scope is about to give up: they may be taken from it.

        Returns:
            True if nothing is left of what was replaced or erased; False if encrypted traces are
            left in the database's log because another process is reading.

        Raises:
            BadInput: an id cannot be used or occurs twice, somebody has no reference, or somebody
                who is enrolled belongs to another scope.
            SpaceMismatch: there would be references of two spaces.
            StoreError: it could not be made durable; nothing was changed.
        """
        _refuse_unfit(scope, put, gone)
        master = self._references.master
        people = [_Sealed.of(master, record) for record in put]
        state = seal(master, content, place("scope", scope))
        members = list(_members(master, scope, put, gone))
        ids = {who for who, *_ in members}
        with self._references.writing_many(ids, scope) as rows:
            _refuse_others(rows, scope, ids - set(moved))
            removed = _erase(rows, ids)
            _insert(rows, scope, people)
            rows.execute(_PUT_SCOPE, (scope, state))
            rows.executemany(_PUT_MEMBER, members)
            if put:
                records.check_space(rows, put[0].references[0][1].space)
        self._keep_floors()
        return self._emptied() if removed else True

    def amend(self, subject: SubjectId, change: Callable[[bytes], bytes]) -> None:
        """Replace a member's content, in one transaction with reading it.

        Raises:
            SubjectUnknown: no scope knows the id.
            StoreError: it could not be made durable; nothing was changed.
        """
        query = "SELECT scope, content FROM members WHERE subject = ?"
        with self._references.writing(subject) as rows:
            row = rows.execute(query, (subject,)).fetchone()
            if row is None:
                raise subjects.unknown(subject)
            where = ("member", subject, row[0])
            content = change(self._open(row[1], *where))
            sealed = seal(self._references.master, content, place(*where))
            rows.execute(_PUT_MEMBER, (subject, row[0], sealed))

    def leave(self, scope: str) -> bool:
        """Forget a scope: its people are erased, and its members' rows and its state are removed.

        Returns:
            As `apply`.

        Raises:
            StoreError: it could not be made durable; nothing was changed.
        """
        with self._references.writing_scope(scope) as rows:
            found = rows.execute("SELECT subject FROM members WHERE scope = ?", (scope,))
            _erase(rows, {subject for (subject,) in found.fetchall()})
            rows.execute("DELETE FROM members WHERE scope = ?", (scope,))
            rows.execute("DELETE FROM scopes WHERE scope = ?", (scope,))
        self._keep_floors()
        return self._emptied()

    # -- internals -------------------------------------------------------------------------------

    def _keep_floors(self) -> None:
        """Without them, what was applied is as durable; after a failure the next change does it."""
        with suppress(StoreError):
            self._references.keep_floors(self.scopes())

    def _emptied(self) -> bool:
        """Whether what a transaction has removed could be overwritten."""
        try:
            self._references.shred(SubjectId("Whoever was removed"))
        except StoreError:
            return False
        return True

    def _open(self, sealed: bytes, kind: str, *names: str) -> bytes:
        try:
            return unseal(self._references.master, sealed, place(kind, *names))
        except (InvalidTag, ValueError) as error:
            raise database.corrupt(
                self._references.path, f"{kind} {names[0]} was changed or moved"
            ) from error


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A person's records, as they are stored."""

    subject: tuple[str, bytes, bytes]
    references: Sequence[records.Row]

    @classmethod
    def of(cls, master: AESGCM, record: FleetRecord) -> _Sealed:
        subject, data_key = record.subject, secrets.token_bytes(KEY_BYTES)
        cipher = AESGCM(data_key)
        wrapped = seal(master, data_key, records.key_place(subject))
        profile = seal(cipher, record.profile.encode(), place("profile", subject))
        made = [records.row(cipher, subject, each, ident) for ident, each in record.references]
        return cls((subject, wrapped, profile), made)


def _members(
    master: AESGCM, scope: str, put: Sequence[FleetRecord], gone: Mapping[SubjectId, bytes]
) -> Iterable[tuple[SubjectId, str, bytes]]:
    """The rows of everybody whom a change names."""
    for subject, content in [*((each.subject, each.content) for each in put), *gone.items()]:
        yield subject, scope, seal(master, content, place("member", subject, scope))


def _erase(rows: sqlite3.Connection, ids: set[SubjectId]) -> int:
    """Erase these people, with damaged records too; returns how many were there."""
    named = [(subject,) for subject in ids]
    rows.executemany("DELETE FROM refs WHERE subject = ?", named)
    rows.executemany("DELETE FROM pictures WHERE subject = ?", named)
    return rows.executemany("DELETE FROM subjects WHERE subject = ?", named).rowcount


def _insert(rows: sqlite3.Connection, scope: str, people: Sequence[_Sealed]) -> None:
    rows.executemany("INSERT INTO subjects VALUES (?, ?, ?)", [each.subject for each in people])
    made = [reference for each in people for reference in each.references]
    try:
        rows.executemany("INSERT INTO refs VALUES (?, ?, ?, ?)", made)
    except sqlite3.IntegrityError as error:
        raise BadInput(
            f"A reference in scope {scope!r} has the id of another one.",
            "Give each reference an id of its own.",
        ) from error


# -- checks --------------------------------------------------------------------------------------


def _refuse_unfit(scope: str, put: Sequence[FleetRecord], gone: Mapping[SubjectId, bytes]) -> None:
    """Raises BadInput: an id cannot be used or occurs twice, or somebody has no reference."""
    _refuse_unprintable(scope, "a scope")
    named = [*(record.subject for record in put), *gone]
    for subject in named:
        subjects.subject_id(subject)
    if len(set(named)) != len(named):
        raise BadInput(
            f"A change of scope {scope!r} names somebody twice.", "Name each person once."
        )
    for record in put:
        if not record.references:
            raise BadInput(
                f"There is no template of {record.subject} in scope {scope!r}.",
                "Enrol the person again where they were enrolled.",
            )
        for identifier, _ in record.references:
            _refuse_unprintable(identifier, "a reference")


def _refuse_unprintable(name: str, what: str) -> None:
    """Raises BadInput: a name would make two places one, or cannot be shown."""
    if not name or not name.isprintable():
        raise BadInput(
            f"{name[:80]!r} cannot be the name of {what}.", "Use characters that can be printed."
        )


def _refuse_others(rows: sqlite3.Connection, scope: str, ids: set[SubjectId]) -> None:
    """Raises BadInput: somebody who is enrolled belongs to another scope."""
    query = "SELECT subject, scope FROM members JOIN subjects USING (subject) WHERE scope != ?"
    found = rows.execute(query, (scope,))
    theirs = {SubjectId(subject): other for subject, other in found.fetchall()}
    for subject in sorted(ids & theirs.keys()):
        raise BadInput(
            f"{subject} belongs to scope {theirs[subject]!r}, so scope {scope!r} cannot manage "
            "them too.",
            "Take the person out of one of the two, or let this kiosk leave one.",
        )
