"""The help button: an icon over a word, large enough for touch, reachable by keyboard."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPixmap
from PyQt6.QtWidgets import QToolButton, QWidget

from kiosk.ui.icons import stroke
from kiosk.ui.icons.drawings import lifebuoy
from kiosk.ui.look import palette
from kiosk.ui.look.fonts import Weight, fitting
from kiosk.ui.widgets.worded import Worded, Wording

ICON_SHARE = 0.42
TEXT_SHARE = 0.21


class HelpButton(QToolButton, Worded):
    """The one control that is on every screen.

    Args:
        parent: the parent widget.
        word: the word on it.
        description: its description for screen readers.
    """

    def __init__(self, parent: QWidget, word: Wording, description: Wording) -> None:
        super().__init__(parent)
        self._word, self._description = word, description
        self.setObjectName("help")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.retranslate()

    def retranslate(self) -> None:
        """Look word and description up again."""
        self.setText(self._word())
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(self._description())
        self._fit_word()

    def fit(self, size: QSize) -> None:
        """Set the size in pixels; icon and word scale with it."""
        self.setFixedSize(size)
        side = round(size.height() * ICON_SHARE)
        self.setIconSize(QSize(side, side))
        self.setIcon(QIcon(_drawn(side)))
        self._fit_word()

    def _fit_word(self) -> None:
        pixels, room = self.height() * TEXT_SHARE, self.width() * 0.8
        self.setFont(fitting(self.text(), pixels, room, Weight.STRONG))


def _drawn(side: int) -> QPixmap:
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    stroke(painter, lifebuoy(), QRectF(0, 0, side, side), QColor(palette.TEXT))
    painter.end()
    return pixmap
