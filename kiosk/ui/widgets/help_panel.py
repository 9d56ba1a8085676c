"""What the help button shows: whom to call, the other way in, and what is not kept.

Whether help was called is said only once that is known. The panel goes by itself after a while,
so that the next person finds the kiosk as it should be.
"""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QPushButton, QWidget

from kiosk.ui.fonts import Weight, fitting
from kiosk.ui.text import Speech
from kiosk.ui.timers import once
from kiosk.ui.widgets.line import LineLabel
from kiosk.ui.widgets.paragraph import Paragraph

CLOSES_AFTER_MS = 30_000
KEYS = ("help_call", "help_other_way", "help_strangers", "help_responsible")


class HelpPanel(QFrame):
    """A calm page of four sentences and a way back.

    Args:
        parent: the window.
        speech: the words.
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
        """Show it; the way back takes the keyboard's focus."""
        self.lines[0].setText(self._speech.standing(KEYS[0]))
        self.show()
        self.raise_()
        self.back.setFocus(Qt.FocusReason.OtherFocusReason)
        self._timer.start()

    def tell(self, text: str) -> None:
        """Say what became of the call for help, and leave time to read it."""
        self.lines[0].setText(text)
        self._timer.start()

    def keep_free(self, foot: int) -> None:
        """Leave so many pixels at the lower edge to what stands over it."""
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
        """Arrange anew."""
        self._arrange()

    def _arrange(self) -> None:
        """Title, sentences and the way back, one under the other."""
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
