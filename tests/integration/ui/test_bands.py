"""Three bands, on every screen and with every camera: words, picture with the oval, bar (R11)."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from kiosk_screen import LONG_SITE, SITE, pixels_of, plain, window
from PyQt6.QtCore import QRectF
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from config.sections.vision.lane import LaneSettings
from kiosk.domain.access.factors import Factor
from kiosk.domain.prompts import NOTICE, RESULTS, Prompt, Tone, View
from kiosk.domain.vision.oval import Oval
from kiosk.ui.text import ScreenText
from kiosk.ui.widgets.notice import Notice, millimetres
from kiosk.ui.widgets.outline import thickness
from kiosk.ui.window import KioskWindow

SCREENS = [(1080, 1920), (1280, 800), (1920, 1080), (800, 480)]
CAMERAS = [(640, 480), (1280, 720), (480, 640), (720, 1280)]
EVERY = list(product(SCREENS, CAMERAS))
DPI = 132.0
"""Of a screen of 7 inches with 800x480 pixels."""

WORDY = View(Prompt.TAKE_OFF_SUNGLASSES, Tone.WRONG)
RIGHT = View(Prompt.HOLD_STILL, Tone.RIGHT, 0.6)
PIN = View(Prompt.ENTER_PIN, Tone.WAITING, asks=Factor.PIN)


@pytest.fixture(autouse=True)
def dots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KioskWindow, "_dpi", lambda _: DPI)


def shown(
    qtbot: QtBot, size: tuple[int, int], camera: tuple[int, int], site: ScreenText = SITE
) -> KioskWindow:
    made = window(size, site)
    qtbot.addWidget(made)
    made.show()
    made.show_door("secured")
    made.show_view(RIGHT)
    made.show_frame(plain(200, *camera))
    return made


def drawn(made: KioskWindow) -> Oval:
    """The oval with its outline, in the window's pixels."""
    oval = made.stage.oval()
    assert oval is not None
    line = thickness(Tone.RIGHT, min(made.stage.width(), made.stage.height())) / 2
    return Oval(oval.centre_x, oval.centre_y, oval.radius_x + line, oval.radius_y + line)


def place(made: KioskWindow, part: QWidget) -> QRectF:
    return QRectF(part.mapTo(made, part.rect().topLeft()).toPointF(), part.size().toSizeF())


@pytest.mark.parametrize(("size", "camera"), EVERY, ids=str)
def test_the_oval_lies_wholly_between_the_words_and_the_bar(
    qtbot: QtBot, size: tuple[int, int], camera: tuple[int, int]
) -> None:
    made = shown(qtbot, size, camera)
    oval = drawn(made)
    assert oval.centre_x - oval.radius_x >= 0
    assert oval.centre_x + oval.radius_x <= size[0]
    assert oval.centre_y - oval.radius_y >= place(made, made.prompt).bottom()
    assert oval.centre_y + oval.radius_y <= place(made, made.notice).top()
    assert oval.centre_x == pytest.approx(size[0] / 2, abs=1)


@pytest.mark.parametrize(("size", "camera"), EVERY, ids=str)
def test_the_oval_has_a_faces_proportions_and_uses_its_room(
    qtbot: QtBot, size: tuple[int, int], camera: tuple[int, int]
) -> None:
    made = shown(qtbot, size, camera)
    oval = made.stage.oval()
    assert oval is not None
    assert oval.radius_x / oval.radius_y == pytest.approx(3 / 4)
    room = place(made, made.notice).top() - place(made, made.prompt).bottom()
    assert 2 * oval.radius_y >= 0.7 * room
    assert 2 * oval.radius_y >= size[1] / 2


@pytest.mark.parametrize("site", [SITE, LONG_SITE], ids=["short", "long"])
@pytest.mark.parametrize(("size", "camera"), EVERY, ids=str)
def test_nothing_stands_over_the_oval(
    qtbot: QtBot, size: tuple[int, int], camera: tuple[int, int], site: ScreenText
) -> None:
    made = shown(qtbot, size, camera, site)
    oval = drawn(made)
    box = QRectF(
        oval.centre_x - oval.radius_x,
        oval.centre_y - oval.radius_y,
        2 * oval.radius_x,
        2 * oval.radius_y,
    )
    for part in made.findChildren(QWidget):
        behind = part is made.stage or part.isAncestorOf(made.stage)
        if part.isVisible() and not behind:
            assert not place(made, part).intersects(box), part


