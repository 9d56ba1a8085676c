"""The enrolment session: from an invitation to somebody who is enrolled, or to nothing at all.

Theory of operation. It is a session of its own beside access (ADR 0035), and releases no door. Like
the access machine it has no clock, thread, device or file: `advance_enrolment` takes the state, one
event and the policy, and returns the next state and the effects that the caller must carry out in
order.

- ``Dormant``: nobody enrols. ``Judging``: an invitation was held up, and a service judges it.
- ``Consenting``: the notice, layer by layer. Only the choice needs an answer (`consenting`).
- ``Capturing``: pictures of one person, alone, by directions (`capturing`).
- ``ShowingDocument``: where policy asks for an identity document (`documents`).
- ``Committing``: the saga enrols the person, wholly or not at all.
- ``Identifying``: who wants to see their data shows a badge, and types its PIN (`identifying`).
- ``Recognising``, ``LookingUp``, ``ShowingData``, ``Withdrawing``: "My data" (`my_data`).
- ``StillThere``: nothing was done for a while; asked once, and then everything is dropped.
- ``Ended``: a result is on the screen.

What was gathered of a face is in the state alone, and no state after an ending has a field for it:
so every way out drops it. A template may exist only where `may_extract` says so.

Every event passes the same checks first, the safest first: a stop; a failed part; a clock that went
back; somebody else in the person's place; a person who has gone. Times are compared so that NaN
ends no wait, gives no answer and adds no view.
"""

from __future__ import annotations

import math
from dataclasses import replace

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.effects import (
    EnrolmentMove,
    JudgeInvitation,
    NoteStep,
    Report,
)
from kiosk.domain.enrolment.events import (
    BadgeJudged,
    CodesRead,
    DataWanted,
    EnrolmentEvent,
    FeedbackGiven,
    Finished,
    Judged,
    LanguageChosen,
    StopWanted,
    Withdrawn,
)
from kiosk.domain.enrolment.invitation import MARK
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.stages.attendance import Attendance
from kiosk.domain.enrolment.stages.attending import (
    another,
    attended,
    broken,
    jumped,
    left,
    may_return,
    relaxed,
    stale,
)
from kiosk.domain.enrolment.stages.capturing import capture
from kiosk.domain.enrolment.stages.consenting import asked, consent
from kiosk.domain.enrolment.stages.documents import show_document
from kiosk.domain.enrolment.stages.endings import (
    Going,
    abandoned,
    failed,
    finished,
    refused,
    show,
    stopped,
    timed_out,
    unanswered,
)
from kiosk.domain.enrolment.stages.identifying import identify, identifying
from kiosk.domain.enrolment.stages.inquiry import hear, opened
from kiosk.domain.enrolment.stages.my_data import (
    choose,
    looked_up,
    recognise,
    recognising,
    withdrawn,
)
from kiosk.domain.enrolment.states import (
    Capturing,
    Committing,
    Consenting,
    Doing,
    Dormant,
    Ended,
    EnrolmentState,
    Identifying,
    Judging,
    Layer,
    LookingUp,
    Recognising,
    ShowingData,
    ShowingDocument,
    ShownCode,
    StillThere,
    Waiting,
    Withdrawing,
)
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.frame import Instant

AGAIN_SECONDS = 3.0
"""The same invitation is judged again once it was away for so long."""

Asleep = Dormant | Ended


def advance_enrolment(
    state: EnrolmentState, event: EnrolmentEvent, policy: SessionPolicy
) -> EnrolmentMove:
    """Return the state after ``event`` and the effects that the caller must carry out.

    An event without a valid time changes nothing.
    """
    if not math.isfinite(event.at):
        return EnrolmentMove(state)
    match state, event:
        case _, FeedbackGiven():
            return _report(state, event, policy)
        case ((Dormant() | Ended()), _):
            return _asleep(state, event, policy)
        case Judging(), _:
            return _judge(state, event, policy)
        case Identifying(checking=asked), BadgeJudged(invitee=invitee) if (
            invitee is not None and event.asked_at == asked
        ):
            return _begin(invitee, Judged(event.at), policy)
        case Identifying(), _:
            return identify(state, event, policy)
        case _:
            return _go(state, event, policy)


