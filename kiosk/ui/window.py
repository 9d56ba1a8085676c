"""The kiosk's window: one layout for every screen, upright or wide, small or large.

Above the standing notice is the stage with the mirrored picture; a result covers the stage, and
the help panel covers both. The window shows views and decides nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt6.QtCore import pyqtSignal, pyqtSlot
from PyQt6.QtGui import QCloseEvent, QResizeEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.frame import Frame
from kiosk.domain.guidance import RESULTS, Prompt, Tone, View
from kiosk.domain.lane import Lane
from kiosk.ui.text import Message, Speech
from kiosk.ui.theme import style_sheet
from kiosk.ui.timers import every
from kiosk.ui.widgets.help_panel import HelpPanel
from kiosk.ui.widgets.notice import Notice
from kiosk.ui.widgets.prompt import PromptLine
from kiosk.ui.widgets.result import Result
from kiosk.ui.widgets.stage import Stage

STARTING = View(Prompt.STARTING, Tone.WAITING)
OFF = View(Prompt.OUT_OF_SERVICE, Tone.OFF)
COUNT_MS = 200
"""How often a running wait is counted anew."""


class KioskWindow(QWidget):
    """What a person at the door sees.

    Args:
        speech: the words of this door.
        lane: where a face counts; the oval.
        clock: monotonic seconds, the clock that `View.until` is told by.
    """

    closed = pyqtSignal()
    help_requested = pyqtSignal()
    said = pyqtSignal(object, object)
    """A view is shown, and its `Message`."""

    def __init__(
        self, speech: Speech, lane: Lane, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._speech = speech
        self._clock = clock
        self._view = STARTING
        self._given_name = ""
        self._wait_began = 0.0
        self._failed = False
        self.setObjectName("kiosk")
        self.setWindowTitle(speech.standing("title"))
        self.stage = Stage(self, lane)
        self.stage.setAccessibleName(speech.standing("picture"))
        self.prompt = PromptLine(self)
        self.result = Result(self)
        self.help_panel = HelpPanel(self, speech)
        self.notice = Notice(self, speech)
        self.notice.help_pressed.connect(self._toggle_help)
        self.help_panel.closed.connect(self._give_back_focus)
        self._count = every(self, COUNT_MS, self._count_down)
        self.setStyleSheet(style_sheet())
        self.setFocus()
        self._say()

    @property
    def view(self) -> View:
        """What is shown now."""
        return self._view

    @property
    def wants_frames(self) -> bool:
        """Whether the picture is to be seen: not while a result or the help covers it."""
        return self.isVisible() and self.result.isHidden() and self.help_panel.isHidden()

    def show_view(self, view: View, given_name: str | None = None) -> None:
        """Show something else.

        Args:
            view: what to show.
            given_name: whom to greet, where policy shows names.
        """
        if self._failed:
            return
        if view.until != self._view.until:
            self._wait_began = self._clock()
        self._view = view
        self._given_name = given_name or ""
        if view.tone is Tone.GRANTED:
            self.help_panel.close_panel()
        self._say()

    def fail(self) -> None:
        """Go out of service until the program is started again: this screen cannot be trusted."""
        self._failed = False
        self.show_view(OFF)
        self._failed = True

    def show_frame(self, frame: Frame) -> None:
        """Show a newer picture, where the picture is to be seen."""
        if self.wants_frames:
            self.stage.show_frame(frame)

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Lay everything out for this size."""
        screen = (self.width(), self.height())
        bar = self.notice.fit(screen, self._dpi())
        stage = self.height() - bar
        self.notice.setGeometry(0, stage, self.width(), bar)
        for page in (self.stage, self.result, self.help_panel):
            page.setGeometry(0, 0, self.width(), stage)
        band = self.prompt.fit(screen)
        self.prompt.setGeometry(0, 0, self.width(), band)
        self.stage.shade_words(band)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Whoever closes the window ends the program."""
        super().closeEvent(event)
        self.closed.emit()

    def _dpi(self) -> float:
        screen = self.screen()
        return 0.0 if screen is None else screen.physicalDotsPerInch()

    def _say(self) -> None:
        message = self._message()
        view = self._view
        fills = view.tone in RESULTS
        if fills:
            self.result.show_message(message, view.prompt, view.tone)
            self.stage.forget()
        else:
            self.prompt.show_message(message, view.prompt, view.tone)
            self.stage.show_tone(view.tone, view.progress)
        self.result.setVisible(fills)
        self.prompt.setHidden(fills)
        self._set_tone(view.tone)
        self._run_count()
        self.said.emit(view, message)

    def _message(self) -> Message:
        return self._speech.message(self._view, self._given_name, self._left())

    def _left(self) -> float:
        """Seconds of a wait that are left."""
        return 0.0 if self._view.until is None else max(0.0, self._view.until - self._clock())

    def _run_count(self) -> None:
        if self._view.until is None:
            self._count.stop()
            self.result.disc.set_left(1.0)
        else:
            self._count.start()
            self._count_down()

    @pyqtSlot()
    def _count_down(self) -> None:
        if self._view.until is None:
            return
        whole = max(0.001, self._view.until - self._wait_began)
        self.result.disc.set_left(self._left() / whole)
        self.result.sentence.setText(self._message().sentence)

    @pyqtSlot()
    def _toggle_help(self) -> None:
        if not self.help_panel.isHidden():
            self.help_panel.close_panel()
            return
        self.help_panel.open_panel()
        self.help_requested.emit()

    @pyqtSlot()
    def _give_back_focus(self) -> None:
        """No button looks chosen; the first Tab comes to the help button."""
        self.setFocus()

    def _set_tone(self, tone: Tone) -> None:
        """Let the style sheet follow the tone."""
        if self.property("tone") == tone.value:
            return
        self.setProperty("tone", tone.value)
        style = self.notice.style()
        if style is not None:
            style.unpolish(self.notice)
            style.polish(self.notice)
