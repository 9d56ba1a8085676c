from __future__ import annotations

import pytest
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QFontMetricsF

from kiosk.ui.look.fonts import Weight, block_size, fitting, fitting_block, flow, font

pytestmark = pytest.mark.usefixtures("qapp")


def advance(text: str, width: float) -> float:
    letters = fitting(text, 40, width, Weight.STRONG)
    return QFontMetricsF(letters).horizontalAdvance(text)


def test_a_short_line_keeps_its_size() -> None:
    assert fitting("Move left", 40, 600).pixelSize() == 40


@pytest.mark.parametrize("width", [300, 120, 41, 10])
def test_a_long_line_shrinks_until_it_fits(width: float) -> None:
    text = "Welcome, Hubert Blaine Wolfeschlegelsteinhausenbergerdorff"
    assert advance(text, width) <= width or fitting(text, 40, width).pixelSize() == 1


def test_a_line_shrinks_no_more_than_it_must() -> None:
    text = "Take off your sunglasses"
    letters = fitting(text, 40, 300)
    larger = font(letters.pixelSize() + 2)
    assert QFontMetricsF(larger).horizontalAdvance(text) > 300


@pytest.mark.parametrize("text", ["many words in a row " * 12, "unbreakable" * 8])
def test_a_block_shrinks_until_all_of_it_fits(text: str) -> None:
    box = QRectF(0, 0, 400, 60)
    letters = fitting_block(text, 30, box, Weight.REGULAR)
    size = block_size(text, letters, box.width())
    assert size.width() <= 400
    assert size.height() <= 60
    assert letters.pixelSize() < 30


def test_items_flow_into_as_few_lines_as_they_fill() -> None:
    letters = font(20)
    width = QFontMetricsF(letters).horizontalAdvance("aaaa - bbbb") + 1
    assert flow(["aaaa", "bbbb", "cccc"], " - ", letters, width) == "aaaa - bbbb\ncccc"
    assert flow(["aaaa", "bbbb"], " - ", letters, 1) == "aaaa\nbbbb"
    assert flow([], " - ", letters, width) == ""
