"""Calls and decisions that are counted in tests."""

from __future__ import annotations

from kiosk.cloud.client.observing import CallReport, Outcome
from kiosk.domain.access.states import Reason
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.vision.quality import Defect
from kiosk.journal.events.access import Decided

SEARCH = Operation.SEARCH_USERS


def report(
    outcome: Outcome, seconds: float = 0.3, throttled: int = 0, operation: Operation = SEARCH
) -> CallReport:
    return CallReport(operation, seconds, 1, throttled, outcome, "a-request-id")


def decided(reason: Reason, defect: Defect | None = None) -> Decided:
    return Decided(
        outcome="refused",
        reason=reason,
        subject="s-17",
        pad=0.987,
        pad_threshold=0.8,
        decision_threshold=0.42,
        probes=5,
        suspected=False,
        defect=defect,
        score=0.87654,
    )
