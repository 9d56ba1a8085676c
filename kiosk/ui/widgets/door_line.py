"""The actual state of the door: a short line with an icon.

Nothing is shown until the door's state is known.
"""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.door.model import Condition
from kiosk.ui.icons import answers, stroke
from kiosk.ui.look import palette
from kiosk.ui.look.fonts import Weight, fitting
from kiosk.ui.text import Speech
from kiosk.ui.widgets.worded import Worded, mirrored

OPEN = frozenset(
    condition.value
    for condition in (Condition.RELEASED, Condition.PASSING, Condition.UNLOCKED, Condition.FIRE)
)
"""The conditions in which the door can be passed."""

SHUT = frozenset({Condition.SECURED.value, Condition.LOCKED_DOWN.value})
SILENT = frozenset({Condition.UNKNOWN.value})
HEIGHT = 2.0
"""Height of the line as a multiple of the font size."""

ICON = 1.3
PADDING = 0.8


def icon_for(condition: str) -> Callable[[], QPainterPath]:
    """The icon of a door condition; a condition without its own icon gets the warning icon."""
    if condition in OPEN:
        return answers.door_open
    if condition in SHUT:
        return answers.door_shut
    return answers.unplugged if condition in SILENT else answers.attention


class DoorLine(QWidget, Worded):
    """An icon and a short text, centred in the widget.

    Args:
        parent: the window.
        speech: the texts.
    """

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self._speech = speech
        self._letters = 16.0
        self._icon = QPainterPath()
        self.condition = ""
        self.text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_condition(self, condition: str) -> None:
        """Show another condition of the door; empty for none."""
        self.condition = condition
        self._icon = icon_for(condition)()
        self.retranslate()

    def retranslate(self) -> None:
        """Look the text up again."""
        self.text = self._speech.door(self.condition) if self.condition else ""
        self.setAccessibleName(self.text)
        self.update()

    def fit(self, letters: float) -> int:
        """Set the font size in pixels; returns the height used."""
        self._letters = letters
        return round(letters * HEIGHT)

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw a rounded box as wide as the text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(self.layoutDirection())
        icon, pad = self._letters * ICON, self._letters * PADDING
        room = self.width() - icon - 3 * pad
        letters = fitting(self.text, self._letters, room, Weight.MEDIUM)
        words = QFontMetricsF(letters).horizontalAdvance(self.text)
        wide = words + icon + 2.5 * pad
        pill = QRectF((self.width() - wide) / 2, 0, wide, self.height())
        self._draw_pill(painter, pill)
        box = QRectF(pill.left() + pad, (self.height() - icon) / 2, icon, icon)
        place = QRectF(box.right() + pad / 2, 0, words + pad / 2, self.height())
        stroke(painter, self._icon, mirrored(self, box, pill), QColor(palette.TEXT))
        painter.setFont(letters)
        painter.setPen(QColor(palette.TEXT))
        middle_left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(mirrored(self, place, pill), middle_left, self.text)
        painter.end()

    def _draw_pill(self, painter: QPainter, pill: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.GROUND))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
