"""Green means inside: nobody is let in while half their face is outside the drawn oval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
from filmed_people import composed
from real_kiosk import RealKiosk

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import Template

pytestmark = [pytest.mark.data, pytest.mark.weights]

PERSON = evaluation_data.people()[0]
SLOW = 4.0
"""Frames a second of a film in which the session's time is over before the film is."""


@pytest.fixture
def enrolled(kiosk: RealKiosk, references: Mapping[str, Sequence[Template]]) -> RealKiosk:
    kiosk.enrol(PERSON, references[PERSON])
    return kiosk


@pytest.fixture
def walk(enrolled: RealKiosk) -> Sequence[Path]:
    assert enrolled
    return next(iter(evaluation_data.walks(PERSON).values()))


def moved(frames: Sequence[Path], across: int, down: int) -> list[Pixels]:
    """The whole picture so many pixels further to the right and down."""
    shift = np.array([[1, 0, across], [0, 1, down]], np.float64)
    return [
        np.asarray(cv2.warpAffine(p, shift, (640, 480), borderMode=cv2.BORDER_REPLICATE), np.uint8)
        for p in evaluation_data.pictures(frames)
    ]


@pytest.mark.parametrize(
    ("across", "down", "defect"),
    [
        (125, 0, "off_left"),
        (-150, 0, "off_right"),
        (0, -170, "off_up"),
        (0, 130, "off_down"),
    ],
)
def test_half_a_face_outside_the_oval_is_let_in_by_nobody(
    enrolled: RealKiosk, walk: Sequence[Path], across: int, down: int, defect: str
) -> None:
    """The person would be let in from the middle; the journal says what was in the way."""
    film = composed(f"moved/{defect}", moved(walk, across, down), fps=SLOW)
    visit = enrolled.watch(film)
    assert visit.admitted == []
    assert visit.door.releases == 0
    assert visit.reasons == ["poor_view"]
    assert visit.decided("defect") == [defect]


def test_a_face_a_little_beside_the_middle_is_inside(
    enrolled: RealKiosk, walk: Sequence[Path]
) -> None:
    assert enrolled.watch(composed("moved/little", moved(walk, -40, 20))).admitted == [PERSON]
