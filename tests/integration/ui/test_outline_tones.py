"""R12: waiting, wrong and right differ in thickness and pattern, so in grey as well."""

from __future__ import annotations

import math

import numpy as np
import pytest
from kiosk_screen import LANE, pixels_of, plain
from numpy.typing import NDArray
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.prompts import Tone
from kiosk.ui.widgets.outline import LOOKS
from kiosk.ui.widgets.stage import Stage

SIZE = (800, 600)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def stage(parent: QWidget) -> Stage:
    made = Stage(parent, LANE, str)
    made.resize(*SIZE)
    return made


def grey(stage: Stage, tone: Tone, progress: float, camera: int) -> NDArray[np.float64]:
    """(height, width) luma of the stage."""
    stage.show_tone(tone, progress)
    stage.show_frame(plain(camera))
    return pixels_of(stage.grab().toImage()) @ np.array([0.2126, 0.7152, 0.0722])


def along(stage: Stage, image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Luma on the outline's own middle, 1440 steps clockwise from the top."""
    oval = stage.oval()
    assert oval is not None
    turns = np.linspace(0, 2 * math.pi, 1440, endpoint=False)
    columns = (oval.centre_x + oval.radius_x * np.sin(turns)).astype(int)
    rows = (oval.centre_y - oval.radius_y * np.cos(turns)).astype(int)
    return image[rows, columns]


def breaks(line: NDArray[np.float64]) -> int:
    """How often light and dark change along a line."""
    light = line > (line.min() + line.max()) / 2
    return int(np.count_nonzero(light != np.roll(light, 1)))


def share_changed(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(np.mean(np.abs(first - second) > 20))


@pytest.mark.parametrize("camera", [0, 110, 255])
def test_patterns_differ_without_any_colour(stage: Stage, camera: int) -> None:
    waiting = breaks(along(stage, grey(stage, Tone.WAITING, 0, camera)))
    wrong = breaks(along(stage, grey(stage, Tone.WRONG, 0, camera)))
    right = along(stage, grey(stage, Tone.RIGHT, 1, camera))
    assert waiting > 2 * wrong > 40
    assert np.ptp(right) < 12


@pytest.mark.parametrize("camera", [0, 110, 255])
def test_every_two_tones_differ_in_grey(stage: Stage, camera: int) -> None:
    pictures = [
        grey(stage, tone, progress, camera)
        for tone, progress in ((Tone.WAITING, 0), (Tone.WRONG, 0), (Tone.RIGHT, 0), (Tone.RIGHT, 1))
    ]
    for number, first in enumerate(pictures):
        for second in pictures[number + 1 :]:
            assert share_changed(first, second) > 0.001


def test_wrong_and_right_are_thick_and_waiting_is_thin() -> None:
    assert LOOKS[Tone.WRONG].share == LOOKS[Tone.RIGHT].share
    assert LOOKS[Tone.WRONG].share > 2.5 * LOOKS[Tone.WAITING].share


@pytest.mark.parametrize("progress", [0.25, 0.5, 0.75])
def test_the_ring_fills_clockwise_from_the_top(stage: Stage, progress: float) -> None:
    line = along(stage, grey(stage, Tone.RIGHT, progress, 0))
    filled = line > (line.min() + line.max()) / 2
    assert filled.mean() == pytest.approx(progress, abs=0.02)
    edge = round(progress * 1440)
    assert filled[40 : edge - 40].all()
    assert not filled[edge + 40 : -40].any()


def test_a_ring_that_is_not_begun_is_solid_already(stage: Stage) -> None:
    line = along(stage, grey(stage, Tone.RIGHT, 0.0, 0))
    assert np.ptp(line) < 12
