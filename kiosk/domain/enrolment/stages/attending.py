"""Who is there: the same person, alone; hidden for a moment; gone; or another one in their place.

A face belongs to the session by its track. A new track is theirs only if something was held up that
hid the face, for a short time, and then only once a template agrees with theirs.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access.events import Faulted, Ticked
from kiosk.domain.access.states import Part
from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.document import DocumentSeen
from kiosk.domain.enrolment.events import CodesRead, EnrolmentEvent, FewerPoses
from kiosk.domain.enrolment.invitation import MARK
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.looked import Looked, LookedFace
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.stages.attendance import NEVER, Attendance
from kiosk.domain.vision.frame import Instant

CLOCK_SLACK_SECONDS = 1.0
"""Times of frames that go back by more mean that the clock has jumped."""
HELD_SLACK_SECONDS = 1.0
"""A code that was read so shortly before the face was lost is what hides it."""

Seen = Looked | CodesRead | DocumentSeen | Ticked
"""Events that carry the time of a frame, or of a moment without one."""


def jumped(who: Attendance, event: EnrolmentEvent) -> bool:
    """True if the clock of frames went back: nothing can be timed any more."""
    return isinstance(event, Seen) and event.at < who.now - CLOCK_SLACK_SECONDS


def broken(event: EnrolmentEvent) -> bool:
    """True if a part failed that an enrolment needs; it compares nobody by the door's matcher."""
    return isinstance(event, Faulted) and event.part is not Part.MATCHER


def stale(who: Attendance, event: EnrolmentEvent) -> bool:
    """True for a frame that is not later than the last one: it shows nothing new."""
    return isinstance(event, Looked) and not event.at > who.looked_at


def attended(who: Attendance, event: EnrolmentEvent, policy: SessionPolicy) -> Attendance:
    """The attendance after one more event."""
    if isinstance(event, FewerPoses):
        return relaxed(who, event, policy)
    if not isinstance(event, Seen):
        return who
    who = replace(who, now=max(who.now, event.at))
    match event:
        case Looked():
            seen = any(who.track is None or face.track == who.track for face in event.faces)
            who = replace(who, looked_at=event.at)
            return replace(who, seen_at=event.at) if seen else who
        case CodesRead():
            there = _answers(event.texts, who.invitee)
            codes = who.codes.after(event.at, there, policy.code_gone_seconds)
            hides = there or any(text.startswith(MARK) for text in event.texts)
            return replace(who, codes=codes, held_at=event.at if hides else who.held_at)
        case DocumentSeen(held=True):
            return replace(who, held_at=event.at, seen_at=event.at)
        case _:
            return who


def relaxed(who: Attendance, fewer: FewerPoses, policy: SessionPolicy) -> Attendance:
    """The attendance of somebody who may do with fewer directions; never with more."""
    most = policy.poses_required if who.poses_required is None else who.poses_required
    if not 1 <= fewer.poses_required < most:
        return who
    return replace(who, poses_required=fewer.poses_required, poses_reason=fewer.reason)


def _answers(texts: frozenset[str], invitee: Invitee) -> frozenset[Answer]:
    codes = {Answer.YES: invitee.yes_code, Answer.NO: invitee.no_code}
    return frozenset(answer for answer, code in codes.items() if code in texts)


def left(who: Attendance, at: Instant, policy: SessionPolicy) -> bool:
    """True if a face that was there has been away for too long."""
    most = policy.hidden_seconds if _hides(who) else policy.absence_seconds
    return who.seen_at > NEVER and at - who.seen_at >= most


def may_return(who: Attendance, at: Instant, policy: SessionPolicy) -> bool:
    """True if a new track may be theirs: something hid their face, and not for long."""
    return _hides(who) and at - who.seen_at <= policy.hidden_seconds


def _hides(who: Attendance) -> bool:
    return who.held_at >= who.seen_at - HELD_SLACK_SECONDS


def lone(event: Looked) -> LookedFace | None:
    """The only face of a frame, whether somebody could stand beside it unseen or not."""
    return event.faces[0] if len(event.faces) == 1 else None


def another(who: Attendance, event: EnrolmentEvent) -> bool:
    """True if a face that is not the person's is alone where their face is known.

    The attendance is that before the frame.
    """
    face = lone(event) if isinstance(event, Looked) else None
    return face is not None and who.track is not None and face.track != who.track
