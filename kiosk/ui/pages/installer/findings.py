"""A table of findings: an icon, a name, the finding, and the remedy."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPixmap
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QScroller, QWidget

from kiosk.domain.finding import Finding, Health
from kiosk.ui.icons import answers, drawings, stroke
from kiosk.ui.look import palette
from kiosk.ui.look.fonts import Weight, font
from kiosk.ui.text import Speech
from kiosk.ui.widgets.worded import Worded, WordedLabel, Wording

LOOKS = {
    Health.OK: (drawings.tick, palette.GREEN),
    Health.WARN: (answers.attention, palette.AMBER),
    Health.BAD: (answers.cross, palette.RED),
}
"""An icon per health state: colour is never the only distinction."""

SIGN_SHARE = 1.5
"""Side of the icon as a multiple of the font size."""


class Findings(QScrollArea):
    """Rows that can be scrolled by touch.

    Args:
        parent: the page.
        speech: the texts.
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
        """Set the font size, also for the existing rows."""
        self._letters = letters
        for label in self.findChildren(QLabel):
            if label.text():
                label.setFont(font(letters, Weight(label.font().weight())))

    def clear(self) -> None:
        """Remove all rows."""
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
        """The texts of the rows, icons as words."""
        return [text for label in self.findChildren(QLabel) if (text := _said(label))]

    def say(self, wording: Wording) -> None:
        """Add a row that is only text."""
        self._grid.addWidget(self._words(wording, Weight.REGULAR), self._grid.rowCount(), 0, 1, 2)

    def add(self, finding: Finding) -> None:
        """Add a row for a finding, with its remedy below it."""
        row = self._grid.rowCount()
        self._grid.addWidget(self._sign(finding.health), row, 0, Qt.AlignmentFlag.AlignTop)
        text = self._words(lambda: f"{finding.name}: {finding.text}", Weight.MEDIUM)
        self._grid.addWidget(text, row, 1)
        if finding.remedy:
            remedy = self._words(lambda: finding.remedy, Weight.REGULAR, "remedy")
            self._grid.addWidget(remedy, row + 1, 1)

    def _sign(self, health: Health) -> QLabel:
        drawing, colour = LOOKS[health]
        side = round(self._letters * SIGN_SHARE)
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        stroke(painter, drawing(), QRectF(0, 0, side, side), QColor(colour))
        painter.end()
        sign = Sign(lambda: self._speech.standing(f"installer.{health.value}"))
        sign.setPixmap(pixmap)
        return sign

    def _words(self, wording: Wording, weight: Weight, kind: str = "finding") -> QLabel:
        label = WordedLabel(wording=wording)
        label.setWordWrap(True)
        label.setProperty("kind", kind)
        label.setFont(font(self._letters, weight))
        return label


class Sign(QLabel, Worded):
    """A picture with a name for screen readers.

    Args:
        wording: the name.
    """

    def __init__(self, wording: Wording) -> None:
        super().__init__()
        self._wording = wording
        self.retranslate()

    def retranslate(self) -> None:
        """Look the name up again."""
        self.setAccessibleName(self._wording())


def _said(label: QLabel) -> str:
    return label.text() or label.accessibleName()
