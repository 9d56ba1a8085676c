"""The events of self-enrolment; people and invitations are known by their opaque ids."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from kiosk.domain.enrolment.events import Feedback
from kiosk.domain.enrolment.invitation import InvitationRefusal
from kiosk.domain.enrolment.poses import PosesReason
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.journal.events.event import JournalEvent, words


@dataclass(frozen=True, slots=True)
class InvitationIssued(JournalEvent):
    """Somebody is about to be invited to enrol.

    Attributes:
        invitation: its id.
        subject: whom it invites.
        expires_at: until when it counts, UTC.
        groups: whose doors and times will be theirs.
        compared: true if it holds a photograph to compare them with.
    """

    name: ClassVar[str] = "invitation_issued"
    invitation: str
    subject: str
    expires_at: str
    groups: tuple[str, ...] = ()
    compared: bool = False

    def sentence(self) -> str:
        """Who is invited."""
        return f"{self.subject} was invited to enrol."


@dataclass(frozen=True, slots=True)
class InvitationRevoked(JournalEvent):
    """An invitation is about to end.

    Attributes:
        invitation: its id.
        subject: whom it invited.
    """

    name: ClassVar[str] = "invitation_revoked"
    invitation: str
    subject: str

    def sentence(self) -> str:
        """Whose invitation."""
        return f"The invitation of {self.subject} was revoked."


@dataclass(frozen=True, slots=True)
class InvitationRemoved(JournalEvent):
    """An invitation that no longer counted was removed, or what it held to compare with was.

    Attributes:
        invitation: its id.
        wholly: false if only the photograph went.
    """

    name: ClassVar[str] = "invitation_removed"
    invitation: str
    wholly: bool = True

    def sentence(self) -> str:
        """What was removed."""
        what = "An old invitation" if self.wholly else "The photograph of an invitation"
        return f"{what} was removed."


@dataclass(frozen=True, slots=True)
class InvitationPresented(JournalEvent):
    """An invitation that counts was shown to the kiosk; a session begins.

    Attributes:
        invitation: its id.
        subject: whom it invites.
        attempt: the number of the session.
    """

    name: ClassVar[str] = "invitation_presented"
    invitation: str
    subject: str
    attempt: int

    def sentence(self) -> str:
        """Whose invitation."""
        return f"The invitation of {self.subject} was shown to the kiosk."


@dataclass(frozen=True, slots=True)
class InvitationNotCounted(JournalEvent):
    """A code that looks like an invitation does not count.

    Attributes:
        reason: why.
        invitation: its id; None where the code is not genuine.
    """

    name: ClassVar[str] = "invitation_refused"
    reason: InvitationRefusal
    invitation: str | None = None

    def sentence(self) -> str:
        """Why it does not."""
        return f"An invitation was refused: {words(self.reason)}."


class StepOutcome(Enum):
    """What came of a step of an enrolment; the value is that on disk."""

    BEGUN = "begun"
    PASSED = "passed"
    FAILED = "failed"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class EnrolmentStepped(JournalEvent):
    """A step of an enrolment: quality, identity, duplicate, references or metadata.

    Attributes:
        subject: who is enrolled.
        step: its name.
        outcome: what came of it.
    """

    name: ClassVar[str] = "enrolment_step"
    subject: str
    step: str
    outcome: StepOutcome

    def sentence(self) -> str:
        """Whose step, and how it went."""
        return f"Enrolment of {self.subject}: {words(self.step)} {words(self.outcome)}."


@dataclass(frozen=True, slots=True)
class ReferencesReplaced(JournalEvent):
    """A person is about to get other references.

    Attributes:
        subject: the person.
        references: the number of new ones.
        adding: true if those of before stay.
    """

    name: ClassVar[str] = "references_replaced"
    subject: str
    references: int
    adding: bool = False

    def sentence(self) -> str:
        """Whose references."""
        how = "more" if self.adding else "new"
        return f"{self.subject} got {how} references."


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(JournalEvent):
    """A person is about to be erased at their own wish.

    Attributes:
        subject: the person.
        receipt: the hash of the number of their receipt.
    """

    name: ClassVar[str] = "withdrawn"
    subject: str
    receipt: str

    def sentence(self) -> str:
        """Whose consent."""
        return f"{self.subject} took their consent back."


@dataclass(frozen=True, slots=True)
class EnrolmentSessionNoted(JournalEvent):
    """A step of a session at the kiosk came about.

    Attributes:
        step: which.
        subject: whom it is about; null where nobody was invited.
        reason: why, where it was an ending.
    """

    name: ClassVar[str] = "enrolment_session"
    step: EnrolmentStep
    subject: str | None
    reason: EndReason | None = None

    def sentence(self) -> str:
        """What came about, and why."""
        who = "" if self.subject is None else f" of {self.subject}"
        why = "" if self.reason is None else f" ({words(self.reason)})"
        return f"Enrolment{who} at the kiosk: {words(self.step)}{why}."


@dataclass(frozen=True, slots=True)
class BadgePresented(JournalEvent):
    """Somebody showed a badge and typed its PIN to see their data; their face is looked at next.

    Attributes:
        subject: whose badge it is.
    """

    name: ClassVar[str] = "badge_presented"
    subject: str

    def sentence(self) -> str:
        """Whose badge."""
        return f"The badge and PIN of {self.subject} were given to see their data."


@dataclass(frozen=True, slots=True)
class EnrolmentVouched(JournalEvent):
    """An admin beside a person is about to begin their session.

    Attributes:
        subject: the person.
        invitation: the id of their open invitation; null for none.
    """

    name: ClassVar[str] = "enrolment_vouched"
    subject: str
    invitation: str | None

    def sentence(self) -> str:
        """For whom."""
        return f"An admin began a session for {self.subject} at the kiosk."


@dataclass(frozen=True, slots=True)
class FewerDirectionsTaken(JournalEvent):
    """A person is about to be stored with fewer directions, as an admin allowed.

    Attributes:
        subject: the person.
        directions: the number of directions.
        reason: why.
    """

    name: ClassVar[str] = "fewer_directions"
    subject: str
    directions: int
    reason: PosesReason

    def sentence(self) -> str:
        """Whose pictures, and why."""
        return f"An admin allowed fewer directions for {self.subject} ({words(self.reason)})."


@dataclass(frozen=True, slots=True)
class FeedbackNoted(JournalEvent):
    """Somebody said something about a result at the kiosk.

    Attributes:
        feedback: what.
        effective: true if people are asked for their second factor from now on.
    """

    name: ClassVar[str] = "feedback"
    feedback: Feedback
    effective: bool

    def sentence(self) -> str:
        """What was said, and whether it has an effect."""
        effect = ": who was let in last is asked for a second factor" if self.effective else ""
        return f"Somebody said at the kiosk: {words(self.feedback)}{effect}."
