"""The identity document that is held up, where one is asked for; what was read is confirmed.

The face on the document is another face in the picture, so nothing is taken of anybody's here.
Portrait and zone may be on two sides, and be seen one after the other; those of one look replace
what was seen before, so that a passport's belong together. A zone decides by its check digits and
its last day alone: names have no check digit, and are shown only for the person to confirm.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.document import DocumentFault, DocumentSeen, ReadDocument
from kiosk.domain.enrolment.effects import EnrolmentMove
from kiosk.domain.enrolment.events import EnrolmentEvent
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.stages.attendance import Inquiry
from kiosk.domain.enrolment.stages.capturing import committed
from kiosk.domain.enrolment.stages.endings import failed, show
from kiosk.domain.enrolment.stages.inquiry import hear, opened
from kiosk.domain.enrolment.states import ShowingDocument
from kiosk.domain.enrolment.steps import EndReason
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.frame import Instant

REFUSED = frozenset({DocumentFault.EXPIRED, DocumentFault.UNKNOWN})
"""Faults of the document itself, however it is held."""


def show_document(
    state: ShowingDocument, event: EnrolmentEvent, policy: SessionPolicy
) -> EnrolmentMove:
    """Apply one event to the request for a document."""
    match state:
        case ShowingDocument(document=ReadDocument() as document, inquiry=Inquiry() as inquiry):
            return _confirming(state, document, inquiry, event, policy)
    if event.at - state.since >= policy.document_seconds:
        return failed(state.who, EndReason.NO_DOCUMENT, event.at, policy)
    if isinstance(event, DocumentSeen):
        state = _taken(_held(state, event), event)
    read = _read(state, event.at, policy)
    if read is None:
        return show(state)
    if read.zone is None:
        return _handed_on(state, read, event.at)
    confirm = opened(Prompt.DOCUMENT_CONFIRM, event.at)
    return show(replace(state, document=read, inquiry=confirm))


def _held(state: ShowingDocument, event: DocumentSeen) -> ShowingDocument:
    """The state with what is wrong with the document now, once two looks agree on it.

    The back of a card has no portrait, which is no fault where that was seen already.
    """
    fault = event.fault
    if fault is DocumentFault.FACELESS and state.portrait is not None:
        fault = None
    moved_at = event.at if event.held else state.moved_at
    said = fault if fault is state.suspected else None
    return replace(state, moved_at=moved_at, suspected=fault, fault=said)


def _taken(state: ShowingDocument, event: DocumentSeen) -> ShowingDocument:
    """The state with what was seen of the document; of one that does not count nothing stays."""
    if event.fault in REFUSED:
        return replace(state, portrait=None, zone=None)
    if event.fault is not None:
        return state
    if event.portrait is not None and (event.zone is not None or state.portrait is None):
        state = replace(state, portrait=event.portrait, portrait_at=event.at)
    return state if event.zone is None else replace(state, zone=event.zone)


def _read(state: ShowingDocument, at: Instant, policy: SessionPolicy) -> ReadDocument | None:
    """The document, once enough of it was seen; None before."""
    if state.portrait is None:
        return None
    may_do = not (policy.reads_zone and policy.requires_zone)
    waited = not policy.reads_zone or at - state.portrait_at >= policy.zone_seconds
    enough = state.zone is not None or (may_do and waited)
    return ReadDocument(state.portrait, state.zone) if enough else None


def _confirming(
    state: ShowingDocument,
    document: ReadDocument,
    inquiry: Inquiry,
    event: EnrolmentEvent,
    policy: SessionPolicy,
) -> EnrolmentMove:
    """What was read stands on the screen: a no asks for the document again."""
    hearing = hear(inquiry, state.who, event, policy)
    said = hearing.given
    if said is not None and said.answer is Answer.NO:
        again = replace(state, portrait=None, zone=None, document=None, inquiry=None)
        return show(replace(again, since=event.at, moved_at=event.at))
    waited = event.at - inquiry.shown_at >= policy.confirm_seconds
    if said is not None or waited:
        return _handed_on(state, document, event.at)
    return show(replace(state, inquiry=hearing.inquiry))


def _handed_on(state: ShowingDocument, document: ReadDocument, at: Instant) -> EnrolmentMove:
    return committed(state.who, state.agreed, state.samples, at, document=document)
