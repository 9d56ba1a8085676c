"""The standing notice: face recognition is in use, for what, by whom, and the other way in (R72).

It is always there, and its help button is always in the same place and at least 20 mm a side.
"""

from __future__ import annotations

import math

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QWidget

from kiosk.ui.fonts import Weight
from kiosk.ui.text import Speech
from kiosk.ui.widgets.help_button import HelpButton
from kiosk.ui.widgets.paragraph import Paragraph

BUTTON_MM = 20.0
MM_PER_INCH = 25.4
SANE_DPI = (60.0, 350.0)
FALLBACK_DPI = 130.0
"""Where the screen does not say, or says what no kiosk's screen has."""

BUTTON_SHARE = 0.09
"""Least side of the button as a share of the screen's shorter side."""

LETTER_SHARE = 0.024
"""Size of the small print as a share of the screen's shorter side."""

LINES = 5.2
"""Height of the words in sizes of the small print."""

SEPARATOR = "  \u00b7  "
DETAILS = ("responsible", "other_way", "questions")


def millimetres(length: float, dpi: float) -> int:
    """Whole pixels that are at least so long on a screen of that many dots per inch."""
    sane = dpi if SANE_DPI[0] <= dpi <= SANE_DPI[1] else FALLBACK_DPI
    return math.ceil(length / MM_PER_INCH * sane)


class Notice(QFrame):
    """Two lines about what goes on here, and the help button.

    Args:
        parent: the window.
        speech: the words.
    """

    help_pressed = pyqtSignal()

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.headline = Paragraph(self, speech.standing("notice"), Weight.STRONG)
        self.headline.setObjectName("headline")
        self.headline.place(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        self.details = Paragraph(self, SEPARATOR.join(speech.standing(key) for key in DETAILS))
        self.details.setObjectName("details")
        self.button = HelpButton(self, speech.standing("help"), speech.standing("help_described"))
        self.button.clicked.connect(self.help_pressed)
        self._short_side = 800

    def fit(self, screen: tuple[int, int], dpi: float) -> int:
        """Take the size that a screen asks for; returns the height used.

        Args:
            screen: width and height in pixels.
            dpi: physical dots per inch, as the screen says.
        """
        self._short_side = min(screen)
        side = max(millimetres(BUTTON_MM, dpi), round(self._short_side * BUTTON_SHARE))
        self.button.fit(QSize(round(side * 1.2), side))
        words = round(self._short_side * LETTER_SHARE * LINES)
        return max(side, words) + 2 * self._margin()

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Words at the left, the button at the right."""
        margin = self._margin()
        left = 2 * margin
        height = self.height() - 2 * margin
        self.button.move(
            self.width() - left - self.button.width(), (self.height() - self.button.height()) // 2
        )
        room = self.button.x() - 2 * left
        split = round(height * 0.40)
        self.headline.setGeometry(left, margin, room, split)
        self.details.setGeometry(left, margin + split, room, height - split)
        size = self._short_side * LETTER_SHARE
        self.headline.set_pixels(size * 1.12)
        self.details.set_pixels(size)

    def _margin(self) -> int:
        return max(6, round(self._short_side * 0.018))
