"""The states of an enrolment session.

Values only; each holds no more than applies in that state. What was gathered about a face is in
the state and nowhere else: every way out of a session drops it. Transitions are in `machine`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from kiosk.domain.enrolment.answers import AgreedTo, Given
from kiosk.domain.enrolment.document import DocumentFault, DocumentZone, ReadDocument
from kiosk.domain.enrolment.facts import DataFact
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.poses import PoseCoach, PoseSample
from kiosk.domain.enrolment.stages.attendance import NEVER, Attendance, Inquiry
from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect
from kiosk.domain.vision.template import Template


class Layer(Enum):
    """The layers of the consent notice, in their order; the value is that of the prompt."""

    HELLO = "invited_hello"
    WHAT = "consent_what"
    USE = "consent_use"
    CHOICE = "consent_choice"
    """The only layer that needs an answer."""
    CLOUD = "consent_cloud"
    """Asked only where faces may be sent to Amazon Rekognition; without an answer none is."""
    PICTURE = "consent_picture"
    """Asked only where an encrypted picture may be kept; without an answer none is."""


class CapturePurpose(Enum):
    """What pictures are taken for."""

    ENROL = "enrol"
    RENEW = "renew"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCode:
    """An invitation that was judged, and may still be held up: it is not judged again.

    Attributes:
        text: its code; never printed.
        at: when it was last seen.
    """

    text: str = field(repr=False)
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Dormant:
    """Nobody enrols.

    Attributes:
        shown: the invitation that was judged last.
    """

    shown: ShownCode | None = None


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
class Identifying:
    """Somebody wants to see their data, and is asked for their badge and then for its PIN.

    Attributes:
        since: when they did something last.
        seen_at: when a face was last seen.
        badge: the text of the badge, or empty; never printed.
        mistaken: true if badge or PIN was wrong.
        checking: when the check was asked for that is awaited; None if none is.
    """

    since: Instant
    seen_at: Instant
    badge: str = field(default="", repr=False)
    mistaken: bool = False
    checking: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consenting:
    """The notice is read, layer by layer; no template is made.

    Attributes:
        who: the person.
        layer: the layer on the screen.
        inquiry: its question.
        chosen: the answer to `Layer.CHOICE`, while a layer after it is asked; None before.
        cloud: the answer to `Layer.CLOUD`; false before.
    """

    who: Attendance
    layer: Layer
    inquiry: Inquiry
    chosen: Given | None = None
    cloud: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Capturing:
    """Pictures are taken of one person, alone, from their first lone face after the consent on.

    Attributes:
        who: the person.
        agreed: their consent; None for a renewal, which rests on that of the enrolment.
        since: when it began, or went on after a pause.
        moved_at: when the last direction was taken or passed over.
        coach: which direction is wanted, and the views so far.
        pads: every result of attack detection, oldest first.
        known: templates of the face that the next ones have to agree with.
        doubts: views in a row that did not agree with them.
        proven: false after the face was hidden, until a template agrees.
        crowded: true if another face is there now.
        defect: the quality defect of the view now.
        skipped: true if the last direction was passed over, not taken.
    """

    who: Attendance
    agreed: AgreedTo | None
    since: Instant
    moved_at: Instant
    coach: PoseCoach
    pads: tuple[PadResult, ...] = field(default=(), repr=False)
    known: tuple[Template, ...] = ()
    doubts: int = 0
    proven: bool = True
    crowded: bool = False
    defect: Defect | None = None
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowingDocument:
    """The person is asked for an identity document.

    Attributes:
        who: the person.
        agreed: their consent.
        since: when they were asked.
        moved_at: when something was last held up.
        samples: their views.
        suspected: the fault of the newest look.
        fault: why the document cannot be used as it is held now: two looks in a row say so.
        portrait: the features of the face on it; None until one was seen.
        portrait_at: when that was.
        zone: what its zone says; None until that was read.
        document: all of it, for the person to confirm; None until there is enough.
        inquiry: the question if that is right; None while nothing is to confirm.
    """

    who: Attendance
    agreed: AgreedTo
    since: Instant
    moved_at: Instant
    samples: tuple[PoseSample, ...]
    suspected: DocumentFault | None = None
    fault: DocumentFault | None = None
    portrait: Template | None = None
    portrait_at: Instant = NEVER
    zone: DocumentZone | None = None
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
    templates: tuple[Template, ...] = ()
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
    templates: tuple[Template, ...]


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
    templates: tuple[Template, ...]


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
        follows: the result to show after this one; None for none.
        language: the language of the session.
        shown: the invitation that was judged last.
    """

    prompt: Prompt
    tone: Tone
    until: Instant
    receipt: str | None = None
    follows: Prompt | None = None
    language: str | None = None
    shown: ShownCode | None = None


Doing = Consenting | Capturing | ShowingDocument | Recognising | LookingUp | ShowingData
"""States in which the person has to be there."""
Waiting = Committing | Withdrawing
"""States that wait for a service, whoever is still there."""
Attended = Doing | Waiting
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
    paused: Doing
    inquiry: Inquiry


EnrolmentState = Dormant | Judging | Identifying | Attended | StillThere | Ended


def active(state: EnrolmentState) -> bool:
    """True if a session is going on: frames are its, and the door decides on nobody."""
    return not isinstance(state, Dormant | Ended)


def may_extract(state: EnrolmentState) -> bool:
    """True if a template may be made of the face in a frame that is observed in this state.

    Of somebody who enrols only after their consent; of somebody who is enrolled, and has asked for
    their data, under the consent of their enrolment.
    """
    return isinstance(state, Capturing | Recognising)


def may_read_document(state: EnrolmentState) -> bool:
    """True if a document is looked for, and a template may be made of its portrait.

    That is after the consent, and until one was read.
    """
    return isinstance(state, ShowingDocument) and state.document is None


def may_take_picture(state: EnrolmentState) -> bool:
    """True if a picture of the face may be taken with a view: to be kept, or to be sent."""
    match state:
        case Capturing(agreed=AgreedTo(picture=True) | AgreedTo(cloud=True)):
            return True
        case Capturing(agreed=None, who=Attendance(invitee=Invitee(cloud=True))):
            return True
        case _:
            return False
