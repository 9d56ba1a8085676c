"""A button with a word, of a given size; the word is shrunk to fit."""

from __future__ import annotations

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtWidgets import QPushButton, QWidget

from kiosk.ui.look.fonts import Weight, fitting

WORD_SHARE = 0.8
"""The maximum share of the width for the word."""


class Key(QPushButton):
    """One key of a pad, or one button of a page.

    Args:
        parent: the parent widget.
        text: its label, also its name for screen readers.
        kind: its style in the style sheet.
    """

    def __init__(self, parent: QWidget, text: str, kind: str = "key") -> None:
        super().__init__(parent)
        self.setProperty("kind", kind)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.name(text)

    def name(self, text: str) -> None:
        """Set the label."""
        self.setText(text)
        self.setAccessibleName(text)

    def place(self, box: QRect, pixels: float) -> None:
        """Set the place and the font size, which is reduced if the width requires it."""
        self.setGeometry(box)
        self.setFont(fitting(self.text(), pixels, box.width() * WORD_SHARE, Weight.STRONG))
