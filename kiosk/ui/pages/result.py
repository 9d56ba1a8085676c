"""The result on the whole screen, readable from across a lobby.

That of an enrolment may have a receipt, and a key for whoever does not want to wait.
"""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QRect, Qt, pyqtSlot
from PyQt6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.frame import Instant
from kiosk.ui.corners.feedback import corner_boxes
from kiosk.ui.geometry import upright
from kiosk.ui.look import palette
from kiosk.ui.look.fonts import Weight
from kiosk.ui.pages.enrolment.step import StepPage
from kiosk.ui.pages.page import Room
from kiosk.ui.pages.qr_code import QrCode
from kiosk.ui.text import PromptText, Speech
from kiosk.ui.timers import every
from kiosk.ui.widgets.disc import Disc
from kiosk.ui.widgets.line import LineLabel

COUNT_MS = 200
"""The update interval of a countdown."""

DISC_SHARE = 0.40
"""Of the shorter side."""

SENTENCE_SHARE = 0.115
"""Of the height, but no more than `WIDE_SHARE` of the width."""

WIDE_SHARE = 0.092
QUIET_SHARE = 0.45
"""Of the sentence."""

MARGIN_SHARE = 0.06
MOST_ASIDE = 0.3
"""The most of the width that a line leaves free at each side, beside a button."""

RING_SHARE = 0.045


class Result(StepPage):
    """A filled screen with one result.

    Args:
        parent: the parent widget.
        speech: the texts.
        clock: monotonic seconds.
    """

    def __init__(self, parent: QWidget, speech: Speech, clock: Callable[[], float]) -> None:
        super().__init__(parent, speech)
        self._clock = clock
        self._until: Instant | None = None
        self._wait_began = 0.0
        self.count = every(self, COUNT_MS, self.count_down)
        self.disc = Disc(self, RING_SHARE)
        self.sentence = LineLabel(self, "sentence", Weight.STRONG)
        self.quiet = LineLabel(self, "answer")
        self.code = QrCode(self)
        self.receipt = LineLabel(self, "answer", wording=self._receipt)
        self.rail.end_with("data.done")
        self.rail.hide()
        self._ground = QColor(palette.GROUND)
        self._foot = 0
        self._text_scale = 1.0
        self._upright = False
        self._beside = QRect()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_message(
        self,
        message: Callable[[], PromptText],
        prompt: Prompt,
        tone: Tone,
        until: Instant | None = None,
    ) -> None:
        """Show another result; its tone must be one that fills the screen.

        Args:
            message: its words.
            prompt: selects the icon.
            tone: the look.
            until: when a wait ends that is counted down; None for no wait.
        """
        self.sentence.say(lambda: message().sentence)
        self.quiet.say(lambda: message().quiet)
        self.disc.show_prompt(prompt, tone)
        self._ground = QColor(palette.RESULT_GROUND[tone])
        self._end_with(None, of_enrolment=False)
        self._run_count(until)
        self.update()

    def forget(self) -> None:
        """Stop counting."""
        self._run_count(None)

    def show_end(
        self, message: Callable[[], PromptText], prompt: Prompt, tone: Tone, receipt: str | None
    ) -> None:
        """Show the result of an enrolment, with the number of its receipt if there is one."""
        self.show_message(message, prompt, tone)
        self._end_with(receipt, of_enrolment=True)

    def take(self, event: QKeyEvent) -> bool:
        """Leave the result of an enrolment at the escape key."""
        return not self.rail.isHidden() and super().take(event)

    def fit(self, room: Room) -> None:
        """Update the layout; nothing lies beside the buttons in the corners."""
        self._foot = room.corner.height()
        self._text_scale = room.text_scale
        self._upright = upright(room.screen)
        self._beside, _ = corner_boxes(self.rect(), room)
        self.rail.fit(self.rect(), room)
        self._arrange()

    def _run_count(self, until: Instant | None) -> None:
        if until != self._until:
            self._until, self._wait_began = until, self._clock()
        if until is None:
            self.count.stop()
            self.disc.set_left(1.0)
        else:
            self.count.start()
            self.count_down()

    @pyqtSlot()
    def count_down(self) -> None:
        """Show how much is left of the wait."""
        if self._until is None:
            return
        whole = max(0.001, self._until - self._wait_began)
        self.disc.set_left(max(0.0, self._until - self._clock()) / whole)
        self.sentence.retranslate()

    def _receipt(self) -> str:
        number = self.code.text
        return self._speech.standing("data.receipt", text=number) if number else ""

    def _end_with(self, receipt: str | None, *, of_enrolment: bool) -> None:
        self.code.show_text(receipt or "")
        self.receipt.retranslate()
        self.receipt.setVisible(bool(receipt))
        self.rail.setVisible(of_enrolment)
        self._arrange()

    def _arrange(self) -> None:
        """Place icon, code, sentence and smaller lines as one group, slightly above the middle."""
        high = self.height() - max(self._foot, self._rail_height())
        side = min(self.width(), high)
        margin = round(self.width() * MARGIN_SHARE)
        letters = min(high * SENTENCE_SHARE, self.width() * WIDE_SHARE) * self._text_scale
        disc, gap = round(side * DISC_SHARE), round(side * 0.06)
        sentence, quiet = round(letters * 1.35), round(letters * QUIET_SHARE * 1.6)
        receipt = 0 if self.receipt.isHidden() else quiet
        top = round((high - disc - gap - sentence - quiet - receipt) * 0.47)
        self._place_signs(max(0, top), disc, gap)
        below = max(0, top) + disc + gap
        aside = min(self._beside.right() + margin // 2, round(self.width() * MOST_ASIDE))
        beneath = below + sentence + (quiet if self.quiet.text() else 0)
        for line, start, tall in (
            (self.sentence, below, sentence),
            (self.quiet, below + sentence, quiet),
            (self.receipt, beneath, quiet),
        ):
            edge = margin if start + tall < self._beside.top() else aside
            line.setGeometry(edge, start, self.width() - 2 * edge, tall)
        self.sentence.set_pixels(letters)
        self.quiet.set_pixels(letters * QUIET_SHARE)
        self.receipt.set_pixels(letters * QUIET_SHARE)

    def _place_signs(self, top: int, disc: int, gap: int) -> None:
        """Place the icon in the middle, or beside the code."""
        if self.receipt.isHidden():
            self.disc.setGeometry((self.width() - disc) // 2, top, disc, disc)
            return
        left = (self.width() - 2 * disc - gap) // 2
        self.disc.setGeometry(left, top, disc, disc)
        self.code.setGeometry(left + disc + gap, top, disc, disc)

    def _rail_height(self) -> int:
        """The height that the key takes, where it would be in the way."""
        return 0 if self.rail.isHidden() or self._upright else self.height() - self.rail.y()

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Fill the background."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._ground)
        painter.end()
