"""Encrypted storage of references: a template is biometric data and is never on disk in the clear.

Every subject has a random data key, wrapped by the key derived for references. Everything about the
subject except the opaque id is sealed with it. Each record is bound to its place, so that a record
changed or moved to another subject is refused. Erasing a subject destroys their key, their rows,
and the database log that held the rows.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.access.factors import Factors, StepUp
from kiosk.domain.errors import BadInput
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from kiosk.store.home import Home, now_utc
from kiosk.store.people import admission, records, subjects
from kiosk.store.people.invitations import Invitations
from kiosk.store.people.person import EnrolledPerson, Profile
from kiosk.store.people.sealed_people import PEOPLE, SealedPeople
from kiosk.store.secrets.keys import KEY_BYTES, KeySource
from kiosk.store.secrets.sealing import place, seal


class References(SealedPeople):
    """The references of one home. Implements the ReferenceStore port; any thread may call it.

    Args:
        home: holds the database; it is created if there is none.
        key: holds the master key.
        utc: the wall clock.

    Raises:
        StoreKeyError: there is no key, or it is that of another database.
        StoreCorrupt: the database is damaged or newer than this program; it was left untouched.
        StoreReplaced: it is not the one stored last.
        StoreError: it cannot be opened now.
    """

    def __init__(self, home: Home, key: KeySource, utc: Callable[[], datetime] = now_utc) -> None:
        super().__init__(home, key)
        self._utc = utc

    def __repr__(self) -> str:
        return f"References({str(self._path)!r}, <hidden>)"

    # -- the gallery -----------------------------------------------------------------------------

    def load(self, space: SpaceId) -> Sequence[Reference]:
        """Every reference, in one consistent read.

        Raises:
            SpaceMismatch: a stored reference is of another space.
            StoreCorrupt: a record was changed or moved.
        """
        with self.reading() as rows:
            records.check_space(rows, space)
            return self._all_references(rows)

    def of_other_space(self, space: SpaceId) -> tuple[int, SpaceId]:
        """How many subjects have references of another space, and that space."""
        with self.reading() as rows:
            return records.of_other_space(rows, space)

    def generation(self) -> int:
        """A number that grows with every enrolment, erasure and change, by any process.

        Cheap to poll.
        """
        with self.reading() as rows:
            return records.generation(rows)

    def __len__(self) -> int:
        """The number of stored references."""
        with self.reading() as rows:
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
        rules: PersonRules | None = None,
        step_up: StepUp = StepUp.NONE,
        invitation: str | None = None,
        picture: bytes | None = None,
    ) -> tuple[ReferenceId, ...]:
        """Store a subject with all their references, or nothing.

        Args:
            subject: their id.
            templates: one for each reference.
            consent: the consent they gave.
            given_name: for the greeting.
            most: the most people allowed in total; None for no limit.
            rules: what they may do; None for what everybody may.
            step_up: why they are asked for a factor from the beginning.
            invitation: the id of the invitation that is used up by it; None for none.
            picture: of their face, if they agreed that one is kept; as a file's content.

        Raises:
            BadInput: the id or the name is not valid, there is no template, or the invitation does
                not count any more.
            GalleryFull: there would be more than ``most``.
            SubjectExists: that subject is enrolled already.
            SpaceMismatch: somebody is enrolled in another space.
            StoreError: it could not be made durable; nothing was stored.
        """
        subjects.subject_id(subject)
        if not templates:
            raise BadInput(f"There is no template to enrol {subject} with.", "Give more pictures.")
        data_key = secrets.token_bytes(KEY_BYTES)
        cipher = AESGCM(data_key)
        wrapped = seal(self.master, data_key, records.key_place(subject))
        name, factors = subjects.given_name(given_name), Factors(step_up=step_up)
        own = rules or PersonRules()
        profile = Profile(name, consent, self._utc(), own, factors).encode()
        sealed = seal(cipher, profile, place("profile", subject))
        rows = [records.row(cipher, subject, template) for template in templates]
        with self.writing(subject, invitation) as transaction:
            by_fleet = Invitations(self).is_others(transaction, invitation)
            admission.refuse_existing(transaction, subject, invited_by_fleet=by_fleet)
            if invitation is not None:
                Invitations(self).use_within(transaction, invitation, subject)
            admission.refuse_crowd(transaction, most)
            transaction.execute("INSERT INTO subjects VALUES (?, ?, ?)", (subject, wrapped, sealed))
            transaction.executemany("INSERT INTO refs VALUES (?, ?, ?, ?)", rows)
            if picture is not None:
                kept = seal(cipher, picture, place("picture", subject))
                transaction.execute("INSERT INTO pictures VALUES (?, ?)", (subject, kept))
            records.check_space(transaction, templates[0].space)  # no home holds two spaces
        return tuple(ReferenceId(identifier) for identifier, *_ in rows)

    def replace(
        self, subject: SubjectId, templates: Sequence[Template], *, adding: bool = False
    ) -> None:
        """Give a person other references, or more of them, in one transaction; all else stays.

        Args:
            subject: their id.
            templates: one for each new reference.
            adding: True to keep those that they have.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            SpaceMismatch: somebody is enrolled in another space.
            StoreError: it could not be made durable; nothing was changed.
        """
        with self.writing(subject) as transaction:
            query = "SELECT wrapped_key FROM subjects WHERE subject = ?"
            row = transaction.execute(query, (subject,)).fetchone()
            if row is None:
                raise subjects.unknown(subject)
            cipher = self._cipher(subject, row[0])
            if not adding:
                transaction.execute("DELETE FROM refs WHERE subject = ?", (subject,))
            made = [records.row(cipher, subject, template) for template in templates]
            transaction.executemany("INSERT INTO refs VALUES (?, ?, ?, ?)", made)
            records.check_space(transaction, templates[0].space)

    def picture(self, subject: SubjectId) -> bytes | None:
        """The picture of a person that they agreed to, as a file's content; None for none.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            StoreCorrupt: the record was changed or moved.
        """
        query = """
            SELECT wrapped_key, picture FROM subjects LEFT JOIN pictures USING (subject)
            WHERE subject = ?
        """
        with self.reading() as rows:
            row = rows.execute(query, (subject,)).fetchone()
            if row is None:
                raise subjects.unknown(subject)
            if row[1] is None:
                return None
            where = place("picture", subject)
            return self._open(self._cipher(subject, row[0]), row[1], where, subject)

    def refuse_existing(self, subject: SubjectId, invitation: str | None = None) -> None:
        """Check that an id is free, before other work is done.

        Args:
            subject: the id.
            invitation: the id of the invitation that will be used up; None for none.

        Raises:
            SubjectExists: that subject is enrolled already.
        """
        with self.reading() as rows:
            by_fleet = Invitations(self).is_others(rows, invitation)
            admission.refuse_existing(rows, subject, invited_by_fleet=by_fleet)

    def refuse_crowd(self, most: int) -> None:
        """Check that there is room for one more person, before other work is done.

        Raises:
            GalleryFull: with them there would be more than ``most``.
        """
        with self.reading() as rows:
            admission.refuse_crowd(rows, most)

    def erase(self, subject: SubjectId) -> int:
        """Erase a subject permanently; returns the number of references erased.

        Works for a subject with damaged records too.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            StoreError: it could not be carried out, or traces remain in the log for now.
        """
        with self.writing(subject) as transaction:
            gone = transaction.execute("DELETE FROM refs WHERE subject = ?", (subject,)).rowcount
            if not transaction.execute(
                "DELETE FROM subjects WHERE subject = ?", (subject,)
            ).rowcount:
                raise subjects.unknown(subject)
        self.shred(subject)
        return gone

    def subjects(self) -> Sequence[SubjectId]:
        """The enrolled ids; works with damaged records too."""
        with self.reading() as rows:
            found = rows.execute("SELECT subject FROM subjects ORDER BY subject")
            return [SubjectId(subject) for (subject,) in found]

    def count(self, subject: SubjectId) -> int:
        """The number of a subject's references; works with damaged records too.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
        """
        query = """
            SELECT count(id) FROM subjects LEFT JOIN refs USING (subject)
            WHERE subject = ? GROUP BY subject
        """
        with self.reading() as rows:
            row = rows.execute(query, (subject,)).fetchone()
        if row is None:
            raise subjects.unknown(subject)
        return int(row[0])

    def people(self) -> Sequence[EnrolledPerson]:
        """All enrolled people, by id.

        Raises:
            StoreCorrupt: a record was changed or moved.
        """
        with self.reading() as rows:
            return self._everybody(rows)

    def show(self, subject: SubjectId) -> EnrolledPerson:
        """One enrolled person.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            StoreCorrupt: the record was changed or moved.
        """
        with self.reading() as rows:
            query = f"{PEOPLE} WHERE subject = ? GROUP BY subject"
            row = rows.execute(query, (subject,)).fetchone()
            if row is None:
                raise subjects.unknown(subject)
            return self._person(*row)

    def given_name(self, subject: SubjectId) -> str | None:
        """The name shown on the screen for a subject.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
        """
        return self.show(subject).profile.given_name

    # -- rules and factors -----------------------------------------------------------------------

    def factors_of(self, subject: SubjectId) -> Factors:
        """The factors required of a subject beside their face.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            StoreCorrupt: the record was changed or moved.
        """
        return self.show(subject).profile.factors

    def amend(self, subject: SubjectId, change: Callable[[Profile], Profile]) -> Profile:
        """Replace a subject's profile, in one transaction with reading it.

        Args:
            subject: their id.
            change: returns the new profile for the old one; must not call this store. If it raises,
                nothing is changed.

        Returns:
            The new profile.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            StoreCorrupt: the record was changed or moved.
            StoreError: it could not be made durable; nothing was changed.
        """
        query = "SELECT wrapped_key, profile FROM subjects WHERE subject = ?"
        with self.writing(subject) as transaction:
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
