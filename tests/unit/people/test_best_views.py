"""Which views of somebody who enrols are kept: most of them as the door sees people (R20)."""

from __future__ import annotations

from enrolling import ANN, TURNS

from kiosk.domain.enrolment.poses import PoseDirection, PoseSample
from kiosk.domain.vision.frame import Instant
from kiosk.people.beginning.best_views import best_views

CENTRE, LEFT, RIGHT, UP, DOWN = PoseDirection


def view(direction: PoseDirection, sharpness: float) -> PoseSample:
    face = ANN.but(sharpness=sharpness, **TURNS[direction]).face()
    assert face.quality is not None
    assert face.pad is not None
    assert face.template is not None
    return PoseSample(direction, Instant(1.0), face.pose, face.quality, face.pad, face.template)


VIEWS = [
    *(view(CENTRE, sharpness) for sharpness in (50.0, 40.0, 30.0, 20.0)),
    *(view(LEFT, sharpness) for sharpness in (90.0, 80.0)),
    *(view(RIGHT, sharpness) for sharpness in (70.0, 10.0)),
    *(view(UP, sharpness) for sharpness in (60.0, 5.0)),
]


def kept(views: list[PoseSample], most: int) -> list[tuple[PoseDirection, float]]:
    chosen = best_views(views, most)
    return [(each.direction, each.quality.measures.sharpness) for each in chosen]


def test_two_in_three_look_straight_ahead_and_of_the_others_each_comes_once() -> None:
    centre = [(CENTRE, sharpness) for sharpness in (50.0, 40.0, 30.0, 20.0)]
    assert kept(VIEWS, 6) == [*centre, (LEFT, 90.0), (RIGHT, 70.0)]
    assert kept(VIEWS, 7) == [*centre, (LEFT, 90.0), (RIGHT, 70.0), (UP, 60.0)]
    assert kept(VIEWS, 8)[-1] == (LEFT, 80.0)
    assert kept(VIEWS, 3) == [*centre[:2], (LEFT, 90.0)]
    assert kept(VIEWS, 1) == centre[:1]


def test_nothing_is_left_out_while_there_is_room() -> None:
    assert sorted(kept(VIEWS, 20), key=str) == sorted(kept(VIEWS, len(VIEWS)), key=str)
    assert len(kept(VIEWS, 20)) == len(VIEWS)
    assert kept(VIEWS[:4], 4) == [(CENTRE, sharpness) for sharpness in (50.0, 40.0, 30.0, 20.0)]
    assert kept(VIEWS[4:], 3) == [(LEFT, 90.0), (RIGHT, 70.0), (UP, 60.0)]
