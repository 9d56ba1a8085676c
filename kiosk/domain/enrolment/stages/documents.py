"""The identity document that is held up, where one is asked for; what was read is confirmed.

The face on the document is another face in the picture, so nothing is taken of anybody's here.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.document import DocumentSeen, ReadDocument
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


def show_document(
    state: ShowingDocument, event: EnrolmentEvent, policy: SessionPolicy
) -> EnrolmentMove:
    """Apply one event to the request for a document."""
    if state.document is not None and state.inquiry is not None:
        return _confirming(state, state.document, state.inquiry, event, policy)
    if event.at - state.since >= policy.document_seconds:
        return failed(state.who, EndReason.NO_DOCUMENT, event.at, policy)
    return _seen(state, event) if isinstance(event, DocumentSeen) else show(state)


def _seen(state: ShowingDocument, event: DocumentSeen) -> EnrolmentMove:
    moved_at = event.at if event.held else state.moved_at
    state = replace(state, moved_at=moved_at, fault=event.fault)
    document = event.document
    if document is None or event.fault is not None:
        return show(state)
    if not document.lines:
        return _handed_on(state, document, event.at)
    inquiry = opened(Prompt.DOCUMENT_CONFIRM, event.at)
    return show(replace(state, document=document, inquiry=inquiry))


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
        again = replace(state, document=None, inquiry=None, since=event.at, moved_at=event.at)
        return show(again)
    waited = event.at - inquiry.shown_at >= policy.confirm_seconds
    if said is not None or (waited and hearing.inquiry.given is None):
        return _handed_on(state, document, event.at)
    return show(replace(state, inquiry=hearing.inquiry))


def _handed_on(state: ShowingDocument, document: ReadDocument, at: Instant) -> EnrolmentMove:
    return committed(state.who, state.agreed, state.samples, at, document=document)
