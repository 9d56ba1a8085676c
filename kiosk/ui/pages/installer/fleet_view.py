"""The fleet of this kiosk for an installer: its fingerprint, its store, and when each was heard."""

from __future__ import annotations

from datetime import datetime

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from kiosk.ui.installer import FleetNow
from kiosk.ui.look.fonts import Weight, font
from kiosk.ui.pages.qr_code import QrCode
from kiosk.ui.strings.moments import told
from kiosk.ui.strings.texts import WritingDirection
from kiosk.ui.text import Speech
from kiosk.ui.widgets.worded import WordedLabel, Wording

ROWS = ("fingerprint", "store", "scopes", "signed", "asked", "problem")
GROUP = 4
CODE_SHARE = 0.45
"""The most of the height that the code takes."""


def grouped(fingerprint: str) -> str:
    """A fingerprint in groups of four, to be compared by two people."""
    parts = (fingerprint[at : at + GROUP] for at in range(0, len(fingerprint), GROUP))
    return " ".join(parts)


class FleetView(QWidget):
    """A sentence, a line for each fact, and the fingerprint as a code until it is approved.

    Args:
        parent: the page.
        speech: the texts.
    """

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self._speech = speech
        self._code_wanted = False
        self.whole = WordedLabel(self)
        self.whole.setWordWrap(True)
        self.code = QrCode(self)
        self.code.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._area = QScrollArea(self)
        self._area.setObjectName("findings")
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows = QWidget()
        rows.setObjectName("rows")
        self._names = {key: WordedLabel(rows, self._wording(key)) for key in ROWS}
        self.facts = {key: WordedLabel(rows) for key in ROWS}
        self._grid = grid = QGridLayout(rows)
        grid.setColumnStretch(1, 1)
        grid.setAlignment(Qt.AlignmentFlag.AlignTop)
        for row, key in enumerate(ROWS):
            self.facts[key].setWordWrap(True)
            grid.addWidget(self._names[key], row, 0)
            grid.addWidget(self.facts[key], row, 1)
        self._area.setWidget(rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.whole, self.code, self._area):
            column.addWidget(part)

    def fit(self, letters: int) -> None:
        """Set the font size."""
        self._grid.setHorizontalSpacing(letters)
        self._grid.setVerticalSpacing(letters // 2)
        self._grid.setContentsMargins(letters, letters, letters, letters)
        self.whole.setFont(font(letters * 1.15, Weight.STRONG))
        for key in ROWS:
            self._names[key].setFont(font(letters))
            self.facts[key].setFont(font(letters, Weight.STRONG))

    def show_now(self, now: FleetNow, at: datetime) -> None:
        """Show what is known now.

        Args:
            now: what is known.
            at: the local time.
        """
        self.whole.say(self._wording("approved" if now.approved else "not_approved"))
        self.code.show_text("" if now.approved else now.fingerprint.upper())
        facts: dict[str, Wording] = {
            "fingerprint": lambda: self._speech.within(grouped(now.fingerprint)),
            "store": lambda: self._speech.within(now.store),
            "scopes": lambda: self._speech.within(", ".join(now.scopes)),
            "signed": lambda: self._time(now.signed_at, at),
            "asked": lambda: self._time(now.asked_at, at),
            "problem": lambda: now.problem or self._wording("none")(),
        }
        for key, wording in facts.items():
            self.facts[key].say(wording)
            self.facts[key].setAlignment(self._beside)
        self.facts["scopes"].setVisible(bool(now.scopes))
        self._names["scopes"].setVisible(bool(now.scopes))

    def show_problem(self, problem: Wording) -> None:
        """Show why nothing is known, and clear what was."""
        self.whole.say(problem)
        self.code.show_text("")
        for fact in self.facts.values():
            fact.say(str)

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Keep the code square, and leave room for the facts."""
        self.code.setFixedHeight(max(1, min(self.width(), round(self.height() * CODE_SHARE))))

    @property
    def _beside(self) -> Qt.AlignmentFlag:
        """Beside the names, whatever the direction of a fact is."""
        flags = Qt.AlignmentFlag
        to_left = self._speech.strings.direction is WritingDirection.LEFT_TO_RIGHT
        side = flags.AlignLeft if to_left else flags.AlignRight
        return side | flags.AlignAbsolute | flags.AlignVCenter

    def _time(self, moment: datetime | None, at: datetime) -> str:
        if moment is None:
            return self._wording("never")()
        return told(self._speech.strings, moment, at)

    def _wording(self, key: str) -> Wording:
        return lambda: self._speech.standing(f"installer.{key}")
