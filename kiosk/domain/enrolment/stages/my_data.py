"""My data: what is kept about somebody who is enrolled, new pictures, and taking it all back.

An invitation, a badge or a PIN says who they are; their face, alone and bona fide, has to agree
before anything is shown. Yes makes new pictures, no takes everything back, once that is confirmed.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.effects import EnrolmentMove, LookUp, Withdraw
from kiosk.domain.enrolment.events import DataFound, EnrolmentEvent, Withdrawn
from kiosk.domain.enrolment.looked import Looked, LookedFace
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.stages.attendance import Attendance
from kiosk.domain.enrolment.stages.attending import lone
from kiosk.domain.enrolment.stages.capturing import agrees, begun, suspect, usable
from kiosk.domain.enrolment.stages.endings import failed, result, show, unanswered
from kiosk.domain.enrolment.stages.inquiry import hear, opened
from kiosk.domain.enrolment.states import LookingUp, Recognising, ShowingData, Withdrawing
from kiosk.domain.enrolment.steps import EndReason
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.attack import life
from kiosk.domain.vision.frame import Instant


def recognising(who: Attendance, at: Instant) -> Recognising:
    """The state in which an enrolled person shows that it is them."""
    return Recognising(who=who, since=at)


def recognise(state: Recognising, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    """Gather an unbroken run of views of one face that is alone."""
    if not isinstance(event, Looked):
        return show(state)
    face = lone(event)
    state = replace(state, crowded=len(event.faces) > 1, defect=event.outside)
    if face is None or not face.inside:
        return show(_broken(state))
    if face.track != state.who.track:
        who = replace(state.who, track=face.track, seen_at=event.at)
        state = _broken(replace(state, who=who))
    if not event.searched:
        return show(state)
    if face.quality is not None and face.quality.defects:
        state = replace(state, defect=face.quality.defects[0])
    return _gathered(state, face, event.at, policy)


def _broken(state: Recognising) -> Recognising:
    return replace(state, pads=(), templates=())


def _gathered(
    state: Recognising, face: LookedFace, at: Instant, policy: SessionPolicy
) -> EnrolmentMove:
    if face.pad is not None:
        state = replace(state, pads=(*state.pads, face.pad))
    if suspect(state.pads, policy):
        return failed(state.who, EndReason.PRESENTATION_ATTACK, at, policy)
    template = usable(face, policy)
    if template is None:
        return show(state)
    if state.templates and not agrees(state.templates, template, policy):
        return show(_broken(state))
    state = replace(state, templates=(*state.templates, template))
    enough = len(state.templates) >= policy.recognition_views
    if not (enough and life(state.pads) >= policy.pad_threshold):
        return show(state)
    order = LookUp(state.who.invitee, state.templates)
    return show(LookingUp(who=state.who, since=at, templates=state.templates), order)


def looked_up(state: LookingUp, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    """Show what is kept, if the face is theirs."""
    if not (isinstance(event, DataFound) and event.subject == state.who.invitee.subject):
        late = event.at - state.since >= policy.answer_seconds
        return unanswered(state, event.at, policy) if late else show(state)
    if event.facts is None:
        return failed(state.who, EndReason.NOT_RECOGNISED, event.at, policy)
    inquiry = opened(Prompt.DATA_TITLE, event.at)
    shown = ShowingData(
        who=state.who, facts=event.facts, inquiry=inquiry, templates=state.templates
    )
    return show(shown)


def choose(state: ShowingData, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    """Apply an answer about the data: new pictures, or take it back once that is confirmed."""
    hearing = hear(state.inquiry, state.who, event, policy)
    if hearing.given is None:
        return show(replace(state, inquiry=hearing.inquiry))
    at, yes = event.at, hearing.given.answer is Answer.YES
    if state.inquiry.prompt is Prompt.DATA_TITLE:
        if yes:
            return show(begun(state.who, None, at, policy, known=state.templates))
        return show(replace(state, inquiry=opened(Prompt.DATA_CONFIRM_WITHDRAW, at)))
    if yes:
        order = Withdraw(at, state.who.invitee.subject)
        return show(Withdrawing(who=state.who, since=at), order)
    return show(replace(state, inquiry=opened(Prompt.DATA_TITLE, at)))


def withdrawn(state: Withdrawing, event: Withdrawn, policy: SessionPolicy) -> EnrolmentMove:
    """Say that everything is forgotten."""
    if event.failure is not None:
        return failed(state.who, event.failure, event.at, policy)
    said = Prompt.STOPPED if state.stopped else Prompt.DATA_WITHDRAWN
    return result(state.who, said, event.at, policy, receipt=event.receipt)
