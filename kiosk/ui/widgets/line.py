"""One line of text at a given size, shrunk if necessary and never truncated."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFont, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from kiosk.ui.look.fonts import Weight, fitting
from kiosk.ui.widgets.worded import WordedLabel, Wording


class LineLabel(WordedLabel):
    """A label that paints its own single line; screen readers read it as any label.

    Args:
        parent: the parent widget.
        kind: its style in the style sheet.
        weight: the font weight.
        wording: its text; none by default.
    """

    def __init__(
        self,
        parent: QWidget,
        kind: str,
        weight: Weight = Weight.REGULAR,
        wording: Wording = str,
    ) -> None:
        super().__init__(parent, wording)
        self._weight = weight
        self._pixels = 16.0
        self.setProperty("kind", kind)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_pixels(self, pixels: float) -> None:
        """Set the font size, which is reduced if the width requires it."""
        self._pixels = pixels
        self.update()

    def letters(self) -> QFont:
        """The font as currently drawn."""
        return fitting(self.text(), self._pixels, self.width(), self._weight)

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw the line."""
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        painter.setFont(self.letters())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()
