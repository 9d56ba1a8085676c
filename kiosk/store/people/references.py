"""References at rest: a template is biometric data and never lies on the disk in the clear.

Every subject has a random key of their own, wrapped by the key derived for references. Everything
about the subject but the opaque id is sealed with it, each record bound to its place, so that a
record changed or moved to another subject is refused. Erasing a subject destroys their key, their
rows, and the log in which the rows once stood.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.access.factors import Factors
from kiosk.domain.errors import BadInput, StoreReplaced
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from kiosk.store.home import Home, now_utc
from kiosk.store.people import admission, database, records, subjects
from kiosk.store.people.person import EnrolledPerson, Profile
from kiosk.store.people.roll import Roll
from kiosk.store.secrets.keys import KEY_BYTES, KeySource, Purpose
from kiosk.store.secrets.sealing import place, seal, unseal
from kiosk.store.ties import ABSENT

_CHECK = b"this key opens this database"
_PEOPLE = """
    SELECT subject, wrapped_key, profile, count(id), group_concat(DISTINCT space)
    FROM subjects LEFT JOIN refs USING (subject)
"""


class References:
    """The references of one home. Fulfils the ReferenceStore port; any thread may call it.

    Args:
        home: where the database lies; it is made if there is none.
        key: holds the master key.
        utc: the wall clock.

    Raises:
        StoreKeyError: there is no key, or it is that of another database.
        StoreCorrupt: the database is damaged or newer than this program; it was left untouched.
        StoreReplaced: it is not what was kept last.
        StoreError: it cannot be opened now.
    """

    def __init__(self, home: Home, key: KeySource, utc: Callable[[], datetime] = now_utc) -> None:
        self._path = home.references
        self._master = AESGCM(key.derive(Purpose.REFERENCES))
        self._utc = utc
        self._lock = threading.Lock()
        self._roll = Roll(home, key)
        self.created = database.create(home, seal(self._master, _CHECK, place("check")), self._tied)
        self._database = database.connect(self._path)
        try:
            self._check_key()
        except BaseException:
            self._database.close()
            raise

    def __repr__(self) -> str:
        return f"References({str(self._path)!r}, <hidden>)"

    # -- the gallery -----------------------------------------------------------------------------

    def load(self, space: SpaceId) -> Sequence[Reference]:
        """Every reference, all of one moment.

        Raises:
            SpaceMismatch: a stored reference is of another space.
            StoreCorrupt: a record was changed or moved.
        """
        with self._reading() as rows:
            records.check_space(rows, space)
            return self._all_references(rows)

    def generation(self) -> int:
        """Grows with every enrolment, erasure and change, whichever process made it.

        Cheap to poll.
        """
        with self._reading() as rows:
            (value,) = rows.execute("SELECT value FROM facts WHERE name = 'generation'").fetchone()
            return int(value)

    def __len__(self) -> int:
        """How many references are stored."""
        with self._reading() as rows:
            (count,) = rows.execute("SELECT count(*) FROM refs").fetchone()
            return int(count)

    # -- subjects --------------------------------------------------------------------------------

    def enrol(
        self,
        subject: SubjectId,
        templates: Sequence[Template],
        consent: Consent,
        given_name: str | None = None,
        *,
        most: int | None = None,
    ) -> tuple[ReferenceId, ...]:
        """Store a subject with all their references, or nothing.

        Args:
            subject: their id.
            templates: one for each reference.
            consent: what they agreed to.
            given_name: for the greeting.
            most: how many references there may be of everybody together; None where nobody counts.

        Raises:
            BadInput: the id or the name cannot be one, or there is no template.
            GalleryFull: there would be more than ``most``.
            SubjectExists: that subject is enrolled already.
            StoreError: it could not be made durable; nothing was stored.
        """
        subjects.subject_id(subject)
        if not templates:
            raise BadInput(f"There is no template to enrol {subject} with.", "Give more pictures.")
        data_key = secrets.token_bytes(KEY_BYTES)
        cipher = AESGCM(data_key)
        wrapped = seal(self._master, data_key, records.key_place(subject))
        profile = Profile(subjects.given_name(given_name), consent, self._utc()).encode()
        sealed = seal(cipher, profile, place("profile", subject))
        rows = [records.row(cipher, subject, template) for template in templates]
        with self._writing(subject) as transaction:
            admission.refuse_existing(transaction, subject)
            admission.refuse_crowd(transaction, len(rows), most)
            transaction.execute("INSERT INTO subjects VALUES (?, ?, ?)", (subject, wrapped, sealed))
            transaction.executemany("INSERT INTO refs VALUES (?, ?, ?, ?)", rows)
        return tuple(ReferenceId(identifier) for identifier, *_ in rows)

    def refuse_crowd(self, more: int, most: int) -> None:
        """Make sure that there is room, before anything is done for it.

        Raises:
            GalleryFull: with so many more there would be more than ``most``.
        """
        with self._reading() as rows:
            admission.refuse_crowd(rows, more, most)

    def erase(self, subject: SubjectId) -> int:
        """Forget a subject for good; the number of references that went.

        Works for a subject whose records are damaged too.

        Raises:
            SubjectUnknown: nobody of that id is enrolled.
            StoreError: it could not be carried out, or traces remain in the log for now.
        """
        with self._writing(subject) as transaction:
            gone = transaction.execute("DELETE FROM refs WHERE subject = ?", (subject,)).rowcount
            if not transaction.execute(
                "DELETE FROM subjects WHERE subject = ?", (subject,)
            ).rowcount:
                raise subjects.unknown(subject)
        with self._lock, database.translated(self._path):
            database.empty_log(self._database, subject)
        return gone

    def subjects(self) -> Sequence[SubjectId]:
        """Who is enrolled; works where their records are damaged too."""
        with self._reading() as rows:
            found = rows.execute("SELECT subject FROM subjects ORDER BY subject")
            return [SubjectId(subject) for (subject,) in found]

    def count(self, subject: SubjectId) -> int:
        """How many references a subject has; works where their records are damaged too.

        Raises:
            SubjectUnknown: nobody of that id is enrolled.
        """
        query = """
            SELECT count(id) FROM subjects LEFT JOIN refs USING (subject)
            WHERE subject = ? GROUP BY subject
        """
        with self._reading() as rows:
            row = rows.execute(query, (subject,)).fetchone()
        if row is None:
            raise subjects.unknown(subject)
        return int(row[0])

    def people(self) -> Sequence[EnrolledPerson]:
        """Everybody who is enrolled, by id.

        Raises:
            StoreCorrupt: a record was changed or moved.
        """
        with self._reading() as rows:
            found = rows.execute(f"{_PEOPLE} GROUP BY subject ORDER BY subject")
            return [self._person(*row) for row in found]

    def show(self, subject: SubjectId) -> EnrolledPerson:
        """One subject.

        Raises:
            SubjectUnknown: nobody of that id is enrolled.
            StoreCorrupt: the record was changed or moved.
        """
        with self._reading() as rows:
            query = f"{_PEOPLE} WHERE subject = ? GROUP BY subject"
            row = rows.execute(query, (subject,)).fetchone()
            if row is None:
                raise subjects.unknown(subject)
            return self._person(*row)

    def given_name(self, subject: SubjectId) -> str | None:
        """What the screen may call a subject.

        Raises:
            SubjectUnknown: nobody of that id is enrolled.
        """
        return self.show(subject).profile.given_name

    # -- rules and factors -----------------------------------------------------------------------

    def rules_of(self, subject: SubjectId) -> PersonRules:
        """What a subject may do.

        Raises:
            SubjectUnknown: nobody of that id is enrolled.
            StoreCorrupt: the record was changed or moved.
        """
        return self.show(subject).profile.rules

    def factors_of(self, subject: SubjectId) -> Factors:
        """What a subject has to show beside their face.

        Raises:
            SubjectUnknown: nobody of that id is enrolled.
            StoreCorrupt: the record was changed or moved.
        """
        return self.show(subject).profile.factors

    def amend(self, subject: SubjectId, change: Callable[[Profile], Profile]) -> Profile:
        """Replace what is kept of a subject, in one transaction with reading it.

        Args:
            subject: who.
            change: what it was to what it shall be; must not ask this store. What it raises
                leaves everything as it was.

        Returns:
            What is kept now.

        Raises:
            SubjectUnknown: nobody of that id is enrolled.
            StoreCorrupt: the record was changed or moved.
            StoreError: it could not be made durable; nothing was changed.
        """
        query = "SELECT wrapped_key, profile FROM subjects WHERE subject = ?"
        with self._writing(subject) as transaction:
            row = transaction.execute(query, (subject,)).fetchone()
            if row is None:
                raise subjects.unknown(subject)
            cipher = self._cipher(subject, row[0])
            profile = change(self._profile(cipher, subject, row[1]))
            sealed = seal(cipher, profile.encode(), place("profile", subject))
            transaction.execute(
                "UPDATE subjects SET profile = ? WHERE subject = ?", (sealed, subject)
            )
        return profile

    def tie(self) -> None:
        """Tie a database of an older program to the journal, and settle what a crash left open.

        Raises:
            StoreReplaced: it is not what was kept last.
            StoreError: it could not be made durable.
        """
        with self._lock, database.translated(self._path), self._begun("BEGIN IMMEDIATE"):
            if not self._roll.tied:
                self._roll.settle()
                records.wrap_anew(self._database, self._master)
                self._database.execute(f"PRAGMA user_version = {database.TIED_VERSION}")
                self._roll.commit(self._database, self._roll.count(self._database))
                self._roll.tied = True
            else:
                self._roll.settle()

    def close(self) -> None:
        """Let the file go; may be called twice."""
        with self._lock, database.translated(self._path):
            self._database.close()

    # -- inside ----------------------------------------------------------------------------------

    def _tied(self, made: sqlite3.Connection) -> AbstractContextManager[None]:
        """Nothing is put in the place of a database that was taken away."""
        self._roll.refuse_missing()
        return self._roll.ties.change(self._path.name, ABSENT, self._roll.count(made).state)

    def _check_key(self) -> None:
        with self._lock, database.translated(self._path):
            query = "SELECT value FROM facts WHERE name = 'check'"
            (sealed,) = self._database.execute(query).fetchone()
        records.check_key(self._master, sealed, self._path)

    def _all_references(self, rows: sqlite3.Connection) -> Sequence[Reference]:
        wrapped = rows.execute("SELECT subject, wrapped_key FROM subjects")
        ciphers = {subject: self._cipher(subject, key) for subject, key in wrapped}
        found = rows.execute("SELECT id, subject, space, template FROM refs ORDER BY rowid")
        return [
            self._reference(ciphers.get(of), ReferenceId(identifier), of, SpaceId(space), blob)
            for identifier, of, space, blob in found
        ]

    def _cipher(self, subject: str, wrapped: bytes) -> AESGCM:
        where = records.key_place(subject) if self._roll.tied else place("key", subject)
        return AESGCM(self._open(self._master, wrapped, where, subject))

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

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One moment of the database, however long the reading takes."""
        with self._lock, database.translated(self._path), self._begun("BEGIN"):
            yield self._database
            self._database.execute("COMMIT")

    @contextmanager
    def _writing(self, subject: SubjectId) -> Iterator[sqlite3.Connection]:
        """All of a subject's change or nothing, durable when it ends."""
        with self._lock, database.translated(self._path), self._begun("BEGIN IMMEDIATE"):
            before = self._roll.share(self._database, subject)
            yield self._database
            self._database.execute("UPDATE facts SET value = value + 1 WHERE name = 'generation'")
            self._roll.commit(self._database, self._roll.moved(self._database, subject, before))

    def _name_damage(self) -> None:
        """Raises StoreCorrupt: a record that does not open is why the database does not fit."""
        for row in self._database.execute(f"{_PEOPLE} GROUP BY subject ORDER BY subject"):
            self._person(*row)
        self._all_references(self._database)

    @contextmanager
    def _begun(self, begin: str) -> Iterator[None]:
        """A transaction over what was kept last; undone where it is not ended within."""
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
