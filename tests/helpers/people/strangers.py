"""What may be kept of somebody who is not enrolled: README, help and journal say the same."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.domain.audit import Value

KEPT_OF_STRANGERS = frozenset(
    {
        "outcome",
        "reason",
        "defect",
        "measure",
        "measured",
        "bound",
        "yaw",
        "pitch",
        "roll",
        "pad",
        "pad_threshold",
        "suspected",
        "detector",
        "decision_threshold",
        "probes",
        "span_seconds",
        "subject",
    }
)
"""`subject` is there and empty. No `score`, no `margin`, no `resembles`. Numbers of a
view that was too poor say why, and nothing of the face itself."""


def keeps_no_more_than_is_said(details: Mapping[str, Value]) -> bool:
    """Whether a line of the journal about a stranger holds nothing beyond that."""
    return set(details) <= KEPT_OF_STRANGERS and details["subject"] is None
