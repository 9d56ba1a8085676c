"""Letters and digits to touch, for the id of a person: what a kiosk has in place of a keyboard."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QRect, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QWidget

from kiosk.ui.text import Speech
from kiosk.ui.widgets.key import Key

ROWS = ("1234567890", "abcdefghij", "klmnopqrst", "uvwxyz-")
SMALL, CAPITAL = "abc", "ABC"
COLUMNS = 10
GAP_SHARE = 0.12
"""Between keys, relative to a key."""

LETTER_SHARE = 0.46
WORD_SHARE = 0.34
TALLEST = 1.3
"""Height of a key, relative to its width."""


class LetterBoard(QWidget):
    """The letters, a key for capitals, and delete; the first letter is at the left in any language.

    Args:
        parent: the parent widget.
        speech: the texts.
    """

    typed = pyqtSignal(str)
    deleted = pyqtSignal()

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self._capitals = False
        self.letters = {letter: self._letter(letter) for row in ROWS for letter in row}
        self.shift = Key(self, lambda: SMALL if self._capitals else CAPITAL, "small")
        self.shift.clicked.connect(self._turn)
        self.delete = Key(self, lambda: speech.standing("pad.delete"), "small")
        self.delete.clicked.connect(self.deleted)

    def reset(self) -> None:
        """Show small letters."""
        if self._capitals:
            self._turn()

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Place the keys in four rows; delete takes the room of two."""
        step = self.width() / (COLUMNS - GAP_SHARE)
        wide = step * (1 - GAP_SHARE)
        down = min(self.height() / (len(ROWS) - GAP_SHARE), step * TALLEST)
        tall = down * (1 - GAP_SHARE)
        for number, key in enumerate((*self.letters.values(), self.shift, self.delete)):
            row, column = divmod(number, COLUMNS)
            broad = wide + step if key is self.delete else wide
            box = QRect(round(column * step), round(row * down), round(broad), round(tall))
            share = LETTER_SHARE if len(key.text()) == 1 else WORD_SHARE
            key.place(box, min(wide, tall) * share)

    def _letter(self, letter: str) -> Key:
        key = Key(self, partial(self._cased, letter), "small")
        key.clicked.connect(lambda: self.typed.emit(key.text()))
        return key

    def _cased(self, letter: str) -> str:
        return letter.upper() if self._capitals else letter

    @pyqtSlot()
    def _turn(self) -> None:
        self._capitals = not self._capitals
        for key in (*self.letters.values(), self.shift):
            key.retranslate()
