"""Small print in a box: wrapped, shrunk if necessary and never truncated."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPointF, QRectF, QSizeF, Qt
from PyQt6.QtGui import QFont, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from kiosk.ui.look.fonts import Weight, block_size, fitting_block
from kiosk.ui.widgets.worded import WordedLabel, Wording

WRAP = Qt.TextFlag.TextWordWrap


class Paragraph(WordedLabel):
    """A label that wraps and shrinks its text until all of it fits.

    Args:
        parent: the parent widget.
        wording: its text.
        weight: the font weight.
    """

    def __init__(self, parent: QWidget, wording: Wording, weight: Weight = Weight.REGULAR) -> None:
        super().__init__(parent, wording)
        self._weight = weight
        self._pixels = 12.0
        self._place = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_pixels(self, pixels: float) -> None:
        """Set the font size, which is reduced if the box requires it."""
        self._pixels = pixels
        self.update()

    def place(self, alignment: Qt.AlignmentFlag) -> None:
        """Set the alignment of the text in its box."""
        self._place = alignment
        self.update()

    def letters(self) -> QFont:
        """The font as currently drawn."""
        return fitting_block(self.text(), self._pixels, QRectF(self.rect()), self._weight)

    def width_for(self, room: QSizeF) -> int:
        """The width of the text, wrapped and shrunk to that box."""
        letters = fitting_block(self.text(), self._pixels, QRectF(QPointF(), room), self._weight)
        return math.ceil(block_size(self.text(), letters, room.width()).width())

    def height_for(self, room: QSizeF) -> int:
        """The height of the text, wrapped and shrunk to that box."""
        letters = fitting_block(self.text(), self._pixels, QRectF(QPointF(), room), self._weight)
        return math.ceil(block_size(self.text(), letters, room.width()).height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw the text."""
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        painter.setFont(self.letters())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(QRectF(self.rect()), self._place | WRAP, self.text())
        painter.end()
