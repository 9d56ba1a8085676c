"""The shipped calibrations follow from their histograms, and keep the target of a visit."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources
from typing import Self

import numpy as np
import pytest
from numpy.typing import NDArray

from config.settings import Settings
from kiosk.domain.access.policy import Form, MatchPolicy, decision_threshold
from kiosk.measure.rates import Rate
from models.packs.installed import load_manifest
from models.packs.manifest import Provenance

PACKS = ("standard", "light")
BIN = 0.001


@dataclass(frozen=True)
class Histogram:
    """Scores of all comparisons, in bins by their lower edges."""

    edges: NDArray[np.float64]
    mated: NDArray[np.int64]
    non_mated: NDArray[np.int64]

    @classmethod
    def of(cls, provenance: Provenance) -> Self:
        text = resources.files("models").joinpath(provenance.histogram).read_text("utf-8")
        rows = list(csv.DictReader(text.splitlines()))
        counts = [np.array([int(row[kind]) for row in rows]) for kind in ("mated", "non_mated")]
        return cls(np.array([float(row["score_from"]) for row in rows]), *counts)

    def reaching(self, score: float) -> float:
        """Non-mated comparisons with this score or more; a bin counts by the share above it."""
        above = np.clip((self.edges + BIN - score) / BIN, 0.0, 1.0)
        return float((above * self.non_mated).sum())


def provenance_of(name: str) -> Provenance:
    found = load_manifest().pack(name).file("embedding").provenance
    assert found is not None
    return found


@pytest.fixture(params=PACKS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def histogram(name: str) -> Histogram:
    return Histogram.of(provenance_of(name))


def test_the_provenance_counts_what_the_histogram_holds(name: str, histogram: Histogram) -> None:
    told = provenance_of(name)
    assert int(histogram.non_mated.sum()) == told.non_mated
    assert int(histogram.mated.sum()) == told.mated
    assert np.all(np.diff(histogram.edges) > 0)


def test_each_point_follows_from_the_histogram(name: str, histogram: Histogram) -> None:
    """The count at the score is that of the rate, to what the rounding of the score changes."""
    points = load_manifest().pack(name).calibration(Form.SINGLE).points
    assert [point.fmr for point in points] == [10.0**-power for power in range(2, 8)]
    for point in points:
        wanted = point.fmr * histogram.non_mated.sum()
        loosest, strictest = (histogram.reaching(point.score + d) for d in (-2e-4, 2e-4))
        assert strictest <= wanted <= loosest, point


def test_the_rates_are_known_within_bounds(name: str, histogram: Histogram) -> None:
    """Clopper-Pearson on the counts; pairs of one person depend on each other, so a lower limit."""
    points = load_manifest().pack(name).calibration(Form.SINGLE).points
    widest = {1e-2: 1.01, 1e-3: 1.02, 1e-4: 1.03, 1e-5: 1.1, 1e-6: 1.3, 1e-7: 2.3}
    for point in points:
        reached = Rate(round(histogram.reaching(point.score)), int(histogram.non_mated.sum()))
        low, high = reached.bounds
        assert low < point.fmr < high < point.fmr * widest[point.fmr]


# -- the target of a visit -----------------------------------------------------------------------

VISITS = 200_000


def threshold_for(name: str, references: int, policy: MatchPolicy) -> float:
    return decision_threshold(
        load_manifest().pack(name).calibration(Form.SINGLE), references, policy
    )


def visits_taken_for_somebody(
    histogram: Histogram, threshold: float, references: int, tries: int, *, alike: bool
) -> Rate:
    """Visits of strangers with scores of the histogram.

    Args:
        histogram: what their scores are drawn from.
        threshold: from which score on they are taken for somebody.
        references: each of them is compared with so many.
        tries: sessions of a visit.
        alike: True if all tries of a visit give the same scores; else each is drawn anew.
    """
    chance = np.random.default_rng(27)
    rate = histogram.reaching(threshold) / histogram.non_mated.sum()
    drawn = references if alike else references * tries
    taken = chance.binomial(drawn, rate, VISITS) > 0
    return Rate(int(taken.sum()), VISITS)


@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("references", [1, 40, 1_000, 10_000])
def test_the_rate_of_a_visit_stays_within_the_target(
    name: str, histogram: Histogram, *, references: int, alike: bool
) -> None:
    policy = Settings().match_policy()
    threshold = threshold_for(name, references, policy)
    taken = visits_taken_for_somebody(histogram, threshold, references, policy.tries, alike=alike)
    low, _ = taken.bounds
    assert low <= policy.target_fpir


def test_a_threshold_for_one_try_would_not_keep_it(name: str, histogram: Histogram) -> None:
    """What was done before: five sessions of a visit had up to five times the target."""
    policy = Settings().match_policy()
    once = MatchPolicy(policy.target_fpir, 0.0, policy.margin)
    threshold = threshold_for(name, 1_000, once)
    taken = visits_taken_for_somebody(histogram, threshold, 1_000, policy.tries, alike=False)
    low, _ = taken.bounds
    assert low > 3 * policy.target_fpir
