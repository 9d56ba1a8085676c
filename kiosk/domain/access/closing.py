"""The end of a session: a grant, or a refusal that may count towards the lockout; its record."""

from __future__ import annotations

from kiosk.domain.access.effects import Audit, Decision, ReleaseDoor, Show, Step
from kiosk.domain.access.evidence import Run, agreeing_run, enough, shortfall
from kiosk.domain.access.lockout import Failures
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import Acquiring, Idle, LockedOut, Reason, Resolved
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId


def granted(agreeing: Run, session: Acquiring, at: Instant, policy: AccessPolicy) -> Step:
    """Grant access; the only place from which the door is released.

    The release carries the capture time of the oldest frame in the deciding run. However long the
    order waits on its way to the door, no part of the evidence is older than the door's rules
    allow.
    """
    subject = agreeing[-1].subject
    resolved = Resolved(
        reason=Reason.MATCHED,
        subject=subject,
        track=session.track,
        until=Instant(at + policy.granted_hold_seconds),
        retry_at=Instant(at + max(policy.granted_hold_seconds, policy.retry_seconds)),
        seen_at=at,
        failures=session.failures,
        verified=session.claim is not None,
    )
    audit = Audit(decision(Reason.MATCHED, subject, session, at, policy))
    release = ReleaseDoor(policy.release_seconds, agreeing[0].at)
    return Step(resolved, (audit, release, Show(resolved)))


def why_late(session: Acquiring) -> Reason:
    """The reason for refusing a session that took too long."""
    if session.crowded:
        return Reason.CROWDED
    if session.defect is not None:
        return Reason.POOR_VIEW
    return Reason.PRESENTATION_ATTACK if session.suspected else Reason.TIMED_OUT


def conclude(session: Acquiring, at: Instant, policy: AccessPolicy) -> Idle | LockedOut:
    """The state after a session that ended without a grant: idle or locked out."""
    if not _tried(session, policy):
        return Idle(failures=session.failures)
    window, most = policy.failure_window_seconds, policy.probes_required * policy.pad_threshold
    short = shortfall(session.gathered, policy)
    return failed(session.failures.doubting(short, most, at, window), at, policy)


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
    compared = len(session.gathered) >= policy.refusal_probes
    stayed = session.seen_at - session.since >= policy.refusal_span_seconds
    return session.tried or (compared and stayed)


def audits(
    reason: Reason, session: Acquiring, at: Instant, policy: AccessPolicy
) -> tuple[Audit, ...]:
    """The record of a session that was cut short; none for a person who was only passing by."""
    if not session.gathered or session.seen_at - session.since < policy.span_seconds:
        return ()
    return (Audit(decision(reason, None, session, at, policy)),)


def decision(
    reason: Reason, subject: SubjectId | None, session: Acquiring, at: Instant, policy: AccessPolicy
) -> Decision:
    """The record of a decision for the journal."""
    matched = reason is Reason.MATCHED
    run = session.run
    if not enough(run, policy.probes_required, policy.span_seconds):
        run = session.best  # a run that was broken at the end is not all the evidence
    return Decision(
        at=at,
        granted=matched,
        reason=reason,
        subject=subject,
        evidence=agreeing_run(run) if matched else run,
        defect=session.defect,
        suspected=session.suspected,
        threshold=policy.decision_threshold,
        pad_threshold=policy.pad_threshold,
    )
