"""The picture is a mirror, and the oval lies on it where the lane is (R11)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from kiosk_screen import LANE, frame, pixels_of, plain, window
from numpy.typing import NDArray
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.prompts import Tone
from kiosk.domain.vision.lane import Lane
from kiosk.ui.widgets.stage import Stage

Point = tuple[float, float]

STAGES = [(1280, 690), (1080, 1790), (800, 390), (640, 480)]
CAMERAS = [(640, 480), (1280, 720), (480, 640)]
OFF_CENTRE = Lane(0.53, 0.54, 0.7, 0.2, 0.8, 0.1)
MARKS = ((0.46, 0.44), (0.58, 0.61))


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def staged(parent: QWidget, size: tuple[int, int], lane: Lane = LANE) -> Stage:
    stage = Stage(parent, lane, str)
    stage.resize(*size)
    return stage


def grabbed(stage: Stage) -> NDArray[np.uint8]:
    return pixels_of(stage.grab().toImage())


def marked(camera: tuple[int, int], mark: Point) -> NDArray[np.uint8]:
    """A black picture with one blue square."""
    pixels = np.zeros((camera[1], camera[0], 3), np.uint8)
    x, y = round(camera[0] * mark[0]), round(camera[1] * mark[1])
    pixels[y - 4 : y + 4, x - 4 : x + 4] = (255, 0, 0)
    return pixels


def seen_at(stage: Stage, pixels: NDArray[np.uint8]) -> Point:
    """Where on the stage the blue square is."""
    stage.show_frame(frame(pixels))
    seen = grabbed(stage).astype(int)
    rows, columns = np.nonzero(seen[:, :, 2] - seen[:, :, 0] > 100)
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5


@pytest.mark.parametrize("size", STAGES, ids=str)
@pytest.mark.parametrize("camera", CAMERAS, ids=str)
def test_a_mark_is_seen_where_the_transform_says(
    parent: QWidget, size: tuple[int, int], camera: tuple[int, int]
) -> None:
    stage = staged(parent, size)
    for mark in MARKS:
        pixels = marked(camera, mark)
        seen = seen_at(stage, pixels)
        laid = stage.laid()
        assert laid is not None
        x, y = round(camera[0] * mark[0]), round(camera[1] * mark[1])
        assert seen == pytest.approx(laid.point(x, y), abs=1.0)


def test_a_blue_mark_is_blue_and_a_red_one_red(parent: QWidget) -> None:
    """The camera's order is blue, green, red."""
    stage = staged(parent, (640, 480))
    stage.show_frame(frame(marked((640, 480), (0.5, 0.5))))
    middle = grabbed(stage)[240, 320]
    assert middle[2] > 200
    assert middle[0] < 60


@pytest.mark.parametrize("size", STAGES, ids=str)
@pytest.mark.parametrize("camera", CAMERAS, ids=str)
@pytest.mark.parametrize("lane", [LANE, OFF_CENTRE], ids=["middle", "off_centre"])
def test_the_drawn_oval_lies_on_the_lane_within_two_pixels(
    parent: QWidget, size: tuple[int, int], camera: tuple[int, int], lane: Lane
) -> None:
    """R11: the stage shows the whole of the lane's edge, and the outline's middle is on it.

    How the picture lies is measured from two marks in it, not asked of the code under test.
    """
    stage = staged(parent, size, lane)
    across, down = measured(stage, camera)
    stage.show_tone(Tone.RIGHT, 1.0)
    stage.show_frame(plain(90, *camera))
    green = greenness(grabbed(stage))
    for x, y, normal in lane_edge(lane, camera):
        point = (across[0] * x + across[1], down[0] * y + down[1])
        scaled = (normal[0] * math.copysign(1, across[0]), normal[1])
        assert inside(point, size, margin=4)
        assert abs(offset(green, point, scaled)) <= 2.0


def measured(stage: Stage, camera: tuple[int, int]) -> tuple[Point, Point]:
    """(factor, shift) from the camera's pixels to the stage's, across and down."""
    seen = [seen_at(stage, marked(camera, mark)) for mark in MARKS]
    lines = []
    for axis in (0, 1):
        first, second = (round(camera[axis] * mark[axis]) for mark in MARKS)
        factor = (seen[1][axis] - seen[0][axis]) / (second - first)
        lines.append((factor, seen[0][axis] - factor * first))
    return lines[0], lines[1]


