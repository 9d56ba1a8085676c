"""The current instruction above the picture: an icon, one sentence, and an optional smaller line.

Upright screens stack them; wide ones place the icon before the sentence.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QResizeEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.prompts import Prompt, Tone
from kiosk.ui.geometry import small, upright
from kiosk.ui.look.fonts import Weight, fitting
from kiosk.ui.text import PromptText
from kiosk.ui.widgets.disc import Disc
from kiosk.ui.widgets.line import LineLabel
from kiosk.ui.widgets.worded import Worded, mirrored

SENTENCE_SHARE = 0.05
"""Of the screen's height (`screen.md`)."""

SMALL_SHARE = 0.08
"""The same on a small screen."""

MARGIN_SHARE = 0.05
"""Of the screen's width, at each side."""

# The following values are multiples of the sentence's size.
QUIET = 0.55
TOP = 0.5
GAP = 0.4
LINE = 1.3
QUIET_LINE = 0.85
STACKED_DISC = 1.35
STACKED_GAP = 0.2
BESIDE_DISC = 1.6
STACKED = TOP + STACKED_DISC + STACKED_GAP + LINE + QUIET_LINE
BESIDE = TOP + BESIDE_DISC + QUIET_LINE
ROUNDING_PX = 2
"""The parts are rounded to whole pixels separately."""

SMALL_TOP = 0.15
SMALL_DISC = 1.3
SMALL = SMALL_TOP + SMALL_DISC + QUIET_LINE


class PromptLine(QWidget, Worded):
    """The sentence with its icon and smaller line.

    Args:
        parent: the window.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.disc = Disc(self)
        self.sentence = LineLabel(self, "sentence", Weight.STRONG)
        self.quiet = LineLabel(self, "quiet", Weight.MEDIUM)
        self._size = 40.0
        self._upright = self._small = False
        self._said: tuple[PromptText, Prompt, Tone] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_message(self, message: Callable[[], PromptText], prompt: Prompt, tone: Tone) -> None:
        """Show another message; showing the same one again does nothing."""
        said = (message(), prompt, tone)
        if said == self._said:
            return
        self._said = said
        self.sentence.say(lambda: message().sentence)
        self.quiet.say(lambda: message().quiet)
        self.disc.show_prompt(prompt, tone)
        self._arrange()

    def retranslate(self) -> None:
        """Update the layout for the other words."""
        self._said = None
        self._arrange()

    def fit(self, screen: tuple[int, int], text_scale: float = 1.0) -> int:
        """Set the sizes for a screen with those pixels; returns the height used."""
        self._upright, self._small = upright(screen), small(screen)
        self._size = screen[1] * (SMALL_SHARE if self._small else SENTENCE_SHARE) * text_scale
        beside = SMALL if self._small else BESIDE
        return math.ceil(self._size * (STACKED if self._upright else beside)) + ROUNDING_PX

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Update the layout."""
        self._arrange()

    def _arrange(self) -> None:
        self.sentence.set_pixels(self._size)
        self.quiet.set_pixels(self._size * QUIET)
        margin = round(self.width() * MARGIN_SHARE)
        room = self.width() - 2 * margin
        bottom = self._stack(margin, room) if self._upright else self._set_beside(margin, room)
        self.quiet.setGeometry(margin, bottom, room, round(self._size * QUIET_LINE))

    def _stack(self, margin: int, room: int) -> int:
        """Place the icon above the sentence; returns their lower edge."""
        disc, line = round(self._size * STACKED_DISC), round(self._size * LINE)
        top = round(self._size * TOP)
        self.disc.setGeometry((self.width() - disc) // 2, top, disc, disc)
        top += disc + round(self._size * STACKED_GAP)
        self.sentence.setGeometry(margin, top, room, line)
        return top + line

    def _set_beside(self, margin: int, room: int) -> int:
        """Place the icon before the sentence, both centred; returns their lower edge."""
        high = SMALL_DISC if self._small else BESIDE_DISC
        disc, gap = round(self._size * high), round(self._size * GAP)
        left_for_words = room - disc - gap
        letters = fitting(self.sentence.text(), self._size, left_for_words, Weight.STRONG)
        words = math.ceil(QFontMetricsF(letters).horizontalAdvance(self.sentence.text())) + 1
        left = margin + (room - disc - gap - min(words, left_for_words)) // 2
        top = round(self._size * (SMALL_TOP if self._small else TOP))
        for part, start, width in (
            (self.disc, left, disc),
            (self.sentence, left + disc + gap, min(words, left_for_words)),
        ):
            box = QRectF(start, top, width, disc)
            part.setGeometry(mirrored(self, box, QRectF(self.rect())).toRect())
        return top + disc
