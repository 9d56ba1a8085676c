"""The pages that ask: one question, two answers of equal size, and nothing else to do.

Between the answers is the mirrored picture, so that people see their own nod, and where to move
their face for an answer; or, where something is to be confirmed, lines of text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QRect, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.enrolment.answers import Act, Answer
from kiosk.domain.enrolment.facts import DataFact
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.lane import Lane
from kiosk.ui.geometry import small, upright
from kiosk.ui.pages.enrolment.answers import PRESSES, AnswerKeys
from kiosk.ui.pages.enrolment.facts import fact_line
from kiosk.ui.pages.enrolment.step import StepPage
from kiosk.ui.pages.enrolment.text import QuestionText
from kiosk.ui.pages.page import Room
from kiosk.ui.text import PromptText, Speech
from kiosk.ui.timers import every
from kiosk.ui.widgets.paragraph import Paragraph
from kiosk.ui.widgets.stage import Stage
from kiosk.ui.widgets.worded import Worded

COUNT_MS = 100
SETTLED_SECONDS = 0.5
"""A press answers a question only if that has been on the screen for so long: a press that was
meant for the question before answers nothing."""

MARGIN_SHARE = 0.04
GAP_SHARE = 0.02
UPRIGHT_SENTENCE, WIDE_SENTENCE, SMALL_SENTENCE = 0.042, 0.058, 0.078
"""Size of the sentence as a share of the screen's height."""

LINE_SHARE = 0.7
"""Size of a line of text, relative to the sentence."""

GROWTH = 0.5
"""How far that share grows with the size of the words."""

UPRIGHT_KEY, WIDE_KEY_HEIGHT = 2.2, 2.6
"""Height of an answer, relative to the smallest key."""

WIDE_KEY = 0.31
"""Width of an answer beside the picture, as a share of the page."""


