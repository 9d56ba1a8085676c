"""The steps after a face or a badge was recognised: the answer about it and the second factor.

Theory of operation. The door subsystem checks rules, door and panel, because it has the wall clock
and the door connection. Its result comes back as `Answered`. A person who owes a second factor is
asked for it here (``Asking``), for as long as their face stays and no longer than the policy
allows. The door subsystem also checks the factor: this machine never sees a PIN.

The person in the lane is still judged meanwhile. Another person, an attack or a second face ends
the request. A person who types looks down and a badge hides the face, so a poor view ends nothing,
and proves nothing either. After the factor was shown, the same person is observed once more, and
the door is released only for a whole run of frames captured after that. Nobody can take over a
request that was made to another person.

Every wrong answer counts towards the lockout, as a refused face does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kiosk.domain.access.closing import conclude, failed, granted, why_late
from kiosk.domain.access.effects import Forget, Show, Step
from kiosk.domain.access.evidence import agreeing_run
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import (
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
from kiosk.domain.access.waiting import SOMEBODY_ELSE, against, proven, watched_on
from kiosk.domain.vision.frame import Instant

Answerable = Idle | Asking | Resolved
"""States in which a person may have been recognised."""

PASSING_BY = frozenset({Reason.PASSING, Reason.INTERLOCKED, Reason.PANEL_SILENT})
"""Refusals that end soon: a person who waits is judged again right after."""


def answer(state: Answerable, event: Answered | Overruled, policy: AccessPolicy) -> Step:
    """Apply the door subsystem's answer, or an operator's denial."""
    if isinstance(event, Overruled):
        return _overruled(state, event, policy)
    if event.reason is None:
        return _granted(state, event, policy)
    if event.reason is Reason.FACTOR_NEEDED:
        return _asked(state, event, policy)
    if event.reason is Reason.FACTOR_SHOWN:
        return _look_again(state, event, policy)
    if isinstance(state, Asking) and event.reason is Reason.FACTOR_WRONG:
        return _mistaken(state, event, policy)
    return _refused(state, event.reason, event.at, policy, event.opens)


def _overruled(state: Answerable, event: Overruled, policy: AccessPolicy) -> Step:
    """Apply an operator's denial to the person who is asked, or was just let in."""
    match state:
        case Asking():
            return _end(state, Reason.OPERATOR_DENIED, event.at, policy)
        case Resolved(reason=Reason.MATCHED):
            return _refused(state, Reason.OPERATOR_DENIED, event.at, policy)
        case _:
            return Step(state)


def ask(state: Asking, event: Event, policy: AccessPolicy) -> Step:
    """Process time and frames while a second factor is awaited."""
    if state.watched is not None:
        return _watch(state, state.watched, event, policy)
    if event.at < state.until:
        return Step(state)
    return _end(state, Reason.FACTOR_MISSING, event.at, policy)


def _watch(state: Asking, watched: Acquiring, event: Event, policy: AccessPolicy) -> Step:
    """Keep judging the person in the lane; once the factor was shown, decide."""
    if policy.hold is not None:
        return _leave(state, Reason.OPERATOR_DENIED, event.at, policy)
    if isinstance(event, Observed):
        state = watched_on(state, watched, event, policy)
        watched = state.watched or watched
        if (reason := against(state, watched, event.at, policy)) is not None:
            return _end(state, reason, event.at, policy)
        if state.shown_at is not None and proven(state, watched, policy):
            return granted(agreeing_run(watched.run), watched, event.at, policy)
    if event.at - state.seen_at >= policy.factor_absence_seconds:
        return _leave(state, Reason.FACTOR_MISSING, event.at, policy)
    if not event.at < state.until:
        late = Reason.FACTOR_MISSING if state.shown_at is None else why_late(watched)
        return _end(state, late, event.at, policy)
    return Step(state) if state.shown_at is None else _shown(state)


