"""A statement: what somebody says about the people of a scope, in the text that is signed.

Admins may say anything. Whoever invites people in their name issues invitations, and a device says
who came with one of these, and who takes their consent back.

It names nobody. Each change has a tag, which only whoever holds the scope's keys can compute from a
subject's id, and the hash of a record, which is sealed and travels beside the statement. The
statements of one author in one scope are numbered, and each has the hash of the one before: none
can be left out, repeated, or slipped in.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.domain.errors import BadInput, FleetRefused

FORMAT = 1
ADMINS = "admins"
"""The author of what admins sign; a device is named by its fingerprint, an inviter by its key's."""

ENDED = "0" * 64
"""The record of an invitation that its inviter, or admins, have ended."""

MOST_SCOPE = 40
DEVICE_CHARACTERS, INVITER_CHARACTERS, HASH_CHARACTERS = 32, 16, 64
_SCOPE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_HEXADECIMAL = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class PersonChange:
    """One person's new record; an inviter's is that of an invitation.

    Attributes:
        tag: of the person, or of the invitation, hexadecimal.
        record: SHA-256 of the record that counts from now on, hexadecimal.
        replaces: SHA-256 of the record that counted when a device or an inviter said this; None for
            none. What admins say counts whatever it replaces.
    """

    tag: str
    record: str
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What one author says at one time.

    Attributes:
        scope: the scope's name.
        author: `ADMINS`, a device's fingerprint, or an inviter's.
        number: counts this author's statements in this scope, from 1.
        previous: SHA-256 of the text of the one before; None for the first.
        at: when it was made, UTC.
        changes: at least one.
        uses: what a device knows of the invitation with which it enrols one person, and only
            whoever has seen its code can; see `used_tag`. None for none.
        until: when the invitations of an inviter's statement end, UTC; None for anybody else's.
    """

    scope: str
    author: str
    number: int
    previous: str | None
    at: datetime
    changes: tuple[PersonChange, ...]
    uses: str | None = None
    until: datetime | None = None

    def text(self) -> bytes:
        """The text that is signed."""
        said: dict[str, Any] = {
            "format": FORMAT,
            "scope": self.scope,
            "author": self.author,
            "number": self.number,
            "previous": self.previous,
            "at": self.at.isoformat(),
            "changes": [[it.tag, it.record, it.replaces] for it in self.changes],
        }
        if self.uses is not None:
            said["uses"] = self.uses
        if self.until is not None:
            said["until"] = self.until.isoformat()
        return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def digest(text: bytes) -> str:
    """The hash by which a statement is followed by the next one of its author."""
    return hashlib.sha256(text).hexdigest()


def used_tag(uses: str) -> str:
    """The tag of the invitation that a statement uses up, from what it says of it.

    The tag is known to everybody who reads the history. Whoever has not seen the code finds nothing
    that has this hash, and uses up nobody's invitation.
    """
    return hashlib.sha256(bytes.fromhex(uses)).hexdigest()


def read_statement(text: bytes) -> Statement:
    """The statement of a text whose signatures are verified.

    Raises:
        FleetRefused: it is no statement that this version understands.
    """
    try:
        statement = _statement(json.loads(text))
    except (BadInput, KeyError, RecursionError, TypeError, ValueError) as error:
        raise _not_understood() from error
    if statement.text() != text:  # another format, or a spelling that would have another hash
        raise _not_understood()
    return statement


def is_scope(text: str) -> bool:
    """True if a text is a valid name of a scope."""
    return _SCOPE.issuperset(text) and 0 < len(text.strip("-")) == len(text) <= MOST_SCOPE


def scope_name(text: str) -> str:
    """A valid name of a scope.

    Raises:
        BadInput: it is not.
    """
    if not is_scope(text):
        raise BadInput(
            f"{text[:60]!r} is not a name for a scope.",
            "Use 1 to 40 small letters, digits and hyphens, such as `harbour-north`.",
        )
    return text


def is_device(text: str) -> bool:
    """True if a text has the form of a device's fingerprint."""
    return _is_hexadecimal(text, DEVICE_CHARACTERS)


def is_inviter(text: str) -> bool:
    """True if a text has the form of an inviter's fingerprint."""
    return _is_hexadecimal(text, INVITER_CHARACTERS)


def _statement(said: dict[str, Any]) -> Statement:
    number, author, previous = said["number"], said["author"], said["previous"]
    changes = tuple(_change(*each) for each in said["changes"])
    good = author == ADMINS or is_device(author) or is_inviter(author)
    if not (good and type(number) is int and number > 0 and changes):  # True is no number
        raise ValueError(author)
    scope, at = scope_name(str(said["scope"])), _time(said["at"])
    uses, ends = _hash_or_none(said.get("uses")), said.get("until")
    until = None if ends is None else _time(ends)
    if uses is not None and not (is_device(author) and len(changes) == 1):
        raise ValueError(author)
    if (until is None) == is_inviter(author):
        raise ValueError(author)
    return Statement(scope, author, number, _hash_or_none(previous), at, changes, uses, until)


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:  # two times can only be compared if both say their zone
        raise ValueError(text)
    return at


def _change(tag: str, record: str, replaces: str | None) -> PersonChange:
    if not (_is_hexadecimal(tag, HASH_CHARACTERS) and _is_hexadecimal(record, HASH_CHARACTERS)):
        raise ValueError(tag)
    return PersonChange(tag, record, _hash_or_none(replaces))


def _is_hexadecimal(text: object, characters: int) -> bool:
    spelt = str(text)  # the store may hold anything, such as a list of characters
    return spelt == text and len(spelt) == characters and _HEXADECIMAL.issuperset(spelt)


def _not_understood() -> FleetRefused:
    return FleetRefused(
        "A statement in the fleet's store cannot be understood.",
        "Install the newest version of the program, or look who has written to the store.",
    )


def _hash_or_none(text: str | None) -> str | None:
    if text is not None and not _is_hexadecimal(text, HASH_CHARACTERS):
        raise ValueError(text)
    return text
