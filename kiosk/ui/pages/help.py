"""The page of the help button: the contact, the other way in, and the data that is not stored.

The result of a call for help is shown only once it is known. The page closes by itself after a
while, so that the next person finds the normal screen.
"""

from __future__ import annotations

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtWidgets import QWidget

from kiosk.ui.look.fonts import Weight
from kiosk.ui.pages.page import Page, Room
from kiosk.ui.text import Speech
from kiosk.ui.timers import once
from kiosk.ui.widgets.key import Key
from kiosk.ui.widgets.line import LineLabel
from kiosk.ui.widgets.paragraph import Paragraph
from kiosk.ui.widgets.worded import Wording

CLOSES_AFTER_MS = 30_000
LINES = ("call", "other_way", "strangers", "responsible")


class HelpPage(Page):
    """Four sentences and a close button.

    Args:
        parent: the parent widget.
        speech: the texts.
    """

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self.setObjectName("helpPage")
        self._speech = speech
        self.title = LineLabel(self, "sentence", Weight.STRONG, self._wording("title"))
        self.lines = [Paragraph(self, self._wording(key)) for key in LINES]
        for line in self.lines:
            line.setProperty("kind", "help")
            line.place(Qt.AlignmentFlag.AlignCenter)
        self.back = Key(self, self._wording("close"))
        self.back.clicked.connect(self.close_page)
        self._timer = once(self, CLOSES_AFTER_MS, self.close_page)

    def begin(self) -> None:
        """Say nothing of an earlier call, and close after a while."""
        self.lines[0].say(self._wording(LINES[0]))
        self._timer.start()

    def end(self) -> None:
        """Stop the timer."""
        self._timer.stop()

    def give_focus(self) -> None:
        """Give the keyboard focus to the close button."""
        self.back.setFocus(Qt.FocusReason.OtherFocusReason)

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

    def fit(self, room: Room) -> None:
        """Place title, sentences and close button one below the other."""
        high = self.height() - room.corner.height()
        side = min(self.width(), high)
        margin = round(self.width() * 0.08)
        wide = self.width() - 2 * margin
        title, button = round(side * 0.14), round(side * 0.15)
        row = round(min(side * 0.15, high * 0.115))
        top = (high - title - row * len(self.lines) - round(button * 1.4)) // 2
        self.title.setGeometry(margin, top, wide, title)
        self.title.set_pixels(side * 0.075)
        top += title
        for line in self.lines:
            line.setGeometry(margin, top, wide, row)
            line.set_pixels(side * 0.046)
            top += row
        left = (self.width() - 2 * button) // 2
        self.back.place(QRect(left, top + round(button * 0.4), 2 * button, button), button * 0.32)
