"""Feedback about a result of the door: two small buttons, for a minute, without a name or a text.

They stand in the lower corners, beside the result and beside the picture after it, and are in
nobody's way: whoever comes next is looked at meanwhile.
"""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QObject, QPoint, QRect, QSize, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QWidget

from kiosk.domain.enrolment.events import Feedback
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.ui.pages.page import Room
from kiosk.ui.text import Speech
from kiosk.ui.timers import once
from kiosk.ui.widgets.key import WrappedKey
from kiosk.ui.widgets.paragraph import Paragraph

OFFERED_MS = 60_000
"""How long after a result they are there."""

THANKED_MS = 4_000
WIDTH = 1.9
"""Of a button, relative to its height."""

LETTER_SHARE = 0.23
MARGIN_SHARE = 0.018
"""Of the screen's shorter side."""

CENTRED = Qt.AlignmentFlag.AlignCenter


def corner_boxes(page: QRect, room: Room) -> tuple[QRect, QRect]:
    """Where the buttons are: in the lower corners of a page, above what is there already."""
    margin = max(6, round(min(room.screen) * MARGIN_SHARE))
    size = QSize(round(room.least * WIDTH), room.least)
    top = page.height() - room.corner.height() - margin - size.height()
    lefts = (margin, page.width() - margin - size.width())
    left, right = (QRect(QPoint(left, top), size) for left in lefts)
    return left, right


class FeedbackButtons(QObject):
    """Both buttons, and the thanks in place of the first.

    Args:
        window: the window, whose children they are.
        speech: the texts.
    """

    given = pyqtSignal(object)
    """The `Feedback`."""

    echoed = pyqtSignal(str)
    """The thanks, for the voice."""

    def __init__(self, window: QWidget, speech: Speech) -> None:
        super().__init__(window)
        self.keys = {
            kind: WrappedKey(window, partial(speech.standing, f"feedback.{kind.value}"), "small")
            for kind in Feedback
        }
        for kind, key in self.keys.items():
            key.clicked.connect(partial(self._give, kind))
        thanks = Prompt.FEEDBACK_THANKS.value
        self.thanks = Paragraph(window, partial(speech.standing, f"{thanks}.sentence"))
        self.thanks.setProperty("kind", "thanks")
        self.thanks.place(CENTRED)
        self._offered = once(self, OFFERED_MS, self.withdraw)
        self._thanked = once(self, THANKED_MS, self._show)
        self._allowed = False
        self._result: Prompt | None = None
        self._show()

    @property
    def offered(self) -> bool:
        """True while there is a result to say something about."""
        return self._offered.isActive()

    def follow(self, view: View) -> None:
        """Offer them for a while from a new result of the door on; one that stands is not new."""
        result = view.prompt if view.tone in {Tone.GRANTED, Tone.REFUSED} else None
        if result is not None and result is not self._result:
            self._offered.start()
        self._result = result
        self._show()

    @pyqtSlot()
    def withdraw(self) -> None:
        """Offer them no more."""
        self._offered.stop()
        self._show()

    def allow(self, *, allowed: bool) -> None:
        """Show what is offered, or hide it while it would be in the way."""
        self._allowed = allowed
        self._show()

    def fit(self, page: QRect, room: Room) -> None:
        """Place them in the lower corners of the pages."""
        letters = room.least * LETTER_SHARE * min(room.text_scale, 1.25)
        boxes = corner_boxes(page, room)
        for key, box in zip(self.keys.values(), boxes, strict=True):
            key.place(box, letters)
        self.thanks.setGeometry(boxes[0])
        self.thanks.set_pixels(letters)

    def _give(self, kind: Feedback) -> None:
        self._thanked.start()
        self.withdraw()
        self.echoed.emit(self.thanks.text())
        self.given.emit(kind)

    @pyqtSlot()
    def _show(self) -> None:
        for key in self.keys.values():
            key.setVisible(self._allowed and self.offered)
        thanking = self._thanked.isActive() and not self.offered
        self.thanks.setVisible(self._allowed and thanking)
