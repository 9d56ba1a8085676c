"""The number of entered digits as dots, without the digits themselves."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from kiosk.ui.look import palette
from kiosk.ui.widgets.worded import Worded, Wording

DOT_SHARE = 0.12
"""A dot's radius as a share of the field's height."""

STEP_SHARE = 1 / 13
"""The distance between dots as a share of the width: twelve fit."""


class Dots(QWidget, Worded):
    """A field with a dot for each digit.

    Args:
        parent: the parent widget.
        wording: the name for screen readers.
    """

    def __init__(self, parent: QWidget, wording: Wording) -> None:
        super().__init__(parent)
        self._count = 0
        self._wording = wording
        self.retranslate()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    @property
    def count(self) -> int:
        """The number of dots."""
        return self._count

    def retranslate(self) -> None:
        """Look the name up again."""
        self.setAccessibleName(self._wording())

    def show_count(self, count: int) -> None:
        """Show that number of digits as dots."""
        self._count = count
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw the field and its dots."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(palette.EDGE), 2))
        painter.setBrush(QColor(palette.RAISED))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 14, 14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.TEXT))
        radius = self.height() * DOT_SHARE
        step = min(self.width() * STEP_SHARE, radius * 4)
        left = self.width() / 2 - step * (self._count - 1) / 2
        for number in range(self._count):
            painter.drawEllipse(QPointF(left + number * step, self.height() / 2), radius, radius)
        painter.end()
