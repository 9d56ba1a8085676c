"""Widgets with words. No widget keeps a text of a language, only the way to look it up.

The text is looked up when it is shown, and again when the language changes.
"""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtWidgets import QLabel, QWidget

Wording = Callable[[], str]
"""Looks a text up in the language that is spoken now.

A widget keeps it, so it must not keep the window in turn: only the garbage collector would free
such a window, at any moment."""


class Worded:
    """What has words, besides being a widget."""

    def retranslate(self) -> None:
        """Look the words up again; those of the children have been."""
        raise NotImplementedError


class WordedLabel(QLabel, Worded):
    """A label in plain text.

    Args:
        parent: the parent widget.
        wording: its text; none by default.
    """

    def __init__(self, parent: QWidget | None = None, wording: Wording = str) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.say(wording)

    def say(self, wording: Wording) -> None:
        """Show another text."""
        self._wording = wording
        self.retranslate()

    def retranslate(self) -> None:
        """Look the text up again."""
        self.setText(self._wording())


def retranslate(window: QWidget) -> None:
    """Look all words in a window up again, children before their parents."""
    for part in reversed(window.findChildren(QWidget)):
        if isinstance(part, Worded):
            part.retranslate()


def mirrored(widget: QWidget, box: QRectF, area: QRectF) -> QRectF:
    """The place of a box in an area of the widget: the other side for a right-to-left script.

    Args:
        widget: whose direction counts.
        box: its place for a left-to-right script.
        area: the area in which it lies.
    """
    if widget.layoutDirection() is Qt.LayoutDirection.LeftToRight:
        return box
    left = area.left() + area.right() - box.right()
    return QRectF(left, box.top(), box.width(), box.height())
