"""The page on which somebody types the PIN of their badge, to see what is kept about them."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.ui.pages.enrolment.step import StepPage
from kiosk.ui.pages.page import Room
from kiosk.ui.text import PromptText, Speech
from kiosk.ui.widgets.pad import Code, PinPad
from kiosk.ui.widgets.prompt import PromptLine


class PinPage(StepPage):
    """What to do, above the door's own pad.

    Args:
        parent: the parent widget.
        speech: the texts.
        on_code: the only receiver of a code from the pad.
    """

    def __init__(self, parent: QWidget, speech: Speech, on_code: Code) -> None:
        super().__init__(parent, speech)
        self.pad = PinPad(self, speech, on_code)
        self.prompt = PromptLine(self)
        self.rail.raise_()

    def show_message(self, message: Callable[[], PromptText], view: EnrolmentView) -> None:
        """Show another view that wants a PIN; the pad opens empty, in a new order."""
        self.prompt.show_message(message, view.prompt, view.tone)
        self.rail.show_place(view.dots)
        if self.pad.isHidden():
            self.pad.open_pad()

    def forget(self) -> None:
        """Erase what was typed."""
        self.pad.hide()

    def fit(self, room: Room) -> None:
        """Place the pad below the words, and the rail in its corner."""
        band = self.prompt.fit(room.screen, room.text_scale)
        self.prompt.setGeometry(0, 0, self.width(), band)
        self.pad.setGeometry(0, band, self.width(), self.height() - band)
        self.pad.fit(room.least)
        self.rail.fit(self.rect(), room)

    def take(self, event: QKeyEvent) -> bool:
        """Pass a keyboard's digits to the pad, wherever the focus is."""
        return (not self.pad.isHidden() and self.pad.take(event)) or super().take(event)