# -- before anybody is invited -------------------------------------------------------------------


def _asleep(state: Asleep, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    """A result stays until its time is over; an invitation begins a session at any moment."""
    match state, event:
        case _, Judged(invitee=invitee, text="") if invitee is not None:
            return _begin(invitee, event, policy)
        case _, DataWanted():
            return show(identifying(event.at))
        case Ended(), StopWanted():
            return show(Dormant(shown=state.shown))
        case Ended(), LanguageChosen(language=language):
            return show(replace(state, language=language))
        case _:
            return _wake(_rested(state, event.at, policy), event)


def _rested(state: Asleep, at: Instant, policy: SessionPolicy) -> Asleep:
    """The result that is shown next, or nothing, once a result was shown for its time."""
    if isinstance(state, Dormant) or not at >= state.until:
        return state
    if state.follows is None:
        return Dormant(shown=state.shown)
    until = Instant(at + policy.result_seconds)
    return replace(state, prompt=state.follows, follows=None, until=until)


def _wake(state: Asleep, event: EnrolmentEvent) -> EnrolmentMove:
    """Have an invitation judged that is held up, unless it was judged and is held up still."""
    if not isinstance(event, CodesRead):
        return show(state)
    fresh = {text for text in event.texts if text.startswith(MARK)}
    last = state.shown
    if last is not None and last.text in fresh and event.at - last.at < AGAIN_SECONDS:
        state = replace(state, shown=replace(last, at=event.at))
        fresh.remove(last.text)
    if len(fresh) != 1:
        return show(state)
    (text,) = fresh
    return show(Judging(text=text, since=event.at), JudgeInvitation(text, event.at))


def _judge(state: Judging, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    match event:
        case Judged(text=text) if text == state.text:
            if event.refusal is not None:
                return refused(text, event.refusal, event.at, policy)
            return show(state) if event.invitee is None else _begin(event.invitee, event, policy)
        case StopWanted():
            return show(Dormant(shown=ShownCode(text=state.text, at=event.at)))
        case _ if event.at - state.since >= policy.answer_seconds:
            return unanswered(state, event.at, policy)
        case _:
            return show(state)


def _begin(invitee: Invitee, event: Judged, policy: SessionPolicy) -> EnrolmentMove:
    """Begin a session: with the notice, or with the data of somebody who is enrolled."""
    at = event.at
    who = Attendance(invitee=invitee, began_at=at, language=invitee.language, code=event.text)
    if event.fewer is not None:
        who = relaxed(who, event.fewer, policy)
    if invitee.enrolled:
        return show(recognising(who, at))
    note = NoteStep(at, EnrolmentStep.INVITED, invitee.subject)
    return show(asked(who, Layer.HELLO, at), note)


def _report(state: EnrolmentState, event: FeedbackGiven, policy: SessionPolicy) -> EnrolmentMove:
    """Pass feedback on, whatever goes on; say thanks where nothing else is on the screen."""
    report = Report(event.at, event.feedback)
    if not isinstance(state, Dormant | Ended):
        return EnrolmentMove(state, (report,))
    until = Instant(event.at + policy.result_seconds)
    thanks = Ended(prompt=Prompt.FEEDBACK_THANKS, tone=Tone.GRANTED, until=until, shown=state.shown)
    return show(thanks, report)


# -- with a person -------------------------------------------------------------------------------


def _go(state: Going, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    """The checks that every event passes first, the safest first."""
    at, before = event.at, state.who
    if isinstance(event, StopWanted):
        return stopped(state, at, policy)
    if isinstance(state, Waiting):
        return _wait(state, event, policy)
    if broken(event) or jumped(before, event):
        return failed(before, EndReason.FAULT, at, policy)
    if stale(before, event):
        return EnrolmentMove(state)
    who = attended(before, event, policy)
    if isinstance(event, LanguageChosen):
        who = replace(who, language=event.language)
    if another(before, event):
        over = _taken_over(state, before, who, at, policy)
        if over is not None:
            return over
    if left(who, at, policy):
        return abandoned(who, EndReason.LEFT, at, policy)
    if at - who.began_at >= policy.session_seconds:
        return timed_out(who, at, policy)
    return _act(replace(state, who=who), event, policy)


def _taken_over(
    state: Doing | StillThere,
    before: Attendance,
    who: Attendance,
    at: Instant,
    policy: SessionPolicy,
) -> EnrolmentMove | None:
    """Nothing of the person is kept or shown where somebody else stands; None if it may be them."""
    match state.paused if isinstance(state, StillThere) else state:
        case Recognising():
            return None
        case LookingUp() | ShowingData():
            return show(recognising(replace(who, track=None, seen_at=at), at))
        case _ if may_return(before, at, policy):
            return None
        case _:
            return failed(who, EndReason.ANOTHER_PERSON, at, policy)


def _act(state: Doing | StillThere, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    """Apply one event to what the session is at."""
    if isinstance(state, StillThere):
        return _still_there(state, event, policy)
    since = waited_since(state)
    if since is not None and event.at - since >= policy.idle_seconds:
        inquiry = opened(Prompt.STILL_THERE, event.at)
        return show(StillThere(who=state.who, paused=state, inquiry=inquiry))
    match state:
        case Consenting():
            return consent(state, event, policy)
        case Capturing():
            return capture(state, event, policy)
        case ShowingDocument():
            return show_document(state, event, policy)
        case Recognising():
            return recognise(state, event, policy)
        case LookingUp():
            return looked_up(state, event, policy)
        case _:
            return choose(state, event, policy)


def _wait(state: Waiting, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    """Wait for a service, whoever is still there: its result is whole."""
    match state, event:
        case Committing(), Finished(subject=subject) if subject == state.who.invitee.subject:
            return finished(state, event, policy)
        case Withdrawing(), Withdrawn(subject=subject) if subject == state.who.invitee.subject:
            return withdrawn(state, event, policy)
        case _ if event.at - state.since >= policy.answer_seconds:
            return unanswered(state, event.at, policy)
        case _:
            return show(state)


# -- somebody who does nothing -------------------------------------------------------------------


def _still_there(state: StillThere, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    """Go on at a yes; drop everything at a no, or if nobody answers."""
    hearing = hear(state.inquiry, state.who, event, policy)
    state, given = replace(state, inquiry=hearing.inquiry), hearing.given
    if given is not None and given.answer is Answer.YES:
        return show(resumed(state.paused, state.who, event.at))
    if given is not None:
        return abandoned(state.who, EndReason.STOPPED, event.at, policy)
    shown = event.at - state.inquiry.shown_at
    if shown >= policy.still_there_seconds and state.inquiry.given is None:
        return abandoned(state.who, EndReason.SILENT, event.at, policy)
    return show(state)


def waited_since(state: Doing) -> Instant | None:
    """Since when something is waited for that the person has to do; None while nothing is."""
    match state:
        case Consenting(layer=Layer.CHOICE) | ShowingData():
            given = state.inquiry.given
            return state.inquiry.shown_at if given is None else given.at
        case Capturing() | ShowingDocument(inquiry=None):
            return state.moved_at
        case Recognising():
            return state.since
        case _:
            return None


def resumed(state: Doing, who: Attendance, at: Instant) -> Doing:
    """What was paused, with a question asked anew."""
    match state:
        case Consenting():
            return asked(who, state.layer, at)
        case Capturing():
            return replace(state, who=who, since=at, moved_at=at)
        case ShowingDocument():
            return replace(state, who=who, moved_at=at)
        case ShowingData():
            return replace(state, who=who, inquiry=opened(state.inquiry.prompt, at))
        case _:
            return recognising(who, at)
