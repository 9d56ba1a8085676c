"""The page on which pictures are taken: of the face in a ring of directions, or of a document."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtWidgets import QWidget

from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.lane import Lane
from kiosk.ui.geometry import upright
from kiosk.ui.pages.enrolment.step import StepPage
from kiosk.ui.pages.enrolment.target import AROUND, CaptureStage
from kiosk.ui.pages.page import Room
from kiosk.ui.text import PromptText, Speech
from kiosk.ui.widgets.prompt import PromptLine


class CapturePage(StepPage):
    """What to do, above the mirrored picture with its target.

    Args:
        parent: the parent widget.
        speech: the texts.
        lane: the region of the picture where a face counts; the oval.
    """

    def __init__(self, parent: QWidget, speech: Speech, lane: Lane) -> None:
        super().__init__(parent, speech)
        self.stage = CaptureStage(self, lane, lambda: speech.standing("screen.picture"))
        self.prompt = PromptLine(self)
        self.rail.raise_()

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

    def show_message(self, message: Callable[[], PromptText], view: EnrolmentView) -> None:
        """Show another view, which must not ask."""
        self.prompt.show_message(message, view.prompt, view.tone)
        self.stage.show_enrolment(view)
        self.rail.show_place(view.dots)

    def forget(self) -> None:
        """Drop the picture."""
        self.stage.forget()

    def fit(self, room: Room) -> None:
        """Place the words above the picture, and the rail in its corner."""
        band = self.prompt.fit(room.screen, room.text_scale)
        self.stage.setGeometry(self.rect())
        self.prompt.setGeometry(0, 0, self.width(), band)
        self.stage.keep_free(band, room.corner.width(), AROUND)
        self.rail.fit(self.rect(), room)
        self.stage.keep_card_clear(0 if upright(room.screen) else self.rail.geometry().right() + 1)
