"""The page of the camera: the prompt above the picture with the oval, or above the PIN pad."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.access.factors import BY_BADGE, Factor
from kiosk.domain.prompts import View
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.lane import Lane
from kiosk.ui.pages.page import Page, Room
from kiosk.ui.text import PromptText, Speech
from kiosk.ui.widgets.pad import Code, PinPad
from kiosk.ui.widgets.prompt import PromptLine
from kiosk.ui.widgets.stage import Stage


class CameraPage(Page):
    """The prompt, and the picture or the pad below it.

    Args:
        parent: the parent widget.
        speech: the texts.
        lane: the region of the picture where a face counts; the oval.
        on_code: the only receiver of a code from the pad.
    """

    def __init__(self, parent: QWidget, speech: Speech, lane: Lane, on_code: Code) -> None:
        super().__init__(parent)
        self._speech = speech
        self.stage = Stage(self, lane, lambda: speech.standing("screen.picture"))
        self.pad = PinPad(self, speech, on_code)
        self.prompt = PromptLine(self)

    @property
    def wants_frames(self) -> bool:
        """True unless the pad covers the picture."""
        return self.pad.isHidden()

    @property
    def picture(self) -> QWidget:
        """The stage."""
        return self.stage

    def show_frame(self, frame: Frame) -> None:
        """Show a newer picture."""
        self.stage.show_frame(frame)

    def show_message(self, message: Callable[[], PromptText], view: View) -> None:
        """Show another view, which must be none that fills the screen."""
        self.prompt.show_message(message, view.prompt, view.tone)
        self.stage.show_tone(view.tone, view.progress)
        self.stage.ask_for_code(self._caption if view.asks in BY_BADGE else None)
        self._show_pad(wanted=view.asks is Factor.PIN)

    def forget(self) -> None:
        """Drop the picture and what was typed: a result covers them."""
        self.stage.forget()
        self._show_pad(wanted=False)

    def fit(self, room: Room) -> None:
        """Place the pad below the prompt, with keys of at least that size if there is space."""
        band = self.prompt.fit(room.screen, room.text_scale)
        self.stage.setGeometry(self.rect())
        self.prompt.setGeometry(0, 0, self.width(), band)
        self.stage.keep_free(band, room.corner.width())
        self.pad.setGeometry(0, band, self.width(), self.height() - band)
        self.pad.fit(room.least)

    def take(self, event: QKeyEvent) -> bool:
        """Pass a keyboard's digits to the pad, wherever the focus is."""
        return not self.pad.isHidden() and self.pad.take(event)

    def _caption(self) -> str:
        return self._speech.standing("screen.badge_here")

    def _show_pad(self, *, wanted: bool) -> None:
        """Open the pad, or hide it and erase its digits; an open pad is not changed."""
        if wanted is not self.pad.isHidden():
            return
        if wanted:
            self.stage.forget()
            self.stage.update()
            self.pad.open_pad()
        else:
            self.pad.hide()
        if self.isVisible():
            self.give_focus()
