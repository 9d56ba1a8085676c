"""The events of enrolled people and of what they may do; people are known by their opaque ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kiosk.journal.events.event import JournalEvent, words


@dataclass(frozen=True, slots=True)
class EnrolmentBegun(JournalEvent):
    """Somebody is about to be enrolled.

    Attributes:
        subject: the person.
        references: the number of references.
        consent_sha256: hash of the text that they agreed to.
        different_person: true if somebody has seen that they are not whom they resemble.
    """

    name: ClassVar[str] = "enrolment"
    subject: str
    references: int
    consent_sha256: str
    different_person: bool

    def sentence(self) -> str:
        """Who is enrolled."""
        return f"{self.subject} is being enrolled."


@dataclass(frozen=True, slots=True)
class Enrolled(JournalEvent):
    """Somebody was enrolled; the details are those of ``enrolment``."""

    name: ClassVar[str] = "enrolled"
    subject: str
    references: int
    consent_sha256: str
    different_person: bool

    def sentence(self) -> str:
        """Who was enrolled."""
        return f"{self.subject} was enrolled."


@dataclass(frozen=True, slots=True)
class EnrolmentRefused(JournalEvent):
    """Nobody was enrolled.

    Attributes:
        duplicate_of: the enrolled person whom they resemble.
        problem: another reason.
    """

    name: ClassVar[str] = "enrolment_refused"
    duplicate_of: str | None
    problem: str | None = None

    def sentence(self) -> str:
        """Why nobody was."""
        why = self.problem or "The photographs made no reference"
        return f"Nobody was enrolled. {str(why).rstrip('.')}."


@dataclass(frozen=True, slots=True)
class CandidatesListed(JournalEvent):
    """Somebody asks whom a photograph might show, and is about to see it; not who is on the list.

    Attributes:
        user: the number of the machine's user who asks.
        shown: how many people are on the list.
    """

    name: ClassVar[str] = "candidates_listed"
    user: int
    shown: int

    def sentence(self) -> str:
        """Who asked, and how many they saw."""
        many = "1 person" if self.shown == 1 else f"{self.shown} people"
        return f"The user {self.user} asked whom a photograph might show, and saw {many}."


@dataclass(frozen=True, slots=True)
class Erased(JournalEvent):
    """Somebody is about to be erased.

    Attributes:
        subject: the person.
        references: the number of their references.
        again: true if a backup had brought them back.
        moved: true if they are in another scope of the fleet, of which this kiosk is not.
    """

    name: ClassVar[str] = "erased"
    subject: str
    references: int
    again: bool = False
    moved: bool = False

    def sentence(self) -> str:
        """Who was erased."""
        return f"{self.subject} was erased{': they have moved in the fleet' if self.moved else ''}."


@dataclass(frozen=True, slots=True)
class ErasureFailed(JournalEvent):
    """An erasure that was recorded failed."""

    name: ClassVar[str] = "erasure_failed"
    subject: str
    problem: str

    def sentence(self) -> str:
        """Whose erasure, and why."""
        return f"{self.subject} could not be erased. {self.problem}"


@dataclass(frozen=True, slots=True)
class RulesChanged(JournalEvent):
    """The rules of a person are about to be changed.

    Attributes:
        subject: the person.
        changed: the names of the changed rules.
    """

    name: ClassVar[str] = "rules_changed"
    subject: str
    changed: tuple[str, ...]

    def sentence(self) -> str:
        """Whose rules, and which."""
        return f"What {self.subject} may do was changed: {', '.join(map(words, self.changed))}."


@dataclass(frozen=True, slots=True)
class PinSet(JournalEvent):
    """A PIN is about to be set; ``duress`` tells which of a person's two."""

    name: ClassVar[str] = "pin_set"
    subject: str
    duress: bool

    def sentence(self) -> str:
        """Whose PIN."""
        return f"{self.subject} got a new {_pin(duress=self.duress)}."


@dataclass(frozen=True, slots=True)
class PinRemoved(JournalEvent):
    """A PIN is about to be removed; ``duress`` tells which of a person's two."""

    name: ClassVar[str] = "pin_removed"
    subject: str
    duress: bool

    def sentence(self) -> str:
        """Whose PIN."""
        return f"The {_pin(duress=self.duress)} of {self.subject} was taken away."


@dataclass(frozen=True, slots=True)
class BadgeIssued(JournalEvent):
    """A badge is about to be issued; the one before becomes void."""

    name: ClassVar[str] = "badge_issued"
    subject: str

    def sentence(self) -> str:
        """Whose badge."""
        return f"{self.subject} got a new badge; the one before ended."


@dataclass(frozen=True, slots=True)
class BadgeRevoked(JournalEvent):
    """A badge is about to be revoked."""

    name: ClassVar[str] = "badge_revoked"
    subject: str

    def sentence(self) -> str:
        """Whose badge."""
        return f"The badge of {self.subject} was revoked."


@dataclass(frozen=True, slots=True)
class AdminPinSet(JournalEvent):
    """The PIN of the installer's page is about to be set."""

    name: ClassVar[str] = "admin_pin_set"

    def sentence(self) -> str:
        """That it was set."""
        return "A new admin PIN was set."


@dataclass(frozen=True, slots=True)
class ChangeFailed(JournalEvent):
    """A change that was recorded failed.

    Attributes:
        subject: the person whom it was about.
        tried: the name of its event.
        problem: why it failed.
    """

    name: ClassVar[str] = "change_failed"
    subject: str | None
    tried: str
    problem: str

    def sentence(self) -> str:
        """Why it failed."""
        return f"That change failed. {self.problem}"


def _pin(*, duress: bool) -> str:
    return "duress PIN" if duress else "PIN"
