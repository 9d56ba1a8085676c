"""The states of an enrolment session.

Values only; each holds no more than applies in that state. What was gathered about a face is in
the state and nowhere else, so that every way out of a session drops it. The transitions are in
`kiosk.domain.enrolment.machine`, the events and effects beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from kiosk.domain.enrolment.answers import AgreedTo, Given
from kiosk.domain.enrolment.codes import CodeSightings
from kiosk.domain.enrolment.document import DocumentFault, ReadDocument
from kiosk.domain.enrolment.facts import DataFact
from kiosk.domain.enrolment.gestures import HeadAt
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.poses import PoseCoach, PoseSample
from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect
from kiosk.domain.vision.template import Template

NEVER = Instant(float("-inf"))


class Layer(Enum):
    """The layers of the consent notice, in their order; the value is that of the prompt."""

    HELLO = "invited_hello"
    WHAT = "consent_what"
    USE = "consent_use"
    CHOICE = "consent_choice"
    """The only layer that needs an answer."""
    PICTURE = "consent_picture"
    """Asked only where an encrypted picture may be kept; without an answer none is."""


class CapturePurpose(Enum):
    """What pictures are taken for."""

    ENROL = "enrol"
    RENEW = "renew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """Who is in the session, and whether they are still there.

    Attributes:
        invitee: who may enrol, or see their data.
        began_at: when the session began.
        now: the newest capture time.
        seen_at: when their face was last seen; before one is known, any face.
        held_at: when something was last held up that may hide a face: a code, or a document.
        track: the track of their face; None until their face is known.
        language: the language of screen and notice; None for that of the settings.
        codes: which codes were seen when.
    """

    invitee: Invitee
    began_at: Instant
    now: Instant
    seen_at: Instant = NEVER
    held_at: Instant = NEVER
    track: TrackId | None = None
    language: str | None = None
    codes: CodeSightings = CodeSightings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A question on the screen.

    Attributes:
        prompt: the question.
        shown_at: since when.
        voiced: true once the voice has said the whole of it.
        heads: the head before the camera since then, oldest first, without a break.
        track: whose head that is.
        given: an answer of the head that may still be undone; None if there is none.
    """

    prompt: Prompt
    shown_at: Instant
    voiced: bool = False
    heads: tuple[HeadAt, ...] = field(default=(), repr=False)
    track: TrackId | None = None
    given: Given | None = None


