"""The PIN pad. What is typed leaves by one call, once, and is gone from here at the same moment.

The digits lie in an order drawn anew each time the pad opens and after each code, so that neither
smears on the glass nor a glance at the hand say what was typed. It is shown as dots and never
spoken; it is forgotten when the pad is hidden and when nobody has typed for a while.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

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
"""What was typed is forgotten when no key has been pressed for so long."""

COLUMNS, ROWS = 3, 4
GAP_SHARE = 0.14
"""Between keys, as a share of a key."""

DOTS_SHARE = 0.7
"""Height of the field as a share of a key."""

LARGEST = 1.5
LARGEST_SHARE = 0.15
"""No key is larger than so many of the least side, or than that share of the screen's width."""

MARGIN_SHARE = 0.3
"""Above the field and below the keys, as a share of a key."""

DIGIT_SHARE = 0.44
WORD_SHARE = 0.3

Code = Callable[[str], None]


class PinPad(QWidget):
    """Ten digits, delete and OK.

    Args:
        parent: what it stands on.
        speech: the words.
        on_code: told what was typed when OK is pressed; nobody else ever is.
    """

    echoed = pyqtSignal(str)
    """What the voice says of a key: never which digit."""
    submitted = pyqtSignal()
    """A code is about to be handed over; not which."""

    def __init__(self, parent: QWidget, speech: Speech, on_code: Code) -> None:
        super().__init__(parent)
        self._speech = speech
        self._on_code = on_code
        self._typed: list[str] = []
        self._least = 76
        self.dots = Dots(self, speech.standing("pad.typed"))
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
        """Take the least side of a key in pixels: it is kept wherever there is room for it."""
        self._least = least
        self._arrange()

    @pyqtSlot()
    def forget(self) -> None:
        """Forget what was typed."""
        self._timer.stop()
        self._typed.clear()
        self._show_typed()

    def hideEvent(self, _event: QHideEvent | None) -> None:  # noqa: N802 - Qt's name
        """Nothing typed outlives the pad."""
        self.forget()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """A keyboard's digits do as well."""
        if event is not None and not self.take(event):
            super().keyPressEvent(event)

    def take(self, event: QKeyEvent) -> bool:
        """Use a key of a keyboard; whether it was one of the pad's."""
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
        """Arrange anew."""
        self._arrange()

    def _digit_key(self) -> Key:
        key = Key(self, "")
        key.clicked.connect(lambda: self._type(key.text()))
        return key

    def _word_key(self, word: str, slot: Callable[[], None]) -> Key:
        key = Key(self, self._speech.standing(f"pad.{word}"))
        key.clicked.connect(slot)
        return key

    def _scramble(self) -> None:
        order = list(DIGITS)
        secrets.SystemRandom().shuffle(order)
        for key, digit in zip(self.digits, order, strict=True):
            key.name(digit)

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
        """Hand over what was typed, and keep none of it even if nobody takes it."""
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
        """The field above four rows of three keys, in the middle."""
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
        """As large as there is room for, and no larger than a hand reaches."""
        across = self.width() / (COLUMNS + (COLUMNS - 1) * GAP_SHARE)
        down = self.height() / (ROWS * (1 + GAP_SHARE) + DOTS_SHARE + 2 * MARGIN_SHARE)
        reach = max(self._least * LARGEST, self.width() * LARGEST_SHARE)
        return max(1, int(min(across, down, reach)))
