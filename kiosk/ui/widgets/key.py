"""A button with a word on it, as large as it is told to be; the word fits whatever its length."""

from __future__ import annotations

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtWidgets import QPushButton, QWidget

from kiosk.ui.fonts import Weight, fitting

WORD_SHARE = 0.8
"""How much of the width a word may take."""


class Key(QPushButton):
    """One key of a pad, or one button of a page.

    Args:
        parent: what it stands on.
        text: what is on it; also its name for screen readers.
        kind: names its look in the style sheet.
    """

    def __init__(self, parent: QWidget, text: str, kind: str = "key") -> None:
        super().__init__(parent)
        self.setProperty("kind", kind)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.name(text)

    def name(self, text: str) -> None:
        """Carry another word."""
        self.setText(text)
        self.setAccessibleName(text)

    def place(self, box: QRect, pixels: float) -> None:
        """Take a place, with letters of that size or as much smaller as the width asks for."""
        self.setGeometry(box)
        self.setFont(fitting(self.text(), pixels, box.width() * WORD_SHARE, Weight.STRONG))
