"""The journal details of a decision or a fault: plain values and raw scores, never a name.

No comparison is stored for a person who was not recognised: neither a score nor the nearest
enrolled person. The screen's help, the README and a test state the same.
"""

from __future__ import annotations

from dataclasses import fields

from kiosk.domain.access.machine import AuditFault, Decision, Reason
from kiosk.domain.audit import Value

DIGITS = 4


def decision_details(decision: Decision) -> dict[str, Value]:
    """Everything that led to a decision (R54): the person, the reason, and the numbers used."""
    details: dict[str, Value] = {
        "outcome": outcome(decision),
        "reason": decision.reason.value,
        "subject": decision.subject,
        "pad": _rounded(decision.pad),
        "pad_threshold": decision.pad_threshold,
        "decision_threshold": _rounded(decision.threshold),
        "probes": len(decision.evidence),
        "suspected": decision.suspected,
        "defect": decision.defect.value if decision.defect else None,
    }
    if decision.evidence:
        details |= _evidence(decision)
    if decision.subject is not None or decision.reason is Reason.AMBIGUOUS:
        details |= _comparison(decision)
    if decision.reason is Reason.AMBIGUOUS:
        details["resembles"] = _resembled(decision)
    return details


def _resembled(decision: Decision) -> Value:
    """The person an ambiguous face resembled; a stranger is compared with nobody."""
    near = [e.best.subject for e in decision.evidence if e.ambiguous and e.best]
    return near[-1] if near else None


def _evidence(decision: Decision) -> dict[str, Value]:
    last = decision.evidence[-1]
    return {
        "span_seconds": _rounded(last.at - decision.evidence[0].at),
        "detector": last.pad.detector,
    }


def _comparison(decision: Decision) -> dict[str, Value]:
    """The score and margin of an enrolled person, to review later how certain the match was."""
    last = decision.evidence[-1] if decision.evidence else None
    if last is None:
        return {}
    return {
        "score": _rounded(last.best.score) if last.best else None,
        "margin": _rounded(last.margin) if last.margin != float("inf") else None,
    }


def fault_details(fault: AuditFault) -> dict[str, Value]:
    """The journal details of a fault or a recovery."""
    return {field.name: _plain(getattr(fault, field.name)) for field in fields(fault)[1:]}


def outcome(decision: Decision) -> str:
    """`granted` or `refused`."""
    return "granted" if decision.granted else "refused"


def _plain(value: object) -> Value:
    return value if isinstance(value, bool | str) else str(getattr(value, "value", value))


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DIGITS)