class AskingPage(StepPage, Worded):
    """A question and its answers. What is between them is a subclass's.

    The methods that a subclass must have raise NotImplementedError: Qt's metaclass takes the place
    that abc's would need.

    Args:
        parent: the parent widget.
        speech: the texts.
        clock: monotonic seconds, the clock of `EnrolmentView.until`.
    """

    answered = pyqtSignal(object, object, object)
    """The `Prompt` that was answered, the `Answer` and the `Act`."""

    text_share = 0.34
    """The share of the page's height for the question."""

    def __init__(self, parent: QWidget, speech: Speech, clock: Callable[[], float]) -> None:
        super().__init__(parent, speech)
        self.setObjectName("question")
        self._clock = clock
        self._view = EnrolmentView(Prompt.INVITED_HELLO, Tone.WAITING)
        self._asked: tuple[Prompt, Answer | None] | None = None
        self._shown_at = self._wait_began = clock()
        self.text = QuestionText(self)
        self.answers = AnswerKeys(self, speech)
        for answer, key in self.answers.keys.items():
            key.pressed_by.connect(partial(self._answer, answer))
        no, yes = self.answers.keys.values()
        self.setTabOrder(no, yes)
        self.setTabOrder(yes, self.rail.stop)
        self._count = every(self, COUNT_MS, self._count_down)

    def show_message(self, message: Callable[[], PromptText], view: EnrolmentView) -> None:
        """Show another view; it must ask."""
        if (view.prompt, view.answered) != self._asked:
            self._asked = (view.prompt, view.answered)
            self._shown_at = self._clock()
            self.text.show_message(message, view.prompt, view.tone)
            self.answers.show_view(view)
        if view.until != self._view.until:
            self._wait_began = self._clock()
        self._view = view
        self.rail.show_place(view.dots)
        self.rail.end_with("data.done" if view.prompt is Prompt.DATA_TITLE else "enrolment.stop")
        self._run_count()

    def take(self, event: QKeyEvent) -> bool:
        """Answer with a letter; go to an answer with an arrow, and give it with enter."""
        if super().take(event):
            return True
        if event.key() == Qt.Key.Key_Left:
            self.answers.keys[Answer.NO].setFocus(Qt.FocusReason.OtherFocusReason)
        elif event.key() == Qt.Key.Key_Right:
            self.answers.keys[Answer.YES].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            return self._take_answer(event)
        return True

    def retranslate(self) -> None:
        """Write the other words of the answers in one size."""
        self.answers.fit_words()

    def forget(self) -> None:
        """Drop what must not outlast the question."""
        self._asked = None
        self._count.stop()

    def _take_answer(self, event: QKeyEvent) -> bool:
        answer = self.answers.letter(event.text())
        if event.key() in PRESSES:
            answer = self.answers.focused
        if answer is None:
            return False
        if not event.isAutoRepeat():
            self._answer(answer, Act.KEY)
        return True

    def _answer(self, answer: Answer, act: Act) -> None:
        if self._clock() - self._shown_at >= SETTLED_SECONDS:
            self.answered.emit(self._view.prompt, answer, act)

    def _run_count(self) -> None:
        if self._view.until is None:
            self._count.stop()
            self.answers.show_left(self._view, None)
        else:
            self._count.start()
            self._count_down()

    @pyqtSlot()
    def _count_down(self) -> None:
        until = self._view.until
        if until is None:
            return
        whole = max(0.001, until - self._wait_began)
        self.answers.show_left(self._view, max(0.0, until - self._clock()) / whole)

    def fit(self, room: Room) -> None:
        """Place the question above, then what it is about, and the answers where hands reach."""
        self.rail.fit(self.rect(), room)
        margin = round(self.width() * MARGIN_SHARE)
        pixels = _sentence(room)
        share = self.text_share * (1 + GROWTH * (room.text_scale - 1))
        high = round(self.height() * share)
        self.text.setGeometry(margin, margin // 2, self.width() - 2 * margin, high - margin // 2)
        self.text.fit(pixels, stacked=upright(room.screen))
        if upright(room.screen):
            self._fit_upright(room, margin, high)
        else:
            self._fit_wide(room, margin, high)

    def _fit_upright(self, room: Room, margin: int, top: int) -> None:
        """Place the answers in a row above the rail, and the rest between them and the question."""
        gap = round(self.width() * GAP_SHARE)
        high = round(room.least * UPRIGHT_KEY)
        wide = (self.width() - 2 * margin - gap) // 2
        row = self.rail.y() - gap - high
        self._place_answers(margin, self.width() - margin - wide, row, (wide, high), room)
        between = QRect(margin, top + gap, self.width() - 2 * margin, row - top - 2 * gap)
        self.place_between(between, room)

    def _fit_wide(self, room: Room, margin: int, top: int) -> None:
        raise NotImplementedError

    def place_between(self, box: QRect, room: Room) -> None:
        """Place what the question is about."""
        raise NotImplementedError

    def _place_answers(
        self, left: int, right: int, top: int, size: tuple[int, int], room: Room
    ) -> None:
        boxes = (QRect(left, top, *size), QRect(right, top, *size))
        self.answers.place(*boxes, room.text_scale)


class QuestionPage(AskingPage):
    """A question beside the mirrored picture.

    Args:
        parent: the parent widget.
        speech: the texts.
        lane: the region of the picture where a face counts.
        clock: monotonic seconds.
    """

    def __init__(
        self, parent: QWidget, speech: Speech, lane: Lane, clock: Callable[[], float]
    ) -> None:
        super().__init__(parent, speech, clock)
        self.stage = Stage(self, lane, lambda: speech.standing("screen.picture"))

    @property
    def wants_frames(self) -> bool:
        """True: it shows the picture."""
        return True

    @property
    def picture(self) -> QWidget:
        """The stage."""
        return self.stage

    def show_frame(self, frame: Frame) -> None:
        """Show a newer picture."""
        self.stage.show_frame(frame)

    def forget(self) -> None:
        """Drop the picture."""
        super().forget()
        self.stage.forget()

    def place_between(self, box: QRect, _room: Room) -> None:
        """Place the picture."""
        self.stage.setGeometry(box)

    def _fit_wide(self, room: Room, margin: int, top: int) -> None:
        """Place the answers at both sides of the picture, above the rail."""
        gap = round(self.width() * GAP_SHARE)
        wide = round(self.width() * WIDE_KEY)
        lowest = min(self.rail.y(), self.height() - room.corner.height()) - gap // 2
        high = min(lowest - top - gap, round(room.least * WIDE_KEY_HEIGHT))
        row = top + (lowest - top - high) // 2
        self._place_answers(margin, self.width() - margin - wide, row, (wide, high), room)
        left = margin + wide + gap
        self.place_between(
            QRect(left, top, self.width() - 2 * left, self.height() - top - gap), room
        )


class FactsPage(AskingPage):
    """A question about lines of text: what is kept, or what was read from a document.

    Args:
        parent: the parent widget.
        speech: the texts.
        clock: monotonic seconds.
    """

    text_share = 0.22

    def __init__(self, parent: QWidget, speech: Speech, clock: Callable[[], float]) -> None:
        super().__init__(parent, speech, clock)
        self._facts: tuple[DataFact, ...] = ()
        self.lines = Paragraph(self, self._worded)
        self.lines.setProperty("kind", "fact")
        self.lines.place(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def show_message(self, message: Callable[[], PromptText], view: EnrolmentView) -> None:
        """Show another question and its lines."""
        super().show_message(message, view)
        if view.facts != self._facts:
            self._facts = view.facts
            self.lines.retranslate()

    def forget(self) -> None:
        """Drop the lines: they are about a person."""
        super().forget()
        self._facts = ()
        self.lines.retranslate()

    def _worded(self) -> str:
        lines = (fact_line(fact, self._speech) for fact in self._facts)
        return "\n".join(line for line in lines if line)

    def place_between(self, box: QRect, room: Room) -> None:
        """Place the lines."""
        self.lines.set_pixels(_sentence(room) * LINE_SHARE)
        self.lines.setGeometry(box)

    def _fit_wide(self, room: Room, margin: int, top: int) -> None:
        """Place the answers beside the rail, and the lines above them over the whole width."""
        gap = round(self.width() * GAP_SHARE)
        left = self.rail.geometry().right() + gap
        right = self.width() - max(margin, room.corner.width())
        wide, high = (right - left - gap) // 2, round(room.least * 1.2)
        row = self.rail.geometry().bottom() + 1 - high
        self._place_answers(left, right - wide, row, (wide, high), room)
        lowest = min(row, self.rail.y(), self.height() - room.corner.height())
        box = QRect(margin, top, self.width() - 2 * margin, lowest - top - gap)
        self.place_between(box, room)


def _sentence(room: Room) -> float:
    """The size of a sentence on a screen, in pixels."""
    share = WIDE_SENTENCE
    if upright(room.screen):
        share = UPRIGHT_SENTENCE
    elif small(room.screen):
        share = SMALL_SENTENCE
    return room.screen[1] * share * room.text_scale
