"""What happens, counted: calls, answers, and the journal's events become values of metrics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from kiosk.cloud.client.observing import CallGroup, CallReport, Outcome
from kiosk.cloud.monitoring import metrics
from kiosk.cloud.monitoring.bands import margin_band, top_band
from kiosk.cloud.monitoring.metrics import Metric
from kiosk.domain.access.states import Reason
from kiosk.domain.cloud.faces import MOST_FACES, CollectionFacts, DetectedFace, SearchAnswer
from kiosk.domain.cloud.flows import CloudFlow, FlowEnd, FlowReason
from kiosk.domain.cloud.operations import Operation
from kiosk.journal.events.access import Decided, NotReleased
from kiosk.journal.events.cloud import CloudFlowEnded
from kiosk.journal.events.door import DoorReleasedForPerson
from kiosk.journal.events.enrolling import EnrolmentSessionNoted
from kiosk.journal.events.event import JournalEvent

USABLE: Final = frozenset({Outcome.ANSWERED, Outcome.DECLINED})
"""Outcomes that are an answer."""


class MetricSink(Protocol):
    """Takes values; any thread may. It returns at once, and raises nothing."""

    def add(self, metric: Metric, value: float = 1.0, **labels: str) -> None:
        """Count a counter up, or observe a value of a histogram."""
        ...

    def level(self, metric: Metric, value: float, **labels: str) -> None:
        """Set a gauge."""
        ...


class Counting:
    """Counts into sinks. A `CallObserver`; any thread may tell it.

    Args:
        sinks: where values go.
        most_faces: that a collection holds.
    """

    def __init__(self, sinks: Sequence[MetricSink], most_faces: int = MOST_FACES) -> None:
        self._sinks, self._most_faces = tuple(sinks), most_faces

    # -- calls -----------------------------------------------------------------------------------

    def called(self, report: CallReport) -> None:
        """A call has ended."""
        operation = report.operation.value
        self._add(metrics.CALL_SECONDS, report.seconds, operation=operation)
        outcome = report.outcome.value.replace(" ", "_")
        self._add(metrics.CALLS, operation=operation, outcome=outcome)
        if report.outcome not in USABLE:
            self._add(metrics.ERRORS, operation=operation)
        if report.throttled:
            self._add(metrics.THROTTLED, report.throttled, operation=operation)

    def circuit(self, group: CallGroup, *, shut: bool) -> None:
        """Calls of a group are not sent for a while, or they are again."""
        self._level(metrics.SHUT, float(shut), calls=group.value)

    # -- this kiosk's own stages -----------------------------------------------------------------

    def staged(self, stage: str, seconds: float) -> None:
        """A stage of the way from a frame to the door has ended.

        Two digits are enough, and leave few different values to be kept until they are sent.
        """
        if stage in metrics.STAGES:
            self._add(metrics.STAGE_SECONDS, float(f"{seconds:.2g}"), stage=stage)

    # -- answers ---------------------------------------------------------------------------------

    def searched(self, answer: SearchAnswer, operation: Operation) -> None:
        """A search has answered."""
        found = [match.similarity for match in answer.matches]
        self._add(metrics.HITS, len(found))
        self._add(metrics.TOP, band=top_band(found))
        self._add(metrics.MARGIN, band=margin_band(found))
        self._add(metrics.PICTURE_FACES, answer.faces, operation=operation.value)

    def detected(self, faces: Sequence[DetectedFace]) -> None:
        """Faces in a picture were described, the largest first."""
        self._add(metrics.PICTURE_FACES, len(faces), operation=Operation.DETECT_FACES.value)
        for face in faces[:1]:
            self._add(metrics.PICTURE_QUALITY, face.sharpness, measure="sharpness")
            self._add(metrics.PICTURE_QUALITY, face.brightness, measure="brightness")
            obscured = {
                "occlusion": face.occluded,
                "sunglasses": face.sunglasses,
                "closed_eyes": None if face.eyes_open is None else not face.eyes_open,
            }
            for name, is_so in obscured.items():
                if is_so:
                    self._add(metrics.OBSCURED, by=name)

    def compared(self, *, same: bool) -> None:
        """Two pictures were compared."""
        self._add(metrics.COMPARED, result="same" if same else "different")

    def changed(self, change: str, faces: int) -> None:
        """Faces were indexed or deleted, or a person updated."""
        if faces:
            self._add(metrics.FACES_CHANGED, faces, change=change)

    def described(self, facts: CollectionFacts) -> None:
        """A collection said how many faces it holds."""
        self._level(metrics.FILL, facts.faces / self._most_faces, collection=facts.name)

    def spent(self, share: float) -> None:
        """So much of the monthly limit is spent."""
        self._level(metrics.SPENT, share)

    def left_to_do(self, waiting: int, dead: int) -> None:
        """So much is in the outbox, and so many dead letters."""
        self._level(metrics.WAITING, waiting)
        self._level(metrics.DEAD, dead)

    # -- the journal's events --------------------------------------------------------------------

    def hear(self, event: JournalEvent, _at: datetime) -> None:
        """An event of the journal."""
        match event:
            case DoorReleasedForPerson():
                self._door("granted", Reason.MATCHED)
            case Decided(outcome="refused", reason=Reason.LEFT):
                self._door("abandoned", Reason.LEFT)
                self._add(metrics.ABANDONED)
            case Decided(outcome="refused", reason=reason):
                self._door("refused", reason)
                self._poor_view(event)
            case NotReleased(reason=reason):
                self._door("refused", reason)
            case EnrolmentSessionNoted():
                reason_or = "" if event.reason is None else event.reason.value
                self._add(metrics.ENROLMENTS, step=event.step.value, reason=reason_or)
            case CloudFlowEnded():
                self._flow(event)
            case _:
                pass

    def _door(self, outcome: str, reason: Reason) -> None:
        self._add(metrics.AUTHENTICATIONS, outcome=outcome, reason=reason.value)

    def _poor_view(self, event: Decided) -> None:
        if event.defect is not None:
            self._add(metrics.QUALITY_FAILURES, defect=event.defect.value)
        if isinstance(event.measure, str) and isinstance(event.measured, float):
            self._add(metrics.QUALITY_MEASURED, abs(event.measured), measure=event.measure)

    def _flow(self, event: CloudFlowEnded) -> None:
        self._add(
            metrics.FLOWS,
            flow=event.flow.value,
            end=event.end.value,
            step="" if event.step is None else event.step.value,
            reason=event.reason or "",
        )
        if event.reason == FlowReason.DUPLICATE.value:
            self._add(metrics.DUPLICATES)
        if (event.flow, event.end) == (CloudFlow.PHOTO_UPDATE, FlowEnd.APPROVED):
            self.changed("updated", 1)

    # -- sinks -----------------------------------------------------------------------------------

    def _add(self, metric: Metric, value: float = 1.0, **labels: str) -> None:
        for sink in self._sinks:
            sink.add(metric, value, **labels)

    def _level(self, metric: Metric, value: float, **labels: str) -> None:
        for sink in self._sinks:
            sink.level(metric, value, **labels)
