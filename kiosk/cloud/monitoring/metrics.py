"""The metrics: their names, what they count, and by what they are told apart.

No label holds an id, a name or a score of a person: scores are counted in bands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

NAMESPACE: Final = "Lintel"
"""Of CloudWatch, for the metrics of every kiosk."""


class MetricKind(Enum):
    """How a metric counts."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric.

    Attributes:
        name: as Prometheus knows it; a counter's gets `_total`.
        kind: how it counts.
        says: what it counts.
        labels: by what its values are told apart.
        buckets: upper bounds of a histogram's.
        sent_as: its name in CloudWatch, where the alarms need it; None for those that stay here.
        unit: CloudWatch's name of its unit.
    """

    name: str
    kind: MetricKind
    says: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    sent_as: str | None = None
    unit: str = "Count"


LATENCIES: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0)
"""Seconds: the decision waits 3 at most, work behind it 20."""

STAGES: Final = ("capture", "find", "quality", "attack", "match", "release")
"""From a frame to the door. `capture` is the wait of a frame for its turn; `release` the whole way
from the capture of what decided to the door's acknowledgement."""
STAGE_LATENCIES: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0)
"""Seconds."""

_C, _G, _H = MetricKind.COUNTER, MetricKind.GAUGE, MetricKind.HISTOGRAM

# -- calls (R50, R51) ------------------------------------------------------------------------------
CALL_SECONDS: Final = Metric(
    "lintel_cloud_call_seconds",
    _H,
    "From the question to its end, all waiting and every attempt included.",
    ("operation",),
    LATENCIES,
    "CallSeconds",
    "Seconds",
)
CALLS: Final = Metric(
    "lintel_cloud_calls", _C, "Calls, by how they ended.", ("operation", "outcome")
)
ERRORS: Final = Metric(
    "lintel_cloud_errors", _C, "Calls without a usable answer.", ("operation",), sent_as="Errors"
)
THROTTLED: Final = Metric(
    "lintel_cloud_throttled",
    _C,
    "Attempts that were too many for the service.",
    ("operation",),
    sent_as="Throttled",
)
SHUT: Final = Metric(
    "lintel_cloud_circuit_shut",
    _G,
    "1 while calls are not sent, since the calls before them failed.",
    ("calls",),
    sent_as="CircuitShut",
)
SPENT: Final = Metric(
    "lintel_cloud_spent_share",
    _G,
    "Share of cloud.monthly_limit that is spent.",
    sent_as="SpentShare",
    unit="None",
)
FILL: Final = Metric(
    "lintel_cloud_fill_share",
    _G,
    "Faces in a collection, as a share of the most that it holds.",
    ("collection",),
    sent_as="FillShare",
    unit="None",
)
WAITING: Final = Metric("lintel_cloud_outbox_waiting", _G, "Work in this kiosk's own outbox.")
DEAD: Final = Metric(
    "lintel_cloud_dead_letters",
    _G,
    "Dead letters of this kiosk's own outbox.",
    sent_as="DeadLetters",
)

# -- answers (R57 to R60) --------------------------------------------------------------------------
HITS: Final = Metric(
    "lintel_cloud_search_people", _H, "People whom a search named.", (), (0.0, 1.0, 2.0, 3.0, 5.0)
)
TOP: Final = Metric(
    "lintel_cloud_search_top", _C, "Searches, by the band of the best similarity.", ("band",)
)
MARGIN: Final = Metric(
    "lintel_cloud_search_margin", _C, "Searches, by the lead over the second person.", ("band",)
)
PICTURE_FACES: Final = Metric(
    "lintel_cloud_picture_faces",
    _H,
    "Faces that the service saw in a picture.",
    ("operation",),
    (0.0, 1.0, 2.0, 3.0, 5.0),
)
PICTURE_QUALITY: Final = Metric(
    "lintel_cloud_picture_quality",
    _H,
    "The largest face's measures, as the service sees them.",
    ("measure",),
    (5.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0, 100.0),
)
OBSCURED: Final = Metric(
    "lintel_cloud_obscured", _C, "Largest faces that the service saw obscured.", ("by",)
)
COMPARED: Final = Metric(
    "lintel_cloud_compared", _C, "Comparisons of two pictures, by result.", ("result",)
)
FACES_CHANGED: Final = Metric(
    "lintel_cloud_faces_changed",
    _C,
    "Faces indexed and deleted, people updated by a flow.",
    ("change",),
)

# -- flows (R52, R53) ------------------------------------------------------------------------------
FLOWS: Final = Metric(
    "lintel_cloud_flows",
    _C,
    "Flows in the cloud, by their end; step and reason where they were not approved.",
    ("flow", "end", "step", "reason"),
)
DUPLICATES: Final = Metric(
    "lintel_cloud_duplicates",
    _C,
    "Registrations of a face that somebody else has.",
    sent_as="Duplicates",
)
ENROLMENTS: Final = Metric(
    "lintel_enrolment_steps", _C, "Steps of enrolments at the kiosk.", ("step", "reason")
)

# -- the door (R54 to R56) -------------------------------------------------------------------------
AUTHENTICATIONS: Final = Metric(
    "lintel_authentications",
    _C,
    "People at the door: granted, refused, or gone before.",
    ("outcome", "reason"),
)
QUALITY_FAILURES: Final = Metric(
    "lintel_quality_failures", _C, "Refusals with a defect of the view at the end.", ("defect",)
)
QUALITY_MEASURED: Final = Metric(
    "lintel_quality_measured",
    _H,
    "Measures that broke their bound in a refusal; angles without their sign.",
    ("measure",),
    (0.25, 0.5, 0.75, 1.0, 5.0, 10.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0, 100.0),
)
ABANDONED: Final = Metric(
    "lintel_abandoned", _C, "Faces that were gone before a decision.", sent_as="Abandoned"
)

STAGE_SECONDS: Final = Metric(
    "lintel_stage_seconds",
    _H,
    "How long the kiosk's own stages take.",
    ("stage",),
    STAGE_LATENCIES,
    "StageSeconds",
    "Seconds",
)

# -- sending ---------------------------------------------------------------------------------------
LOST: Final = Metric(
    "lintel_cloudwatch_lost", _C, "Values that CloudWatch did not take; they are gone."
)

METRICS: Final = (
    *(CALL_SECONDS, CALLS, ERRORS, THROTTLED, SHUT, SPENT, FILL, WAITING, DEAD),
    *(HITS, TOP, MARGIN, PICTURE_FACES, PICTURE_QUALITY, OBSCURED, COMPARED, FACES_CHANGED),
    *(FLOWS, DUPLICATES, ENROLMENTS, AUTHENTICATIONS, QUALITY_FAILURES),
    *(QUALITY_MEASURED, ABANDONED),
    *(STAGE_SECONDS, LOST),
)
"""All of them."""
