"""The alarms that are shipped: each looks at a metric that a kiosk really sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kiosk.cloud.monitoring.alarms import template
from kiosk.cloud.monitoring.metrics import METRICS, NAMESPACE, STAGES
from kiosk.domain.cloud.modes import Searched
from kiosk.domain.cloud.operations import Operation

SENT = {
    each.sent_as: {name.capitalize() for name in each.labels} for each in METRICS if each.sent_as
}
OF_AWS = {("AWS/SQS", "ApproximateNumberOfMessagesVisible"): {"QueueName"}}


def metrics_in(part: object) -> Iterator[dict[str, Any]]:
    """Every metric that a template names, at whatever depth."""
    if isinstance(part, dict):
        if "MetricName" in part:
            yield part
        for each in part.values():
            yield from metrics_in(each)
    elif isinstance(part, list):
        for each in part:
            yield from metrics_in(each)


def test_each_metric_of_an_alarm_is_sent_with_these_dimensions() -> None:
    named = list(metrics_in(template()))
    assert len(named) > 10
    for each in named:
        dimensions = {it["Name"] for it in each.get("Dimensions", [])}
        if each["Namespace"] == NAMESPACE:
            assert SENT[each["MetricName"]] == dimensions, each
        else:
            assert OF_AWS[each["Namespace"], each["MetricName"]] == dimensions


def test_each_metric_that_is_sent_has_an_alarm() -> None:
    """What is sent costs money, and nothing else reads it."""
    page = json.dumps(template())
    assert [name for name in SENT if name not in page] == []


def test_it_watches_what_the_requirements_name() -> None:
    """R42, R49, R50: latency, errors, throttling, fill, spending, dead letters."""
    resources = template()["Resources"]
    assert all(each["Type"] == "AWS::CloudWatch::Alarm" for each in resources.values())
    search = resources["SearchLatency"]["Properties"]
    assert (search["ExtendedStatistic"], search["MetricName"]) == ("p95", "CallSeconds")
    unusual = resources["SearchLatencyUnusual"]["Properties"]
    assert unusual["ComparisonOperator"] == "GreaterThanUpperThreshold"
    assert "ANOMALY_DETECTION_BAND" in unusual["Metrics"][1]["Expression"]
    fill = resources["CollectionsFill"]["Properties"]
    assert fill["Threshold"] == 0.8
    assert (
        f'MAX(FillShare) FROM SCHEMA("{NAMESPACE}", Collection)' in fill["Metrics"][0]["Expression"]
    )
    assert {"SearchErrors", "SearchesThrottled", "SpendingReached", "ManyAbandoned"} <= set(
        resources
    )
    assert {"DeadLetters", "QueueDeadLetters"} <= set(resources)


def test_each_stage_of_the_kiosk_has_an_alarm_at_p95() -> None:
    """R50."""
    found = [each["Properties"] for each in template()["Resources"].values()]
    of_stages = [each for each in found if each.get("MetricName") == "StageSeconds"]
    assert {each["ExtendedStatistic"] for each in of_stages} == {"p95"}
    assert [each["Dimensions"] for each in of_stages] == [
        [{"Name": "Stage", "Value": stage}] for stage in STAGES
    ]
    limits = {each["Dimensions"][0]["Value"]: each["Threshold"] for each in of_stages}
    assert limits.pop("release") == {"Ref": "ReleaseSeconds"}
    assert set(map(str, limits.values())) == {str({"Ref": "StageSeconds"})}


def test_every_reference_is_to_something_that_is_there() -> None:
    page = template()
    known = {*page["Parameters"], *page["Resources"], "AWS::NoValue"}

    def references(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            if set(part) == {"Ref"}:
                yield part["Ref"]
            for each in part.values():
                yield from references(each)
        elif isinstance(part, list):
            for each in part:
                yield from references(each)

    assert set(references(page)) <= known
    conditions = {each["Condition"] for each in page["Resources"].values() if "Condition" in each}
    assert conditions <= set(page["Conditions"])


@pytest.mark.parametrize("search", Searched)
def test_it_watches_the_search_of_the_settings(search: Searched) -> None:
    parameters = template(search, "https://sqs.eu-west-1.amazonaws.com/1/dead")["Parameters"]
    assert Operation(parameters["Search"]["Default"]).searches
    assert (parameters["Search"]["Default"] == "SearchFacesByImage") is (search is Searched.FACES)
    assert parameters["DeadLetterQueue"]["Default"] == "dead"