def claim(state: Idle | Acquiring, event: Claimed) -> Step:
    """Apply the claim of a badge; the run gathered without it counts for nothing."""
    claimed = Claim(event.subject, event.until)
    if isinstance(state, Idle):
        return _shown(replace(state, claim=claimed))
    return _shown(replace(state, run=(), claim=claimed))


def still(claim: Claim | None, at: Instant) -> Claim | None:
    """The claim, unless it has expired."""
    return claim if claim is not None and at <= claim.until else None


def _asked(state: Answerable, event: Answered, policy: AccessPolicy) -> Step:
    """Ask the recognised person for a factor; ignore an answer without person or factor."""
    if event.subject is None or event.factor is None or isinstance(state, Asking):
        return Step(state)
    track = state.track if isinstance(state, Resolved) else None
    watched = None
    if track is not None:
        watched = Acquiring(track=track, since=event.at, seen_at=event.at, failures=state.failures)
    asking = Asking(
        subject=event.subject,
        factor=event.factor,
        track=track,
        until=Instant(event.at + policy.factor_seconds),
        seen_at=event.at,
        failures=state.failures,
        watched=watched,
        verified=isinstance(state, Resolved) and state.verified,
    )
    return _shown(asking)


def _look_again(state: Answerable, event: Answered, policy: AccessPolicy) -> Step:
    """Observe the person again after the factor was accepted.

    Evidence from before the factor was shown proves nothing after it.
    """
    if not isinstance(state, Asking) or state.watched is None or state.shown_at is not None:
        return Step(state)
    again = replace(
        state,
        until=Instant(event.at + policy.session_timeout_seconds),
        seen_at=event.at,
        mistaken=False,
        watched=replace(state.watched, run=(), best=(), defect=None),
        shown_at=event.at,
    )
    return _shown(again)


def _mistaken(state: Asking, event: Answered, policy: AccessPolicy) -> Step:
    ended = failed(state.failures, event.at, policy)
    if isinstance(ended, LockedOut):
        return Step(ended, (Forget(event.at, Reason.FACTOR_WRONG), Show(ended)))
    again = replace(state, failures=ended.failures, mistaken=True)
    return _shown(again)


def _granted(state: Answerable, event: Answered, policy: AccessPolicy) -> Step:
    """Show the grant after the door was released; a grant already on the screen stays as it is."""
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
    """Show a refusal by a rule, the door, the panel or an operator; not counted as a failure."""
    hold = policy.refused_hold_seconds
    retry = hold if reason in PASSING_BY else max(hold, policy.retry_seconds)
    return _shown(replace(_resolved(state, reason, at, (hold, retry)), opens=opens))


def _end(state: Asking, reason: Reason, at: Instant, policy: AccessPolicy) -> Step:
    """End the request for a factor and show the reason."""
    forget, ended = _forgotten(state, reason, at, policy)
    if isinstance(ended, LockedOut):
        return Step(ended, (forget, Show(ended)))
    step = _refused(replace(state, failures=ended.failures), reason, at, policy)
    return Step(step.state, (forget, *step.effects))


def _leave(state: Asking, reason: Reason, at: Instant, policy: AccessPolicy) -> Step:
    """End the request for a factor without a message: nobody is there to read it."""
    forget, ended = _forgotten(state, reason, at, policy)
    return Step(ended, (forget, Show(ended)))


def _forgotten(
    state: Asking, reason: Reason, at: Instant, policy: AccessPolicy
) -> tuple[Forget, Idle | LockedOut]:
    """The record of the ended request, and the state with the failures that carry over.

    No failure is added if the person who was asked was in the lane and was bona fide.
    """
    watched, theirs = state.watched, state.proven and reason not in SOMEBODY_ELSE
    if watched is None or theirs:
        return Forget(at, reason), Idle(failures=state.failures)
    evidence = watched.best if reason in SOMEBODY_ELSE else ()
    ended = conclude(replace(watched, failures=state.failures), at, policy)
    return Forget(at, reason, evidence), ended


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
