"""The events of an enrolment: what was seen, what a person answered, and what services said.

Values only. Each carries its time; the machine has no other clock. Time that passes without a frame
is a `Ticked` and a failed part is a `Faulted`, as at the door.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from kiosk.domain.access.events import Faulted, Ticked
from kiosk.domain.enrolment.answers import Given
from kiosk.domain.enrolment.document import DocumentSeen
from kiosk.domain.enrolment.facts import DataFact
from kiosk.domain.enrolment.invitation import InvitationRefusal
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.looked import Looked
from kiosk.domain.enrolment.poses import PosesReason
from kiosk.domain.enrolment.steps import EndReason
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId


@dataclass(frozen=True, slots=True)
class CodesRead:
    """A frame was searched for codes. It is passed on unread, also where it shows none.

    Attributes:
        at: capture time of the frame.
        texts: the texts of its codes; never printed.
    """

    at: Instant
    texts: frozenset[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Replied:
    """An answer was touched or typed.

    Attributes:
        asked: the prompt that it was given to; an answer to an earlier one means nothing.
        given: the answer.
    """

    asked: Prompt
    given: Given

    @property
    def at(self) -> Instant:
        """When it was given."""
        return self.given.at


@dataclass(frozen=True, slots=True)
class Voiced:
    """The voice has said the whole of a prompt.

    Attributes:
        at: when it ended.
        prompt: what it said.
    """

    at: Instant
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class StopWanted:
    """Somebody pressed stop: nothing is kept."""

    at: Instant


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """Another language was chosen in the corner of the screen."""

    at: Instant
    language: str


@dataclass(frozen=True, slots=True)
class FewerPoses:
    """An admin beside the person lets them do with fewer directions.

    Attributes:
        at: when.
        poses_required: the number of directions, 1 to 5.
        reason: why; it is recorded.
    """

    at: Instant
    poses_required: int
    reason: PosesReason


@dataclass(frozen=True, slots=True)
class Judged:
    """An invitation was judged, or a badge or admin PIN accepted in its place.

    Attributes:
        at: when.
        invitee: who may enrol or see their data; None if it is refused.
        refusal: why not; None if it is accepted.
        text: the code that was judged; an answer about another one means nothing. Empty if there
            was none.
        fewer: an admin lets them do with fewer directions; None if not.
    """

    at: Instant
    invitee: Invitee | None = None
    refusal: InvitationRefusal | None = None
    text: str = field(default="", repr=False)
    fewer: FewerPoses | None = None


@dataclass(frozen=True, slots=True)
class DataWanted:
    """Somebody wants to see what is kept about them, and is asked for their badge and its PIN."""

    at: Instant


@dataclass(frozen=True, slots=True)
class PinTyped:
    """The PIN of a badge was typed. It is passed on unread.

    Attributes:
        at: when.
        text: never printed.
    """

    at: Instant
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BadgeJudged:
    """A badge and its PIN were checked.

    Attributes:
        at: when.
        asked_at: when that was asked for; an answer about another one means nothing.
        invitee: whose badge it is; None if badge or PIN is wrong, which are not told apart.
        paused: true if no PIN of theirs is checked for a while.
    """

    at: Instant
    asked_at: Instant
    invitee: Invitee | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The enrolment or renewal that was asked for is done, or undone.

    Attributes:
        at: when.
        subject: whom it is about; an answer about another one means nothing.
        failure: why nothing is kept; None if they are enrolled.
        compared: whether the pictures were compared with a trusted reference.
        receipt: the number of the receipt; None if there is none.
    """

    at: Instant
    subject: SubjectId
    failure: EndReason | None = None
    compared: bool = False
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class DataFound:
    """What is kept about the person who stands there.

    Attributes:
        at: when.
        subject: whom it was asked about.
        facts: what is kept; None if the face was not theirs.
    """

    at: Instant
    subject: SubjectId
    facts: tuple[DataFact, ...] | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was kept about a person is forgotten here, and on its way out everywhere else.

    Attributes:
        at: when.
        subject: whom it is about.
        receipt: the number of the receipt; None if nothing was kept of them.
        failure: why it could not be done; None if it was.
    """

    at: Instant
    subject: SubjectId
    receipt: str | None = None
    failure: EndReason | None = None


class Feedback(Enum):
    """What somebody can say about a result without a name."""

    SOMETHING_WRONG = "something_wrong"
    NOT_ME = "not_me"


@dataclass(frozen=True, slots=True)
class FeedbackGiven:
    """A feedback button was pressed."""

    at: Instant
    feedback: Feedback


EnrolmentEvent = (
    Looked
    | CodesRead
    | DocumentSeen
    | Replied
    | Voiced
    | StopWanted
    | LanguageChosen
    | Judged
    | DataWanted
    | PinTyped
    | BadgeJudged
    | FewerPoses
    | Finished
    | DataFound
    | Withdrawn
    | FeedbackGiven
    | Ticked
    | Faulted
)
