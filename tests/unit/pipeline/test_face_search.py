"""The lane is searched apart from its surroundings."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.domain.vision.face import Box, EyeClosure, Face, Found, Pose
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.lane import Lane
from kiosk.pipeline.face_search import LOOK_SECONDS, LaneSearch, mask_of

LANE = Lane(0.5, 0.5, 0.8, 0.2, 0.8, 0.1)


def face(x: float, y: float = 240, side: float = 100) -> Face:
    box = Box(x - side / 2, y - side / 2, side, side)
    return Face(box, np.zeros((478, 2), np.float32), Pose(0, 0, 0), EyeClosure(0, 0))


class Finder:
    """Says what a test tells it, and keeps what it was shown."""

    def __init__(self, *faces: Face, full: bool = False) -> None:
        self.found = Found(faces, full=full)
        self.shown: list[Frame] = []
        self.closed = False
        self.completed = Found()
        self.looked_at: Frame | None = None
        self.told = Found()

    def look(self, frame: Frame, found: Found) -> Found:
        self.looked_at, self.told = frame, found
        return self.completed

    def find(self, frame: Frame) -> Found:
        self.shown.append(frame)
        return self.found

    def close(self) -> None:
        self.closed = True


class Whole(Finder):
    """The finder of the whole picture: it sees what it is told beside whom it is told of."""

    def look(self, frame: Frame, found: Found) -> Found:
        self.shown.append(frame)
        self.told = found
        return self.found


def frame(at: float = 0.0, size: tuple[int, int] = (640, 480)) -> Frame:
    return Frame(np.full((size[1], size[0], 3), 200, np.uint8), Instant(at), 0)


def test_the_lanes_finder_sees_nothing_of_what_is_beside_it() -> None:
    within, whole = Finder(), Whole()
    shown = frame()
    LaneSearch(LANE, within, whole).find(shown)
    seen = within.shown[0].pixels
    assert seen.shape == shown.pixels.shape
    assert (seen[240, 320] == 200).all()
    assert (seen[240, [0, 40, 600, 639]] == 0).all()
    assert (seen[[0, 479], [0, 639]] == 0).all()
    assert (shown.pixels == 200).all(), "the frame itself is never written to"
    assert whole.shown[0] is shown


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (1280, 720)], ids=str)
def test_it_sees_the_whole_lane_and_what_comes_into_it(size: tuple[int, int]) -> None:
    mask, oval = mask_of(LANE, *size), LANE.oval(*size)
    down, across = np.mgrid[0 : size[1], 0 : size[0]] + 0.5
    away = np.hypot(
        (across - oval.centre_x) / oval.radius_x, (down - oval.centre_y) / oval.radius_y
    )
    assert (mask[away <= 1.49] == 255).all()
    assert (mask[away >= 1.51] == 0).all()


def test_a_camera_that_changes_its_size_gets_another_mask() -> None:
    within = Finder()
    search = LaneSearch(LANE, within, Whole())
    search.find(frame(0.0))
    search.find(frame(1.0, (480, 640)))
    assert within.shown[1].pixels.shape == (640, 480, 3)


def test_the_whole_picture_is_looked_at_now_and_then_and_remembered_between() -> None:
    within, whole = Finder(), Whole(face(60))
    search = LaneSearch(LANE, within, whole)
    around = [len(search.find(frame(at / 20)).around) for at in range(20)]
    assert len(within.shown) == 20
    assert len(whole.shown) == pytest.approx(20 / 20 / LOOK_SECONDS, abs=1)
    assert around == [1] * 20


def test_a_clock_that_goes_back_does_not_stop_the_looking_around() -> None:
    whole = Whole()
    search = LaneSearch(LANE, Finder(), whole)
    search.find(frame(50.0))
    search.find(frame(1.0))
    assert len(whole.shown) == 2


def test_a_face_that_both_see_is_one_and_one_beside_it_is_another() -> None:
    within, whole = Finder(face(320)), Whole(face(322), face(330, 250, 60), face(500))
    found = LaneSearch(LANE, within, whole).find(frame())
    assert found.faces == within.found.faces
    assert [near.box.centre[0] for near in found.around] == [500]


def test_who_is_in_the_lane_need_not_be_measured_again() -> None:
    within, whole = Finder(face(320), face(350)), Whole()
    LaneSearch(LANE, within, whole).find(frame())
    assert whole.told == Found(within.found.faces, looked=False)


@pytest.mark.parametrize("who", ["within", "whole"])
def test_a_finder_that_is_full_means_that_there_may_be_more(who: str) -> None:
    within = Finder(face(320), full=who == "within")
    whole = Whole(face(320), full=who == "whole")
    assert LaneSearch(LANE, within, whole).find(frame()).full
    assert not LaneSearch(LANE, Finder(face(320)), Whole(face(320))).find(frame()).full


def test_both_are_close_device() -> None:
    within, whole = Finder(), Whole()
    LaneSearch(LANE, within, whole).close()
    assert within.closed
    assert whole.closed


def test_a_look_searches_the_lane_only_and_keeps_who_is_around() -> None:
    within, whole = Finder(face(320)), Whole(face(500))
    within.found = Found((face(320),), looked=False)
    search = LaneSearch(LANE, within, whole)
    followed = search.find(frame())
    assert not followed.looked
    within.completed = Found((*followed.faces, face(400)))
    found = search.look(frame(), followed)
    assert within.looked_at is not None
    assert (within.looked_at.pixels == within.shown[0].pixels).all(), "masked, as it was"
    assert within.told == Found(followed.faces, looked=False)
    assert found == Found(within.completed.faces, followed.around)
    assert len(whole.shown) == 1


def test_a_look_that_finds_more_than_can_be_followed_says_so() -> None:
    within = Finder(face(320))
    search = LaneSearch(LANE, within, Whole(full=True))
    within.completed = Found((face(320),))
    assert search.look(frame(), search.find(frame())).full
