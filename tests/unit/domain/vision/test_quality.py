"""Each bound at its limit and just past it, with the rows of the founding documents."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from doorway import MEASURES
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.vision.quality import (
    BrokenBound,
    Defect,
    QualityAssessment,
    QualityBounds,
    QualityMeasures,
    judge,
)

LAW = QualityBounds(
    max_yaw=45.0,
    min_pitch=-30.0,
    max_pitch=45.0,
    max_roll=40.0,
    min_size_px=50.0,
    min_sharpness=15.0,
    min_brightness=15.0,
    max_brightness=90.0,
    max_noise=30.0,
    max_overexposed=0.25,
    max_eyes_closed=0.6,
    max_sunglasses=0.5,
    max_mask=0.5,
)
"""The bounds of the founding documents themselves."""

NAN = float("nan")


def defects(**changes: float) -> tuple[Defect, ...]:
    return judge(replace(MEASURES, **changes), LAW).defects


@pytest.mark.parametrize(
    ("measure", "passes", "fails", "defect"),
    [
        pytest.param("yaw", 45.0, 45.1, Defect.TURNED_AWAY, id="R2 right"),
        pytest.param("yaw", -45.0, -45.1, Defect.TURNED_AWAY, id="R2 left"),
        pytest.param("pitch", -30.0, -30.1, Defect.CHIN_DOWN, id="R3 down"),
        pytest.param("pitch", 45.0, 45.1, Defect.CHIN_UP, id="R3 up"),
        pytest.param("sharpness", 15.1, 15.0, Defect.BLURRED, id="R4"),
        pytest.param("brightness", 15.1, 15.0, Defect.TOO_DARK, id="R5 dark"),
        pytest.param("brightness", 90.0, 90.1, Defect.TOO_BRIGHT, id="R5 bright"),
        pytest.param("noise", 30.0, 30.1, Defect.NOISY, id="noise"),
        pytest.param("overexposed", 0.25, 0.251, Defect.TOO_BRIGHT, id="R5 blown out"),
        pytest.param("eyes_closed", 0.6, 0.601, Defect.EYES_CLOSED, id="R6"),
        pytest.param("sunglasses", 0.5, 0.501, Defect.SUNGLASSES, id="R7"),
        pytest.param("size_px", 51.0, 50.0, Defect.TOO_FAR, id="R8"),
        pytest.param("size_px", 50.01, 49.0, Defect.TOO_FAR, id="R8 just over"),
        pytest.param("mask", 0.5, 0.501, Defect.MASK, id="R9"),
        pytest.param("roll", 40.0, 40.1, Defect.TILTED, id="tilted right"),
        pytest.param("roll", -40.0, -40.1, Defect.TILTED, id="tilted left"),
    ],
)
def test_bound(measure: str, passes: float, fails: float, defect: Defect) -> None:
    """R2 to R9, at the bound and past it."""
    assert defects(**{measure: passes}) == ()
    assert defects(**{measure: fails}) == (defect,)


@pytest.mark.parametrize(
    ("defect", "measure", "value", "bound"),
    [
        (Defect.TURNED_AWAY, "yaw", -45.1, LAW.max_yaw),
        (Defect.CHIN_DOWN, "pitch", -30.1, LAW.min_pitch),
        (Defect.CHIN_UP, "pitch", 45.1, LAW.max_pitch),
        (Defect.TILTED, "roll", -40.1, LAW.max_roll),
        (Defect.TOO_FAR, "size_px", 50.0, LAW.min_size_px),
        (Defect.TOO_DARK, "brightness", 15.0, LAW.min_brightness),
        (Defect.TOO_BRIGHT, "brightness", 90.1, LAW.max_brightness),
        (Defect.TOO_BRIGHT, "overexposed", 0.3, LAW.max_overexposed),
        (Defect.NOISY, "noise", 30.1, LAW.max_noise),
        (Defect.MASK, "mask", 0.6, LAW.max_mask),
        (Defect.SUNGLASSES, "sunglasses", 0.7, LAW.max_sunglasses),
        (Defect.EYES_CLOSED, "eyes_closed", 0.8, LAW.max_eyes_closed),
        (Defect.BLURRED, "sharpness", 15.0, LAW.min_sharpness),
    ],
)
def test_the_bound_that_a_measure_broke(
    defect: Defect, measure: str, value: float, bound: float
) -> None:
    """R55."""
    found = judge(replace(MEASURES, **{measure: value}), LAW)
    shown = abs(value) if measure in {"yaw", "roll"} else value
    assert found.broken == (BrokenBound(defect, measure, shown, bound),)
    assert found.worst == found.broken[0]


def test_a_defect_has_one_bound_and_the_worst_is_that_of_the_first_defect() -> None:
    found = judge(replace(MEASURES, brightness=95.0, overexposed=0.9, sharpness=1.0), LAW)
    assert [each.measure for each in found.broken] == ["brightness", "sharpness"]
    assert found.worst == found.broken[0]
    elsewhere = replace(found, defects=(Defect.TOO_CLOSE, *found.defects))
    assert elsewhere.worst is None, "where somebody stands is no measure of the view"
    blurred = replace(found, defects=(Defect.BLURRED,))
    assert blurred.worst == found.broken[1]
    assert judge(MEASURES, LAW).worst is None


def test_looking_down_and_looking_up_are_told_apart() -> None:
    """R3: negative is down, and down has the tighter bound."""
    assert defects(pitch=-40.0) == (Defect.CHIN_DOWN,)
    assert defects(pitch=40.0) == ()


@pytest.mark.parametrize("measure", [field.name for field in fields(QualityMeasures)])
def test_a_measure_that_is_not_a_number_is_refused(measure: str) -> None:
    """Unknown is refused."""
    assert defects(**{measure: NAN})


def test_nothing_known_is_everything_wrong() -> None:
    nothing = QualityMeasures(*[NAN] * len(fields(QualityMeasures)))
    placed_elsewhere = {
        Defect.TOO_CLOSE,
        Defect.OFF_LEFT,
        Defect.OFF_RIGHT,
        Defect.OFF_UP,
        Defect.OFF_DOWN,
    }
    assert set(judge(nothing, LAW).defects) == set(Defect) - placed_elsewhere


def test_the_worst_comes_first() -> None:
    found = defects(sharpness=1.0, size_px=10.0, yaw=80.0, brightness=1.0)
    assert found == (Defect.TOO_FAR, Defect.TOO_DARK, Defect.TURNED_AWAY, Defect.BLURRED)


@given(
    st.builds(QualityMeasures, *[st.floats(-200, 200)] * len(fields(QualityMeasures))),
)
def test_defects_are_in_the_order_in_which_people_are_told(measures: QualityMeasures) -> None:
    found = judge(measures, LAW).defects
    order = list(Defect)
    assert sorted(found, key=order.index) == list(found)
    assert len(set(found)) == len(found)


def test_a_good_view_is_acceptable_and_keeps_its_measures() -> None:
    assert judge(MEASURES, LAW) == QualityAssessment(MEASURES, ())
    assert judge(MEASURES, LAW).acceptable


def test_one_defect_is_enough() -> None:
    assert not QualityAssessment(MEASURES, (Defect.BLURRED,)).acceptable
