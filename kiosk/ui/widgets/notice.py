"""The permanent notice of face recognition: purpose, organisation and the other way in (R72).

It is always visible, with the door's state. The buttons for help and for another language are
always in the same place and at least 20 mm a side. On a small screen the notice is one line that
shows its parts in turn, and the buttons extend upwards into the corners of the area above.
A long press on the line that names the responsible organisation opens the installer's page.
"""

from __future__ import annotations

import math

from PyQt6.QtCore import QRectF, QSize, QSizeF, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import QFrame, QWidget

from kiosk.ui.geometry import small, upright
from kiosk.ui.icons.drawings import globe, lifebuoy
from kiosk.ui.icons.enrolment import list_of_facts
from kiosk.ui.look.fonts import Weight, flow, font
from kiosk.ui.text import Speech
from kiosk.ui.timers import every, once
from kiosk.ui.widgets.corner_button import CornerButton
from kiosk.ui.widgets.door_line import DoorLine
from kiosk.ui.widgets.paragraph import Paragraph
from kiosk.ui.widgets.worded import Worded, mirrored

BUTTON_MM = 20.0
MM_PER_INCH = 25.4
SANE_DPI = (60.0, 350.0)
FALLBACK_DPI = 130.0
"""Used if the screen reports no resolution, or one that no kiosk's screen has."""

BUTTON_SHARE = 0.09
"""Minimum side of the button as a share of the screen's shorter side."""

LETTER_SHARE = 0.024
"""Minimum size of the small print as a share of the screen's shorter side."""

LETTER_MM = 4.0
"""The same in millimetres: capitals of about 3 mm can be read at 1 m (ten minutes of arc)."""

HEADLINE = 1.1
"""Size of the headline as a multiple of the small print."""

HEADLINE_SHARE = 0.45
"""The maximum share of the height for the headline."""

LINES, UPRIGHT_LINES = 3.9, 5.4
"""Height of the text as a multiple of the small print: a headline and two lines, or three."""

SMALL_LINES = 1.9
"""The same for a single line."""

SMALL_LETTERS = 0.85
"""Size of the small print on a small screen, relative to others."""

SMALL_SCALE = 1.25
"""The most by which a small screen's print grows with the words."""

TURN_MS = 6000
"""The display time of each part of the notice if all share one line."""

DOOR_SHARE = 0.26
"""The share of a wide bar's width for the door's state."""

HOLD_MS = 5000
"""The duration of a long press on the organisation's name."""

SEPARATOR = "   \u00b7   "
DETAILS = ("responsible", "other_way", "questions")


def millimetres(length: float, dpi: float) -> int:
    """Whole pixels for at least that length on a screen with that many dots per inch."""
    sane = dpi if SANE_DPI[0] <= dpi <= SANE_DPI[1] else FALLBACK_DPI
    return math.ceil(length / MM_PER_INCH * sane)


