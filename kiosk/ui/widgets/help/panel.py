"""The panel of the help button: the contact, the other way in, and the data that is not stored.

The result of a call for help is shown only once it is known. The panel closes by itself after a
while, so that the next person finds the normal screen.
"""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QPushButton, QWidget

from kiosk.ui.look.fonts import Weight, fitting
from kiosk.ui.text import Speech
from kiosk.ui.timers import once
from kiosk.ui.widgets.line import LineLabel
from kiosk.ui.widgets.paragraph import Paragraph

CLOSES_AFTER_MS = 30_000
KEYS = ("help_call", "help_other_way", "help_strangers", "help_responsible")


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
        self.title = LineLabel(self, "sentence", Weight.STRONG)
        self.title.setText(speech.standing("help_title"))
        self.lines = [Paragraph(self, speech.standing(key)) for key in KEYS]
        for number, line in enumerate(self.lines):
            line.setProperty("kind", "help")
            line.place(Qt.AlignmentFlag.AlignCenter)
            line.setObjectName(KEYS[number])
        self.back = QPushButton(speech.standing("help_close"), self)
        self.back.setObjectName("back")
        self.back.clicked.connect(self.close_panel)
        self._speech = speech
        self._foot = 0
        self._timer = once(self, CLOSES_AFTER_MS, self.close_panel)
        self.hide()

    def open_panel(self) -> None:
        """Show it; the close button takes the keyboard focus."""
        self.lines[0].setText(self._speech.standing(KEYS[0]))
        self.show()
        self.raise_()
        self.back.setFocus(Qt.FocusReason.OtherFocusReason)
        self._timer.start()

    def tell(self, text: str) -> None:
        """Show the result of the call for help, and restart the timer so that it can be read."""
        self.lines[0].setText(text)
        self._timer.start()

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
        self.back.setGeometry(
            (self.width() - 2 * button) // 2, top + round(button * 0.4), 2 * button, button
        )
        self.back.setFont(fitting(self.back.text(), button * 0.32, button * 1.6, Weight.STRONG))
