"""After a face or a badge was recognised: what was answered about it, and what is still owed.

Theory of operation. Rules, door and panel are asked at the door's end, where the wall clock and
the wire are; what they say comes back as `Answered`. Whoever owes a second factor is asked for it
here (``Asking``), for as long as their face stays and no longer than the policy waits. What they
show is checked at the door's end too: this machine never sees a PIN.

Every wrong answer counts towards the lockout, as a refused face does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kiosk.domain.endings import failed
from kiosk.domain.frame import Instant
from kiosk.domain.outcomes import Forget, Show, Step
from kiosk.domain.policy import AccessPolicy
from kiosk.domain.states import (
    Acquiring,
    Answered,
    Asking,
    Claim,
    Claimed,
    Event,
    Idle,
    LockedOut,
    Observed,
    Overruled,
    Reason,
    Resolved,
    State,
)

Answerable = Idle | Asking | Resolved
"""States in which somebody may have been recognised."""

PASSING_BY = frozenset({Reason.PASSING, Reason.INTERLOCKED, Reason.PANEL_SILENT})
"""Refusals that are over in a moment: whoever waits is looked at again right after."""


def answer(state: Answerable, event: Answered | Overruled, policy: AccessPolicy) -> Step:
    """What the other end says about whoever was recognised."""
    if isinstance(event, Overruled):
        return _overruled(state, event, policy)
    if event.reason is None:
        return _granted(state, event, policy)
    if event.reason is Reason.FACTOR_NEEDED:
        return _asked(state, event, policy)
    if isinstance(state, Asking) and event.reason is Reason.FACTOR_WRONG:
        return _mistaken(state, event, policy)
    return _refused(state, event.reason, event.at, policy, event.opens)


def _overruled(state: Answerable, event: Overruled, policy: AccessPolicy) -> Step:
    """An operator said no: to whoever is asked, or to whoever was just let in."""
    match state:
        case Asking():
            return _end(state, Reason.OPERATOR_DENIED, event.at, policy)
        case Resolved(reason=Reason.MATCHED):
            return _refused(state, Reason.OPERATOR_DENIED, event.at, policy)
        case _:
            return Step(state)


def ask(state: Asking, event: Event, policy: AccessPolicy) -> Step:
    """Time goes by while somebody looks for their code."""
    if isinstance(event, Observed) and any(p.track == state.track for p in event.probes):
        state = replace(state, seen_at=event.at)
    unseen = event.at - state.seen_at
    if state.track is not None and unseen >= policy.factor_absence_seconds:
        idle = Idle(failures=state.failures)
        return Step(idle, (Forget(event.at, Reason.FACTOR_MISSING), Show(idle)))
    if not event.at < state.until:
        return _end(state, Reason.FACTOR_MISSING, event.at, policy)
    return Step(state)


def claim(state: Idle | Acquiring, event: Claimed) -> Step:
    """A badge was shown: what was gathered without it counts for nothing."""
    claimed = Claim(event.subject, event.until)
    if isinstance(state, Idle):
        return _shown(replace(state, claim=claimed))
    return _shown(replace(state, run=(), claim=claimed))


def still(claim: Claim | None, at: Instant) -> Claim | None:
    """The claim, unless it has grown old."""
    return claim if claim is not None and at <= claim.until else None


def _asked(state: Answerable, event: Answered, policy: AccessPolicy) -> Step:
    """Who was recognised owes a factor; an answer that names neither asks nobody."""
    if event.subject is None or event.factor is None or isinstance(state, Asking):
        return Step(state)
    asking = Asking(
        subject=event.subject,
        factor=event.factor,
        track=state.track if isinstance(state, Resolved) else None,
        until=Instant(event.at + policy.factor_seconds),
        seen_at=event.at,
        failures=state.failures,
    )
    return _shown(asking)


def _mistaken(state: Asking, event: Answered, policy: AccessPolicy) -> Step:
    ended = failed(state.failures, event.at, policy)
    if isinstance(ended, LockedOut):
        return Step(ended, (Forget(event.at, Reason.FACTOR_WRONG), Show(ended)))
    again = replace(state, failures=ended.failures, mistaken=True)
    return _shown(again)


def _granted(state: Answerable, event: Answered, policy: AccessPolicy) -> Step:
    """The door was released; a grant that is on the screen already stays as it is."""
    if isinstance(state, Resolved) and state.reason is Reason.MATCHED:
        return Step(state)
    hold = policy.granted_hold_seconds
    retry = max(hold, policy.retry_seconds)
    resolved = _resolved(state, Reason.MATCHED, event.at, (hold, retry))
    return _shown(replace(resolved, subject=event.subject))


def _refused(
    state: Answerable,
    reason: Reason,
    at: Instant,
    policy: AccessPolicy,
    opens: datetime | None = None,
) -> Step:
    """A rule, the door, the panel or an operator said no: nobody's failure, so none is counted."""
    hold = policy.refused_hold_seconds
    retry = hold if reason in PASSING_BY else max(hold, policy.retry_seconds)
    return _shown(replace(_resolved(state, reason, at, (hold, retry)), opens=opens))


def _end(state: Asking, reason: Reason, at: Instant, policy: AccessPolicy) -> Step:
    """The asking ends without an answer."""
    step = _refused(state, reason, at, policy)
    return Step(step.state, (Forget(at, reason), *step.effects))


def _resolved(
    state: Answerable, reason: Reason, at: Instant, holds: tuple[float, float]
) -> Resolved:
    until, retry = holds
    return Resolved(
        reason=reason,
        subject=None,
        track=None if isinstance(state, Idle) else state.track,
        until=Instant(at + until),
        retry_at=Instant(at + retry),
        seen_at=at,
        failures=state.failures,
    )


def _shown(state: State) -> Step:
    return Step(state, (Show(state),))
