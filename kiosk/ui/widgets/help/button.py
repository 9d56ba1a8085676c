"""The help button: an icon over a word, large enough for touch, reachable by keyboard."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPixmap
from PyQt6.QtWidgets import QToolButton, QWidget

from kiosk.ui.icons import stroke
from kiosk.ui.icons.drawings import lifebuoy
from kiosk.ui.look import palette
from kiosk.ui.look.fonts import Weight, fitting

ICON_SHARE = 0.42
TEXT_SHARE = 0.21


class HelpButton(QToolButton):
    """The one control that is on every screen.

    Args:
        parent: the parent widget.
        text: the word on it.
        described: its description for screen readers.
    """

    def __init__(self, parent: QWidget, text: str, described: str) -> None:
        super().__init__(parent)
        self.setObjectName("help")
        self.setText(text)
        self.setAccessibleName(text)
        self.setAccessibleDescription(described)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def fit(self, size: QSize) -> None:
        """Set the size in pixels; icon and word scale with it."""
        self.setFixedSize(size)
        side = round(size.height() * ICON_SHARE)
        self.setIconSize(QSize(side, side))
        self.setIcon(QIcon(_drawn(side)))
        word = fitting(self.text(), size.height() * TEXT_SHARE, size.width() * 0.8, Weight.STRONG)
        self.setFont(word)


def _drawn(side: int) -> QPixmap:
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    stroke(painter, lifebuoy(), QRectF(0, 0, side, side), QColor(palette.TEXT))
    painter.end()
    return pixmap
