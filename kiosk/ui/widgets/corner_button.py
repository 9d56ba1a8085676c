"""A button in a corner: an icon over a word, large enough for touch, reachable by keyboard."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPixmap
from PyQt6.QtWidgets import QToolButton, QWidget

from kiosk.ui.icons import stroke
from kiosk.ui.look import palette
from kiosk.ui.look.fonts import Weight, fitting
from kiosk.ui.widgets.worded import Worded, Wording

ICON_SHARE = 0.42
TEXT_SHARE = 0.21


class CornerButton(QToolButton, Worded):
    """A control that is on every screen, always in the same place.

    Args:
        parent: the parent widget.
        icon: its drawing.
        word: the word on it.
        description: its description for screen readers.
    """

    def __init__(
        self,
        parent: QWidget,
        icon: Callable[[], QPainterPath],
        word: Wording,
        description: Wording,
    ) -> None:
        super().__init__(parent)
        self._drawing = icon
        self._word, self._description = word, description
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
        self.setIcon(QIcon(self._drawn(side)))
        self._fit_word()

    def _fit_word(self) -> None:
        pixels, room = self.height() * TEXT_SHARE, self.width() * 0.8
        self.setFont(fitting(self.text(), pixels, room, Weight.STRONG))

    def _drawn(self, side: int) -> QPixmap:
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        stroke(painter, self._drawing(), QRectF(0, 0, side, side), QColor(palette.TEXT))
        painter.end()
        return pixmap
