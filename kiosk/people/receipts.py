"""Withdrawal: a person takes their face back, and gets a receipt that anybody can check.

The number of a receipt is drawn at random and says nothing. The journal has its hash, so that
whoever reads the journal cannot make receipts, and whoever holds a receipt finds it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.enrolling import ConsentWithdrawn
from kiosk.people.service import PeopleService
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


def withdraw(open_home: OpenHome, people: PeopleService, subject: SubjectId) -> Receipt:
    """Erase a person at their own wish; recorded with a receipt before.

    Raises:
        SubjectUnknown: nobody with that id is enrolled.
        JournalUnwritable: it could not be recorded; nothing was erased.
        StoreError: it could not be carried out, or traces remain in the log for now.
    """
    people.person(subject)
    number = _drawn()
    open_home.recorder.note(ConsentWithdrawn(subject, receipt_hash(number)))
    erasure = people.erase(subject)
    return Receipt(number, subject, erasure.references, erasure.at)


def receipt_hash(number: str) -> str:
    """The hash by which the journal knows a receipt; spelling does not matter.

    Args:
        number: as it was printed, or as somebody typed it.
    """
    spelt = "".join(letter for letter in number.upper() if letter in ALPHABET)
    return hashlib.sha256(f"lintel receipt {spelt}".encode()).hexdigest()


def _drawn() -> str:
    groups = (
        "".join(secrets.choice(ALPHABET) for _ in range(GROUP_CHARACTERS)) for _ in range(GROUPS)
    )
    return "-".join(groups)
