"""The journal events of a grant, a refusal or a fault: plain values and raw scores, never a name.

No comparison is stored for a person who was not recognised: neither a score nor the nearest
enrolled person. The screen's help, the README and a test state the same.
"""

from __future__ import annotations

import math
from dataclasses import replace

from kiosk.domain.access.machine import (
    AuditFault,
    Authorised,
    Decision,
    Evidence,
    Reason,
    Recognised,
    decided,
)
from kiosk.domain.vision.quality import QualityAssessment
from kiosk.journal.events.access import Decided, PersonAuthorised, PersonRecognised
from kiosk.journal.events.door import DoorReleasedForPerson
from kiosk.journal.events.event import ABSENT
from kiosk.journal.events.running import PartFailed, PartRecovered

DIGITS = 4


def decision_event(decision: Decision) -> Decided:
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
    event = _with_view(event, decision.poor)
    if last is not None and last.asked_about is not None and last.space is not None:
        event = replace(event, space=last.space)
    if decision.reason is Reason.AMBIGUOUS:
        event = replace(event, resembles=_resembled(decision))
    compared = decision.subject is not None or decision.reason is Reason.AMBIGUOUS
    return _with_comparison(event, last) if compared and last else event


def recognition_event(person: Recognised) -> PersonRecognised:
    """Whom the kiosk recognised, by what, and the numbers used; nothing about the door."""
    numbers = decision_event(decided(person, Reason.MATCHED))
    return PersonRecognised(
        subject=person.subject,
        by="badge" if person.faceless else "face",
        verified=person.verified,
        pad=numbers.pad,
        pad_threshold=numbers.pad_threshold,
        decision_threshold=numbers.decision_threshold,
        probes=numbers.probes,
        suspected=numbers.suspected,
        span_seconds=numbers.span_seconds,
        detector=numbers.detector,
        score=numbers.score,
        margin=numbers.margin,
        space=numbers.space,
        stood_in=True if person.unconfirmed else ABSENT,
    )


def authorisation_event(authorised: Authorised) -> PersonAuthorised:
    """Whom rules and factor let in; the numbers are in the `recognised` entry before it."""
    return PersonAuthorised(authorised.person.subject, authorised.factor)


def release_event(authorised: Authorised, seconds: float) -> DoorReleasedForPerson:
    """For whom the driver has acknowledged the release, and for how long."""
    return DoorReleasedForPerson(authorised.person.subject, seconds)


def fault_event(fault: AuditFault) -> PartFailed | PartRecovered:
    """The event of a fault or a recovery."""
    return (PartRecovered if fault.recovered else PartFailed)(fault.part.value, fault.detail)


def _with_view(event: Decided, poor: QualityAssessment | None) -> Decided:
    """With the numbers of the view that had the defect (R55)."""
    if poor is None:
        return event
    it, worst = poor.measures, poor.worst
    yaw, pitch, roll = map(_finite, (it.yaw, it.pitch, it.roll))
    event = replace(event, yaw=yaw, pitch=pitch, roll=roll)
    if worst is None:
        return event
    measured = _finite(worst.value)
    return replace(event, measure=worst.measure, measured=measured, bound=worst.bound)


def _finite(number: float) -> float | None:
    return round(number, DIGITS) if math.isfinite(number) else None


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
