"""A button with words, of a given size; they are shrunk to fit."""

from __future__ import annotations

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtWidgets import QPushButton, QWidget

from kiosk.ui.look.fonts import Weight, fitting
from kiosk.ui.widgets.paragraph import Paragraph
from kiosk.ui.widgets.worded import Worded, Wording

WORD_SHARE = 0.8
"""The maximum share of the width for the word."""

INSET_SHARE = 0.09
"""Between the edge and words that take more than one line, as a share of the height."""


class Key(QPushButton, Worded):
    """One key of a pad, or one button of a page.

    Args:
        parent: the parent widget.
        wording: its label, also its name for screen readers.
        kind: its style in the style sheet.
    """

    def __init__(self, parent: QWidget, wording: Wording = str, kind: str = "key") -> None:
        super().__init__(parent)
        self._pixels = 0.0
        self.setProperty("kind", kind)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.say(wording)

    def say(self, wording: Wording) -> None:
        """Show another label."""
        self._wording = wording
        self.retranslate()

    def retranslate(self) -> None:
        """Look the label up again."""
        self.setText(self._wording())
        self.setAccessibleName(self.text())
        self._fit()

    def place(self, box: QRect, pixels: float) -> None:
        """Set the place and the font size, which is reduced if the width requires it."""
        self._pixels = pixels
        self.setGeometry(box)
        self._fit()

    def _fit(self) -> None:
        """Fit the label, once the key has a place; in a layout its font is set from outside."""
        if self._pixels:
            room = self.width() * WORD_SHARE
            self.setFont(fitting(self.text(), self._pixels, room, Weight.STRONG))


class WrappedKey(Key):
    """A button whose words may take more than one line.

    Args:
        parent: the parent widget.
        wording: its label, also its name for screen readers.
        kind: its style in the style sheet.
    """

    def __init__(self, parent: QWidget, wording: Wording = str, kind: str = "key") -> None:
        super().__init__(parent, wording, kind)
        self.words = Paragraph(self, self._label, Weight.STRONG)
        self.words.setProperty("kind", "key")
        self.words.place(Qt.AlignmentFlag.AlignCenter)

    def say(self, wording: Wording) -> None:
        """Show another label."""
        super().say(wording)
        for words in self.findChildren(Paragraph):
            words.retranslate()

    def _label(self) -> str:
        return self._wording()

    def retranslate(self) -> None:
        """Look the name for screen readers up again; the label does so itself."""
        self.setAccessibleName(self._wording())

    def place(self, box: QRect, pixels: float) -> None:
        """Set the place and the font size, which is reduced if the room requires it."""
        self.setGeometry(box)
        inset = round(box.height() * INSET_SHARE)
        whole = QRect(0, 0, box.width(), box.height())
        self.words.setGeometry(whole.adjusted(inset, inset, -inset, -inset))
        self.words.set_pixels(pixels)
