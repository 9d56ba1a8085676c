"""A question in words: its icon, whole sentences on as many lines as they need, a quieter one."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QRectF, QSizeF, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.prompts import Prompt, Tone
from kiosk.ui.look.fonts import Weight
from kiosk.ui.text import PromptText
from kiosk.ui.widgets.disc import Disc
from kiosk.ui.widgets.paragraph import Paragraph
from kiosk.ui.widgets.worded import Worded, mirrored

QUIET = 0.58
"""Size of the quieter line, relative to the sentence."""

DISC = 1.7
"""Of the sentence's size."""

GAP = 0.35
LEAST_PX = 8.0
SHRINK = 0.94
ROUNDING_PX = 2
ENDLESS = 1e5


class QuestionText(QWidget, Worded):
    """The words of a question, centred in the widget.

    Args:
        parent: the page.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.disc = Disc(self)
        self.sentence = Paragraph(self, str, Weight.STRONG)
        self.quiet = Paragraph(self, str, Weight.MEDIUM)
        self.sentence.setProperty("kind", "question")
        self.quiet.setProperty("kind", "aside")
        self._pixels = self._fitted = 40.0
        self._stacked = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_message(self, message: Callable[[], PromptText], prompt: Prompt, tone: Tone) -> None:
        """Show another question."""
        self.sentence.say(lambda: message().sentence)
        self.quiet.say(lambda: message().quiet)
        self.disc.show_prompt(prompt, tone)
        self._arrange()

    def retranslate(self) -> None:
        """Update the layout for the other words."""
        self._arrange()

    def fit(self, pixels: float, *, stacked: bool) -> None:
        """Set the size of the sentence.

        Args:
            pixels: its size, reduced if the room requires it.
            stacked: true to place the icon above it, false to place it before it.
        """
        self._pixels, self._stacked = pixels, stacked
        self._arrange()

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Update the layout."""
        self._arrange()

    def _arrange(self) -> None:
        """Place the icon above or before the words, all as one group in the middle."""
        disc, gap = round(self._pixels * DISC), round(self._pixels * GAP)
        disc = min(disc, self.height() // 3 if self._stacked else self.height())
        down = disc + gap if self._stacked else 0
        across = 0 if self._stacked else disc + gap
        room = QRectF(across, down, self.width() - across, self.height() - down)
        words = self._set_words(room)
        if self._stacked:
            top = round(words.top()) - gap - disc
            self.disc.setGeometry((self.width() - disc) // 2, top, disc, disc)
        else:
            box = QRectF(words.left() - gap - disc, (self.height() - disc) / 2, disc, disc)
            self.disc.setGeometry(mirrored(self, box, QRectF(self.rect())).toRect())

    def _set_words(self, room: QRectF) -> QRectF:
        """Place both paragraphs in the middle of a room; returns where they are."""
        if room.width() < 1 or room.height() < 1:
            return room
        high, below = self._heights(room)
        gap = round(self._fitted * GAP) if below else 0
        words = QRectF(0, 0, room.width(), high + gap + below)
        if not self._stacked:
            words.setWidth(self._width(room.width(), high, below))
        words.moveCenter(room.center())
        flag = Qt.AlignmentFlag.AlignHCenter if self._stacked else Qt.AlignmentFlag.AlignLeft
        for part, down, tall in ((self.sentence, 0, high), (self.quiet, high + gap, below)):
            part.place(flag | Qt.AlignmentFlag.AlignVCenter)
            box = QRectF(words.left(), words.top() + down, words.width(), tall)
            part.setGeometry(mirrored(self, box, QRectF(self.rect())).toRect())
        self.quiet.setVisible(below > 0)
        return words

    def _heights(self, room: QRectF) -> tuple[int, int]:
        """The heights of the sentence and of the quieter line in a room; 0 for an empty one.

        Both shrink together until they fit, so that the quieter one can be read too.
        """
        pixels = self._pixels
        while True:
            high, below = self._needed(pixels, room.width())
            gap = pixels * GAP if below else 0.0
            if high + gap + below + ROUNDING_PX <= room.height() or pixels <= LEAST_PX:
                break
            pixels *= SHRINK
        self._fitted = pixels
        self.sentence.set_pixels(pixels)
        self.quiet.set_pixels(pixels * QUIET)
        return min(high, int(room.height())), below

    def _needed(self, pixels: float, width: float) -> tuple[int, int]:
        """The heights of both at a size of the sentence."""
        heights = []
        for part, size in ((self.sentence, pixels), (self.quiet, pixels * QUIET)):
            part.set_pixels(size)
            tall = part.height_for(QSizeF(width, ENDLESS)) if part.text() else 0
            heights.append(tall)
        return heights[0], heights[1]

    def _width(self, room: float, high: int, below: int) -> float:
        """The width that both paragraphs take in boxes of those heights."""
        wide = self.sentence.width_for(QSizeF(room, high))
        if below:
            wide = max(wide, self.quiet.width_for(QSizeF(room, below)))
        return min(room, wide + 1.0)
