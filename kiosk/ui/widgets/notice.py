"""The standing notice: face recognition is in use, for what, by whom, and the other way in (R72).

It is always there, and its help button is always in the same place and at least 20 mm a side.
A finger held for a while on the line that names who is responsible calls the installer's page.
"""

from __future__ import annotations

import math

from PyQt6.QtCore import QSize, QSizeF, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import QFrame, QWidget

from kiosk.ui.fonts import Weight, flow, font
from kiosk.ui.text import Speech
from kiosk.ui.timers import once
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
"""Size of the small print as a share of the screen's shorter side, at least."""

LETTER_MM = 4.0
"""The same in millimetres: capitals of about 3 mm can be read at 1 m (ten minutes of arc)."""

HEADLINE = 1.1
"""Size of the headline in sizes of the small print."""

HEADLINE_SHARE = 0.45
"""How much of the height the headline may take."""

LINES = 3.9
"""Height of the words in sizes of the small print: a headline and two lines."""

HOLD_MS = 5000
"""So long a finger must rest on the organisation's name."""

SEPARATOR = "   \u00b7   "
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
    held = pyqtSignal()
    """A finger has rested on the organisation's name."""

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.headline = Paragraph(self, speech.standing("notice"), Weight.STRONG)
        self.headline.setObjectName("headline")
        self._details = [speech.standing(key) for key in DETAILS]
        self.details = Paragraph(self, SEPARATOR.join(self._details))
        self.details.setObjectName("details")
        self.button = HelpButton(self, speech.standing("help"), speech.standing("help_described"))
        self.button.clicked.connect(self.help_pressed)
        self._hold = once(self, HOLD_MS, self.held.emit)
        self._short_side = 800
        self._letters = 16

    def fit(self, screen: tuple[int, int], dpi: float) -> int:
        """Take the size that a screen asks for; returns the height used.

        Args:
            screen: width and height in pixels.
            dpi: physical dots per inch, as the screen says.
        """
        self._short_side = min(screen)
        self._letters = max(millimetres(LETTER_MM, dpi), round(self._short_side * LETTER_SHARE))
        side = max(millimetres(BUTTON_MM, dpi), round(self._short_side * BUTTON_SHARE))
        self.button.fit(QSize(round(side * 1.2), side))
        return max(side, round(self._letters * LINES)) + 2 * self._margin()

    @property
    def letters(self) -> int:
        """Size of the small print in pixels."""
        return self._letters

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """A finger comes down; on the organisation's name it may mean the installer's page."""
        if event is not None and event.button() is Qt.MouseButton.LeftButton:
            self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """A finger that leaves the name means nothing."""
        if event is not None and not self._is_on_name(event):
            self._hold.stop()

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """A finger that was lifted early means nothing."""
        self._hold.stop()

    def _follow(self, event: QMouseEvent) -> None:
        if self._is_on_name(event):
            self._hold.start()

    def _is_on_name(self, event: QMouseEvent) -> bool:
        return self.details.geometry().contains(event.position().toPoint())

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Words at the left, the button at the right."""
        left = 2 * self._margin()
        down = (self.height() - self.button.height()) // 2
        self.button.move(self.width() - left - self.button.width(), down)
        self._set_words(left, self.button.x() - 2 * left)

    def _set_words(self, left: int, width: int) -> None:
        """Headline and details as one group, in the middle of the height."""
        self.headline.set_pixels(self._letters * HEADLINE)
        self.details.set_pixels(self._letters)
        self.details.setText(flow(self._details, SEPARATOR, font(self._letters), width))
        room = self.height() - 2 * self._margin()
        head = self.headline.height_for(QSizeF(width, room * HEADLINE_SHARE))
        rest = self.details.height_for(QSizeF(width, room - head))
        top = (self.height() - head - rest) // 2
        self.headline.setGeometry(left, top, width, head)
        self.details.setGeometry(left, top + head, width, rest)

    def _margin(self) -> int:
        return max(6, round(self._short_side * 0.018))
