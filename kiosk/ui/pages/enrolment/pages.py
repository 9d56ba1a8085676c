"""The pages of an enrolment together: which one shows a view, and what a person does on it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import RESULTS
from kiosk.domain.vision.lane import Lane
from kiosk.ui.pages.enrolment.capture import CapturePage
from kiosk.ui.pages.enrolment.pin import PinPage
from kiosk.ui.pages.enrolment.question import FactsPage, QuestionPage
from kiosk.ui.pages.page import PageName
from kiosk.ui.pages.result import Result
from kiosk.ui.pages.stack import PageStack
from kiosk.ui.text import PromptText, Speech
from kiosk.ui.widgets.pad import Code


class EnrolmentPages(QObject):
    """A question, one about lines of text, pictures, and a PIN; the result is the window's page.

    Args:
        stack: the stack that they are added to.
        speech: the texts.
        lane: the region of the picture where a face counts.
        clock: monotonic seconds, the clock of `EnrolmentView.until`.
        result: the page of the results.
        on_code: the only receiver of a PIN that is typed.
    """

    echoed = pyqtSignal(str)
    """The spoken text for a key of the pad: never the digit."""

    answered = pyqtSignal(object, object, object)
    """The `Prompt` that was answered, the `Answer` and the `Act`."""

    stopped = pyqtSignal()

    def __init__(
        self,
        stack: PageStack,
        speech: Speech,
        lane: Lane,
        clock: Callable[[], float],
        result: Result,
        on_code: Code,
    ) -> None:
        super().__init__(stack)
        self.question = QuestionPage(stack, speech, lane, clock)
        self.facts = FactsPage(stack, speech, clock)
        self.capture = CapturePage(stack, speech, lane)
        self.pin = PinPage(stack, speech, on_code)
        self.pin.pad.echoed.connect(self.echoed)
        self._result = result
        self._pages = {
            PageName.QUESTION: self.question,
            PageName.FACTS: self.facts,
            PageName.CAPTURE: self.capture,
            PageName.PIN: self.pin,
        }
        for name, page in self._pages.items():
            stack.add(name, page)
        for page in (*self._pages.values(), result):
            page.stopped.connect(self.stopped)
        for asking in (self.question, self.facts):
            asking.answered.connect(self.answered)

    def show_message(self, message: Callable[[], PromptText], view: EnrolmentView) -> PageName:
        """Show a view on the page for it; the other pages forget what they had.

        Returns:
            The page.
        """
        name = page_of(view)
        self.forget(but=name)
        if name is PageName.RESULT:
            self._result.show_end(message, view.prompt, view.tone, view.receipt)
        elif name is PageName.CAPTURE:
            self.capture.show_message(message, view)
        elif name is PageName.PIN:
            self.pin.show_message(message, view)
        else:
            asking = self.facts if name is PageName.FACTS else self.question
            asking.show_message(message, view)
        return name

    def forget(self, but: PageName | None = None) -> None:
        """Drop pictures and lines of text, on every page but one."""
        for name, page in self._pages.items():
            if name is not but:
                page.forget()


def page_of(view: EnrolmentView) -> PageName:
    """The page that shows a view."""
    if view.tone in RESULTS:
        return PageName.RESULT
    if view.pad:
        return PageName.PIN
    if not view.asks:
        return PageName.CAPTURE
    return PageName.FACTS if view.facts else PageName.QUESTION
