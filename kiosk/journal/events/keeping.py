"""The events of the journal itself and of what else is kept in the home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kiosk.journal.events.event import JournalEvent


@dataclass(frozen=True, slots=True)
class StoreCreated(JournalEvent):
    """An empty database of references was made."""

    name: ClassVar[str] = "store_created"

    def sentence(self) -> str:
        """That it was made."""
        return "An empty database of references was made."


@dataclass(frozen=True, slots=True)
class JournalReported(JournalEvent):
    """The journal tells something of itself: that it can be written again.

    Attributes:
        detail: what, as the end of a sentence.
    """

    name: ClassVar[str] = "journal"
    detail: str

    def sentence(self) -> str:
        """What it tells."""
        return f"The journal {self.detail}."


@dataclass(frozen=True, slots=True)
class UnfinishedCut(JournalEvent):
    """After a crash, part of an entry was cut off; it was never acknowledged."""

    name: ClassVar[str] = "journal_repaired"
    cut_bytes: int

    def sentence(self) -> str:
        """How much was cut off."""
        return f"After a crash, {self.cut_bytes} bytes of an unfinished entry were cut off."


@dataclass(frozen=True, slots=True)
class EntryAdopted(JournalEvent):
    """After a crash, an entry that was not acknowledged was found whole and kept."""

    name: ClassVar[str] = "journal_repaired"
    adopted_entry: int

    def sentence(self) -> str:
        """Which entry."""
        return f"After a crash, entry {self.adopted_entry} was found whole and kept."


@dataclass(frozen=True, slots=True)
class JournalRenewed(JournalEvent):
    """A new journal began, since the old one did not verify.

    Attributes:
        problem: the defect of the old one.
        set_aside: the file in which it lies now; None if it was gone.
        sha256: its hash.
        kept_accepted: true if the other files were accepted as they were.
    """

    name: ClassVar[str] = "journal_renewed"
    problem: str
    set_aside: str | None
    sha256: str | None
    kept_accepted: bool

    def sentence(self) -> str:
        """Why it began."""
        return f"A new journal began, since the old one did not verify: {self.problem}"


@dataclass(frozen=True, slots=True)
class AnchorChanged(JournalEvent):
    """The journal's end can be kept outside the home, or cannot.

    Attributes:
        works: which of the two.
        problem: why it cannot.
    """

    name: ClassVar[str] = "anchor"
    works: bool
    problem: str | None = None

    def sentence(self) -> str:
        """Whether it is kept."""
        if self.works:
            return "The journal's end is kept outside the home again."
        return f"The journal's end is not kept outside the home. {self.problem}"


@dataclass(frozen=True, slots=True)
class AnchorAccepted(JournalEvent):
    """The journal goes on although its anchor does not match."""

    name: ClassVar[str] = "anchor_accepted"
    problem: str

    def sentence(self) -> str:
        """What does not match."""
        return f"The journal goes on beside its anchor. {self.problem}"


@dataclass(frozen=True, slots=True)
class KeptTied(JournalEvent):
    """What an older version kept was tied to the journal."""

    name: ClassVar[str] = "kept_tied"

    def sentence(self) -> str:
        """That it was tied."""
        return "Everything that is kept was tied to this journal."


@dataclass(frozen=True, slots=True)
class KeptAccepted(JournalEvent):
    """Files are about to be accepted as they are.

    Attributes:
        names: those that did not match.
    """

    name: ClassVar[str] = "kept_accepted"
    names: tuple[str, ...]

    def sentence(self) -> str:
        """Which files."""
        return f"What was put back was accepted: {', '.join(self.names)}."


@dataclass(frozen=True, slots=True)
class ClockAccepted(JournalEvent):
    """The clock's time is about to be accepted although a later one is known.

    Attributes:
        latest_was: that later time; ISO 8601, UTC.
    """

    name: ClassVar[str] = "clock_accepted"
    latest_was: str

    def sentence(self) -> str:
        """Which time was known."""
        return f"The clock was accepted, though {self.latest_was} was known."


@dataclass(frozen=True, slots=True)
class KeyRotated(JournalEvent):
    """A new master key is about to replace the one that there was.

    Attributes:
        credential: the name of the system's credential that seals it; None for a plain file.
    """

    name: ClassVar[str] = "key_rotated"
    credential: str | None

    def sentence(self) -> str:
        """Where the new one is kept."""
        if self.credential is None:
            return "A new master key replaces the old one, in a file."
        return f"A new master key replaces the old one, sealed with {self.credential}."


@dataclass(frozen=True, slots=True)
class BackupMade(JournalEvent):
    """A backup is about to be written.

    Attributes:
        people: how many people are in it.
    """

    name: ClassVar[str] = "backup_made"
    people: int

    def sentence(self) -> str:
        """How many people it holds."""
        return f"A backup with {self.people} people was made."


@dataclass(frozen=True, slots=True)
class BackupRestored(JournalEvent):
    """A backup is about to be restored.

    Attributes:
        made_at: when it was made; ISO 8601, UTC.
        last_entry: the number of the last entry of the journal in it.
        people: how many people are in it.
        set_aside: the file in which the journal lies that cannot be gone on with; None for none.
    """

    name: ClassVar[str] = "backup_restored"
    made_at: str
    last_entry: int
    people: int
    set_aside: str | None = None

    def sentence(self) -> str:
        """Of when it is."""
        return f"The backup of {self.made_at[:16].replace('T', ' ')} UTC was restored."


@dataclass(frozen=True, slots=True)
class StoreRebuilt(JournalEvent):
    """A damaged database is about to be put aside, and an empty one to take its place.

    Attributes:
        problem: what is wrong with it.
        set_aside: the file in which it lies from then on.
    """

    name: ClassVar[str] = "store_rebuilt"
    problem: str
    set_aside: str

    def sentence(self) -> str:
        """What is wrong."""
        return f"A new database began, since the old one is damaged: {self.problem}"
