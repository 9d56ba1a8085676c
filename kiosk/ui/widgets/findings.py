"""A table of what was found: a sign, a name, what it is, and what to do about it."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPixmap
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QScroller, QWidget

from kiosk.domain.finding import Finding, Health
from kiosk.ui import palette
from kiosk.ui.fonts import Weight, font
from kiosk.ui.icons import answers, drawings, stroke
from kiosk.ui.text import Speech

LOOKS = {
    Health.OK: (drawings.tick, palette.GREEN),
    Health.WARN: (answers.attention, palette.AMBER),
    Health.BAD: (answers.cross, palette.RED),
}
"""Each has a sign of its own: colour is never the only one."""

SIGN_SHARE = 1.5
"""Side of the sign in sizes of the letters."""


class Findings(QScrollArea):
    """Rows that can be scrolled by a finger.

    Args:
        parent: the page.
        speech: the words.
    """

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self._speech = speech
        self._letters = 16
        self._grid = QGridLayout()
        self.setObjectName("findings")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.LeftMouseButtonGesture)
        self.clear()

    def fit(self, letters: int) -> None:
        """Take a size of letters, for the rows that stand there as well."""
        self._letters = letters
        for label in self.findChildren(QLabel):
            if label.text():
                label.setFont(font(letters, Weight(label.font().weight())))

    def clear(self) -> None:
        """No rows."""
        rows = QWidget()
        rows.setObjectName("rows")
        self._grid = QGridLayout(rows)
        self._grid.setColumnStretch(1, 1)
        margin = self._letters
        self._grid.setContentsMargins(margin, margin, margin, margin)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setWidget(rows)

    @property
    def texts(self) -> list[str]:
        """What the rows say, signs as words."""
        return [text for label in self.findChildren(QLabel) if (text := _said(label))]

    def say(self, text: str) -> None:
        """A row that is only words."""
        self._grid.addWidget(self._words(text, Weight.REGULAR), self._grid.rowCount(), 0, 1, 2)

    def add(self, finding: Finding) -> None:
        """One more row, and what to do about it under it."""
        row = self._grid.rowCount()
        self._grid.addWidget(self._sign(finding.health), row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self._words(f"{finding.name}: {finding.text}", Weight.MEDIUM), row, 1)
        if finding.remedy:
            self._grid.addWidget(self._words(finding.remedy, Weight.REGULAR, "remedy"), row + 1, 1)

    def _sign(self, health: Health) -> QLabel:
        drawing, colour = LOOKS[health]
        side = round(self._letters * SIGN_SHARE)
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        stroke(painter, drawing(), QRectF(0, 0, side, side), QColor(colour))
        painter.end()
        sign = QLabel()
        sign.setPixmap(pixmap)
        sign.setAccessibleName(self._speech.standing(f"installer.{health.value}"))
        return sign

    def _words(self, text: str, weight: Weight, kind: str = "finding") -> QLabel:
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setProperty("kind", kind)
        label.setFont(font(self._letters, weight))
        return label


def _said(label: QLabel) -> str:
    return label.text() or label.accessibleName()
