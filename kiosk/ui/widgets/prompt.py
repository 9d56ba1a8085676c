"""What to do now, over the picture: an icon, one sentence, and a quiet line where needed.

Upright screens stack them; wide ones set the icon before the sentence.
"""

from __future__ import annotations

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QFontMetricsF, QResizeEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.guidance import Prompt, Tone
from kiosk.ui.fonts import Weight
from kiosk.ui.text import Message
from kiosk.ui.widgets.disc import Disc
from kiosk.ui.widgets.line import Line

SENTENCE_SHARE = 0.05
"""Of the screen's height (`screen.md`)."""

QUIET_SHARE = 0.026
MARGIN_SHARE = 0.05
"""Of the screen's width, at each side."""

GAP = 0.45
"""Between icon and words, in heights of the sentence."""


class PromptLine(QWidget):
    """The sentence and its company.

    Args:
        parent: the window.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.disc = Disc(self)
        self.sentence = Line(self, "sentence", Weight.STRONG)
        self.quiet = Line(self, "quiet", Weight.MEDIUM)
        self._screen_height = 800
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_message(self, message: Message, prompt: Prompt, tone: Tone) -> None:
        """Say something else."""
        self.sentence.setText(message.sentence)
        self.quiet.setText(message.quiet)
        self.disc.show_prompt(prompt, tone)
        self._arrange()

    def fit(self, screen: tuple[int, int]) -> int:
        """Take the size that a screen of so many pixels asks for; returns the height used."""
        self._screen_height = screen[1]
        return round(self._screen_height * (0.175 if _upright(screen) else 0.165))

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Arrange anew."""
        self._arrange()

    def _arrange(self) -> None:
        size = self._screen_height * SENTENCE_SHARE
        self.sentence.set_pixels(size)
        self.quiet.set_pixels(self._screen_height * QUIET_SHARE)
        if _upright((self.width(), self._screen_height)):
            self._stack(size)
        else:
            self._line_up(size)

    def _stack(self, size: float) -> None:
        margin = round(self.width() * MARGIN_SHARE)
        room = self.width() - 2 * margin
        disc = round(size * 1.15)
        top = round(size * 0.4)
        self.disc.setGeometry((self.width() - disc) // 2, top, disc, disc)
        top += disc + round(size * 0.16)
        self.sentence.setGeometry(margin, top, room, round(size * 1.3))
        top += round(size * 1.3)
        self.quiet.setGeometry(margin, top, room, round(size * 0.7))

    def _line_up(self, size: float) -> None:
        margin = round(self.width() * MARGIN_SHARE)
        disc = round(size * 1.5)
        gap = round(size * GAP)
        room = self.width() - 2 * margin - disc - gap
        self.sentence.resize(room, round(size * 1.3))
        words = QFontMetricsF(self.sentence.letters()).horizontalAdvance(self.sentence.text())
        wide = min(room, round(words) + 2)
        left = (self.width() - disc - gap - wide) // 2
        top = round(size * (0.4 if self.quiet.text() else 0.75))
        self.disc.setGeometry(left, top, disc, disc)
        box = QRect(left + disc + gap, top, wide, disc)
        self.sentence.setGeometry(box)
        self.quiet.setGeometry(margin, top + disc, self.width() - 2 * margin, round(size * 0.8))


def _upright(screen: tuple[int, int]) -> bool:
    return screen[1] > screen[0]
