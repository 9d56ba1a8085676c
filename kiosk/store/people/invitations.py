"""Invitations of one home: sealed like the references, in the same database and its roll.

Each has a random key of its own. The photograph to compare with is sealed under it, and is gone
with the key as soon as the invitation is used, revoked or expired: what stays then says only that
it was one.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.enrolment.invitation import Invitation, InvitationState
from kiosk.domain.errors import BadInput
from kiosk.domain.vision.template import SubjectId
from kiosk.store.people import database
from kiosk.store.people.tied_database import TiedDatabase
from kiosk.store.secrets.keys import KEY_BYTES
from kiosk.store.secrets.sealing import place, seal, unseal

_ROWS = "SELECT id, wrapped_key, content FROM invitations"


class Invitations:
    """Stores invitations; any thread may call it.

    Args:
        references: the database in which they lie.
    """

    def __init__(self, references: TiedDatabase) -> None:
        self._references = references

    def __repr__(self) -> str:
        return "Invitations(<hidden>)"

    def add(self, invitation: Invitation, photo: bytes | None = None) -> None:
        """Store a new invitation, and the photograph to compare the person with.

        Raises:
            StoreError: it could not be made durable; nothing was stored.
        """
        data_key = secrets.token_bytes(KEY_BYTES)
        master = self._references.master
        wrapped = seal(master, data_key, place("invitation key", invitation.ident))
        kept = replace(invitation, has_photo=photo is not None)
        content = seal(AESGCM(data_key), _encoded(kept), _content_place(kept.ident))
        sealed = b"" if photo is None else seal(AESGCM(data_key), photo, _photo_place(kept.ident))
        with self._references.writing(None, invitation.ident) as rows:
            rows.execute(
                "INSERT INTO invitations VALUES (?, ?, ?, ?)",
                (invitation.ident, wrapped, content, sealed),
            )

    def all(self) -> Sequence[Invitation]:
        """Every invitation, the newest first.

        Raises:
            StoreError: a record was changed or moved, or cannot be read now.
        """
        with self._references.reading() as rows:
            found = [self._invitation(*row) for row in rows.execute(_ROWS).fetchall()]
        return sorted(found, key=lambda kept: (kept.issued_at, kept.ident), reverse=True)

    def find(self, ident: str) -> Invitation | None:
        """The invitation with that id; None if there is none.

        Raises:
            StoreError: the record was changed or moved, or cannot be read now.
        """
        with self._references.reading() as rows, suppress(BadInput):
            return self.within(rows, ident)
        return None

    def get(self, ident: str) -> Invitation:
        """The invitation with that id.

        Raises:
            BadInput: there is none.
            StoreError: the record was changed or moved, or cannot be read now.
        """
        with self._references.reading() as rows:
            return self.within(rows, ident)

    def photo(self, ident: str) -> bytes | None:
        """The photograph to compare with, as it was given; None if there is none any more.

        Raises:
            StoreError: the record was changed or moved, or cannot be read now.
        """
        query = "SELECT wrapped_key, photo FROM invitations WHERE id = ?"
        with self._references.reading() as rows:
            row = rows.execute(query, (ident,)).fetchone()
            if row is None or not row[1]:
                return None
            return self._open(self._cipher(ident, row[0]), row[1], _photo_place(ident), ident)

    def amend(self, ident: str, change: Callable[[Invitation], Invitation]) -> Invitation:
        """Replace what is stored of an invitation, in one transaction with reading it.

        Args:
            ident: its id.
            change: returns the invitation from now on; must not call this store. If it raises,
                nothing is changed. Without a photograph, or not open, it loses its photograph.

        Returns:
            The invitation as it is now.

        Raises:
            BadInput: there is none with that id.
            StoreError: it could not be made durable; nothing was changed.
        """
        with self._references.writing(None, ident) as rows:
            before = self.within(rows, ident)
            after = change(before)
            self.replace_within(rows, after)
        if before.has_photo and not after.has_photo:
            self._references.shred(after.subject)
        return after

    def reopen(self, before: Invitation) -> None:
        """Let an invitation count again whose enrolment was undone.

        One with a photograph stays used up: that is gone, and nobody comes in uncompared.

        Args:
            before: the invitation as it was before the enrolment.

        Raises:
            BadInput: there is none with its id.
            StoreError: it could not be made durable; nothing was changed.
        """
        if not before.has_photo:
            self.amend(before.ident, lambda used: replace(used, state=InvitationState.OPEN))

    def within(self, rows: sqlite3.Connection, ident: str) -> Invitation:
        """The invitation with that id, in a transaction of the caller's.

        Raises:
            BadInput: there is none.
            StoreCorrupt: the record was changed or moved.
        """
        row = rows.execute(f"{_ROWS} WHERE id = ?", (ident,)).fetchone()
        if row is None:
            raise BadInput(
                f"There is no invitation {ident[:40]!r}.",
                "Choose one from the list of invitations.",
            )
        return self._invitation(*row)

    def replace_within(self, rows: sqlite3.Connection, after: Invitation) -> None:
        """Replace what is stored of an invitation, in a transaction of the caller's.

        Whoever takes its photograph away shreds it afterwards (`References.shred`).
        """
        if after.has_photo:
            query = "SELECT wrapped_key FROM invitations WHERE id = ?"
            (wrapped,) = rows.execute(query, (after.ident,)).fetchone()
            content = seal(
                self._cipher(after.ident, wrapped), _encoded(after), _content_place(after.ident)
            )
            rows.execute("UPDATE invitations SET content = ? WHERE id = ?", (content, after.ident))
        else:
            self._reseal(rows, after)

    def remove(self, invitation: Invitation) -> None:
        """Remove an invitation wholly.

        Raises:
            StoreError: it could not be made durable; nothing was changed.
        """
        with self._references.writing(None, invitation.ident) as rows:
            rows.execute("DELETE FROM invitations WHERE id = ?", (invitation.ident,))
        self._references.shred(invitation.subject)

    def use_within(self, rows: sqlite3.Connection, ident: str, subject: SubjectId) -> None:
        """Use an invitation up, in the transaction of the caller's that enrols the person.

        Raises:
            BadInput: there is none, it is another person's, or it is not open any more.
            StoreCorrupt: the record was changed or moved.
        """
        kept = self.within(rows, ident)
        if kept.subject != subject or kept.state is not InvitationState.OPEN:
            raise BadInput(f"Invitation {ident} does not count any more.", "Make a new one.")
        self.replace_within(rows, kept.ended(InvitationState.USED))

    def is_others(self, rows: sqlite3.Connection, ident: str | None) -> bool:
        """True if a fleet's inviter has issued an invitation; in the caller's transaction."""
        if ident is None:
            return False
        with suppress(BadInput):
            return self.within(rows, ident).code is not None
        return False

    def enrolled_for_others(self, rows: sqlite3.Connection) -> set[SubjectId]:
        """Whoever enrolled here with a fleet's invitation; in the caller's transaction.

        Raises:
            StoreCorrupt: a record was changed or moved.
        """
        every = (self._invitation(*row) for row in rows.execute(_ROWS).fetchall())
        return {it.subject for it in every if it.code and it.state is InvitationState.USED}

    # -- internals -------------------------------------------------------------------------------

    def _reseal(self, rows: sqlite3.Connection, after: Invitation) -> None:
        """Seal an invitation under a new key: what was sealed under the old one is gone with it."""
        data_key = secrets.token_bytes(KEY_BYTES)
        wrapped = seal(self._references.master, data_key, place("invitation key", after.ident))
        content = seal(AESGCM(data_key), _encoded(after), _content_place(after.ident))
        rows.execute(
            "UPDATE invitations SET wrapped_key = ?, content = ?, photo = x'' WHERE id = ?",
            (wrapped, content, after.ident),
        )

    def _invitation(self, ident: str, wrapped: bytes, content: bytes) -> Invitation:
        plain = self._open(self._cipher(ident, wrapped), content, _content_place(ident), ident)
        try:
            return _decoded(ident, json.loads(plain))
        except (KeyError, TypeError, ValueError) as error:
            raise database.corrupt(
                self._references.path, f"invitation {ident} cannot be understood"
            ) from error

    def _cipher(self, ident: str, wrapped: bytes) -> AESGCM:
        where = place("invitation key", ident)
        return AESGCM(self._open(self._references.master, wrapped, where, ident))

    def _open(self, cipher: AESGCM, sealed: bytes, where: bytes, ident: str) -> bytes:
        try:
            return unseal(cipher, sealed, where)
        except (InvalidTag, ValueError) as error:
            raise database.corrupt(
                self._references.path, f"invitation {ident} was changed or moved"
            ) from error


def _content_place(ident: str) -> bytes:
    return place("invitation", ident)


def _photo_place(ident: str) -> bytes:
    return place("invitation photo", ident)


def _encoded(kept: Invitation) -> bytes:
    """The plaintext to be sealed."""
    said: dict[str, Any] = {
        "subject": kept.subject,
        "issued_at": kept.issued_at.isoformat(),
        "expires_at": kept.expires_at.isoformat(),
        "given_name": kept.given_name,
        "language": kept.language,
        "groups": list(kept.groups),
        "valid_until": kept.valid_until.isoformat() if kept.valid_until else None,
        "state": kept.state.value,
        "attempts": kept.attempts,
        "attempted_at": kept.attempted_at.isoformat() if kept.attempted_at else None,
        "has_photo": kept.has_photo,
    }
    if kept.code is not None:
        said |= {"code": kept.code, "answers": kept.answers, "withdrawn_at": _stamp(kept)}
    return json.dumps(said).encode()


def _decoded(ident: str, raw: dict[str, Any]) -> Invitation:
    """Decode the plaintext of `_encoded`; raises KeyError, TypeError, ValueError."""
    until, attempted, answers = raw["valid_until"], raw["attempted_at"], raw.get("answers")
    withdrawn = raw.get("withdrawn_at")
    return Invitation(
        ident=ident,
        subject=SubjectId(raw["subject"]),
        issued_at=datetime.fromisoformat(raw["issued_at"]),
        expires_at=datetime.fromisoformat(raw["expires_at"]),
        given_name=raw["given_name"],
        language=raw["language"],
        groups=tuple(raw["groups"]),
        valid_until=None if until is None else date.fromisoformat(until),
        state=InvitationState(raw["state"]),
        attempts=int(raw["attempts"]),
        attempted_at=None if attempted is None else datetime.fromisoformat(attempted),
        has_photo=bool(raw["has_photo"]),
        code=raw.get("code"),
        answers=None if answers is None else (str(answers[0]), str(answers[1])),
        withdrawn_at=None if withdrawn is None else datetime.fromisoformat(withdrawn),
    )


def _stamp(kept: Invitation) -> str | None:
    return None if kept.withdrawn_at is None else kept.withdrawn_at.isoformat()
