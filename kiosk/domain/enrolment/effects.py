"""The effects that an enrolment requests of the services and the screen.

Values only, carried out in order by the caller; none is lost. What is learned comes back as an
event. No effect releases a door.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.domain.enrolment.answers import AgreedTo
from kiosk.domain.enrolment.document import ReadDocument
from kiosk.domain.enrolment.events import Feedback
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.poses import PoseSample, PosesReason
from kiosk.domain.enrolment.states import EnrolmentState
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId, Template


@dataclass(frozen=True, slots=True, eq=False)
class EnrolmentCandidate:
    """Everything that the saga needs to enrol a person, or to renew their references.

    Attributes:
        at: when the last of it was gathered.
        invitee: who, and by what right.
        agreed: their consent; None for a renewal, which rests on that of the enrolment.
        samples: their views, the centre first.
        document: the document that they showed; None if none was asked for.
        poses_reason: the reason of an admin who let them do with fewer directions; None if none
            did.
    """

    at: Instant
    invitee: Invitee
    agreed: AgreedTo | None
    samples: tuple[PoseSample, ...]
    document: ReadDocument | None = None
    poses_reason: PosesReason | None = None

    def __repr__(self) -> str:
        return f"EnrolmentCandidate(<hidden>, {len(self.samples)} samples)"


@dataclass(frozen=True, slots=True)
class JudgeInvitation:
    """Judge a code that was held up; answered by `Judged`."""

    text: str = field(repr=False)
    at: Instant


@dataclass(frozen=True, slots=True)
class CheckBadge:
    """Check a badge and its PIN; answered by `BadgeJudged`."""

    badge: str = field(repr=False)
    pin: str = field(repr=False)
    at: Instant


@dataclass(frozen=True, slots=True)
class NoteStep:
    """Record a step, and tell other programs of it.

    Attributes:
        at: when.
        step: what came about.
        subject: whom it is about; None if nobody was invited.
        reason: why, where it was an ending; None for none.
    """

    at: Instant
    step: EnrolmentStep
    subject: SubjectId | None = None
    reason: EndReason | None = None


@dataclass(frozen=True, slots=True)
class Enrol:
    """Enrol this person, wholly or not at all; answered by `Finished`."""

    candidate: EnrolmentCandidate


@dataclass(frozen=True, slots=True)
class Renew:
    """Replace this person's references, wholly or not at all; answered by `Finished`."""

    candidate: EnrolmentCandidate


@dataclass(frozen=True, slots=True, eq=False)
class LookUp:
    """Find what is kept about a person, if this is their face; answered by `DataFound`.

    Attributes:
        invitee: who they say they are, and by what right.
        templates: of the lone, bona fide face before the camera.
    """

    invitee: Invitee
    templates: tuple[Template, ...]

    def __repr__(self) -> str:
        return f"LookUp({self.invitee!r}, {len(self.templates)} hidden templates)"


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Forget a person, here at once and everywhere else soon; answered by `Withdrawn`.

    Attributes:
        at: when it was asked for.
        subject: whom.
        undoes: true if it undoes an enrolment that was stopped while it was stored: there may be
            nothing to forget, and no receipt is owed.
    """

    at: Instant
    subject: SubjectId
    undoes: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Pass feedback on to the journal and to operators."""

    at: Instant
    feedback: Feedback


@dataclass(frozen=True, slots=True)
class ShowEnrolment:
    """Show this state on the screen."""

    state: EnrolmentState


EnrolmentEffect = (
    JudgeInvitation
    | CheckBadge
    | NoteStep
    | Enrol
    | Renew
    | LookUp
    | Withdraw
    | Report
    | ShowEnrolment
)


@dataclass(frozen=True, slots=True)
class EnrolmentMove:
    """The state after an event, and the effects to carry out, in this order."""

    state: EnrolmentState
    effects: tuple[EnrolmentEffect, ...] = ()
