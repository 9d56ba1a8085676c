"""Everything about recognition together, on templates made of numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.domain.access.policy import OperatingPoint
from kiosk.domain.people.enrolment import SampleRefusal
from kiosk.measure.acquisition import Acquired
from kiosk.measure.listing import Pair
from kiosk.measure.rates import Rate
from kiosk.measure.recognition import listed_scores, measure, measure_without

PEOPLE, IMAGES = 12, 4
LOST = Path("p00/lost.jpg")
CALIBRATION = [OperatingPoint(1e-2, 0.5), OperatingPoint(1e-4, 1.01), OperatingPoint(1e-6, 1.5)]


@pytest.fixture
def acquired() -> Acquired:
    """Twelve people with four images each who are as different as can be, and one lost image."""
    rng = np.random.default_rng(5)
    images = [Path(f"p{p:02}/{i}.jpg") for p in range(PEOPLE) for i in range(IMAGES)]
    vectors = np.repeat(np.eye(PEOPLE), IMAGES, axis=0) + rng.normal(0, 0.02, (48, PEOPLE))
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return Acquired(tuple(images), unit, {LOST: SampleRefusal.NO_FACE})


def pairs() -> list[Pair]:
    mated = [Pair(Path(f"p{p:02}/0.jpg"), Path(f"p{p:02}/1.jpg"), mated=True) for p in range(12)]
    others = [Pair(Path(f"p{p:02}/0.jpg"), Path("p11/1.jpg"), mated=False) for p in range(11)]
    return [*mated, *others]


def test_people_who_differ_are_recognised(acquired: Acquired) -> None:
    result = measure(acquired, pairs(), CALIBRATION)
    assert result.listed.accuracy == 1.0
    assert [p.false_non_matches for p in result.points.values()] == [Rate(0, 12 * 6)] * 3
    assert set(result.points) == {"1e-2", "1e-3", "1e-4"}
    assert result.points["1e-2"].false_matches.trials == 48 * 47 // 2 - 72
    assert (result.people, result.pairs, result.pairs_not_compared) == (12, 23, 0)


def test_a_lost_image_counts_where_it_must(acquired: Acquired) -> None:
    lost = [
        Pair(LOST, Path("p00/0.jpg"), mated=True),
        Pair(LOST, Path("p01/0.jpg"), mated=False),
    ]
    result = measure(acquired, [*pairs(), *lost], ())
    assert result.listed.wrong == Rate(1, 25), "the mated pair alone"
    assert result.pairs_not_compared == 2
    assert result.failures == Rate(1, 49)
    assert result.reasons == {SampleRefusal.NO_FACE: 1}
    assert result.points["1e-2"].false_non_matches.trials == 72, "no comparison was lost or made"


def test_scores_are_those_of_the_pair(acquired: Acquired) -> None:
    a, b = acquired.images[0], acquired.images[5]
    (score,) = listed_scores(acquired, [Pair(a, b, mated=False)])
    assert score == pytest.approx(float(acquired.vectors[0] @ acquired.vectors[5]), abs=1e-6)


def test_rates_are_told_at_the_scores_of_the_calibration(acquired: Acquired) -> None:
    at = measure(acquired, pairs(), CALIBRATION).calibrated
    assert {name: point.threshold for name, point in at.items()} == {"1e-2": 0.5, "1e-4": 1.01}
    assert at["1e-2"].false_matches.errors == at["1e-2"].false_non_matches.errors == 0
    assert at["1e-4"].false_non_matches == Rate(72, 72), "nobody reaches more than 1"
    assert measure(acquired, pairs(), ()).calibrated == {}


def test_an_image_with_a_wrong_name_is_missed_unless_it_is_left_out(acquired: Acquired) -> None:
    wrong = Path("p00/0.jpg")
    acquired.vectors[0] = acquired.vectors[4]
    assert measure(acquired, pairs(), CALIBRATION).listed.wrong.errors > 0
    assert measure(acquired, pairs(), CALIBRATION).calibrated["1e-2"].false_non_matches.errors == 3
    without = measure_without({wrong, LOST}, acquired, pairs(), CALIBRATION)
    assert without.listed.wrong == Rate(0, 21)
    assert without.calibrated["1e-2"].false_non_matches == Rate(0, 69)
    assert without.calibrated["1e-2"].false_matches == Rate(0, 47 * 46 // 2 - 69)
    assert without.failures == Rate(0, 47)
