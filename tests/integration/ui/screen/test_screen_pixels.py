"""What is really drawn can be read: contrast measured in the rendered screen."""

from __future__ import annotations

import numpy as np
import pytest
from contrast import contrast, luminance, rgb
from kiosk_screen import frame, pixels_of, plain, window
from numpy.typing import NDArray
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.frame import Frame
from kiosk.ui.look import palette
from kiosk.ui.window import KioskWindow

SIZES = [(1280, 800), (1080, 1920), (800, 480)]
WORDY = View(Prompt.TAKE_OFF_SUNGLASSES, Tone.WRONG)


def noisy() -> Frame:
    generator = np.random.default_rng(7)
    return frame(generator.integers(0, 256, (480, 640, 3), dtype=np.uint8))


def drawn(qtbot: QtBot, size: tuple[int, int], picture: Frame) -> KioskWindow:
    made = window(size)
    qtbot.addWidget(made)
    made.show()
    made.show_view(WORDY)
    made.show_frame(picture)
    return made


def behind(made: KioskWindow, words: QWidget) -> NDArray[np.uint8]:
    """(n, 3) colours behind some words, drawn without them."""
    box = words.geometry().translated(made.prompt.pos())
    made.prompt.hide()
    image = pixels_of(made.grab().toImage())
    made.prompt.show()
    cut = image[box.top() : box.bottom(), box.left() : box.right()]
    return np.unique(cut.reshape(-1, 3), axis=0)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    "picture", [plain(255), plain(0), noisy()], ids=["white", "black", "noise"]
)
def test_the_sentence_stands_out_from_any_picture(
    qtbot: QtBot, size: tuple[int, int], picture: Frame
) -> None:
    made = drawn(qtbot, size, picture)
    brightest = max(behind(made, made.prompt.sentence).tolist(), key=lambda c: luminance(tuple(c)))
    assert contrast(rgb(palette.TEXT), tuple(brightest)) >= 7.0
    brightest = max(behind(made, made.prompt.quiet).tolist(), key=lambda c: luminance(tuple(c)))
    assert contrast(rgb(palette.QUIET), tuple(brightest)) >= 4.5


@pytest.mark.parametrize("tone", [Tone.WAITING, Tone.WRONG, Tone.RIGHT])
def test_the_outline_behind_the_sentence_does_not_disturb_it(qtbot: QtBot, tone: Tone) -> None:
    made = drawn(qtbot, (1280, 800), plain(255))
    made.show_view(View(Prompt.HOLD_STILL, tone, 1.0))
    brightest = max(behind(made, made.prompt.sentence).tolist(), key=lambda c: luminance(tuple(c)))
    assert contrast(rgb(palette.TEXT), tuple(brightest)) >= 7.0


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_words_are_really_drawn_in_their_colour(qtbot: QtBot, size: tuple[int, int]) -> None:
    made = drawn(qtbot, size, plain(128))
    image = pixels_of(made.grab().toImage())
    for words, colour in (
        (made.prompt.sentence, palette.TEXT),
        (made.prompt.quiet, palette.QUIET),
        (made.notice.headline, palette.TEXT),
        (made.notice.details, palette.QUIET),
    ):
        corner = words.mapTo(made, words.rect().topLeft())
        cut = image[
            corner.y() : corner.y() + words.height(), corner.x() : corner.x() + words.width()
        ]
        near = np.abs(cut.astype(int) - np.array(rgb(colour))).max(axis=2) < 24
        assert near.sum() > 30


@pytest.mark.parametrize(
    ("view", "ground"),
    [
        (View(Prompt.GRANTED, Tone.GRANTED, 1.0), palette.GREEN_GROUND),
        (View(Prompt.NOT_RECOGNISED, Tone.REFUSED), palette.RED_GROUND),
        (View(Prompt.OUT_OF_SERVICE, Tone.OFF), palette.OFF_GROUND),
    ],
    ids=["granted", "refused", "off"],
)
def test_a_result_fills_the_whole_screen_the_notice_included(
    qtbot: QtBot, view: View, ground: str
) -> None:
    made = drawn(qtbot, (1280, 800), plain(255))
    made.show_view(view)
    image = pixels_of(made.grab().toImage())
    for row, column in ((4, 4), (4, 1275), (400, 4), (680, 1275), (795, 4), (795, 1275)):
        assert tuple(image[row, column]) == rgb(ground)
    made.show_view(WORDY)
    assert tuple(pixels_of(made.grab().toImage())[795, 4]) == rgb(palette.GROUND)
