"""The people in the database, as they are read: each record opened, and bound to its place."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from kiosk.store.people import database, records
from kiosk.store.people.person import EnrolledPerson, Profile
from kiosk.store.people.tied_database import TiedDatabase
from kiosk.store.secrets.sealing import place, unseal

PEOPLE = """
    SELECT subject, wrapped_key, profile, count(id), group_concat(DISTINCT space)
    FROM subjects LEFT JOIN refs USING (subject)
"""
"""Everybody, once grouped by subject."""


class SealedPeople(TiedDatabase):
    """Reads people within a transaction; those who change them inherit from it."""

    def _all_references(self, rows: sqlite3.Connection) -> Sequence[Reference]:
        wrapped = rows.execute("SELECT subject, wrapped_key FROM subjects")
        ciphers = {subject: self._cipher(subject, key) for subject, key in wrapped}
        found = rows.execute("SELECT id, subject, space, template FROM refs ORDER BY rowid")
        return [
            self._reference(ciphers.get(of), ReferenceId(identifier), of, SpaceId(space), blob)
            for identifier, of, space, blob in found
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
            raise database.corrupt(self._path, f"reference {identifier} has no subject")
        plain = self._open(cipher, blob, place("template", identifier, subject, space), subject)
        vector = np.frombuffer(plain, "<f4")
        return Reference(identifier, SubjectId(subject), Template(vector, space))

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
