"""What an invitation of a fleet says, sealed so that only whoever holds its code can read it.

The code's id is random and in nobody's hands but the invitee's. It gives the key that opens the
terms, and the tag under which they are found: store, publisher and kiosks learn nothing of somebody
who has not come yet.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.domain.enrolment.invitation import Invitation
from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.domain.fleet.statement import used_tag
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.cards import of_format
from kiosk.fleet.scope_file import SealedRecord
from kiosk.fleet.sealing import KEY_BYTES
from kiosk.people.rules import refuse_group
from kiosk.store.people.subjects import given_name, subject_id
from kiosk.store.secrets.sealing import place, seal, unseal

FORMAT = 1
BY_CODE = 0
"""The epoch of a record that is sealed for the holder of a code, not by a scope's key."""
LONGEST = timedelta(days=60)
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""No invitation was made before."""


@dataclass(frozen=True, slots=True)
class InvitationTerms:
    """What an inviter says of the person who is invited. Never printed.

    Attributes:
        ident: the invitation's random id, hexadecimal.
        scope: into which it invites.
        subject: their opaque id.
        issued_at: when, UTC.
        expires_at: from then on it does not count, UTC.
        given_name: for the greeting; None for none.
        language: ISO 639-1 code of the language to begin in.
        groups: whose doors and times will be theirs.
        valid_until: the last day on which they may enter; None for no limit.
        answers: the texts of the codes for yes and for no that count for this invitation alone.
    """

    ident: str
    scope: str
    subject: SubjectId
    issued_at: datetime
    expires_at: datetime
    given_name: str | None
    language: str
    groups: tuple[str, ...]
    valid_until: date | None
    answers: tuple[str, str]

    def __repr__(self) -> str:
        return "InvitationTerms(<hidden>)"

    @property
    def rules(self) -> PersonRules:
        """What whoever enrols with it may do."""
        return PersonRules(groups=self.groups, valid_until=self.valid_until)

    def invitation(self, code: str) -> Invitation:
        """The invitation as a kiosk keeps it.

        Args:
            code: the text of its code.
        """
        return Invitation(
            self.ident,
            self.subject,
            self.issued_at,
            self.expires_at,
            self.given_name,
            self.language,
            self.groups,
            self.valid_until,
            code=code,
            answers=self.answers,
        )

    def encode(self) -> str:
        """The text whose hash the inviter signs."""
        until = None if self.valid_until is None else self.valid_until.isoformat()
        said = {
            "format": FORMAT,
            "ident": self.ident,
            "scope": self.scope,
            "subject": self.subject,
            "issued_at": self.issued_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "given_name": self.given_name,
            "language": self.language,
            "groups": list(self.groups),
            "valid_until": until,
            "answers": list(self.answers),
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":"))

    @classmethod
    def decode(cls, text: str) -> InvitationTerms:
        """Decode the result of `encode`.

        Raises:
            FleetRefused: this version does not understand it.
        """
        try:
            return _terms(of_format(json.loads(text), FORMAT))
        except (
            AttributeError,
            BadInput,
            KeyError,
            OverflowError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            raise FleetRefused(
                "What an invitation of the fleet says cannot be understood.",
                "Install the newest version of the program on this machine.",
            ) from error


def invitation_use(ident: bytes) -> str:
    """What a device says to use an invitation up, from the id in its code."""
    return hashlib.sha256(b"lintel invitation\n" + ident).hexdigest()


def invitation_tag(ident: bytes) -> str:
    """The tag of an invitation, from the id in its code."""
    return used_tag(invitation_use(ident))


def terms_record(text: str) -> str:
    """The hash by which an inviter signs the text of terms."""
    return hashlib.sha256(text.encode()).hexdigest()


def seal_terms(terms: InvitationTerms) -> SealedRecord:
    """Terms for the holder of the code alone."""
    text = terms.encode()
    record = terms_record(text)
    sealed = seal(_cipher(bytes.fromhex(terms.ident)), text.encode(), _place(record))
    return SealedRecord(record, BY_CODE, sealed)


def open_terms(ident: bytes, record: str, sealed: bytes) -> tuple[InvitationTerms, str]:
    """The terms of an invitation, and their text.

    Args:
        ident: the id in its code.
        record: the hash that the inviter has signed.
        sealed: the sealed terms.

    Raises:
        FleetRefused: they are others than were signed.
    """
    try:
        text = unseal(_cipher(ident), sealed, _place(record)).decode()
    except (InvalidTag, ValueError) as error:
        raise FleetRefused(
            "What an invitation of the fleet says was changed.",
            "Have another invitation made, and look who has written to the store.",
        ) from error
    terms = InvitationTerms.decode(text)
    if terms_record(text) != record or terms.ident != ident.hex():
        raise FleetRefused(
            "What an invitation of the fleet says is not what its inviter has signed.",
            "Have another invitation made, and look who has written to the store.",
        )
    return terms, text


def _cipher(ident: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, None, b"lintel invitation terms").derive(ident))


def _place(record: str) -> bytes:
    return place("invitation terms", record)


def _terms(said: dict[str, Any]) -> InvitationTerms:
    until = said["valid_until"]
    yes, no = said["answers"]
    issued, expires = (datetime.fromisoformat(said[name]) for name in ("issued_at", "expires_at"))
    if not EARLIEST < issued < expires <= issued + LONGEST:
        raise ValueError(issued)
    name, groups = said["given_name"], tuple(str(group) for group in said["groups"])
    for group in groups:
        refuse_group(group)
    if given_name(name) != name:
        raise ValueError(said["ident"])
    return InvitationTerms(
        str(said["ident"]),
        str(said["scope"]),
        subject_id(str(said["subject"])),
        issued,
        expires,
        name,
        str(said["language"]),
        groups,
        None if until is None else date.fromisoformat(until),
        (str(yes), str(no)),
    )
