"""A statement: what admins or a device say about the people of a scope, in the text that is signed.

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
"""The author of what admins sign; every other author is a device, by its fingerprint."""

MOST_SCOPE = 40
DEVICE_CHARACTERS, HASH_CHARACTERS = 32, 64
_SCOPE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_HEXADECIMAL = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class PersonChange:
    """One person's new record.

    Attributes:
        tag: of the person, hexadecimal.
        record: SHA-256 of the record that counts from now on, hexadecimal.
        replaces: SHA-256 of the record that counted when a device said this; None for none. What
            admins say counts whatever it replaces.
    """

    tag: str
    record: str
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What one author says at one time.

    Attributes:
        scope: the scope's name.
        author: `ADMINS`, or a device's fingerprint.
        number: counts this author's statements in this scope, from 1.
        previous: SHA-256 of the text of the one before; None for the first.
        at: when it was made, UTC.
        changes: at least one.
    """

    scope: str
    author: str
    number: int
    previous: str | None
    at: datetime
    changes: tuple[PersonChange, ...]

    def text(self) -> bytes:
        """The text that is signed."""
        said = {
            "format": FORMAT,
            "scope": self.scope,
            "author": self.author,
            "number": self.number,
            "previous": self.previous,
            "at": self.at.isoformat(),
            "changes": [[it.tag, it.record, it.replaces] for it in self.changes],
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def digest(text: bytes) -> str:
    """The hash by which a statement is followed by the next one of its author."""
    return hashlib.sha256(text).hexdigest()


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


def scope_name(text: str) -> str:
    """A valid name of a scope.

    Raises:
        BadInput: it is not.
    """
    if not (_SCOPE.issuperset(text) and 0 < len(text.strip("-")) == len(text) <= MOST_SCOPE):
        raise BadInput(
            f"{text[:60]!r} is not a name for a scope.",
            "Use 1 to 40 small letters, digits and hyphens, such as `harbour-north`.",
        )
    return text


def is_device(text: str) -> bool:
    """True if a text has the form of a device's fingerprint."""
    return _is_hexadecimal(text, DEVICE_CHARACTERS)


def _statement(said: dict[str, Any]) -> Statement:
    number, author, previous = said["number"], said["author"], said["previous"]
    changes = tuple(_change(*each) for each in said["changes"])
    good = author == ADMINS or is_device(author)
    if not (good and type(number) is int and number > 0 and changes):  # True is no number
        raise ValueError(author)
    at = datetime.fromisoformat(said["at"])
    scope = scope_name(str(said["scope"]))
    return Statement(scope, author, number, _hash_or_none(previous), at, changes)


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
