"""A disc in the colour of a tone, with an icon."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from kiosk.domain.prompts import Prompt, Tone
from kiosk.ui.icons import icon_of, stroke
from kiosk.ui.look import palette

ICON_SHARE = 0.62
"""The icon's square as a share of the disc."""


class Disc(QWidget):
    """An icon on its disc.

    Args:
        parent: the parent widget.
        ring_share: width of a ring round the disc, with a gap of the same width, as a share of the
            widget; 0 for none.
    """

    def __init__(self, parent: QWidget, ring_share: float = 0.0) -> None:
        super().__init__(parent)
        self._ring_share = ring_share
        self._icon = QPainterPath()
        self._colour = QColor(palette.NEUTRAL)
        self._left = 1.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_prompt(self, prompt: Prompt, tone: Tone) -> None:
        """Show that prompt's icon in that tone's colour."""
        self._icon = icon_of(prompt)
        self._colour = QColor(palette.SIGN[tone])
        self.update()

    def set_left(self, share: float) -> None:
        """Set the visible share of the ring, 0 to 1: the remaining time of a wait."""
        self._left = share
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw ring, disc and icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self._ring_share:
            box = self._draw_ring(painter, box)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        painter.drawEllipse(box)
        margin = box.width() * (1 - ICON_SHARE) / 2
        inner = box.adjusted(margin, margin, -margin, -margin)
        stroke(painter, self._icon, inner, QColor(palette.GROUND))
        painter.end()

    def _draw_ring(self, painter: QPainter, box: QRectF) -> QRectF:
        """Draw the ring, and return the remaining box for the disc."""
        width = box.width() * self._ring_share
        half = width / 2
        painter.setPen(QPen(self._colour, width, cap=Qt.PenCapStyle.FlatCap))
        ring = box.adjusted(half, half, -half, -half)
        painter.drawArc(ring, 90 * 16, -round(360 * 16 * self._left))
        return box.adjusted(2 * width, 2 * width, -2 * width, -2 * width)
