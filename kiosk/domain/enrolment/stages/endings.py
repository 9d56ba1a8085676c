"""The ways out of an enrolment. Each leaves a state that holds nothing about anybody's face.

What is recorded says that an enrolment ended and why. Whoever only wanted to see their data and
went away leaves no record; whoever was refused there does.
"""

from __future__ import annotations

from kiosk.domain.enrolment.effects import (
    EnrolmentEffect,
    EnrolmentMove,
    NoteStep,
    ShowEnrolment,
    Withdraw,
)
from kiosk.domain.enrolment.events import Finished
from kiosk.domain.enrolment.invitation import InvitationRefusal
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.stages.attendance import Attendance
from kiosk.domain.enrolment.states import (
    Attended,
    CapturePurpose,
    Committing,
    Dormant,
    Ended,
    EnrolmentState,
    Judging,
    ShownCode,
    StillThere,
    Withdrawing,
)
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.frame import Instant

OF_END = {
    EndReason.SAID_NO: Prompt.DECLINED,
    EndReason.LEFT: Prompt.STOPPED,
    EndReason.SILENT: Prompt.STOPPED,
    EndReason.STOPPED: Prompt.STOPPED,
    EndReason.CODE_USED: Prompt.CODE_USED,
    EndReason.CODE_EXPIRED: Prompt.CODE_EXPIRED,
    EndReason.CODE_ELSEWHERE: Prompt.CODE_ELSEWHERE,
    EndReason.CODE_UNREADABLE: Prompt.CODE_UNREADABLE,
    EndReason.CODE_WAIT: Prompt.CODE_WAIT,
    EndReason.PRESENTATION_ATTACK: Prompt.OWN_FACE,
    EndReason.ANOTHER_PERSON: Prompt.ONE_PERSON_ONLY,
    EndReason.TOO_FEW: Prompt.NOT_SEEN_WELL,
    EndReason.TIMED_OUT: Prompt.STOPPED,
    EndReason.NO_DOCUMENT: Prompt.SEE_RECEPTION,
    EndReason.POOR_VIEW: Prompt.NOT_SEEN_WELL,
    EndReason.IDENTITY: Prompt.SEE_RECEPTION,
    EndReason.DUPLICATE: Prompt.SEE_RECEPTION,
    EndReason.NOT_RECOGNISED: Prompt.SEE_RECEPTION,
    EndReason.NO_ROOM: Prompt.SEE_RECEPTION,
    EndReason.FAULT: Prompt.SEE_RECEPTION,
}
"""What is said of each ending; a comparison that failed and a duplicate look the same."""

OF_FAILURE = {
    EndReason.IDENTITY: EnrolmentStep.IDENTITY,
    EndReason.DUPLICATE: EnrolmentStep.DUPLICATE,
}
"""Failures of the saga that are steps of their own."""

OF_REFUSAL = {
    InvitationRefusal.UNREADABLE: EndReason.CODE_UNREADABLE,
    InvitationRefusal.ELSEWHERE: EndReason.CODE_ELSEWHERE,
    InvitationRefusal.ALTERED: EndReason.CODE_UNREADABLE,
    InvitationRefusal.UNKNOWN: EndReason.CODE_UNREADABLE,
    InvitationRefusal.REVOKED: EndReason.CODE_UNREADABLE,
    InvitationRefusal.USED: EndReason.CODE_USED,
    InvitationRefusal.EXPIRED: EndReason.CODE_EXPIRED,
    InvitationRefusal.EXHAUSTED: EndReason.CODE_USED,
    InvitationRefusal.WAIT: EndReason.CODE_WAIT,
    InvitationRefusal.CLOCK: EndReason.CODE_UNREADABLE,
}
"""What a refused code is told as; of an altered, unknown or revoked one no more than that."""

Going = Attended | StillThere
"""States with a person who is there, or who was a moment ago."""


def show(state: EnrolmentState, *before: EnrolmentEffect) -> EnrolmentMove:
    """A move to this state, which is shown after everything else is done."""
    return EnrolmentMove(state, (*before, ShowEnrolment(state)))


def refused(
    text: str, refusal: InvitationRefusal, at: Instant, policy: SessionPolicy
) -> EnrolmentMove:
    """The end of a code that does not count."""
    return _unjudged(text, OF_REFUSAL[refusal], at, policy)


def _unjudged(text: str, reason: EndReason, at: Instant, policy: SessionPolicy) -> EnrolmentMove:
    """The end before anybody is invited."""
    ended = Ended(
        prompt=OF_END[reason],
        tone=Tone.REFUSED,
        until=Instant(at + policy.result_seconds),
        shown=ShownCode(text=text, at=at),
    )
    return show(ended, NoteStep(at, EnrolmentStep.FAILED, reason=reason))


def declined(who: Attendance, at: Instant, policy: SessionPolicy) -> EnrolmentMove:
    """The end of an enrolment that was declined."""
    return _end(who, EnrolmentStep.DECLINED, EndReason.SAID_NO, at, policy)