@pytest.mark.parametrize(("size", "camera"), EVERY, ids=str)
def test_inside_the_oval_is_the_picture_and_nothing_else(
    qtbot: QtBot, size: tuple[int, int], camera: tuple[int, int]
) -> None:
    made = shown(qtbot, size, camera)
    seen, oval = pixels_of(made.grab().toImage()), made.stage.oval()
    assert oval is not None
    inner = oval.grown(1 - 40 / min(oval.radius_x, 400))
    for turn, out in product(np.linspace(0, 2 * math.pi, 24), (0.0, 0.5, 1.0)):
        x = inner.centre_x + out * inner.radius_x * math.cos(turn)
        y = inner.centre_y + out * inner.radius_y * math.sin(turn)
        assert tuple(seen[int(y), int(x)]) == (200, 200, 200)


@pytest.mark.parametrize(("size", "camera"), EVERY, ids=str)
def test_the_door_and_the_help_are_in_the_bar_and_the_words_above(
    qtbot: QtBot, size: tuple[int, int], camera: tuple[int, int]
) -> None:
    made = shown(qtbot, size, camera)
    made.show_view(WORDY)
    bar = place(made, made.notice)
    assert made.door_line.isVisible()
    assert bar.contains(place(made, made.door_line))
    assert place(made, made.notice.button).bottom() <= size[1]
    assert place(made, made.notice.button).bottom() > bar.top()
    for words in (made.prompt.sentence, made.prompt.quiet, made.prompt.disc):
        assert place(made, made.prompt).contains(place(made, words))
    assert not place(made, made.prompt).intersects(bar)


def test_the_shipped_lane_is_the_one_that_is_drawn_here() -> None:
    assert LaneSettings().lane().height == 0.9


# -- a small screen ------------------------------------------------------------------------------


@pytest.fixture
def small(qtbot: QtBot) -> KioskWindow:
    return shown(qtbot, (800, 480), (640, 480))


def test_on_a_small_screen_the_sentence_has_eight_hundredths_of_the_height(
    small: KioskWindow,
) -> None:
    results = {Prompt.DATA_WITHDRAWN, Prompt.STOPPED, Prompt.CODE_ELSEWHERE}
    for prompt in set(Prompt) - {*NOTICE, Prompt.DATA_TITLE} - results:
        small.show_view(View(prompt, Tone.WRONG))
        size = small.prompt.sentence.letters().pixelSize()
        assert size >= 0.08 * 480 - 0.5, prompt


def test_on_a_small_screen_keys_are_nine_millimetres_at_least(small: KioskWindow) -> None:
    small.show_view(PIN)
    least = 9.0 / 25.4 * DPI
    for key in (*small.pad.digits, small.pad.delete, small.pad.enter):
        assert min(key.width(), key.height()) >= least
        assert not place(small, key).intersects(place(small, small.notice.button))


def test_on_a_small_screen_the_bar_is_one_line(small: KioskWindow) -> None:
    assert small.notice.height() <= 0.1 * 480
    assert small.notice.headline.height() <= small.notice.height()
    assert small.notice.button.height() >= millimetres(20.0, DPI)


def test_on_a_small_screen_every_part_of_the_notice_has_its_turn(small: KioskWindow) -> None:
    """R72: in use, for what, who is responsible, the other way in, whom to ask."""
    said = set()
    for _ in range(4):
        said.add(_line(small.notice))
        small.notice._say_next()
    assert "Face recognition is in use here for opening this door" in said
    assert {"Responsible: Harbour Library", "Enter another way: your card"} <= said
    assert "Questions: reception" in said
    assert _line(small.notice) in said


def _line(notice: Notice) -> str:
    (shown,) = [part for part in (notice.headline, notice.details) if part.isVisible()]
    return str(shown.text())


def test_the_help_button_in_the_corner_covers_no_answer(small: KioskWindow) -> None:
    for prompt, tone in ((Prompt.NOT_RECOGNISED, Tone.REFUSED), (Prompt.GRANTED, Tone.GRANTED)):
        assert tone in RESULTS
        small.show_view(View(prompt, tone))
        for words in (small.result.disc, small.result.sentence, small.result.quiet):
            assert not place(small, words).intersects(place(small, small.notice.button))
    small.notice.button.click()
    for line in (*small.help_page.lines, small.help_page.back):
        assert not place(small, line).intersects(place(small, small.notice.button))
    assert small.childAt(place(small, small.notice.button).center().toPoint()) is (
        small.notice.button
    )