@dataclass(frozen=True, slots=True)
class Dormant:
    """Nobody enrols."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """A code was held up, and is judged.

    Attributes:
        text: the code; never printed.
        since: when it was read.
    """

    text: str = field(repr=False)
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Consenting:
    """The notice is read, layer by layer; no template is made.

    Attributes:
        who: the person.
        layer: the layer on the screen.
        inquiry: its question.
        chosen: the answer to `Layer.CHOICE`, while `Layer.PICTURE` is asked; None before.
    """

    who: Attendance
    layer: Layer
    inquiry: Inquiry
    chosen: Given | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capturing:
    """Pictures are taken of one person, alone, from their first lone face after the consent on.

    Attributes:
        who: the person.
        purpose: what for.
        agreed: their consent; None for a renewal.
        since: when it began.
        moved_at: when the last direction was taken or passed over.
        coach: which direction is wanted, and the views so far.
        pads: every result of attack detection, oldest first.
        known: templates of the face that the next ones have to agree with.
        doubts: views in a row that did not agree with them.
        proven: false after the face was hidden, until a template agrees.
        crowded: true if another face is there now.
        defect: the quality defect of the view now.
        poses_reason: an admin's reason for fewer directions.
    """

    who: Attendance
    purpose: CapturePurpose
    agreed: AgreedTo | None
    since: Instant
    moved_at: Instant
    coach: PoseCoach
    pads: tuple[PadResult, ...] = field(default=(), repr=False)
    known: tuple[Template, ...] = field(default=(), repr=False)
    doubts: int = 0
    proven: bool = True
    crowded: bool = False
    defect: Defect | None = None
    poses_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowingDocument:
    """The person is asked for an identity document.

    Attributes:
        who: the person.
        agreed: their consent.
        since: when they were asked.
        samples: their views.
        fault: why the document cannot be used as it is held now.
        poses_reason: an admin's reason for fewer directions.
        document: what was read of it; None until it can be used.
        inquiry: the question if that is right; None while nothing is to confirm.
    """

    who: Attendance
    agreed: AgreedTo
    since: Instant
    samples: tuple[PoseSample, ...] = field(repr=False)
    fault: DocumentFault | None = None
    poses_reason: str | None = None
    document: ReadDocument | None = None
    inquiry: Inquiry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Committing:
    """The person is being enrolled, or renewed; nothing of their face is in the state any more.

    Attributes:
        who: the person.
        purpose: what for.
        since: when that was asked for.
    """

    who: Attendance
    purpose: CapturePurpose
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognising:
    """An enrolled person wants to see their data, and shows that it is them.

    Attributes:
        who: the person.
        since: when that began.
        pads: results of attack detection of an unbroken run, oldest first.
        templates: those of the same frames.
        crowded: true if another face is there now.
        defect: the quality defect of the view now.
    """

    who: Attendance
    since: Instant
    pads: tuple[PadResult, ...] = field(default=(), repr=False)
    templates: tuple[Template, ...] = field(default=(), repr=False)
    crowded: bool = False
    defect: Defect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookingUp:
    """It is found out if the face is theirs, and what is kept about them.

    Attributes:
        who: the person.
        since: when that was asked for.
        templates: what their face is known by.
    """

    who: Attendance
    since: Instant
    templates: tuple[Template, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowingData:
    """What is kept is on the screen: yes makes new pictures, no takes everything back.

    Attributes:
        who: the person, recognised.
        facts: what is kept.
        inquiry: the question what to do, or whether to take it back.
        templates: what their face is known by.
    """

    who: Attendance
    facts: tuple[DataFact, ...]
    inquiry: Inquiry
    templates: tuple[Template, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawing:
    """What is kept about the person is being forgotten.

    Attributes:
        who: the person.
        since: when that was asked for.
        stopped: true if it undoes an enrolment that was stopped while it was stored.
    """

    who: Attendance
    since: Instant
    stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A result is on the screen; it holds nothing about anybody's face.

    Attributes:
        prompt: the result.
        tone: its look.
        until: it is shown until then.
        receipt: the number of the receipt; None if there is none.
        language: the language of the session.
    """

    prompt: Prompt
    tone: Tone
    until: Instant
    receipt: str | None = None
    language: str | None = None


Attended = (
    Consenting
    | Capturing
    | ShowingDocument
    | Committing
    | Recognising
    | LookingUp
    | ShowingData
    | Withdrawing
)
"""States with a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StillThere:
    """Nothing was done for a while: the person is asked once if they are still there.

    Attributes:
        who: the person.
        paused: what goes on if they are.
        inquiry: the question.
    """

    who: Attendance
    paused: Attended
    inquiry: Inquiry


EnrolmentState = Dormant | Judging | Attended | StillThere | Ended


def active(state: EnrolmentState) -> bool:
    """True if a session is going on: frames are its, and the door decides on nobody."""
    return not isinstance(state, Dormant | Ended)


def may_extract(state: EnrolmentState) -> bool:
    """True if a template may be made of the face in a frame that is observed in this state.

    Of somebody who enrols only after their consent; of somebody who is enrolled, and has asked for
    their data, under the consent of their enrolment.
    """
    match state:
        case Capturing() | Recognising():
            return True
        case _:
            return False


def may_keep_picture(state: EnrolmentState) -> bool:
    """True if a picture of the face may be kept with a view that is taken in this state."""
    match state:
        case Capturing(agreed=AgreedTo(picture=True)):
            return True
        case _:
            return False
