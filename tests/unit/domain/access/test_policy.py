"""The decision threshold follows from the calibration, the target and the gallery's size."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.app.console import with_command
from kiosk.domain.access.policy import (
    Calibration,
    GalleryRoom,
    MatchPolicy,
    OperatingPoint,
    capacity,
    decision_threshold,
    same_face_threshold,
    same_person_threshold,
)
from kiosk.domain.errors import PolicyError
from kiosk.domain.vision.template import SpaceId

SPACE = SpaceId("test/1")
POINTS = tuple(
    OperatingPoint(fmr, score)
    for fmr, score in ((1e-2, 0.40), (1e-3, 0.45), (1e-4, 0.53), (1e-5, 0.60), (1e-6, 0.68))
)
MEASURED = Calibration(SPACE, POINTS)
STRICTEST, EASIEST = POINTS[-1], POINTS[0]
NAN, INFINITE = float("nan"), float("inf")


def test_neither_floor_is_undercut() -> None:
    """The pack's own floor stands under a site's, which can only raise it."""
    pack = Calibration(SPACE, POINTS, floor=0.5)
    easy, hard = 1e-2, 1e-5
    for site, target, expected in (
        (0.0, easy, 0.5),
        (0.45, easy, 0.5),
        (0.55, easy, 0.55),
        (0.55, hard, 0.60),
        (0.65, hard, 0.65),
    ):
        found = decision_threshold(pack, 1, MatchPolicy(target, site, 0.05))
        assert found == pytest.approx(expected)


@pytest.mark.parametrize("tries", [2, 5, 20])
@pytest.mark.parametrize("references", [1, 10, 100])
def test_the_chance_adds_up_over_the_tries_of_a_visit(references: int, tries: int) -> None:
    """As if the gallery were so many times as large."""
    visit, once = (
        decision_threshold(MEASURED, number, MatchPolicy(5e-3, 0.0, 0.05, count))
        for number, count in ((references, tries), (references * tries, 1))
    )
    assert visit == pytest.approx(once)
    assert visit > decision_threshold(MEASURED, references, MatchPolicy(5e-3, 0.0, 0.05, 1))


@pytest.mark.parametrize("tries", [0, 1, 4, 7])
def test_room_is_shared_by_the_tries_of_a_visit(tries: int) -> None:
    policy = MatchPolicy(1e-3, 0.0, 0.05, tries)
    most = capacity(MEASURED, policy)
    assert most == 1000 // max(tries, 1)
    decision_threshold(MEASURED, most, policy)
    with pytest.raises(PolicyError, match="beyond the calibration"):
        decision_threshold(MEASURED, most + 1, policy)


@pytest.mark.parametrize(("shift", "expected"), [(0.0, 0.53), (0.04, 0.57), (-0.04, 0.53)])
def test_a_site_can_only_raise_its_scores(shift: float, expected: float) -> None:
    found = decision_threshold(MEASURED, 1, MatchPolicy(1e-4, 0.0, 0.05, shift=shift))
    assert found == pytest.approx(expected)


def test_pictures_of_one_person_agree_at_one_false_match_in_ten_thousand() -> None:
    assert same_person_threshold(MEASURED) == pytest.approx(0.53)
    with pytest.raises(PolicyError, match="empty or contradicts itself"):
        same_person_threshold(Calibration(SPACE, ()))


def threshold(target: float, references: int = 1, floor: float = -1.0) -> float:
    return decision_threshold(MEASURED, references, MatchPolicy(target, floor, 0.05))


@pytest.mark.parametrize("point", POINTS)
def test_one_reference_at_a_calibrated_rate_takes_the_measured_score(point: OperatingPoint) -> None:
    assert threshold(point.fmr) == pytest.approx(point.score, abs=1e-9)


def test_frames_of_one_face_agree_at_the_score_of_one_in_a_million() -> None:
    assert same_face_threshold(MEASURED) == 0.68
    assert same_face_threshold(Calibration(SPACE, POINTS[:3])) == 0.53, "as strict as was measured"


@pytest.mark.parametrize("references", [1, 10, 1000, 100_000])
@pytest.mark.parametrize("point", POINTS)
def test_the_chance_adds_up_over_the_gallery(point: OperatingPoint, references: int) -> None:
    """ISO/IEC 19795-1: FPIR = 1 - (1 - FMR)^N, met exactly at every calibrated point."""
    fpir = 1.0 - (1.0 - point.fmr) ** references
    if fpir < 1.0:
        assert threshold(fpir, references) == pytest.approx(point.score, abs=1e-6)


def test_between_points_the_score_follows_the_logarithm() -> None:
    assert threshold(math.sqrt(1e-3 * 1e-4)) == pytest.approx((0.45 + 0.53) / 2)


def test_the_shipped_example_by_hand() -> None:
    """0.001 over 10 references is an FMR of 1.0005e-4, all but the measured 1e-4."""
    assert threshold(0.001, 10) == pytest.approx(0.53, abs=1e-4)
    assert threshold(0.001, 100) == pytest.approx(0.60, abs=1e-4)


def test_no_threshold_is_lower_than_the_floor() -> None:
    assert threshold(0.01, floor=0.62) == 0.62
    assert threshold(1e-6, floor=0.62) == pytest.approx(0.68)


def test_easier_than_measured_is_no_easier() -> None:
    assert threshold(0.5) == pytest.approx(EASIEST.score)


@pytest.mark.parametrize("references", [0, 1])
def test_an_empty_gallery_has_the_threshold_of_one(references: int) -> None:
    assert threshold(1e-4, references) == pytest.approx(0.53)


def test_the_room_that_there_is() -> None:
    assert capacity(MEASURED, MatchPolicy(0.001, 0.5, 0.05)) == 1000
    assert capacity(MEASURED, MatchPolicy(1e-6, 0.5, 0.05)) == 1
    assert capacity(MEASURED, MatchPolicy(0.9e-6, 0.5, 0.05)) == 0


@given(st.floats(1e-8, 0.5))
def test_as_many_as_there_is_room_for_have_a_threshold_and_one_more_has_none(target: float) -> None:
    policy = MatchPolicy(target, 0.5, 0.05)
    most = capacity(MEASURED, policy)
    if most:
        decision_threshold(MEASURED, most, policy)
    with pytest.raises(PolicyError, match="beyond the calibration"):
        decision_threshold(MEASURED, most + 1, policy)


@pytest.mark.parametrize("target", [0.0, 1.0, NAN])
def test_there_is_no_room_for_what_is_no_rate(target: float) -> None:
    with pytest.raises(PolicyError, match="not between 0 and 1"):
        capacity(MEASURED, MatchPolicy(target, 0.5, 0.05))


@pytest.mark.parametrize(
    ("references", "left", "scarce"), [(0, 10, False), (7, 3, False), (8, 2, True), (12, 0, True)]
)
def test_room_grows_scarce_before_it_is_gone(references: int, left: int, scarce: object) -> None:
    room = GalleryRoom(references, 10)
    assert (room.left, room.scarce) == (left, scarce)


def test_beyond_the_calibration_nothing_is_known() -> None:
    with pytest.raises(PolicyError, match=r"1001 references .* beyond the calibration of test/1"):
        threshold(0.001, 1001)
    assert threshold(0.001, 1000) == pytest.approx(STRICTEST.score, abs=1e-4)


@pytest.mark.parametrize("target", [0.0, -0.1, 1.0, 2.0, NAN, INFINITE])
def test_a_target_that_is_no_rate_is_refused(target: float) -> None:
    with pytest.raises(PolicyError, match="not between 0 and 1"):
        threshold(target)


def points(*pairs: tuple[float, float]) -> Calibration:
    return Calibration(SPACE, tuple(OperatingPoint(fmr, score) for fmr, score in pairs))


@pytest.mark.parametrize(
    "calibration",
    [
        points(),
        points((1e-3, 0.5), (1e-4, 0.4)),
        points((1e-3, 0.5), (1e-4, 0.5)),
        points((1e-3, 0.5), (1e-3, 0.6)),
        points((1e-3, 0.6), (1e-3, 0.5)),
        points((0.0, 0.5), (1e-3, 0.4)),
        points((1.0, 0.5), (1e-3, 0.6)),
        points((-1e-3, 0.5)),
        points((1e-3, NAN)),
        points((1e-3, INFINITE)),
        points((1e-3, 0.4), (1e-4, NAN), (1e-5, 0.6)),
        points((NAN, 0.5)),
    ],
)
def test_a_calibration_that_contradicts_itself_is_refused(calibration: Calibration) -> None:
    with pytest.raises(PolicyError, match="empty or contradicts itself") as caught:
        decision_threshold(calibration, 1, MatchPolicy(1e-3, 0.1, 0.05))
    assert "kiosk models verify" in with_command(caught.value.remedy)


def test_the_order_of_the_points_is_no_matter() -> None:
    turned = Calibration(SPACE, tuple(reversed(POINTS)))
    policy = MatchPolicy(3e-4, -1.0, 0.05)
    assert decision_threshold(turned, 3, policy) == decision_threshold(MEASURED, 3, policy)


def test_one_point_is_enough_where_it_is_strict_enough() -> None:
    single = points((1e-4, 0.53))
    assert decision_threshold(single, 1, MatchPolicy(1e-3, 0.0, 0.0)) == pytest.approx(0.53)


TARGETS = st.floats(1e-3, 0.01)


@given(TARGETS, st.integers(0, 1000), st.integers(0, 1000))
def test_a_larger_gallery_never_lowers_the_threshold(target: float, a: int, b: int) -> None:
    few, many = sorted((a, b))
    assert threshold(target, many) >= threshold(target, few) - 1e-12


@given(TARGETS, TARGETS, st.integers(1, 900))
def test_a_stricter_target_never_lowers_the_threshold(a: float, b: float, references: int) -> None:
    strict, easy = sorted((a, b))
    assert threshold(strict, references) >= threshold(easy, references) - 1e-12


@given(TARGETS, st.integers(1, 900), st.floats(-1, 1))
def test_the_threshold_stays_within_what_was_measured(
    target: float, references: int, floor: float
) -> None:
    score = threshold(target, references, floor)
    assert max(EASIEST.score, floor) <= score <= max(STRICTEST.score, floor)
