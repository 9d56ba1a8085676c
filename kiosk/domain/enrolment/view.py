"""What the screen shows of an enrolment: one question or one thing to do, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.document import DocumentFault, DocumentZone
from kiosk.domain.enrolment.facts import DataFact, FactKind
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.stages.attendance import Attendance, Inquiry
from kiosk.domain.enrolment.stages.inquiry import on_screen
from kiosk.domain.enrolment.states import (
    Attended,
    Capturing,
    Consenting,
    Dormant,
    Ended,
    EnrolmentState,
    Identifying,
    Judging,
    Layer,
    Recognising,
    ShowingData,
    ShowingDocument,
    StillThere,
)
from kiosk.domain.prompts import OF_DEFECT, RESULTS, Prompt, Tone
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """The content of the screen during an enrolment. Never a score, never a name.

    Attributes:
        prompt: the sentence.
        tone: the look.
        asks: true if the prompt is a question with two answers.
        dots: the place in the sequence, counted from 1, and its length; (0, 0) outside of it.
        directions: those in which a view was taken.
        wanted: the direction that is asked for now; None if none is.
        fill: how far the ring is filled on that side, 0 to 1.
        until: when something ends by itself that the person may want to know: the time to undo, or
            to say that they are still there; None otherwise.
        answered: an answer that can be undone until `until`; None if there is none.
        facts: what is kept about the person, or was read from their document.
        receipt: the number of a receipt, shown as text and as a code; None for none.
        document: true if the frame for a document is drawn.
        pad: true if a PIN is typed.
        language: the language of the session; None for that of the settings.
    """

    prompt: Prompt
    tone: Tone
    asks: bool = False
    dots: tuple[int, int] = (0, 0)
    directions: frozenset[PoseDirection] = frozenset()
    wanted: PoseDirection | None = None
    fill: float = 0.0
    until: Instant | None = None
    answered: Answer | None = None
    facts: tuple[DataFact, ...] = ()
    receipt: str | None = None
    document: bool = False
    pad: bool = False
    language: str | None = None

    @property
    def at_once(self) -> bool:
        """True if it is shown without settling: a question, a PIN, a result, the end of a turn."""
        return self.left_at_once or self.prompt in SAID

    @property
    def left_at_once(self) -> bool:
        """True if the next view need not wait until this one could be read."""
        return self.asks or self.pad or self.tone in RESULTS

    def kept(self) -> EnrolmentView:
        """The view while its sentence is only kept so that it can be read: its ring is empty."""
        return replace(self, fill=0.0)


SAID = frozenset({Prompt.POSE_TAKEN, Prompt.POSE_PASSED})
"""What became of a turn: it is said once, and what waited to settle might never be said."""
OF_DIRECTION = {
    PoseDirection.CENTRE: Prompt.LOOK_STRAIGHT,
    PoseDirection.LEFT: Prompt.TURN_LEFT,
    PoseDirection.RIGHT: Prompt.TURN_RIGHT,
    PoseDirection.UP: Prompt.LOOK_UP,
    PoseDirection.DOWN: Prompt.LOOK_DOWN,
}
OF_FAULT = {
    DocumentFault.BLURRED: Prompt.DOCUMENT_BLURRED,
    DocumentFault.GLARE: Prompt.DOCUMENT_GLARE,
    DocumentFault.FACELESS: Prompt.DOCUMENT_FACELESS,
    DocumentFault.EXPIRED: Prompt.DOCUMENT_EXPIRED,
    DocumentFault.UNKNOWN: Prompt.DOCUMENT_UNKNOWN,
}
TURNED = frozenset({Defect.TURNED_AWAY, Defect.CHIN_DOWN, Defect.CHIN_UP})
"""Defects of pose: the direction that is wanted says what to do."""
SAID_SECONDS = 0.5
"""How long it is said that a direction was taken, or that it is fine without; what follows settles
first (`Guidance`), so that it stays for 0.8 s."""


def enrolment_view(state: EnrolmentState, policy: SessionPolicy) -> EnrolmentView | None:
    """The view of a state; None where nobody enrols, and the door has the screen."""
    match state:
        case Dormant():
            return None
        case Judging():
            return EnrolmentView(Prompt.ONE_MOMENT, Tone.WAITING)
        case Identifying():
            return _identifying(state)
        case Ended():
            return EnrolmentView(
                state.prompt, state.tone, receipt=state.receipt, language=state.language
            )
        case _:
            view = _attended(state, policy)
            return replace(view, dots=_dots(state, policy), language=state.who.language)


def _identifying(state: Identifying) -> EnrolmentView:
    if state.checking is not None:
        return EnrolmentView(Prompt.ONE_MOMENT, Tone.WAITING)
    if not state.badge:
        return EnrolmentView(Prompt.DATA_BADGE, Tone.WAITING)
    if state.mistaken:
        return EnrolmentView(Prompt.CODE_UNKNOWN, Tone.WRONG, pad=True)
    return EnrolmentView(Prompt.ENTER_PIN, Tone.WAITING, pad=True)


def _attended(state: Attended | StillThere, policy: SessionPolicy) -> EnrolmentView:
    match state:
        case StillThere():
            until = Instant(state.inquiry.shown_at + policy.still_there_seconds)
            return replace(_asking(state.inquiry, policy), until=until)
        case Consenting():
            return _asking(state.inquiry, policy)
        case Capturing():
            return _capturing(state, policy)
        case ShowingDocument():
            return _document(state, policy)
        case Recognising():
            straight = Prompt.LOOK_STRAIGHT
            return _guiding(state.who, state.defect, straight, crowded=state.crowded)
        case ShowingData():
            return replace(_asking(state.inquiry, policy), facts=state.facts)
        case _:
            return EnrolmentView(Prompt.ONE_MOMENT, Tone.WAITING)


def _asking(inquiry: Inquiry, policy: SessionPolicy) -> EnrolmentView:
    """A question, or the answer to it while that can be undone."""
    given = inquiry.given
    if given is None:
        return EnrolmentView(inquiry.prompt, Tone.WAITING, asks=True)
    until = Instant(given.at + policy.undo_seconds)
    return EnrolmentView(
        on_screen(inquiry), Tone.WAITING, asks=True, until=until, answered=given.answer
    )


def _guiding(
    who: Attendance, defect: Defect | None, otherwise: Prompt, *, crowded: bool
) -> EnrolmentView:
    """What to change first, worst first; what to do otherwise."""
    if crowded:
        return EnrolmentView(Prompt.ONE_AT_A_TIME, Tone.WRONG)
    if defect is not None and defect not in TURNED:
        return EnrolmentView(OF_DEFECT[defect], Tone.WRONG)
    if who.track is None or who.seen_at < who.looked_at:
        return EnrolmentView(Prompt.FACE_IN_OVAL, Tone.WAITING)
    return EnrolmentView(otherwise, Tone.RIGHT)


def _capturing(state: Capturing, policy: SessionPolicy) -> EnrolmentView:
    coach, poses = state.coach, policy.poses
    wanted = coach.wanted(poses)
    view = _guiding(state.who, state.defect, _said(state, wanted), crowded=state.crowded)
    return replace(view, directions=coach.taken(poses), wanted=wanted, fill=coach.fill(poses))


def _said(state: Capturing, wanted: PoseDirection | None) -> Prompt:
    """The direction that is wanted; at first, what became of the one before."""
    moved = state.moved_at > state.since and state.who.now - state.moved_at < SAID_SECONDS
    if moved or wanted is None:
        return Prompt.POSE_PASSED if state.skipped else Prompt.POSE_TAKEN
    return OF_DIRECTION[wanted]


def _document(state: ShowingDocument, policy: SessionPolicy) -> EnrolmentView:
    match state:
        case ShowingDocument(zone=DocumentZone() as zone, inquiry=Inquiry() as inquiry):
            names = (DataFact(FactKind.READ, text=name) for name in zone.names)
            lines = (*names, DataFact(FactKind.UNTIL, day=zone.expires))
            return replace(_asking(inquiry, policy), facts=lines)
    if state.fault is not None:
        return EnrolmentView(OF_FAULT[state.fault], Tone.WRONG, document=True)
    if state.portrait is None:
        wanted = Prompt.SHOW_DOCUMENT if state.zone is None else Prompt.DOCUMENT_FACELESS
        return EnrolmentView(wanted, Tone.WAITING, document=True)
    if state.who.now - state.portrait_at < policy.zone_ask_seconds:
        return EnrolmentView(Prompt.HOLD_STILL, Tone.RIGHT, document=True)
    return EnrolmentView(Prompt.SHOW_ZONE, Tone.WAITING, document=True)


def _dots(state: Attended | StillThere, policy: SessionPolicy) -> tuple[int, int]:
    """The place in the sequence of an enrolment; none in "My data"."""
    if state.who.invitee.enrolled:
        return (0, 0)
    asked = {Layer.CLOUD: policy.asks_cloud, Layer.PICTURE: policy.asks_picture}
    layers = [layer for layer in Layer if asked.get(layer, True)]
    count = len(layers) + 1 + state.who.invitee.asks_document
    match state:
        case StillThere(paused=paused):
            return _dots(paused, policy)
        case Consenting(layer=layer):
            return (layers.index(layer) + 1, count)
        case Capturing():
            return (len(layers) + 1, count)
        case _:
            return (count, count)
