"""The result on the whole screen, readable from across a lobby."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.prompts import Prompt, Tone
from kiosk.ui.look import palette
from kiosk.ui.look.fonts import Weight
from kiosk.ui.pages.page import Page, Room
from kiosk.ui.text import PromptText
from kiosk.ui.widgets.disc import Disc
from kiosk.ui.widgets.line import LineLabel

DISC_SHARE = 0.40
"""Of the shorter side."""

SENTENCE_SHARE = 0.115
"""Of the height, but no more than `WIDE_SHARE` of the width."""

WIDE_SHARE = 0.092
QUIET_SHARE = 0.45
"""Of the sentence."""

MARGIN_SHARE = 0.06
RING_SHARE = 0.045


class Result(Page):
    """A filled screen with one result.

    Args:
        parent: the parent widget.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.disc = Disc(self, RING_SHARE)
        self.sentence = LineLabel(self, "sentence", Weight.STRONG)
        self.quiet = LineLabel(self, "answer")
        self._ground = QColor(palette.GROUND)
        self._foot = 0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_message(self, message: Callable[[], PromptText], prompt: Prompt, tone: Tone) -> None:
        """Show another result; its tone must be one that fills the screen."""
        self.sentence.say(lambda: message().sentence)
        self.quiet.say(lambda: message().quiet)
        self.disc.show_prompt(prompt, tone)
        self._ground = QColor(palette.RESULT_GROUND[tone])
        self.update()

    def fit(self, room: Room) -> None:
        """Update the layout; nothing lies beside the help button."""
        self._foot = room.corner.height()
        self._arrange()

    def _arrange(self) -> None:
        """Place icon, sentence and smaller line as one group, slightly above the middle."""
        high = self.height() - self._foot
        side = min(self.width(), high)
        margin = round(self.width() * MARGIN_SHARE)
        room = self.width() - 2 * margin
        letters = min(high * SENTENCE_SHARE, self.width() * WIDE_SHARE)
        disc, gap = round(side * DISC_SHARE), round(side * 0.06)
        sentence, quiet = round(letters * 1.35), round(letters * QUIET_SHARE * 1.6)
        top = round((high - disc - gap - sentence - quiet) * 0.47)
        self.disc.setGeometry((self.width() - disc) // 2, top, disc, disc)
        self.sentence.setGeometry(margin, top + disc + gap, room, sentence)
        self.quiet.setGeometry(margin, top + disc + gap + sentence, room, quiet)
        self.sentence.set_pixels(letters)
        self.quiet.set_pixels(letters * QUIET_SHARE)

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Fill the background."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._ground)
        painter.end()