def failed(
    who: Attendance, reason: EndReason, at: Instant, policy: SessionPolicy, *before: EnrolmentEffect
) -> EnrolmentMove:
    """The end of a session that cannot come to its result."""
    return _end(who, EnrolmentStep.FAILED, reason, at, policy, *before)


def abandoned(
    who: Attendance, reason: EndReason, at: Instant, policy: SessionPolicy
) -> EnrolmentMove:
    """The end of a session that the person did not go on with; of "My data" it leaves no trace."""
    if who.invitee.enrolled:
        return show(Dormant(shown=_shown(who, at)))
    return _end(who, EnrolmentStep.ABANDONED, reason, at, policy)


def stopped(state: Going, at: Instant, policy: SessionPolicy) -> EnrolmentMove:
    """Stop, wherever the session is: nothing is kept.

    An enrolment that is being stored is undone once it is. New pictures of somebody who is enrolled
    are stored wholly or not at all, and what is being forgotten is forgotten.
    """
    match state:
        case Committing(purpose=CapturePurpose.ENROL, who=who):
            undo = Withdraw(at, who.invitee.subject, undoes=True)
            note = _note(who, EnrolmentStep.ABANDONED, EndReason.STOPPED, at)
            return show(Withdrawing(who=who, since=at, stopped=True), undo, note)
        case Committing() | Withdrawing():
            return EnrolmentMove(state)
        case _:
            return abandoned(state.who, EndReason.STOPPED, at, policy)


def unanswered(state: Judging | Attended, at: Instant, policy: SessionPolicy) -> EnrolmentMove:
    """The end of a session whose service does not answer."""
    if isinstance(state, Judging):
        return _unjudged(state.text, EndReason.FAULT, at, policy)
    who = state.who
    if isinstance(state, Committing) and state.purpose is CapturePurpose.ENROL:
        undo = Withdraw(at, who.invitee.subject, undoes=True)
        return failed(who, EndReason.FAULT, at, policy, undo)
    return failed(who, EndReason.FAULT, at, policy)


def timed_out(who: Attendance, at: Instant, policy: SessionPolicy) -> EnrolmentMove:
    """The end of a session that took too long."""
    if who.invitee.enrolled:
        return abandoned(who, EndReason.TIMED_OUT, at, policy)
    return failed(who, EndReason.TIMED_OUT, at, policy)


def finished(state: Committing, event: Finished, policy: SessionPolicy) -> EnrolmentMove:
    """The result of the saga; nobody is told which comparison failed, or whom they resemble."""
    who, at = state.who, event.at
    if event.failure is not None:
        step = OF_FAILURE.get(event.failure)
        notes = () if step is None else (_note(who, step, event.failure, at),)
        return failed(who, event.failure, at, policy, *notes)
    if state.purpose is CapturePurpose.RENEW:
        return result(who, Prompt.DATA_RENEWED, at, policy, receipt=event.receipt)
    enrolled = _note(who, EnrolmentStep.ENROLLED, None, at)
    if not event.compared:
        return result(who, Prompt.ENROLLED, at, policy, enrolled, receipt=event.receipt)
    return result(
        who,
        Prompt.IDENTITY_FITS,
        at,
        policy,
        _note(who, EnrolmentStep.IDENTITY, None, at),
        enrolled,
        receipt=event.receipt,
        follows=Prompt.ENROLLED,
    )


def result(
    who: Attendance,
    prompt: Prompt,
    at: Instant,
    policy: SessionPolicy,
    *before: EnrolmentEffect,
    receipt: str | None = None,
    follows: Prompt | None = None,
) -> EnrolmentMove:
    """The end of a session that came to its result, or of one that was stopped and undone."""
    ended = Ended(
        prompt=prompt,
        tone=Tone.REFUSED if prompt is Prompt.STOPPED else Tone.GRANTED,
        until=Instant(at + policy.result_seconds),
        receipt=receipt,
        follows=follows,
        language=who.language,
        shown=_shown(who, at),
    )
    return show(ended, *before)


def _end(
    who: Attendance,
    step: EnrolmentStep,
    reason: EndReason,
    at: Instant,
    policy: SessionPolicy,
    *before: EnrolmentEffect,
) -> EnrolmentMove:
    ended = Ended(
        prompt=OF_END[reason],
        tone=Tone.REFUSED,
        until=Instant(at + policy.result_seconds),
        language=who.language,
        shown=_shown(who, at),
    )
    return show(ended, *before, _note(who, step, reason, at))


def _note(who: Attendance, step: EnrolmentStep, reason: EndReason | None, at: Instant) -> NoteStep:
    return NoteStep(at, step, who.invitee.subject, reason)


def _shown(who: Attendance, at: Instant) -> ShownCode | None:
    return ShownCode(text=who.code, at=at) if who.code else None
