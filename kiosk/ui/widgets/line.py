"""One line of text: as large as it is meant to be, smaller if it must, and never cut short."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFont, QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QWidget

from kiosk.ui.fonts import Weight, fitting


class LineLabel(QLabel):
    """A label that paints its own single line; screen readers read it as any label.

    Args:
        parent: what it stands on.
        kind: names its look in the style sheet.
        weight: of the letters.
    """

    def __init__(self, parent: QWidget, kind: str, weight: Weight = Weight.REGULAR) -> None:
        super().__init__(parent)
        self._weight = weight
        self._pixels = 16.0
        self.setProperty("kind", kind)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_pixels(self, pixels: float) -> None:
        """The size that the letters have where there is room."""
        self._pixels = pixels
        self.update()

    def letters(self) -> QFont:
        """The letters as they are drawn now."""
        return fitting(self.text(), self._pixels, self.width(), self._weight)

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw the line."""
        painter = QPainter(self)
        painter.setFont(self.letters())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()
