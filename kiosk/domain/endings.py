"""How a session ends: what counts towards the lockout, and what is written down. No transition."""

from __future__ import annotations

from kiosk.domain.evidence import agreeing_run
from kiosk.domain.frame import Instant
from kiosk.domain.lockout import Failures
from kiosk.domain.outcomes import Audit, Decision
from kiosk.domain.policy import AccessPolicy
from kiosk.domain.states import Acquiring, Reason
from kiosk.domain.template import SubjectId


def conclude(
    session: Acquiring, at: Instant, policy: AccessPolicy
) -> tuple[Failures, Instant | None]:
    """Refusals so far with this session's own, and until when that locks everybody out."""
    if not _tried(session, policy):
        return session.failures, None
    failures = session.failures.add(at, policy.failure_window_seconds)
    locked = len(failures.at) >= policy.failures_allowed
    return failures, Instant(at + policy.lockout_seconds) if locked else None


def _tried(session: Acquiring, policy: AccessPolicy) -> bool:
    """Whether somebody got what an attacker could learn from; a poor view teaches nothing."""
    compared = session.compared >= policy.refusal_probes
    stayed = session.seen_at - session.since >= policy.refusal_span_seconds
    return session.suspected or (compared and stayed)


def audits(
    reason: Reason, session: Acquiring, at: Instant, policy: AccessPolicy
) -> tuple[Audit, ...]:
    """What is written of a session that was cut short: nothing of those who were passing by."""
    if session.seen_at - session.since < policy.span_seconds:
        return ()
    return (Audit(decision(reason, None, session, at, policy)),)


def decision(
    reason: Reason, subject: SubjectId | None, session: Acquiring, at: Instant, policy: AccessPolicy
) -> Decision:
    """What is written down about it."""
    granted = reason is Reason.MATCHED
    return Decision(
        at=at,
        granted=granted,
        reason=reason,
        subject=subject,
        evidence=agreeing_run(session.run) if granted else session.run,
        defect=session.defect,
        suspected=session.suspected,
        threshold=policy.decision_threshold,
        pad_threshold=policy.pad_threshold,
    )
