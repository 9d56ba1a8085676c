"""A site's own scores: a shift where they are higher than shipped, and never a looser one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.domain.access.policy import Calibration, OperatingPoint
from kiosk.domain.errors import BadInput
from kiosk.domain.vision.template import SpaceId
from kiosk.measure.site import means, people_for, person_of, site_scores

Vectors = NDArray[np.float32]
TOP = Path("/site")


def calibration(*points: tuple[float, float]) -> Calibration:
    return Calibration(SpaceId("test/1"), tuple(OperatingPoint(*point) for point in points))


STRICT = calibration((1e-2, 0.5), (1e-3, 0.6), (1e-4, 0.7))


def crowd(people: int, each: int = 2, alike: float = 0.0) -> tuple[Vectors, list[Path]]:
    """Unit vectors of nobody; the larger `alike`, the higher the scores of two people."""
    chance = np.random.default_rng(people)
    middles = chance.standard_normal((people, 64)) + alike
    rows = np.repeat(middles, each, axis=0) + 0.1 * chance.standard_normal((people * each, 64))
    owners = [TOP / f"p-{number:03}" for number in range(people) for _ in range(each)]
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), owners


def test_people_who_are_no_more_alike_ask_for_nothing() -> None:
    found = site_scores(*crowd(80), STRICT)
    assert found.shift == 0.0
    assert (found.people, found.probes, found.pairs) == (80, 160, 3160)


def test_people_who_are_more_alike_ask_for_the_difference_and_not_for_less() -> None:
    found = site_scores(*crowd(80, alike=0.9), STRICT)
    shown = {point.fmr: point for point in found.points}
    assert shown[1e-2].score is not None
    assert shown[1e-3].score is not None
    excess = max(shown[1e-2].score - 0.5, shown[1e-3].score - 0.6)
    assert excess > 0.0
    assert excess <= found.shift < excess + 0.001 + 1e-6
    low, _ = shown[1e-2].reached.bounds
    assert low > 1e-2


def test_a_rate_that_so_few_people_cannot_show_moves_nothing() -> None:
    """3,160 pairs of people show 1 in 1,000, and not 1 in 10,000, however many pictures."""
    vectors, owners = crowd(80, each=6)
    found = site_scores(vectors, owners, calibration((1e-4, 0.01)))
    assert [point.score for point in found.points] == [None]
    assert found.shift == 0.0
    assert found.points[0].reached.errors > 0


def test_the_score_here_is_reached_by_no_larger_share_than_the_rate() -> None:
    vectors, owners = crowd(40)
    (point, *_) = site_scores(vectors, owners, STRICT).points
    scores = vectors @ vectors.T
    others = np.array([[a != b for a in owners] for b in owners])
    non_mated = scores[np.triu(others)]
    assert point.score is not None
    assert (non_mated >= point.score).mean() <= 1e-2
    assert (non_mated >= point.score - 0.01).mean() > 1e-2
    assert point.reached.trials == len(non_mated) == math.comb(40, 2) * 4


def test_every_comparison_is_in_the_histogram() -> None:
    found = site_scores(*crowd(30), STRICT)
    assert sum(found.histogram.values()) == found.points[0].reached.trials
    assert max(found.histogram) <= found.highest < max(found.histogram) + 0.05


@pytest.mark.parametrize("people", [0, 1, 2, 24])
def test_too_few_people_are_refused_with_what_they_can_show(people: int) -> None:
    vectors, owners = crowd(max(people, 1))
    with pytest.raises(BadInput, match=f"{people} people make {math.comb(people, 2)} pairs") as no:
        site_scores(vectors[: 2 * people], owners[: 2 * people], STRICT)
    assert "25 people or more" in no.value.remedy
    assert "78 people show 0.1 %" in no.value.remedy


def test_25_people_are_enough_for_one_in_a_hundred() -> None:
    assert [people_for(rate) for rate in (1e-2, 1e-3, 1e-4)] == [25, 78, 246]
    found = site_scores(*crowd(25), STRICT)
    assert [point.score is not None for point in found.points] == [True, False, False]


def test_folders_of_one_person_are_named() -> None:
    vectors, owners = crowd(30)
    split = [TOP / "again" if row == 5 else owner for row, owner in enumerate(owners)]
    found = site_scores(vectors, split, STRICT)
    ((one, other, score),) = found.alike
    assert {one, other} == {TOP / "again", TOP / "p-002"}
    assert score == pytest.approx(found.highest)
    assert score > 0.9


def test_a_person_is_the_folder_below_the_one_that_was_given() -> None:
    folders = [TOP, Path("/other")]
    assert person_of(TOP / "ann" / "1.jpg", folders) == TOP / "ann"
    assert person_of(TOP / "ann" / "monday" / "1.jpg", folders) == TOP / "ann"
    assert person_of(Path("/other/ann/1.jpg"), folders) == Path("/other/ann")
    assert person_of(TOP / "1.jpg", folders) == TOP


def test_neighbouring_pictures_of_a_folder_are_averaged() -> None:
    vectors = np.eye(7, dtype=np.float32)
    images = [TOP / "a" / f"{n}.jpg" for n in range(5)] + [TOP / "b" / f"{n}.jpg" for n in range(2)]
    made, firsts = means(vectors, images, 4)
    assert firsts == [images[0], images[4], images[5]]
    assert made[0] == pytest.approx([0.5] * 4 + [0.0] * 3)
    assert made[1] == pytest.approx(vectors[4])
    assert np.linalg.norm(made, axis=1) == pytest.approx(1.0)
