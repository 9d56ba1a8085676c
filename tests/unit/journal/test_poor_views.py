"""The numbers of a poor view, in the entry of the refusal: no image, and nobody's name (R55)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from doorway import MEASURES
from strangers import keeps_no_more_than_is_said

from kiosk.domain.access.machine import Decision
from kiosk.domain.access.states import Reason
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import BrokenBound, Defect, QualityAssessment
from kiosk.journal.details import decision_event

NAN = float("nan")
NEW = {"measure", "measured", "bound", "yaw", "pitch", "roll"}


def said(poor: QualityAssessment | None) -> dict[str, object]:
    defect = None if poor is None else poor.defects[0]
    decision = Decision(Instant(1.0), Reason.POOR_VIEW, None, defect=defect, poor=poor)
    details = decision_event(decision).details()
    assert keeps_no_more_than_is_said(details)
    json.dumps(details, allow_nan=False)
    return {name: value for name, value in details.items() if name in NEW}


def test_the_measure_its_bound_and_the_pose() -> None:
    broken = BrokenBound(Defect.TOO_DARK, "brightness", 11.23456, 15.0)
    seen = replace(MEASURES, yaw=-3.1, pitch=2.0, roll=0.5)
    assert said(QualityAssessment(seen, (Defect.TOO_DARK,), (broken,))) == {
        "measure": "brightness",
        "measured": 11.2346,
        "bound": 15.0,
        "yaw": -3.1,
        "pitch": 2.0,
        "roll": 0.5,
    }


def test_where_somebody_stands_has_a_pose_and_no_measure() -> None:
    assert set(said(QualityAssessment(MEASURES, (Defect.OFF_LEFT,)))) == {"yaw", "pitch", "roll"}


@pytest.mark.parametrize("number", [NAN, float("inf")])
def test_what_is_no_number_is_null(number: float) -> None:
    broken = BrokenBound(Defect.TURNED_AWAY, "yaw", number, 45.0)
    details = said(
        QualityAssessment(replace(MEASURES, yaw=number), (Defect.TURNED_AWAY,), (broken,))
    )
    assert (details["measured"], details["yaw"], details["bound"]) == (None, None, 45.0)


def test_a_good_view_adds_nothing() -> None:
    assert said(None) == {}
