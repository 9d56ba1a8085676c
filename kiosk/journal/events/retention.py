"""The events of retention: who is erased because their time is over, and what the journal drops."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from kiosk.journal.events.event import JournalEvent, words


class Due(Enum):
    """Why a person's time is over; the value is that on disk."""

    LEFT = "left"
    """Their last day is over."""
    UNUSED = "unused"
    """They were not let in for as long as the settings say."""


@dataclass(frozen=True, slots=True)
class ErasureDue(JournalEvent):
    """A person is about to be erased because their time is over.

    Attributes:
        subject: the person.
        reason: why.
    """

    name: ClassVar[str] = "erasure_due"
    subject: str
    reason: Due

    def sentence(self) -> str:
        """Whose time is over, and why."""
        return f"The time of {self.subject} is over: {words(self.reason)}."


@dataclass(frozen=True, slots=True)
class ReceiptsKept(JournalEvent):
    """Receipts whose own entries are about to go.

    Attributes:
        receipts: for each the hash of its number, when consent was withdrawn, and ``erased`` or
            ``open``; separated by a space.
    """

    name: ClassVar[str] = "receipts_kept"
    receipts: tuple[str, ...]

    def sentence(self) -> str:
        """How many."""
        return f"Receipts carried over in the journal: {len(self.receipts)}."


@dataclass(frozen=True, slots=True)
class ErasuresKept(JournalEvent):
    """Erasures whose own entries are about to go, so that no backup brings anybody back.

    Attributes:
        through: the number of the last entry that was considered.
        marks: for each a hash of the person's id that only this kiosk's key can make, and when;
            separated by a space.
    """

    name: ClassVar[str] = "erasures_kept"
    through: int
    marks: tuple[str, ...]

    def sentence(self) -> str:
        """How many."""
        return f"Erasures carried over in the journal: {len(self.marks)}."


@dataclass(frozen=True, slots=True)
class JournalShortened(JournalEvent):
    """The journal's oldest entries are about to go.

    Attributes:
        through: the number of the last of them.
        entries: how many.
    """

    name: ClassVar[str] = "journal_shortened"
    through: int
    entries: int

    def sentence(self) -> str:
        """How many, and up to which."""
        return f"Journal entries that went with time: {self.entries}, up to {self.through}."


@dataclass(frozen=True, slots=True)
class RetentionHeld(JournalEvent):
    """The daily job could not be done, such as because the clock may be wrong."""

    name: ClassVar[str] = "retention_held"
    problem: str

    def sentence(self) -> str:
        """Why."""
        return f"The daily erasure was not done. {self.problem}"


@dataclass(frozen=True, slots=True)
class RetentionRan(JournalEvent):
    """What the daily job did.

    Attributes:
        left: how many people were erased after their last day.
        unused: how many were erased because they did not use the door.
        invitations: how many invitations went, or lost their photograph.
        entries: how many journal entries went.
    """

    name: ClassVar[str] = "retention"
    left: int
    unused: int
    invitations: int
    entries: int

    def sentence(self) -> str:
        """What it did."""
        return (
            f"People erased by age: {self.left + self.unused}. Invitations that went: "
            f"{self.invitations}. Journal entries that went: {self.entries}."
        )
