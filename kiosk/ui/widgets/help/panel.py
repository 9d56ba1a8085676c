"""The panel of the help button: the contact, the other way in, and the data that is not stored.

The result of a call for help is shown only once it is known. The panel closes by itself after a
while, so that the next person finds the normal screen.
"""

from __future__ import annotations

from PyQt6.QtCore import QRect, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QWidget

from kiosk.ui.look.fonts import Weight
from kiosk.ui.text import Speech
from kiosk.ui.timers import once
from kiosk.ui.widgets.key import Key
from kiosk.ui.widgets.line import LineLabel
from kiosk.ui.widgets.paragraph import Paragraph
from kiosk.ui.widgets.worded import Wording

CLOSES_AFTER_MS = 30_000
LINES = ("call", "other_way", "strangers", "responsible")


class HelpPanel(QFrame):
    """A page with four sentences and a close button.

    Args:
        parent: the window.
        speech: the texts.
    """

    closed = pyqtSignal()

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self.setObjectName("helpPanel")
        self._speech = speech
        self.title = LineLabel(self, "sentence", Weight.STRONG, self._wording("title"))
        self.lines = [Paragraph(self, self._wording(key)) for key in LINES]
        for line in self.lines:
            line.setProperty("kind", "help")
            line.place(Qt.AlignmentFlag.AlignCenter)
        self.back = Key(self, self._wording("close"))
        self.back.clicked.connect(self.close_panel)
        self._foot = 0
        self._timer = once(self, CLOSES_AFTER_MS, self.close_panel)
        self.hide()

    def open_panel(self) -> None:
        """Show it; the close button takes the keyboard focus."""
        self.lines[0].say(self._wording(LINES[0]))
        self.show()
        self.raise_()
        self.back.setFocus(Qt.FocusReason.OtherFocusReason)
        self._timer.start()

    def tell(self, *, sent: bool) -> str:
        """Show whether help was called, and restart the timer so that it can be read.

        Returns:
            The sentence.
        """
        self.lines[0].say(self._wording("sent" if sent else "unsent"))
        self._timer.start()
        return self.lines[0].text()

    def _wording(self, key: str) -> Wording:
        return lambda: self._speech.standing(f"help.{key}")

    def keep_free(self, foot: int) -> None:
        """Reserve that many pixels at the lower edge for the widgets above it."""
        self._foot = foot
        self._arrange()

    @pyqtSlot()
    def close_panel(self) -> None:
        """Hide it."""
        if self.isHidden():
            return
        self._timer.stop()
        self.hide()
        self.closed.emit()

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Update the layout."""
        self._arrange()

    def _arrange(self) -> None:
        """Place title, sentences and close button one below the other."""
        high = self.height() - self._foot
        side = min(self.width(), high)
        margin = round(self.width() * 0.08)
        room = self.width() - 2 * margin
        title, button = round(side * 0.14), round(side * 0.15)
        row = round(min(side * 0.15, high * 0.115))
        top = (high - title - row * len(self.lines) - round(button * 1.4)) // 2
        self.title.setGeometry(margin, top, room, title)
        self.title.set_pixels(side * 0.075)
        top += title
        for line in self.lines:
            line.setGeometry(margin, top, room, row)
            line.set_pixels(side * 0.046)
            top += row
        left = (self.width() - 2 * button) // 2
        self.back.place(QRect(left, top + round(button * 0.4), 2 * button, button), button * 0.32)
