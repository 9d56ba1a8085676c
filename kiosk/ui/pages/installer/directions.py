"""How many directions of the head an admin wants at least, and why no more."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QRect, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.enrolment.poses import PosesReason
from kiosk.ui.text import Speech
from kiosk.ui.widgets.key import Key, WrappedKey

WORDS = {
    PosesReason.WISH: "reason_wish",
    PosesReason.PLACE: "reason_place",
    PosesReason.TRIED: "reason_tried",
}
GAP_SHARE = 0.04
"""Between keys, relative to the shorter side."""

LETTER_SHARE = 0.3
TALLEST = 0.22
"""Height of a key, relative to the shorter side."""


class DirectionsPanel(QWidget):
    """A row of numbers, a row of reasons, and a key to go back. A reason is the answer.

    Args:
        parent: the parent widget.
        speech: the texts.
        usual: the directions that are wanted of everybody.
    """

    chosen = pyqtSignal(int, object)
    """The number of directions, and the `PosesReason`."""

    def __init__(self, parent: QWidget, speech: Speech, usual: int) -> None:
        super().__init__(parent)
        self.numbers = {number: Key(self, partial(str, number)) for number in range(1, usual)}
        self.reasons = {
            reason: WrappedKey(self, partial(speech.standing, f"installer.{word}"))
            for reason, word in WORDS.items()
        }
        self.back = Key(self, lambda: speech.standing("installer.back"))
        self._number = 1
        for number, key in self.numbers.items():
            key.clicked.connect(partial(self._mark, number))
        for reason, wrapped in self.reasons.items():
            wrapped.clicked.connect(partial(self._choose, reason))

    def reset(self) -> None:
        """Mark the number that asks for the least less."""
        if self.numbers:
            self._mark(max(self.numbers))

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Place the rows one below the other, in the middle."""
        side = min(self.width(), self.height())
        gap = round(side * GAP_SHARE)
        tall = min(round(side * TALLEST), (self.height() - 2 * gap) // 3)
        top = (self.height() - 3 * tall - 2 * gap) // 2
        for row in (list(self.numbers.values()), list(self.reasons.values()), [self.back]):
            wide = (self.width() - gap * (len(row) - 1)) // max(1, len(row))
            wide = min(wide, 3 * tall)
            left = (self.width() - len(row) * wide - (len(row) - 1) * gap) // 2
            for number, key in enumerate(row):
                key.place(QRect(left + number * (wide + gap), top, wide, tall), tall * LETTER_SHARE)
            top += tall + gap

    def _mark(self, number: int) -> None:
        self._number = number
        for each, key in self.numbers.items():
            _look(key, "chosen" if each == number else "key")

    def _choose(self, reason: PosesReason) -> None:
        self.chosen.emit(self._number, reason)


def _look(key: Key, kind: str) -> None:
    """Apply another style of the style sheet."""
    key.setProperty("kind", kind)
    style = key.style()
    if style is not None:
        style.unpolish(key)
        style.polish(key)
