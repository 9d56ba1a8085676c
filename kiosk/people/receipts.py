"""Withdrawal: a person takes their face back, and gets a receipt that anybody can check.

The number of a receipt is drawn at random and says nothing. The journal has its hash, so that
whoever reads the journal cannot make receipts, and whoever holds a receipt finds it.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.errors import StoreError
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.enrolling import ConsentWithdrawn
from kiosk.people.service import PeopleService
from kiosk.store.home import Home
from kiosk.store.journal.carrying import KeptReceipt, Receipts
from kiosk.store.journal.verification import walk
from kiosk.store.open_home import OpenHome

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and letters that are not mistaken for each other, in print or when read out."""

GROUPS, GROUP_CHARACTERS = 4, 4
"""A number of 80 bits, such as 7K3M-9QPT-XW2A-B4CD."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of a withdrawal.

    Attributes:
        number: for the person; nobody else has it.
        subject: whose references are gone.
        references: the number of references that are gone.
        at: when, UTC.
    """

    number: str
    subject: SubjectId
    references: int
    at: datetime


def withdraw(
    open_home: OpenHome,
    people: PeopleService,
    subject: SubjectId,
    tell: Callable[[SubjectId, datetime], None] | None = None,
) -> Receipt:
    """Erase a person at their own wish; recorded with a receipt before.

    Args:
        open_home: holds people and journal.
        people: erases them here.
        subject: their id.
        tell: remembers that others have to erase them too, before they are gone here; None for a
            kiosk without a fleet.

    Raises:
        SubjectUnknown: nobody with that id is enrolled.
        JournalUnwritable: it could not be recorded; nothing was erased.
        StoreError: it could not be carried out; they are still enrolled.
    """
    references = open_home.references.count(subject)
    number = _drawn()
    open_home.recorder.note(ConsentWithdrawn(subject, receipt_hash(number)))
    if tell is not None:
        tell(subject, open_home.utc())
    try:
        people.erase(subject)
    except StoreError:
        if subject in open_home.references.subjects():
            raise
    return Receipt(number, subject, references, open_home.utc())


def find_receipt(home: Home, key: bytes | None, number: str) -> tuple[KeptReceipt | None, int]:
    """Look a receipt up in the journal, which is verified up to its end.

    Args:
        home: holds the journal.
        key: checks the seal of its end; None leaves that unchecked.
        number: in any spelling.

    Returns:
        What was found, None if nothing; and the number of the journal's last entry.

    Raises:
        BadInput, JournalTampered: the journal cannot be read, or does not verify.
    """
    receipts, last = Receipts(), 0
    for place in walk(home, key):
        receipts.follow(place.entry)
        last = place.entry.number
    return receipts.by_hash.get(receipt_hash(number)), last


def receipt_hash(number: str) -> str:
    """The hash by which the journal knows a receipt; spelling does not matter.

    Args:
        number: as it was printed, or as somebody typed it.
    """
    plain = unicodedata.normalize("NFKC", number).upper()
    spelt = "".join(letter for letter in plain if letter in ALPHABET)
    return hashlib.sha256(f"lintel receipt {spelt}".encode()).hexdigest()


def _drawn() -> str:
    groups = (
        "".join(secrets.choice(ALPHABET) for _ in range(GROUP_CHARACTERS)) for _ in range(GROUPS)
    )
    return "-".join(groups)
