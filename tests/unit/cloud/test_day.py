"""The morning of a 2,000-person office, simulated (R47)."""

from __future__ import annotations

import math

import pytest

from kiosk.cloud.day import CloudTerms, Morning, percentile, simulated
from kiosk.domain.cloud.modes import CloudMode
from kiosk.domain.errors import BadInput

BUSY = Morning(doors=12)


def test_everybody_is_decided_on_and_only_some_are_asked_about() -> None:
    report = simulated(BUSY, CloudTerms(CloudMode.LOCAL_THEN_CLOUD, 50.0))
    assert report.decisions == 2_000
    # Binomial: 40 of 2,000, with a standard deviation of 6.3, and five of them.
    assert abs(report.asked - 40) < 32
    assert report.fallbacks <= report.asked
    assert report.cost == report.calls / 1_000.0


def test_nothing_is_sent_where_the_kiosk_decides_alone() -> None:
    report = simulated(BUSY, CloudTerms(CloudMode.LOCAL, 50.0))
    assert (report.calls, report.asked, report.cost) == (0, 0, 0.0)


@pytest.mark.parametrize("quota", [0.5, 1.0, 5.0, 50.0])
def test_the_quota_is_kept_in_each_second(quota: float) -> None:
    report = simulated(BUSY, CloudTerms(CloudMode.CLOUD, quota, shards=3))
    assert 0 < report.sent <= math.ceil(quota)


def test_a_burst_above_the_quota_falls_back_and_no_question_waits_beyond_its_limit() -> None:
    tight = simulated(BUSY, CloudTerms(CloudMode.CLOUD, 1.0))
    wide = simulated(BUSY, CloudTerms(CloudMode.CLOUD, 50.0))
    assert tight.fallbacks > 100 > wide.fallbacks
    assert tight.held[-1] <= 3.0
    assert wide.held[-1] == 0.0


def test_somebody_known_costs_one_call_and_others_one_for_each_shard() -> None:
    once = Morning(doors=12, again=0.0, answer_spread=0.0)
    terms = CloudTerms(CloudMode.BOTH_AGREE, 10_000.0, shards=4)
    assert simulated(once, terms).calls == 8_000
    known = Morning(doors=12, again=0.0, answer_spread=0.0, known=1.0)
    assert simulated(known, terms).calls == 2_000


def test_few_doors_make_people_wait_and_not_the_bucket() -> None:
    few = simulated(Morning(doors=1), CloudTerms(CloudMode.CLOUD, 50.0))
    many = simulated(Morning(doors=20), CloudTerms(CloudMode.CLOUD, 50.0))
    assert percentile(few.queued, 0.5) > 600.0
    assert percentile(many.queued, 0.5) < 10.0
    assert few.wanted <= 2


def test_an_answer_slower_than_the_limit_is_a_fallback_for_everybody() -> None:
    slow = Morning(people=100, answer=4.0, answer_spread=0.0)
    report = simulated(slow, CloudTerms(CloudMode.CLOUD, 50.0))
    assert report.fallbacks == 100


def test_the_same_morning_twice_is_the_same() -> None:
    terms = CloudTerms(CloudMode.CLOUD, 2.0)
    assert simulated(BUSY, terms) == simulated(BUSY, terms)


def test_a_percentile_of_nothing_is_nothing() -> None:
    assert percentile([], 0.95) == 0.0
    assert percentile([1.0, 2.0, 3.0], 1.0) == 3.0


@pytest.mark.parametrize(
    "values", [{"people": 0}, {"doors": 0}, {"spread": -1.0}, {"ambiguous": 1.1}, {"known": -1.0}]
)
def test_no_morning_without_people_and_doors(values: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        Morning(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [{"quota": 0.0}, {"shards": 0}, {"limit": 0.0}])
def test_a_quota_of_zero_decides_nobody(values: dict[str, float]) -> None:
    terms = CloudTerms(**({"mode": CloudMode.CLOUD, "quota": 1.0} | values))  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        simulated(BUSY, terms)
