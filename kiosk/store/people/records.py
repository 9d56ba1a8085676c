"""A subject's records in the database, each bound to its place."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import suppress
from pathlib import Path

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.errors import SpaceMismatch, StoreKeyError, StoreReplaced
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SpaceId, SubjectId, Template
from kiosk.store.secrets.sealing import place, seal, unseal


def key_place(subject: str) -> bytes:
    """The place of a subject's key in a database that is tied to its journal."""
    return place("key", subject, "tied")


def generation(rows: sqlite3.Connection) -> int:
    """A number that grows with every change of the database."""
    (value,) = rows.execute("SELECT value FROM facts WHERE name = 'generation'").fetchone()
    return int(value)


Row = tuple[str, str, str, bytes]
"""A reference as it is stored: its id, its subject, its space, and the sealed template."""


def row(
    cipher: AESGCM, subject: SubjectId, template: Template, identifier: str | None = None
) -> Row:
    """A template as a database row; numbers are little-endian float32.

    Args:
        cipher: holds the subject's data key.
        subject: whose it is.
        template: theirs.
        identifier: the reference's id; None for a new one.
    """
    identifier = secrets.token_hex(16) if identifier is None else identifier
    where = place("template", identifier, subject, template.space)
    plain = np.ascontiguousarray(template.vector, "<f4").tobytes()
    return identifier, subject, template.space, seal(cipher, plain, where)


def check_key(master: AESGCM, sealed: bytes, path: Path) -> None:
    """Raises StoreKeyError: the database was made with another key."""
    try:
        unseal(master, sealed, place("check"))
    except (InvalidTag, ValueError) as error:
        raise StoreKeyError(
            f"The key is not the one that {path} was made with.",
            "Put back the key and the database that belong together.",
        ) from error


def wrap_anew(transaction: sqlite3.Connection, master: AESGCM) -> None:
    """Wrap every data key for a tied database; keys of tied and untied ones are not exchangeable.

    Raises:
        StoreReplaced: it was tied already, and was made to look untied.
    """
    query = "SELECT subject, wrapped_key FROM subjects"
    for subject, wrapped in transaction.execute(query).fetchall():
        with suppress(InvalidTag, ValueError):
            unseal(master, wrapped, key_place(subject))
            raise StoreReplaced(
                "The database of references was tied to another journal.",
                Remedy(
                    "Put back what belongs together, or accept what is there.",
                    NextStep.ACCEPT_STORED,
                ),
            )
        with suppress(InvalidTag, ValueError):  # a damaged record stays for `erase`
            data_key = unseal(master, wrapped, place("key", subject))
            anew = seal(master, data_key, key_place(subject))
            transaction.execute(
                "UPDATE subjects SET wrapped_key = ? WHERE subject = ?", (anew, subject)
            )


def of_other_space(rows: sqlite3.Connection, space: SpaceId) -> tuple[int, SpaceId]:
    """How many subjects have references of another space, and that space."""
    query = "SELECT count(DISTINCT subject), min(space) FROM refs WHERE space != ?"
    subjects, other = rows.execute(query, (space,)).fetchone()
    return int(subjects), SpaceId(other or space)


def check_space(rows: sqlite3.Connection, space: SpaceId) -> None:
    """Raises SpaceMismatch: a stored reference is of another space."""
    subjects, other = of_other_space(rows, space)
    if subjects:
        raise SpaceMismatch(
            f"{subjects} enrolled subject(s) have references of another space ({other}) "
            f"than the installed models make ({space}).",
            "Install the pack that made them, or erase and enrol these subjects again.",
        )
