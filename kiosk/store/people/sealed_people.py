"""The people in the database, as they are read: each record opened, and bound to its place."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.errors import StoreCorrupt
from kiosk.domain.people.enrolled import EnrolledPeople, Person
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from kiosk.store.people import database, records
from kiosk.store.people.invitations import Invitations
from kiosk.store.people.person import EnrolledPerson, Profile
from kiosk.store.people.tied_database import TiedDatabase
from kiosk.store.secrets.sealing import place, unseal

PEOPLE = """
    SELECT subject, wrapped_key, profile, count(id), group_concat(DISTINCT space)
    FROM subjects LEFT JOIN refs USING (subject)
"""
"""Everybody, once grouped by subject."""

_AS_STORED = """
    SELECT subject, wrapped_key, profile, min(refs.rowid) AS first, group_concat(quote(id))
    FROM subjects LEFT JOIN refs USING (subject) GROUP BY subject ORDER BY first IS NULL, first
"""
_REFERENCES_OF = """
    SELECT id, subject, space, template FROM refs WHERE subject IN ({}) ORDER BY rowid
"""
_ORPHANS = "SELECT id FROM refs WHERE subject NOT IN (SELECT subject FROM subjects) LIMIT 1"
_AT_ONCE = 500
"""So many ids in one query: SQLite has allowed 999 of them since it has existed."""
_VERSION_BYTES = 16


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """A person's records as they lie in the database.

    Attributes:
        subject: their id.
        wrapped: their data key, sealed.
        profile: sealed.
        references: the ids of their references. A stored reference is never changed: who gets
            another one gets another id, or another data key, with it.
    """

    subject: SubjectId
    wrapped: bytes
    profile: bytes
    references: str

    def __repr__(self) -> str:
        return "StoredPerson(<hidden>)"

    def version(self, *also: object) -> bytes:
        """A hash of all this, and of what else makes a difference to the reader.

        What is sealed anew is never the same, so it is another one after each change.
        """
        begin = f"{also}:{len(self.wrapped)}:{len(self.profile)}:{self.references}".encode()
        text = b"".join((begin, self.wrapped, self.profile))
        return hashlib.blake2b(text, digest_size=_VERSION_BYTES).digest()


class SealedPeople(TiedDatabase):
    """Reads people; those who change them inherit from it."""

    def enrolled(
        self, space: SpaceId, known: Mapping[SubjectId, bytes] | None = None
    ) -> EnrolledPeople:
        """Everybody's references, rules and factors, in one consistent read.

        Args:
            space: that of every reference.
            known: the versions of people whom the caller knows: who is still as they were is not
                opened.

        Raises:
            SpaceMismatch: a stored reference is of another space.
            StoreCorrupt: a record was changed or moved.
        """
        with self.reading() as rows:
            records.check_space(rows, space)
            managed = {subject for (subject,) in rows.execute("SELECT subject FROM members")}
            managed |= Invitations(self).enrolled_for_others(rows)
            stored = self._as_stored(rows)
            versions = {it.subject: it.version(it.subject in managed) for it in stored}
            before = known or {}
            new = [it for it in stored if versions[it.subject] != before.get(it.subject)]
            ciphers = {it.subject: self._cipher(it.subject, it.wrapped) for it in new}
            profiles = {
                it.subject: self._profile(ciphers[it.subject], it.subject, it.profile) for it in new
            }
            people = {
                who: Person(it.rules, it.factors, of_fleet=who in managed, cloud=it.consent.cloud)
                for who, it in profiles.items()
            }
            found = self._references_of(rows, ciphers)
            return EnrolledPeople(records.generation(rows), versions, found, people)

    def profiles(
        self, known: Mapping[SubjectId, bytes]
    ) -> tuple[Mapping[SubjectId, bytes], Mapping[SubjectId, Profile]]:
        """The versions of everybody, and the profiles of those who are not as they were.

        Args:
            known: the versions of people whom the caller knows.

        Raises:
            StoreCorrupt: a record was changed or moved.
        """
        with self.reading() as rows:
            stored = self._as_stored(rows)
            versions = {it.subject: it.version() for it in stored}
            return versions, {
                it.subject: self._profile(
                    self._cipher(it.subject, it.wrapped), it.subject, it.profile
                )
                for it in stored
                if versions[it.subject] != known.get(it.subject)
            }

    # -- within a transaction -------------------------------------------------------------------

    def _all_references(self, rows: sqlite3.Connection) -> Sequence[Reference]:
        wrapped = rows.execute("SELECT subject, wrapped_key FROM subjects")
        ciphers = {subject: self._cipher(subject, key) for subject, key in wrapped}
        found = rows.execute("SELECT id, subject, space, template FROM refs ORDER BY rowid")
        return [
            self._reference(ciphers.get(of), ReferenceId(identifier), of, SpaceId(space), blob)
            for identifier, of, space, blob in found
        ]

    def _as_stored(self, rows: sqlite3.Connection) -> Sequence[StoredPerson]:
        """Everybody, in the order of enrolment; nothing is opened."""
        for (identifier,) in rows.execute(_ORPHANS).fetchall():
            raise self._orphan(identifier)
        return [
            StoredPerson(SubjectId(who), wrapped, profile, ids or "")
            for who, wrapped, profile, _, ids in rows.execute(_AS_STORED).fetchall()
        ]

    def _references_of(
        self, rows: sqlite3.Connection, ciphers: Mapping[SubjectId, AESGCM]
    ) -> Sequence[Reference]:
        """The references of some people, who are in the order of enrolment."""
        return [
            self._reference(ciphers[SubjectId(of)], ReferenceId(ident), of, SpaceId(space), blob)
            for few in _portions(list(ciphers))
            for ident, of, space, blob in rows.execute(
                _REFERENCES_OF.format(", ".join("?" * len(few))), few
            ).fetchall()
        ]

    def _everybody(self, rows: sqlite3.Connection) -> Sequence[EnrolledPerson]:
        # All rows first: a cursor that an error leaves behind would hold up the next erasure.
        found = rows.execute(f"{PEOPLE} GROUP BY subject ORDER BY subject").fetchall()
        return [self._person(*row) for row in found]

    def _cipher(self, subject: str, wrapped: bytes) -> AESGCM:
        where = records.key_place(subject) if self._roll.tied else place("key", subject)
        return AESGCM(self._open(self.master, wrapped, where, subject))

    def _person(
        self, subject: str, wrapped: bytes, sealed: bytes, count: int, spaces: str | None
    ) -> EnrolledPerson:
        profile = self._profile(self._cipher(subject, wrapped), subject, sealed)
        kept = tuple(SpaceId(space) for space in (spaces or "").split(",") if space)
        return EnrolledPerson(SubjectId(subject), count, kept, profile)

    def _profile(self, cipher: AESGCM, subject: str, sealed: bytes) -> Profile:
        try:
            return Profile.decode(self._open(cipher, sealed, place("profile", subject), subject))
        except (KeyError, TypeError, ValueError) as error:
            raise database.corrupt(
                self._path, f"what is kept of subject {subject} cannot be understood"
            ) from error

    def _reference(
        self,
        cipher: AESGCM | None,
        identifier: ReferenceId,
        subject: str,
        space: SpaceId,
        blob: bytes,
    ) -> Reference:
        if cipher is None:
            raise self._orphan(identifier)
        plain = self._open(cipher, blob, place("template", identifier, subject, space), subject)
        vector = np.frombuffer(plain, "<f4")
        return Reference(identifier, SubjectId(subject), Template(vector, space))

    def _orphan(self, identifier: str) -> StoreCorrupt:
        return database.corrupt(self._path, f"reference {identifier} has no subject")

    def _open(self, cipher: AESGCM, sealed: bytes, where: bytes, subject: str) -> bytes:
        try:
            return unseal(cipher, sealed, where)
        except (InvalidTag, ValueError) as error:
            raise database.corrupt(
                self._path, f"a record of subject {subject} was changed or moved"
            ) from error

    def _name_damage(self) -> None:
        """Raises StoreCorrupt: a record that cannot be decrypted explains the mismatch."""
        self._everybody(self._database)
        self._all_references(self._database)


def _portions(subjects: Sequence[SubjectId]) -> Iterator[Sequence[SubjectId]]:
    for at in range(0, len(subjects), _AT_ONCE):
        yield subjects[at : at + _AT_ONCE]
