"""The PIN pad. The entered code is passed on once and erased here at the same time.

The digits are in a new random order each time the pad opens and after each code, so that neither
smears on the glass nor a view of the hand reveal the code. It is shown as dots and never spoken. It
is erased when the pad is hidden and after a time without input.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QRect, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.access.factors import PIN_DIGITS
from kiosk.ui.text import Speech
from kiosk.ui.timers import once
from kiosk.ui.widgets.dots import Dots
from kiosk.ui.widgets.key import Key

DIGITS = "0123456789"
FEWEST, MOST = PIN_DIGITS[0], PIN_DIGITS[-1]

FORGET_MS = 20_000
"""The time without input after which the entered digits are erased."""

COLUMNS, ROWS = 3, 4
GAP_SHARE = 0.14
"""The gap between keys, as a share of a key."""

DOTS_SHARE = 0.7
"""Height of the field as a share of a key."""

LARGEST = 1.5
LARGEST_SHARE = 0.15
"""The maximum size of a key: a multiple of the minimum side, or a share of the screen's width."""

MARGIN_SHARE = 0.3
"""Above the field and below the keys, as a share of a key."""

DIGIT_SHARE = 0.44
WORD_SHARE = 0.3

Code = Callable[[str], None]


class PinPad(QWidget):
    """Ten digits, delete and OK.

    Args:
        parent: the parent widget.
        speech: the texts.
        on_code: the only receiver of the entered code, called when OK is pressed.
    """

    echoed = pyqtSignal(str)
    """The spoken text for a key: never the digit."""
    submitted = pyqtSignal()
    """A code is about to be passed on; the signal does not contain it."""

    def __init__(self, parent: QWidget, speech: Speech, on_code: Code) -> None:
        super().__init__(parent)
        self._speech = speech
        self._on_code = on_code
        self._typed: list[str] = []
        self._least = 76
        self.dots = Dots(self, lambda: speech.standing("pad.typed"))
        self.digits = [self._digit_key() for _ in DIGITS]
        self.delete = self._word_key("delete", self._take_back)
        self.enter = self._word_key("enter", self._submit)
        self._timer = once(self, FORGET_MS, self.forget)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()
        self.forget()
        self._scramble()

    def open_pad(self) -> None:
        """Show it, empty and in a new order."""
        self.forget()
        self._scramble()
        self.show()

    def fit(self, least: int) -> None:
        """Set the minimum side of a key in pixels; it is kept if there is enough space."""
        self._least = least
        self._arrange()

    @pyqtSlot()
    def forget(self) -> None:
        """Erase the entered digits."""
        self._timer.stop()
        self._typed.clear()
        self._show_typed()

    def hideEvent(self, _event: QHideEvent | None) -> None:  # noqa: N802 - Qt's name
        """Erase the entered digits when the pad is hidden."""
        self.forget()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Accept the digits of a keyboard."""
        if event is not None and not self.take(event):
            super().keyPressEvent(event)

    def take(self, event: QKeyEvent) -> bool:
        """Handle a key of a keyboard. True if the pad uses that key."""
        if len(event.text()) == 1 and event.text() in DIGITS:
            self._type(event.text())
        elif event.key() in {Qt.Key.Key_Backspace, Qt.Key.Key_Delete}:
            self._take_back()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._submit()
        else:
            return False
        return True

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Update the layout."""
        self._arrange()

    def _digit_key(self) -> Key:
        key = Key(self)
        key.clicked.connect(lambda: self._type(key.text()))
        return key

    def _word_key(self, word: str, slot: Callable[[], None]) -> Key:
        key = Key(self, lambda: self._speech.standing(f"pad.{word}"))
        key.clicked.connect(slot)
        return key

    def _scramble(self) -> None:
        order = list(DIGITS)
        secrets.SystemRandom().shuffle(order)
        for key, digit in zip(self.digits, order, strict=True):
            key.say(partial(str, digit))

    def _type(self, digit: str) -> None:
        if len(self._typed) == MOST:
            return
        self._typed.append(digit)
        self._timer.start()
        self._show_typed()
        self._echo("digit")

    @pyqtSlot()
    def _take_back(self) -> None:
        if not self._typed:
            return
        self._typed.pop()
        self._timer.start()
        self._show_typed()
        self._echo("delete")

    @pyqtSlot()
    def _submit(self) -> None:
        """Pass on the entered code; it is erased here first, even if the receiver fails."""
        if len(self._typed) < FEWEST:
            return
        code = "".join(self._typed)
        self.forget()
        self._scramble()
        self._echo("enter")
        self.submitted.emit()
        self._on_code(code)

    def _show_typed(self) -> None:
        self.dots.show_count(len(self._typed))
        self.enter.setEnabled(len(self._typed) >= FEWEST)
        self.delete.setEnabled(bool(self._typed))

    def _echo(self, word: str) -> None:
        self.echoed.emit(self._speech.standing(f"pad.spoken_{word}"))

    def _arrange(self) -> None:
        """Place the field above four rows of three keys, in the middle."""
        side = self._side()
        step = side + round(side * GAP_SHARE)
        wide, field = COLUMNS * step - (step - side), round(side * DOTS_SHARE)
        left = (self.width() - wide) // 2
        top = (self.height() - field - ROWS * step) // 2
        self.dots.setGeometry(left, top, wide, field)
        keys = [*self.digits[:9], self.delete, self.digits[9], self.enter]
        for number, key in enumerate(keys):
            row, column = divmod(number, COLUMNS)
            x, y = left + column * step, top + field + (step - side) + row * step
            share = DIGIT_SHARE if key in self.digits else WORD_SHARE
            key.place(QRect(x, y, side, side), side * share)

    def _side(self) -> int:
        """The side of a key: the largest that fits, limited to what a hand can reach."""
        across = self.width() / (COLUMNS + (COLUMNS - 1) * GAP_SHARE)
        down = self.height() / (ROWS * (1 + GAP_SHARE) + DOTS_SHARE + 2 * MARGIN_SHARE)
        reach = max(self._least * LARGEST, self.width() * LARGEST_SHARE)
        return max(1, int(min(across, down, reach)))
