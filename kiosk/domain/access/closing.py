"""The end of a look: somebody is recognised, or a refusal may count towards the lockout.

And the result on the screen: how long it stays, and when the same face is looked at again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kiosk.domain.access.effects import Admit, Audit, Decision, Show, Step
from kiosk.domain.access.evidence import Run, enough, settled, shortfall
from kiosk.domain.access.factors import Factor
from kiosk.domain.access.grant import Recognised
from kiosk.domain.access.lockout import Failures
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import (
    Acquiring,
    Admitting,
    Asking,
    Idle,
    LockedOut,
    OutOfService,
    Reason,
    Resolved,
    State,
)
from kiosk.domain.vision.face import TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

Answerable = Idle | Acquiring | Admitting | Asking | Resolved
"""States that a result may take the place of."""

PASSING_BY = frozenset({Reason.PASSING, Reason.INTERLOCKED, Reason.PANEL_SILENT})
"""Refusals that end soon: a person who waits is judged again right after."""


def recognised(
    agreeing: Run,
    subject: SubjectId,
    session: Acquiring,
    policy: AccessPolicy,
    factor: Factor = Factor.NONE,
) -> Step:
    """Say who it is. Nothing is granted by that: rules, factor and door have yet to agree.

    The record carries the capture time of the oldest frame in the deciding run. However long the
    order waits on its way to the door, no part of the evidence is older than the door's rules
    allow.

    Args:
        agreeing: the run that proves it.
        subject: whom it names.
        session: what was gathered, suspicion included.
        policy: the thresholds in force.
        factor: the second factor that was shown before this run.
    """
    person = Recognised(
        at=agreeing[-1].at,
        subject=subject,
        captured_at=agreeing[0].at,
        evidence=agreeing,
        suspected=session.suspected,
        threshold=_threshold(agreeing, policy),
        pad_threshold=policy.pad_threshold,
        verified=session.claim is not None,
        factor=factor,
    )
    return admitting(person, session.track, session.failures, Audit(person))


def admitting(person: Recognised, track: TrackId | None, failures: Failures, *audit: Audit) -> Step:
    """Ask the door subsystem about a person who is recognised; asked nowhere else, and once."""
    state = Admitting(person=person, track=track, failures=failures)
    return Step(state, (*audit, Admit(person)))


def why_late(session: Acquiring) -> Reason:
    """The reason for refusing a session that took too long."""
    if session.crowded:
        return Reason.CROWDED
    if session.defect is not None:
        return Reason.POOR_VIEW
    return Reason.PRESENTATION_ATTACK if session.suspected else Reason.TIMED_OUT


def conclude(
    session: Acquiring, at: Instant, policy: AccessPolicy, *, spared: bool = False
) -> Idle | LockedOut:
    """The state after a session that ended without a grant: idle or locked out.

    One that is spared leaves its doubt, and counts as no failure.
    """
    if spared:
        return Idle(failures=doubted(session, at, policy))
    if not _tried(session, policy):
        return Idle(failures=session.failures)
    return failed(doubted(session, at, policy), at, policy)


def turned_away(
    reason: Reason,
    session: Acquiring,
    at: Instant,
    policy: AccessPolicy,
    *,
    spared: bool = False,
) -> Step:
    """Refuse a session in which nobody was recognised; it counts if a grant was possible.

    Args:
        reason: why.
        session: what was gathered.
        at: when.
        policy: the thresholds in force.
        spared: true if it is no failure of the person.
    """
    written = Audit(refusal(reason, session, at, policy))
    ended = conclude(session, at, policy, spared=spared)
    if isinstance(ended, LockedOut):
        return shown(ended, written)
    hold = policy.refused_hold_seconds
    session = replace(session, failures=ended.failures)
    result = resolved(session, reason, at, (hold, max(hold, policy.retry_seconds)))
    return shown(result, written)


def doubted(session: Acquiring, at: Instant, policy: AccessPolicy) -> Failures:
    """The failures so far, and the doubt that an ended session leaves."""
    window, most = policy.failure_window_seconds, policy.probes_required * policy.pad_threshold
    short = shortfall(session.gathered, policy)
    return session.failures.doubting(short, most, at, window)


def failed(failures: Failures, at: Instant, policy: AccessPolicy) -> Idle | LockedOut:
    """The state after one more refusal."""
    failures = failures.add(at, policy.failure_window_seconds)
    if len(failures.at) < policy.failures_allowed:
        return Idle(failures=failures)
    return LockedOut(until=Instant(at + policy.lockout_seconds), failures=failures.settled())


def _tried(session: Acquiring, policy: AccessPolicy) -> bool:
    """True if a grant was possible, or the comparison lasted as long as a refusal takes.

    A poor view counts as neither.
    """
    compared = len(settled(session.gathered)) >= policy.refusal_probes
    stayed = session.seen_at - session.since >= policy.refusal_span_seconds
    return session.tried or (compared and stayed)


def set_aside(state: Idle | Acquiring | Resolved, at: Instant, policy: AccessPolicy) -> Step:
    """Empty the lane for somebody who enrols: whoever was in it counts as gone.

    Any code that looks like an invitation does this, so that it must spare nobody a refusal.
    """
    if not isinstance(state, Acquiring):
        return shown(Idle(failures=state.failures))
    return shown(conclude(state, at, policy), *audits(Reason.LEFT, state, at, policy))


def audits(
    reason: Reason, session: Acquiring, at: Instant, policy: AccessPolicy
) -> tuple[Audit, ...]:
    """The record of a session that was cut short; none for a person who was only passing by."""
    if not session.gathered or session.seen_at - session.since < policy.span_seconds:
        return ()
    return (Audit(refusal(reason, session, at, policy)),)


def refusal(reason: Reason, session: Acquiring, at: Instant, policy: AccessPolicy) -> Decision:
    """The record of a session in which nobody was recognised."""
    run = session.run
    if not enough(run, policy.probes_required, policy.span_seconds):
        run = session.best  # a run that was broken at the end is not all the evidence
    return Decision(
        at=at,
        reason=reason,
        subject=None,
        evidence=run,
        defect=session.defect,
        poor=None if session.defect is None else session.poor,
        suspected=session.suspected,
        threshold=_threshold(run, policy),
        pad_threshold=policy.pad_threshold,
    )


def _threshold(run: Run, policy: AccessPolicy) -> float:
    """The threshold that the last comparison of a run was judged by."""
    judged = (e.threshold for e in reversed(run) if e.compared)
    return next(judged, policy.decision_threshold)


def refused(
    state: Answerable,
    reason: Reason,
    at: Instant,
    policy: AccessPolicy,
    opens: datetime | None = None,
) -> Step:
    """Show a refusal by a rule, the door, the panel or an operator; not counted as a failure."""
    hold = policy.refused_hold_seconds
    retry = hold if reason in PASSING_BY else max(hold, policy.retry_seconds)
    return shown(replace(resolved(state, reason, at, (hold, retry)), opens=opens))


def resolved(
    state: Answerable, reason: Reason, at: Instant, holds: tuple[float, float]
) -> Resolved:
    """A result about the face of this state.

    Args:
        state: what it takes the place of.
        reason: why.
        at: since when.
        holds: seconds that it is shown for, and after which the same face is looked at again.
    """
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


def over(result: Resolved, at: Instant, policy: AccessPolicy) -> bool:
    """True if a result has been shown for its hold time; if its face stays, for the retry time."""
    left = at - result.seen_at >= policy.absence_seconds
    return at >= (result.until if left else result.retry_at)


def gathers(state: State, at: Instant, policy: AccessPolicy) -> bool:
    """True if a frame captured then may become evidence; if not, only who is there matters.

    While a result stands, a door is asked or nothing is decided, a measured face changes nothing.
    """
    match state:
        case Resolved():
            return over(state, at, policy)
        case Admitting() | LockedOut() | OutOfService() | Asking(watched=None):
            return False
        case _:
            return policy.hold is None


def shown(state: State, *audit: Audit) -> Step:
    """A step to this state, written down and then shown."""
    return Step(state, (*audit, Show(state)))