class Notice(QFrame, Worded):
    """The notice, the door's state, and the buttons, which are children of the window.

    Args:
        parent: the window.
        speech: the texts.
    """

    help_pressed = pyqtSignal()
    languages_pressed = pyqtSignal()
    data_pressed = pyqtSignal()
    held = pyqtSignal()
    """A long press on the organisation's name."""

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._speech = speech
        self.headline = Paragraph(self, lambda: speech.standing("screen.notice"), Weight.STRONG)
        self.headline.setObjectName("headline")
        self.details = Paragraph(self, lambda: SEPARATOR.join(self._details))
        self.details.setObjectName("details")
        self.door_line = DoorLine(self, speech)
        self.button = CornerButton(
            parent,
            lifebuoy,
            lambda: speech.standing("help.button"),
            lambda: speech.standing("help.described"),
        )
        self.button.clicked.connect(self.help_pressed)
        self.languages = CornerButton(
            parent,
            globe,
            lambda: speech.standing("languages.button"),
            lambda: speech.standing("pages.languages"),
        )
        self.languages.clicked.connect(self.languages_pressed)
        self.data: CornerButton | None = None
        self._hold = once(self, HOLD_MS, self.held.emit)
        self._turn = every(self, TURN_MS, self._say_next)
        self._said = 0
        self._screen = (1280, 800)
        self._letters = 16

    def offer_data(self) -> None:
        """Add the button to what is kept about a person; its room stays its own."""
        parent = self.parentWidget()
        if self.data is not None or parent is None:
            return
        self.data = CornerButton(
            parent,
            list_of_facts,
            lambda: self._speech.standing("data.button"),
            lambda: self._speech.standing("data.described"),
        )
        self.data.clicked.connect(self.data_pressed)
        self.data.setFixedSize(self.button.size())

    def allow_data(self, *, allowed: bool) -> None:
        """Show the button, or hide it while it would lead nowhere."""
        if self.data is not None:
            self.data.setVisible(allowed)

    def fit(self, screen: tuple[int, int], dpi: float, text_scale: float = 1.0) -> int:
        """Set the sizes for a screen; returns the height used.

        Args:
            screen: width and height in pixels.
            dpi: physical dots per inch, as reported by the screen.
            text_scale: size of the small print, relative to the usual one.
        """
        self._screen, side = screen, min(screen)
        letters = max(millimetres(LETTER_MM, dpi), round(side * LETTER_SHARE))
        if self._is_small:
            text_scale = min(text_scale, SMALL_SCALE) * SMALL_LETTERS
        self._letters = round(letters * text_scale)
        button = max(millimetres(BUTTON_MM, dpi), round(side * BUTTON_SHARE))
        for corner in (self.button, self.languages, self.data):
            if corner is None:
                continue
            corner.fit(QSize(round(button * 1.2), button))
        if self._is_small:
            return round(self._letters * SMALL_LINES) + self._margin()
        if not upright(screen):
            return max(button, round(self._letters * LINES)) + 2 * self._margin()
        door = self.door_line.fit(self._letters)
        return max(button, round(self._letters * UPRIGHT_LINES)) + door + 2 * self._margin()

    @property
    def corner(self) -> QSize:
        """The size of a button's part in each lower corner of the stage above."""
        reach = self.button.height() + self._margin() - self.height()
        if not self._is_small or reach <= 0:
            return QSize(0, 0)
        return QSize(self.button.width() + 2 * self._margin(), reach + self._margin())

    @property
    def letters(self) -> int:
        """Size of the small print in pixels."""
        return self._letters

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Start the long press if it is on the organisation's name."""
        if event is not None and event.button() is Qt.MouseButton.LeftButton:
            self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Cancel the long press if the finger leaves the name."""
        if event is not None and not self._is_on_name(event):
            self._hold.stop()

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Cancel the long press."""
        self._hold.stop()

    def _follow(self, event: QMouseEvent) -> None:
        if self._is_on_name(event):
            self._hold.start()

    def _is_on_name(self, event: QMouseEvent) -> bool:
        return self.details.geometry().contains(event.position().toPoint())

    def retranslate(self) -> None:
        """Update the layout for the other words."""
        self.arrange()

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Update the layout."""
        self.arrange()

    def arrange(self) -> None:
        """Place the text, the door's state after or above it, and the buttons.

        Help is at the right and the languages are at the left, whatever the language: they are
        always in the same place.
        """
        gap = self._margin() if self._is_small else 2 * self._margin()
        left = self._place_buttons(gap)
        right = self.width() - left
        left += self._place_data(left, gap)
        high = self.door_line.fit(self._letters)
        if upright(self._screen):
            self.door_line.setGeometry(left, self._margin(), right - left, high)
            self._set_words(left, right - left, self._margin() + high)
            return
        door = round(self.width() * DOOR_SHARE)
        words = right - left - door - gap
        high = min(high, self.height())
        area = QRectF(left, 0, right - left, self.height())
        place = QRectF(left + words + gap, (self.height() - high) // 2, door, high)
        self.door_line.setGeometry(mirrored(self, place, area).toRect())
        start = round(mirrored(self, QRectF(left, 0, words, 0), area).left())
        if self._is_small:
            self._set_line(start, words)
        else:
            self._set_words(start, words, 0)

    def _place_buttons(self, gap: int) -> int:
        """Place both buttons; returns the width that each takes, with the gaps beside it."""
        down = self.y() + (self.height() - self.button.height()) // 2
        lowest = self.y() + self.height() - self.button.height() - self._margin() // 2
        self.button.move(self.width() - gap - self.button.width(), min(down, lowest))
        self.languages.move(gap, min(down, lowest))
        return self.button.width() + 2 * gap

    def _place_data(self, left: int, gap: int) -> int:
        """Place that button beside the languages; returns the width that it takes."""
        if self.data is None:
            return 0
        self.data.move(left - gap // 2, self.languages.y())
        return self.data.width() + gap // 2

    def _set_line(self, left: int, width: int) -> None:
        """Show the parts of the text on one line, one after the other."""
        self._turn.start()
        for part in (self.headline, self.details):
            part.set_pixels(self._letters)
            part.place(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            part.setGeometry(left, 1, width, self.height() - 1)
        self._say_part()

    @pyqtSlot()
    def _say_next(self) -> None:
        self._said = (self._said + 1) % (len(self._details) + 1)
        self._say_part()

    def _say_part(self) -> None:
        """Show the headline, or one of the details."""
        self.headline.setVisible(self._said == 0)
        self.details.setVisible(self._said > 0)
        part = max(0, self._said - 1)
        self.details.say(lambda: self._details[part])

    def _set_words(self, left: int, width: int, above: int) -> None:
        """Place headline and details as one group, vertically centred below ``above``."""
        self._turn.stop()
        self.headline.show()
        self.details.show()
        self.headline.set_pixels(self._letters * HEADLINE)
        self.details.set_pixels(self._letters)
        letters = font(self._letters)
        self.details.say(lambda: flow(self._details, SEPARATOR, letters, width))
        room = self.height() - above - 2 * self._margin()
        head = self.headline.height_for(QSizeF(width, room * HEADLINE_SHARE))
        rest = self.details.height_for(QSizeF(width, room - head))
        top = above + (self.height() - above - head - rest) // 2
        self.headline.setGeometry(left, top, width, head)
        self.details.setGeometry(left, top + head, width, rest)

    @property
    def _details(self) -> list[str]:
        return [self._speech.standing(f"screen.{key}") for key in DETAILS]

    def _margin(self) -> int:
        return max(6, round(min(self._screen) * 0.018))

    @property
    def _is_small(self) -> bool:
        return small(self._screen)
