"""The two answers to a question: no on the left and yes on the right, of equal size.

The sides are the same in every language, right-to-left ones too: they are those of the sheet's
codes, and of the face that is moved to a side. Each shows the head that gives it: a nod or a shake.
While an answer can be undone it has a tick and a thick border, and the other one undoes it, above a
bar that shows how much time is left for that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.enrolment.answers import Act, Answer
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import Prompt
from kiosk.ui.icons import enrolment, stroke
from kiosk.ui.icons.drawings import tick
from kiosk.ui.look import palette
from kiosk.ui.text import Speech
from kiosk.ui.widgets.key import WrappedKey

SIDES = (Answer.NO, Answer.YES)
"""From left to right."""

LABELS = {
    Prompt.DATA_TITLE: {Answer.NO: "data.withdraw", Answer.YES: "data.renew"},
}
HEADS = {Answer.NO: enrolment.no, Answer.YES: enrolment.yes}
"""The head that gives an answer."""

PLAIN = {Answer.NO: "enrolment.no", Answer.YES: "enrolment.yes"}
UNDO = "enrolment.undo"
PRESSES = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}
WORD_SHARE = 0.34
"""Of the key's height, but no more than `WIDE_SHARE` of its width."""

WIDE_SHARE = 0.16
HIGHEST_SHARE = 0.42
"""Of the key's height, with large text."""

BAR_SHARE = 0.06
ICON_TOP, ICON_SHARE = 0.07, 0.34
"""Of the key's height, for the head or the tick; the word is below."""


class AnswerKey(WrappedKey):
    """One answer.

    Args:
        parent: the page.
        head: draws the head that gives it.
    """

    pressed_by = pyqtSignal(object)
    """The `Act`: a touch, or a key of a keyboard."""

    def __init__(self, parent: QWidget, head: Callable[[], QPainterPath]) -> None:
        super().__init__(parent, kind="answer")
        self._head = head
        self._left: float | None = None
        self._chosen = False
        self.clicked.connect(partial(self.pressed_by.emit, Act.TOUCH))

    @property
    def chosen(self) -> bool:
        """True if it is the answer that can be undone."""
        return self._chosen

    def choose(self, *, chosen: bool) -> None:
        """Mark it as the answer, or remove the mark."""
        if chosen is self._chosen:
            return
        self._chosen = chosen
        self.setProperty("kind", "chosen" if chosen else "answer")
        style = self.style()
        if style is not None:
            style.unpolish(self)
            style.polish(self)
        self.retranslate()

    def set_left(self, share: float | None) -> None:
        """Show how much is left of a wait, 0 to 1; None for no wait."""
        self._left = share
        self.update()

    def place(self, box: QRect, pixels: float) -> None:
        """Set the place and the font size; the word leaves room for head and bar."""
        super().place(box, pixels)
        room = self.words.geometry()
        room.setTop(round(box.height() * (ICON_TOP + ICON_SHARE)))
        room.setBottom(round(box.height() * (1 - 3 * BAR_SHARE)))
        self.words.setGeometry(room)
        self.words.set_pixels(pixels)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Tell a keyboard's press from a touch; one that is held down presses once."""
        if event is None or event.key() not in PRESSES:
            QWidget.keyPressEvent(self, event)  # not the button's, which moves the focus anywhere
        elif not event.isAutoRepeat():
            self.pressed_by.emit(Act.KEY)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw the head or the tick, and the bar, over the key."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self.height() * ICON_SHARE
        box = QRectF((self.width() - side) / 2, self.height() * ICON_TOP, side, side)
        if self._chosen:
            stroke(painter, tick(), box, QColor(palette.GREEN))
        else:
            stroke(painter, self._head(), box, QColor(palette.TEXT))
        if self._left is not None:
            high = max(4.0, self.height() * BAR_SHARE)
            whole = self.width() * 0.8
            bar = QRectF(self.width() * 0.1, self.height() - 2.2 * high, whole, high)
            painter.fillRect(bar, QColor(palette.LINE))
            bar.setWidth(whole * min(max(self._left, 0.0), 1.0))
            painter.fillRect(bar, QColor(palette.TEXT))
        painter.end()


class AnswerKeys:
    """Both answers.

    Args:
        parent: the page.
        speech: the texts.
    """

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        self._speech = speech
        self._pixels = 1.0
        self.keys = {answer: AnswerKey(parent, HEADS[answer]) for answer in SIDES}
        for answer, key in self.keys.items():
            key.say(partial(speech.standing, PLAIN[answer]))

    @property
    def focused(self) -> Answer | None:
        """The answer with the keyboard focus; None if neither has it."""
        return next((answer for answer, key in self.keys.items() if key.hasFocus()), None)

    def show_view(self, view: EnrolmentView) -> None:
        """Show the answers to another question, or the one that was given."""
        labels = LABELS.get(view.prompt, PLAIN)
        for answer, key in self.keys.items():
            undoes = view.answered not in {None, answer}
            name = UNDO if undoes else labels[answer]
            key.say(partial(self._speech.standing, name))
            key.choose(chosen=view.answered is answer)
        self.fit_words()

    def fit_words(self) -> None:
        """Write both labels in one size: neither answer stands out."""
        (first, second), pixels = self.keys.values(), self._pixels
        for key in (first, second):
            key.place(key.geometry(), pixels)
        least = min(key.words.letters().pixelSize() for key in (first, second))
        for key in (first, second):
            key.place(key.geometry(), least)

    def show_left(self, view: EnrolmentView, share: float | None) -> None:
        """Show how much is left of the wait: on the key that undoes, or that comes by itself."""
        waits = Answer.YES if view.answered is Answer.NO else Answer.NO
        for answer, key in self.keys.items():
            key.set_left(share if answer is waits else None)

    def place(self, left: QRect, right: QRect, text_scale: float) -> None:
        """Place no and yes, which must have one size."""
        letters = min(left.height() * WORD_SHARE, left.width() * WIDE_SHARE) * text_scale
        for key, box in zip(self.keys.values(), (left, right), strict=True):
            key.setGeometry(box)
        self._pixels = min(letters, left.height() * HIGHEST_SHARE)
        self.fit_words()

    def letter(self, text: str) -> Answer | None:
        """The answer that a letter stands for: its word's first, or y and n."""
        typed = text.casefold()
        if not typed.strip():
            return None
        for answer, name in PLAIN.items():
            first = self._speech.standing(name)[:1].casefold()
            if typed in {first, answer.value[0]}:
                return answer
        return None
