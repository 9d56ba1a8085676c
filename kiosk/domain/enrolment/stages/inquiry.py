"""A question, and the answer to it, by whichever act comes first.

An answer counts for the question that stands when it is given. One given with the head can be
undone for a moment where it decides something: by the other answer, whatever act gives that. The
moment passes only while the same person is seen alone; a break begins it anew, and another person
makes the answer void.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.domain.enrolment.acts.gestures import HeadAt, answer_of, following
from kiosk.domain.enrolment.answers import Act, Answer, Given
from kiosk.domain.enrolment.events import CodesRead, EnrolmentEvent, Replied, Voiced
from kiosk.domain.enrolment.looked import Looked
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.stages.attendance import NEVER, Attendance, Inquiry
from kiosk.domain.enrolment.stages.attending import lone
from kiosk.domain.prompts import NOTICE, Prompt
from kiosk.domain.vision.frame import Instant

UNDOABLE = {
    Answer.YES: frozenset(
        {
            Prompt.CONSENT_CHOICE,
            Prompt.CONSENT_CLOUD,
            Prompt.CONSENT_PICTURE,
            Prompt.DATA_CONFIRM_WITHDRAW,
        }
    ),
    Answer.NO: frozenset({*NOTICE, Prompt.STILL_THERE}),
}
"""Questions that an answer decides; to the others another answer can follow."""
OF_ANSWER = {Answer.YES: Prompt.ANSWERED_YES, Answer.NO: Prompt.ANSWERED_NO}
"""What is on the screen while an answer can be undone."""
BY_HAND = frozenset({Act.TOUCH, Act.KEY})


@dataclass(frozen=True, slots=True)
class Hearing:
    """The question after one more event.

    Attributes:
        inquiry: the question.
        given: the answer that stands now; None while there is none.
    """

    inquiry: Inquiry
    given: Given | None = None


def opened(prompt: Prompt, at: Instant) -> Inquiry:
    """A question that is shown from then on; nothing that came before answers it."""
    return Inquiry(prompt=prompt, shown_at=at)


def on_screen(inquiry: Inquiry) -> Prompt:
    """The prompt that the person sees."""
    return inquiry.prompt if inquiry.given is None else OF_ANSWER[inquiry.given.answer]


def hear(
    inquiry: Inquiry, who: Attendance, event: EnrolmentEvent, policy: SessionPolicy
) -> Hearing:
    """Apply one event to a question."""
    if isinstance(event, Voiced):
        voiced = inquiry.voiced or event.prompt is inquiry.prompt
        return Hearing(replace(inquiry, voiced=voiced))
    if isinstance(event, Looked):
        inquiry = _seeing(inquiry, event, policy)
    given = _given(inquiry, who, event, policy)
    if inquiry.given is not None:
        return _pending(inquiry, inquiry.given, given, policy)
    if given is None:
        return Hearing(inquiry)
    inquiry = replace(inquiry, heads=())
    if given.by_head and inquiry.prompt in UNDOABLE[given.answer]:
        return Hearing(replace(inquiry, given=given))
    return Hearing(inquiry, given)


def _pending(inquiry: Inquiry, given: Given, newer: Given | None, policy: SessionPolicy) -> Hearing:
    """The question while an answer to it can be undone."""
    if newer is not None and newer.answer is not given.answer:
        return Hearing(opened(inquiry.prompt, newer.at))
    seen_until = inquiry.heads[-1].at if inquiry.heads else given.at
    return Hearing(inquiry, given if seen_until - given.at >= policy.undo_seconds else None)


def _seeing(inquiry: Inquiry, event: Looked, policy: SessionPolicy) -> Inquiry:
    """The question after one more frame; only the head of somebody who is alone answers."""
    face = lone(event)
    if face is None:
        return replace(inquiry, heads=())
    if face.track != inquiry.track:
        inquiry = replace(inquiry, heads=(), track=face.track, given=None)
    head = HeadAt(event.at, face.pose.yaw, face.pose.pitch, face.across)
    heads = following(inquiry.heads, head, policy.gestures)
    given = inquiry.given
    if given is not None and len(heads) <= 1 and not _follows(given, event.at, policy):
        given = replace(given, at=event.at)
    return replace(inquiry, heads=heads, given=given)


def _follows(given: Given, at: Instant, policy: SessionPolicy) -> bool:
    """True for the first frame after an answer, if it comes soon."""
    return at - given.at <= policy.gestures.gap_seconds


def _given(
    inquiry: Inquiry, who: Attendance, event: EnrolmentEvent, policy: SessionPolicy
) -> Given | None:
    """The answer that is complete with this event; None if there is none."""
    match event:
        case Looked():
            return answer_of(inquiry.heads, policy.gestures)
        case CodesRead():
            shown_at = Instant(inquiry.shown_at + policy.code_delay_seconds)
            since = NEVER if inquiry.given is None else inquiry.given.at
            answer = who.codes.answer(max(shown_at, since))
            return None if answer is None else Given(answer, Act.CODE, event.at)
        case Replied(asked=asked, given=given):
            ours = asked is on_screen(inquiry) and given.act in BY_HAND
            return given if ours and given.at >= inquiry.shown_at else None
        case _:
            return None
