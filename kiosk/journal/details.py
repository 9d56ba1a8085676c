"""What the journal says of a decision or a fault: plain values, raw scores, never a name.

Of somebody who was not recognised no comparison is kept: neither a score nor whom they came near.
The screen's help, the README and a test say the same.
"""

from __future__ import annotations

from dataclasses import fields

from kiosk.domain.access.machine import AuditFault, Decision, Reason
from kiosk.domain.audit import Value

DIGITS = 4


def decision_details(decision: Decision) -> dict[str, Value]:
    """Everything that led to a decision (R54): who, why, and the numbers that it rests on."""
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
    """Whom an ambiguous face could not be told apart from; a stranger is held beside nobody."""
    near = [e.best.subject for e in decision.evidence if e.ambiguous and e.best]
    return near[-1] if near else None


def _evidence(decision: Decision) -> dict[str, Value]:
    last = decision.evidence[-1]
    return {
        "span_seconds": _rounded(last.at - decision.evidence[0].at),
        "detector": last.pad.detector,
    }


def _comparison(decision: Decision) -> dict[str, Value]:
    """How close somebody enrolled came, to tell later how sure the kiosk was of them."""
    last = decision.evidence[-1] if decision.evidence else None
    if last is None:
        return {}
    return {
        "score": _rounded(last.best.score) if last.best else None,
        "margin": _rounded(last.margin) if last.margin != float("inf") else None,
    }


def fault_details(fault: AuditFault) -> dict[str, Value]:
    """What broke or works again."""
    return {field.name: _plain(getattr(fault, field.name)) for field in fields(fault)[1:]}


def outcome(decision: Decision) -> str:
    """`granted` or `refused`."""
    return "granted" if decision.granted else "refused"


def _plain(value: object) -> Value:
    return value if isinstance(value, bool | str) else str(getattr(value, "value", value))


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DIGITS)
