"""Who wants to see their data: a badge, and then its PIN; or an invitation in place of both.

Nothing is measured of anybody's face before. A badge that is not valid is asked for its PIN all the
same, and gets the same answer as a wrong PIN. Whoever goes away leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access.factors import BADGE_MARK
from kiosk.domain.enrolment.effects import CheckBadge, EnrolmentMove, JudgeInvitation
from kiosk.domain.enrolment.events import (
    BadgeJudged,
    CodesRead,
    EnrolmentEvent,
    PinTyped,
    StopWanted,
)
from kiosk.domain.enrolment.invitation import MARK
from kiosk.domain.enrolment.looked import Looked
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.stages.attending import broken
from kiosk.domain.enrolment.stages.endings import show
from kiosk.domain.enrolment.states import Dormant, Ended, Identifying, Judging
from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.frame import Instant


def identifying(at: Instant) -> Identifying:
    """The state in which a badge is asked for."""
    return Identifying(since=at, seen_at=at)


def identify(state: Identifying, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    """Apply one event that does not show who they are."""
    if isinstance(event, StopWanted) or broken(event):
        return show(Dormant())
    if isinstance(event, Looked) and event.faces:
        state = replace(state, seen_at=event.at)
    if _over(state, event.at, policy):
        return show(Dormant())
    if state.checking is not None:
        return _answered(state, event, policy)
    match event:
        case CodesRead():
            return _read(state, event)
        case PinTyped(at=at, text=text) if state.badge:
            checked = replace(state, checking=at, since=at)
            return show(checked, CheckBadge(state.badge, text, at))
        case _:
            return show(state)


def _over(state: Identifying, at: Instant, policy: SessionPolicy) -> bool:
    """True if they have gone, or have done nothing for too long."""
    gone = at - max(state.seen_at, state.since) >= policy.hidden_seconds
    return gone or at - state.since >= policy.idle_seconds


def _read(state: Identifying, event: CodesRead) -> EnrolmentMove:
    """Take the one badge, or the one invitation, that is held up."""
    invitations = [text for text in event.texts if text.startswith(MARK)]
    badges = [text for text in event.texts if text.startswith(BADGE_MARK)]
    if len(invitations) == 1:
        (text,) = invitations
        return show(Judging(text=text, since=event.at), JudgeInvitation(text, event.at))
    if len(badges) != 1 or state.badge:
        return show(state)
    return show(replace(state, badge=badges[0], since=event.at))


def _answered(state: Identifying, event: EnrolmentEvent, policy: SessionPolicy) -> EnrolmentMove:
    """Ask again after a mistake; after too many, whom to ask."""
    if not (isinstance(event, BadgeJudged) and event.asked_at == state.checking):
        return show(state)
    if event.paused:
        until = Instant(event.at + policy.result_seconds)
        return show(Ended(prompt=Prompt.ASK_FOR_HELP, tone=Tone.REFUSED, until=until))
    return show(replace(state, since=event.at, mistaken=True, checking=None))