def lane_edge(lane: Lane, camera: tuple[int, int]) -> Iterator[tuple[float, float, Point]]:
    """Points of the lane's edge in camera pixels, with their outward normals."""
    height = lane.height * min(camera) / 2
    width = height * 3 / 4
    for turn in np.linspace(0, 2 * math.pi, 72, endpoint=False):
        across, down = math.cos(turn), math.sin(turn)
        length = math.hypot(across / width, down / height)
        normal = (across / width / length, down / height / length)
        x = lane.centre_x * camera[0] + width * across
        y = lane.centre_y * camera[1] + height * down
        yield x, y, normal


def greenness(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    wide = pixels.astype(np.float64)
    return np.clip(wide[:, :, 1] - np.maximum(wide[:, :, 0], wide[:, :, 2]) - 25, 0, None)


def inside(point: Point, size: tuple[int, int], margin: int) -> bool:
    return all(margin <= at < side - margin for at, side in zip(point, size, strict=True))


def offset(green: NDArray[np.float64], point: Point, normal: Point) -> float:
    """How far the outline's middle is from the point, along the normal."""
    steps = np.arange(-22, 22.1, 0.25)
    columns = np.clip((point[0] + steps * normal[0]).astype(int), 0, green.shape[1] - 1)
    rows = np.clip((point[1] + steps * normal[1]).astype(int), 0, green.shape[0] - 1)
    weights = green[rows, columns]
    assert weights.sum() > 0, "no outline there"
    return float((weights * steps).sum() / weights.sum())


def test_outside_the_oval_the_picture_is_dimmed_and_inside_it_is_not(parent: QWidget) -> None:
    stage = staged(parent, (640, 480))
    stage.show_frame(plain(200))
    seen = grabbed(stage)
    assert tuple(seen[240, 320]) == (200, 200, 200)
    assert seen[470, 10].max() < 80


def test_a_camera_that_changes_its_size_moves_the_oval_with_it(parent: QWidget) -> None:
    stage, fresh = staged(parent, (640, 480)), staged(parent, (640, 480))
    parent.show()  # a picture of a hidden widget would send it a resize event of its own
    stage.show_frame(plain(90, 640, 480))
    before = grabbed(stage)
    stage.show_frame(plain(90, 480, 640))
    fresh.show_frame(plain(90, 480, 640))
    after = grabbed(stage)
    assert (after == grabbed(fresh)).all()
    assert (after != before).any()


def test_a_stage_that_changes_its_size_moves_the_oval_with_it(parent: QWidget) -> None:
    stage, fresh = staged(parent, (640, 480)), staged(parent, (800, 390))
    for each in (stage, fresh):
        each.show_frame(plain(90))
        grabbed(each)
    stage.resize(800, 390)
    assert (grabbed(stage) == grabbed(fresh)).all()


def test_a_picture_with_gaps_between_its_rows_is_shown_whole(parent: QWidget) -> None:
    """A cut from a larger array is no contiguous memory."""
    stage = staged(parent, (640, 480))
    large = np.full((960, 1280, 3), 10, np.uint8)
    large[::2, ::2] = 200
    stage.show_frame(frame(large[::2, ::2]))
    assert tuple(grabbed(stage)[240, 320]) == (200, 200, 200)


class Sharp(Stage):
    """On a screen with two pixels for each of ours."""

    def devicePixelRatioF(self) -> float:  # noqa: N802 - Qt's name
        return 2.0


def test_a_sharp_screen_gets_a_sharp_outline(parent: QWidget) -> None:
    stage = Sharp(parent, LANE, str)
    stage.resize(320, 240)
    stage.keep_free(40)
    stage.show_frame(plain(90))
    grabbed(stage)
    assert stage._veil is not None
    assert (stage._veil.width(), stage._veil.height()) == (640, 480)


def test_without_a_picture_there_is_no_oval(qtbot: QtBot) -> None:
    made = window()
    qtbot.addWidget(made)
    assert made.stage.oval() is None
    assert pixels_of(made.grab().toImage())[400, 640].max() < 30
