"""What is on every page of an enrolment, always in the same place: the dots, and the way out."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from kiosk.ui.geometry import small
from kiosk.ui.look import palette
from kiosk.ui.pages.page import Room
from kiosk.ui.text import Speech
from kiosk.ui.widgets.key import Key
from kiosk.ui.widgets.worded import Worded, Wording

KEY_WIDTH, SMALL_WIDTH = 1.7, 1.2
"""Of the key, relative to its height; on a small screen it is as wide as the other corners'."""

DOTS_SHARE = 0.28
"""Height of the dots, relative to the key."""

WORD_SHARE, SMALL_WORD_SHARE = 0.34, 0.26
MOST_SCALE = 1.25
MARGIN_SHARE = 0.018
"""Of the screen's shorter side."""


class StepDots(QWidget, Worded):
    """A dot for each step: full for those that are done, ringed for the one that is on.

    Args:
        parent: the page.
        speech: the texts.
    """

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self._speech = speech
        self.place, self.length = 0, 0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_place(self, place: int, length: int) -> None:
        """Show another step, counted from 1; no dots for a length of 0."""
        if (place, length) == (self.place, self.length):
            return
        self.place, self.length = place, length
        self.retranslate()
        self.update()

    def retranslate(self) -> None:
        """Look the name for screen readers up again."""
        text = self._speech.standing("enrolment.steps", self.place, str(self.length))
        self.setAccessibleName(text if self.length else "")

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw the dots in the direction in which is read."""
        if not self.length:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = min(self.width() / self.length, self.height() * 1.1)
        radius, y = step * 0.26, self.height() / 2
        left = self.width() / 2 - step * (self.length - 1) / 2
        forwards = self.layoutDirection() is Qt.LayoutDirection.LeftToRight
        for number in range(1, self.length + 1):
            rank = number - 1 if forwards else self.length - number
            self._draw(painter, QPointF(left + rank * step, y), radius, number)
        painter.end()

    def _draw(self, painter: QPainter, at: QPointF, radius: float, number: int) -> None:
        on = number == self.place
        painter.setPen(QPen(QColor(palette.TEXT), max(1.5, radius * 0.3)))
        painter.setBrush(QColor(palette.TEXT if number <= self.place else palette.GROUND))
        painter.drawEllipse(at, radius, radius)
        if on:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, radius * 1.6, radius * 1.6)


class Rail(QWidget):
    """The dots above the key that stops, at the lower left of a page.

    Args:
        parent: the page.
        speech: the texts.
    """

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self._speech = speech
        self.dots = StepDots(self, speech)
        self.stop = Key(self, self._wording("enrolment.stop"))

    def show_place(self, dots: tuple[int, int]) -> None:
        """Show another step."""
        self.dots.show_place(*dots)

    def end_with(self, key: str) -> None:
        """Let the key say something else than stop, as in `Strings.texts`."""
        self.stop.say(self._wording(key))

    def fit(self, page: QRect, room: Room) -> None:
        """Take its place in a page."""
        margin = max(6, round(min(room.screen) * MARGIN_SHARE))
        tight = small(room.screen)
        key = QSize(round(room.least * (SMALL_WIDTH if tight else KEY_WIDTH)), room.least)
        dots = round(key.height() * DOTS_SHARE)
        left = room.corner.width() or 2 * margin
        high = dots + key.height() + margin // 2
        self.setGeometry(left, page.height() - high - margin, key.width(), high)
        self.dots.setGeometry(0, 0, key.width(), dots)
        letters = key.height() * (SMALL_WORD_SHARE if tight else WORD_SHARE)
        letters *= min(room.text_scale, MOST_SCALE)
        self.stop.place(QRect(0, high - key.height(), key.width(), key.height()), letters)

    def _wording(self, key: str) -> Wording:
        return lambda: self._speech.standing(key)
