"""What is counted: calls, answers, flows and people at the door, and never whose they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from counted_events import SEARCH, decided, report

from kiosk.cloud.client.observing import CallGroup, Outcome
from kiosk.cloud.monitoring.bands import margin_band, top_band
from kiosk.cloud.monitoring.metrics import METRICS, STAGES
from kiosk.cloud.monitoring.watch import CloudWatchers
from kiosk.domain.access.states import Reason
from kiosk.domain.cloud.faces import (
    CloudId,
    CollectionFacts,
    DetectedFace,
    Match,
    ModelVersion,
    SearchAnswer,
)
from kiosk.domain.cloud.flows import CloudFlow, FlowEnd, FlowReason, FlowStep
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.enrolment.steps import EndReason, EnrolmentStep
from kiosk.domain.vision.quality import Defect
from kiosk.journal.events.access import NotReleased
from kiosk.journal.events.cloud import (
    CloudCircuitChanged,
    CloudCollectionFilling,
    CloudFlowEnded,
    CloudSpendingChanged,
)
from kiosk.journal.events.door import DoorReleasedForPerson
from kiosk.journal.events.enrolling import EnrolmentSessionNoted
from kiosk.journal.events.event import JournalEvent

NOW = datetime(2026, 11, 28, tzinfo=UTC)
PERSON = "8f14e45fceea167a5a36dedd4bea2543"


def value(watchers: CloudWatchers, name: str, **labels: str) -> float:
    found = watchers.kept.registry.get_sample_value(f"lintel_{name}", labels)
    return 0.0 if found is None else found


def heard(*events: JournalEvent) -> CloudWatchers:
    watchers = CloudWatchers()
    for event in events:
        watchers.counting.hear(event, NOW)
    return watchers


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_of_the_kiosk_is_timed(stage: str) -> None:
    """R50."""
    watchers = CloudWatchers()
    for seconds in (0.0061234, 0.2):
        watchers.counting.staged(stage, seconds)
    assert value(watchers, "stage_seconds_count", stage=stage) == 2.0
    assert value(watchers, "stage_seconds_bucket", stage=stage, le="0.005") == 0.0
    assert value(watchers, "stage_seconds_bucket", stage=stage, le="0.01") == 1.0
    assert value(watchers, "stage_seconds_sum", stage=stage) == pytest.approx(0.2061)


def test_a_stage_that_is_none_of_the_doors_is_not_timed() -> None:
    watchers = CloudWatchers()
    watchers.counting.staged("document", 0.5)
    assert "document" not in watchers.kept.text()


@pytest.mark.parametrize("outcome", Outcome)
def test_a_call_is_counted_once_by_how_it_ended(outcome: Outcome) -> None:
    """R50, R51."""
    watchers = CloudWatchers()
    watchers.called(report(outcome, throttled=2))
    said = outcome.value.replace(" ", "_")
    name = SEARCH.value
    assert value(watchers, "cloud_calls_total", operation=name, outcome=said) == 1.0
    assert value(watchers, "cloud_call_seconds_count", operation=name) == 1.0
    assert value(watchers, "cloud_call_seconds_bucket", operation=name, le="0.2") == 0.0
    assert value(watchers, "cloud_call_seconds_bucket", operation=name, le="0.3") == 1.0
    assert value(watchers, "cloud_throttled_total", operation=name) == 2.0
    wrong = outcome not in {Outcome.ANSWERED, Outcome.DECLINED}
    assert value(watchers, "cloud_errors_total", operation=name) == float(wrong)


def test_an_answer_is_counted_in_bands() -> None:
    """R59."""
    watchers = CloudWatchers()
    people = (Match(CloudId(PERSON), 99.37), Match(CloudId("b" * 32), 98.2))
    watchers.searched(SearchAnswer(ModelVersion("7.0"), people), SEARCH)
    watchers.searched(SearchAnswer(ModelVersion("7.0"), (), faces=0), SEARCH)
    assert value(watchers, "cloud_search_top_total", band="99-99.5") == 1.0
    assert value(watchers, "cloud_search_top_total", band="nobody") == 1.0
    assert value(watchers, "cloud_search_margin_total", band="1-2") == 1.0
    assert value(watchers, "cloud_search_people_sum") == 2.0
    assert value(watchers, "cloud_picture_faces_count", operation=SEARCH.value) == 2.0


@pytest.mark.parametrize(
    ("similarities", "top", "margin"),
    [
        ((), "nobody", "nobody"),
        ((89.9,), "<90", "alone"),
        ((98.99, 98.5), "98-99", "<0.5"),
        ((99.0, 98.5), "99-99.5", "0.5-1"),
        ((99.5, 94.5), ">=99.5", ">=5"),
    ],
)
def test_bands_have_edges(similarities: tuple[float, ...], top: str, margin: str) -> None:
    assert (top_band(similarities), margin_band(similarities)) == (top, margin)


def test_what_a_picture_shows_is_counted() -> None:
    """R57, R58."""
    watchers = CloudWatchers()
    face = DetectedFace(99.0, 0, 0, 1, 1, 0, 0, 0, 61.0, 40.0)
    face = replace(face, eyes_open=False, sunglasses=True, occluded=True)
    watchers.detected((face, face))
    watchers.detected(())
    watchers.compared((99.5,))
    watchers.compared(())
    name = Operation.DETECT_FACES.value
    assert value(watchers, "cloud_picture_faces_bucket", operation=name, le="0.0") == 1.0
    assert value(watchers, "cloud_picture_faces_sum", operation=name) == 2.0
    assert value(watchers, "cloud_picture_quality_sum", measure="sharpness") == 61.0
    for name in ("occlusion", "sunglasses", "closed_eyes"):
        assert value(watchers, "cloud_obscured_total", by=name) == 1.0
    for name in ("same", "different"):
        assert value(watchers, "cloud_compared_total", result=name) == 1.0


@pytest.mark.parametrize(
    ("flow", "end"), list(product(CloudFlow, FlowEnd)), ids=lambda each: each.value
)
def test_every_end_of_a_flow_moves_one_counter_once(flow: CloudFlow, end: FlowEnd) -> None:
    """R52."""
    step = None if end is FlowEnd.APPROVED else FlowStep.INDEX
    reason = None if end is FlowEnd.APPROVED else "not_indexed"
    watchers = heard(CloudFlowEnded(flow, end, PERSON, "s-17", step, reason))
    labels = {"step": step.value if step else "", "reason": reason or ""}
    assert value(watchers, "cloud_flows_total", flow=flow.value, end=end.value, **labels) == 1.0
    updated = (flow, end) == (CloudFlow.PHOTO_UPDATE, FlowEnd.APPROVED)
    assert value(watchers, "cloud_faces_changed_total", change="updated") == float(updated)


def test_a_duplicate_is_counted() -> None:
    """R53."""
    event = CloudFlowEnded(
        CloudFlow.REGISTRATION,
        FlowEnd.FAILED,
        PERSON,
        None,
        FlowStep.DUPLICATE,
        FlowReason.DUPLICATE.value,
        duplicates=("b" * 32,),
    )
    assert value(heard(event), "cloud_duplicates_total") == 1.0


def test_faces_that_come_and_go_are_counted() -> None:
    """R60."""
    watchers = CloudWatchers()
    watchers.changed("indexed", 1)
    watchers.changed("deleted", 5)
    watchers.changed("deleted", 0)
    assert value(watchers, "cloud_faces_changed_total", change="indexed") == 1.0
    assert value(watchers, "cloud_faces_changed_total", change="deleted") == 5.0


@pytest.mark.parametrize("reason", [each for each in Reason if each is not Reason.LEFT])
def test_somebody_refused_is_counted_with_the_reason(reason: Reason) -> None:
    """R54."""
    watchers = heard(decided(reason))
    assert value(watchers, "authentications_total", outcome="refused", reason=reason.value) == 1.0
    assert value(watchers, "abandoned_total") == 0.0


def test_people_at_the_door_are_counted_once_each() -> None:
    """R54, R55, R56."""
    watchers = heard(
        DoorReleasedForPerson("s-17", 5.0),
        NotReleased("s-17", Reason.PASSING),
        decided(Reason.POOR_VIEW, Defect.TOO_DARK),
        decided(Reason.LEFT),
    )
    for outcome, reason in (
        ("granted", Reason.MATCHED),
        ("refused", Reason.PASSING),
        ("refused", Reason.POOR_VIEW),
        ("abandoned", Reason.LEFT),
    ):
        assert value(watchers, "authentications_total", outcome=outcome, reason=reason.value) == 1.0
    assert value(watchers, "quality_failures_total", defect=Defect.TOO_DARK.value) == 1.0
    assert value(watchers, "abandoned_total") == 1.0


def test_what_broke_a_bound_of_quality_is_counted_by_its_measure() -> None:
    """R55: angles without their sign, and nothing where no number was measured."""
    poor = decided(Reason.POOR_VIEW, Defect.TURNED_AWAY)
    watchers = heard(
        replace(poor, measure="yaw", measured=-52.3, bound=45.0),
        replace(poor, measure="sharpness", measured=None, bound=15.0),
        poor,
    )
    assert value(watchers, "quality_measured_sum", measure="yaw") == 52.3
    assert value(watchers, "quality_measured_count", measure="yaw") == 1.0
    assert value(watchers, "quality_measured_count", measure="sharpness") == 0.0


def test_a_mask_is_counted_as_it_is_measured() -> None:
    """R58: the one piece of protective equipment that the kiosk measures."""
    poor = decided(Reason.POOR_VIEW, Defect.MASK)
    watchers = heard(replace(poor, measure="mask", measured=0.93, bound=0.5))
    assert value(watchers, "quality_failures_total", defect="mask") == 1.0
    assert value(watchers, "quality_measured_bucket", measure="mask", le="0.75") == 0.0
    assert value(watchers, "quality_measured_bucket", measure="mask", le="1.0") == 1.0


def test_steps_of_an_enrolment_are_counted() -> None:
    """R52."""
    step = next(iter(EnrolmentStep))
    watchers = heard(EnrolmentSessionNoted(step, "s-17", EndReason.LEFT))
    name = "enrolment_steps_total"
    assert value(watchers, name, step=step.value, reason=EndReason.LEFT.value) == 1.0


def test_no_label_says_who_it_was_or_how_alike() -> None:
    """R69: the page for Prometheus holds no id, and no score but in bands."""
    watchers = heard(
        decided(Reason.AMBIGUOUS),
        DoorReleasedForPerson("s-17", 5.0),
        CloudFlowEnded(CloudFlow.WITHDRAWAL, FlowEnd.APPROVED, PERSON, "s-17"),
    )
    watchers.searched(SearchAnswer(ModelVersion("7.0"), (Match(CloudId(PERSON), 99.3712),)), SEARCH)
    watchers.called(report(Outcome.ANSWERED))
    page = watchers.kept.text()
    for secret in ("s-17", PERSON, "0.987", "0.876", "99.37", "a-request-id"):
        assert secret not in page
    assert "person" not in {label for each in METRICS for label in each.labels}


def test_changes_are_told_once() -> None:
    watchers = CloudWatchers(most_faces=100)
    for outcome in (Outcome.SPENT, Outcome.SPENT, Outcome.LATE, Outcome.ANSWERED, Outcome.ANSWERED):
        watchers.called(report(outcome))
    watchers.circuit(CallGroup.SEARCH, shut=True)
    watchers.circuit(CallGroup.SEARCH, shut=False)
    for faces in (79, 80, 95, 10, 80):
        watchers.described(CollectionFacts("c-0", ModelVersion("7.0"), faces, 1))
    assert list(watchers.changes.taken()) == [
        CloudSpendingChanged(stopped=True),
        CloudSpendingChanged(stopped=False),
        CloudCircuitChanged("search", shut=True),
        CloudCircuitChanged("search", shut=False),
        CloudCollectionFilling("c-0", 80, 100),
        CloudCollectionFilling("c-0", 80, 100),
    ]
    assert list(watchers.changes.taken()) == []
    assert value(watchers, "cloud_fill_share", collection="c-0") == 0.8


def test_it_is_gone_from_the_first_failure_until_an_answer() -> None:
    watchers = CloudWatchers()
    assert watchers.standing.answered_at is None
    watchers.called(report(Outcome.LATE))
    since = watchers.standing.gone_since
    watchers.called(report(Outcome.UNREACHABLE))
    assert since is not None
    assert watchers.standing.gone_since == since
    watchers.called(report(Outcome.DECLINED))
    assert watchers.standing.gone_since is None
    assert watchers.standing.answered_at is not None
