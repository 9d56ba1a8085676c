"""The journal events of a decision and a fault: plain values and raw scores, never a name.

No comparison is stored for a person who was not recognised: neither a score nor the nearest
enrolled person. The screen's help, the README and a test state the same.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access.machine import AuditFault, Decision, Evidence, Reason
from kiosk.journal.events.access import Decided
from kiosk.journal.events.running import PartFailed, PartRecovered

DIGITS = 4


def decided(decision: Decision) -> Decided:
    """Everything that led to a decision (R54): the person, the reason, and the numbers used."""
    last = decision.evidence[-1] if decision.evidence else None
    event = Decided(
        outcome="granted" if decision.granted else "refused",
        reason=decision.reason,
        subject=decision.subject,
        pad=_rounded(decision.pad),
        pad_threshold=decision.pad_threshold,
        decision_threshold=_rounded(decision.threshold),
        probes=len(decision.evidence),
        suspected=decision.suspected,
        defect=decision.defect,
        span_seconds=_rounded(last.at - decision.evidence[0].at) if last else None,
        detector=last.pad.detector if last else None,
    )
    if decision.reason is Reason.AMBIGUOUS:
        event = replace(event, resembles=_resembled(decision))
    compared = decision.subject is not None or decision.reason is Reason.AMBIGUOUS
    return _with_comparison(event, last) if compared and last else event


def failed_or_recovered(fault: AuditFault) -> PartFailed | PartRecovered:
    """The event of a fault or a recovery."""
    return (PartRecovered if fault.recovered else PartFailed)(fault.part.value, fault.detail)


def _resembled(decision: Decision) -> str | None:
    """The person an ambiguous face resembled; a stranger is compared with nobody."""
    near = [e.best.subject for e in decision.evidence if e.ambiguous and e.best]
    return near[-1] if near else None


def _with_comparison(event: Decided, last: Evidence) -> Decided:
    """With the score and margin of an enrolled person, to review how certain the match was."""
    score = _rounded(last.best.score) if last.best else None
    margin = _rounded(last.margin) if last.margin != float("inf") else None
    return replace(event, score=score, margin=margin)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DIGITS)
