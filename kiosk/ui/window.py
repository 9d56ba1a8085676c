"""The kiosk's window: one layout for every screen, upright or wide, small or large.

It has three bands: the text, the picture with the oval completely inside it (or the PIN pad in its
place), and the bar with the permanent notice, the door's state and the help button. A result covers
the first two, the installer's page covers all of these, and the help panel covers that. The window
shows views and decides nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QWidget

from kiosk.domain.access.factors import BY_BADGE, Factor
from kiosk.domain.prompts import RESULTS, Prompt, Tone, View
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.lane import Lane
from kiosk.ui.installer import InstallerParts
from kiosk.ui.look.letters import unseen
from kiosk.ui.look.theme import style_sheet
from kiosk.ui.strings.moments import told
from kiosk.ui.strings.texts import Direction, Strings
from kiosk.ui.text import PromptText, Speech
from kiosk.ui.timers import every
from kiosk.ui.widgets.door_line import OPEN
from kiosk.ui.widgets.help.panel import HelpPanel
from kiosk.ui.widgets.installer.page import InstallerPage
from kiosk.ui.widgets.notice import BUTTON_MM, Notice, millimetres
from kiosk.ui.widgets.pad import PinPad
from kiosk.ui.widgets.prompt import PromptLine
from kiosk.ui.widgets.result import Result
from kiosk.ui.widgets.stage import Stage
from kiosk.ui.widgets.worded import retranslate

STARTING = View(Prompt.STARTING, Tone.WAITING)
OFF = View(Prompt.OUT_OF_SERVICE, Tone.OFF)
COUNT_MS = 200
"""The update interval of a countdown."""

INSTALLER_KEYS = "Ctrl+Alt+I"
DIRECTIONS = {
    Direction.LEFT_TO_RIGHT: Qt.LayoutDirection.LeftToRight,
    Direction.RIGHT_TO_LEFT: Qt.LayoutDirection.RightToLeft,
}


def _wall(zone: tzinfo | None) -> datetime:
    return datetime.now(zone)


def _ignore(_code: str) -> None:
    return


class KioskWindow(QWidget):
    """The screen for a person at the door.

    Args:
        speech: the texts of this door.
        lane: the region of the picture where a face counts; the oval.
        clock: monotonic seconds, the clock of `View.until`.
        on_code: called with the code from the PIN pad; the window itself never has it.
        installer: the functions for the installer's page; None if there is no such page.
        wall: the time of day in a time zone, the clock of `View.opens`.
    """

    closed = pyqtSignal()
    language_changed = pyqtSignal(str)
    """Its ISO 639 code."""

    help_requested = pyqtSignal()
    said = pyqtSignal(object, object)
    """A view is shown, with its `PromptText`."""

    echoed = pyqtSignal(str)
    """Other texts for the voice: a key was pressed, or help was called."""

    def __init__(
        self,
        speech: Speech,
        lane: Lane,
        clock: Callable[[], float] = time.monotonic,
        on_code: Callable[[str], None] = _ignore,
        installer: InstallerParts | None = None,
        wall: Callable[[tzinfo | None], datetime] = _wall,
    ) -> None:
        super().__init__()
        self._speech = speech
        self._clock = clock
        self._wall = wall
        self._view = STARTING
        self._wait_began = 0.0
        self._failed = False
        self.setObjectName("kiosk")
        self.stage = Stage(self, lane, lambda: speech.standing("screen.picture"))
        self.pad = PinPad(self, speech, on_code)
        self.prompt = PromptLine(self)
        self.result = Result(self)
        self.installer = None if installer is None else InstallerPage(self, speech, installer, lane)
        self.help_panel = HelpPanel(self, speech)
        self.notice = Notice(self, speech)
        self.door_line = self.notice.door_line
        self._connect()
        self._count = every(self, COUNT_MS, self._count_down)
        self.setStyleSheet(style_sheet())
        self.setFocus()
        self._follow_language()
        self._say()

    def _connect(self) -> None:
        self.notice.help_pressed.connect(self._toggle_help)
        self.help_panel.closed.connect(self._give_back_focus)
        self.pad.echoed.connect(self.echoed)
        self.pad.submitted.connect(self._show_taken)
        if self.installer is not None:
            self.installer.closed.connect(self._give_back_focus)
            self.installer.echoed.connect(self.echoed)
            self.notice.held.connect(self._open_installer)
            QShortcut(QKeySequence(INSTALLER_KEYS), self, self._open_installer)

    def change_language(self, strings: Strings) -> None:
        """Show and speak every word in another language from now on."""
        self._speech.strings = strings
        self._follow_language()
        retranslate(self)
        self.language_changed.emit(strings.language)
        self.said.emit(self._view, self._message())

    def _follow_language(self) -> None:
        self.setWindowTitle(self._speech.standing("screen.title"))
        self.setLayoutDirection(DIRECTIONS[self._speech.strings.direction])

    @property
    def view(self) -> View:
        """The current view."""
        return self._view

    @property
    def wants_frames(self) -> bool:
        """True if the camera picture is visible: uncovered, or on the installer's page."""
        if self.installer is not None and not self.installer.isHidden():
            return self.installer.wants_frames and self.help_panel.isHidden()
        covers = (self.result, self.pad, self.help_panel)
        return self.isVisible() and all(page.isHidden() for page in covers)

    def show_view(self, view: View, given_name: str | None = None) -> None:
        """Show another view.

        Args:
            view: the view.
            given_name: the name for the greeting, if the settings show names; a name that no
                installed font can show is omitted.
        """
        if self._failed:
            return
        if view.until != self._view.until:
            self._wait_began = self._clock()
        self._view = view
        if view.tone is Tone.GRANTED:
            self.help_panel.close_panel()
        self._say("" if given_name is None or unseen(given_name) else given_name)

    @pyqtSlot(str)
    def show_door(self, condition: str) -> None:
        """Show the door's condition (`Condition.value`); empty for none."""
        self.door_line.show_condition(condition)
        self._place_door_line()
        if self._view.tone is Tone.GRANTED:
            message, stands = self._message, not condition or condition in OPEN
            self.result.quiet.say(
                lambda: message().quiet if stands else self._speech.door(condition)
            )

    @pyqtSlot(bool)
    def show_help_called(self, sent: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Show the result of a call for help, if the help panel is still open."""
        if self.help_panel.isHidden():
            return
        self.echoed.emit(self.help_panel.tell(sent=sent))

    def fail(self) -> None:
        """Go out of service until the program is restarted: this screen cannot be trusted."""
        self._failed = False
        self.show_view(OFF)
        self._failed = True

    def show_frame(self, frame: Frame) -> None:
        """Show a newer picture, if the picture is visible."""
        if not self.wants_frames:
            return
        if self.installer is not None and not self.installer.isHidden():
            self.installer.panel.picture.show_frame(frame)
        else:
            self.stage.show_frame(frame)

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Update the layout for this size."""
        screen = (self.width(), self.height())
        bar = self.notice.fit(screen, self._dpi())
        stage = self.height() - bar
        self.notice.setGeometry(0, stage, self.width(), bar)
        self.notice.arrange()
        for page in (self.stage, self.result, self.help_panel, self.installer):
            if page is not None:
                page.setGeometry(0, 0, self.width(), stage)
        band = self.prompt.fit(screen)
        self.prompt.setGeometry(0, 0, self.width(), band)
        self._fit_pages(band, stage)

    def _fit_pages(self, band: int, stage: int) -> None:
        """Place the pad below the text, with keys of at least `BUTTON_MM` if there is space."""
        corner, least = self.notice.corner, millimetres(BUTTON_MM, self._dpi())
        self.stage.keep_free(band, corner.width())
        self.result.keep_free(corner.height())
        self.help_panel.keep_free(corner.height())
        self.pad.setGeometry(0, band, self.width(), stage - band)
        self.pad.fit(least)
        if self.installer is not None:
            self.installer.fit(self.notice.letters, least, corner.height())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Pass a keyboard's digits to the pad wherever the focus is, unless the pad is covered."""
        pages = (self.help_panel, self.installer)
        covered = any(page is not None and page.isVisible() for page in pages)
        if event is None or covered or self.pad.isHidden() or not self.pad.take(event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 - Qt's name
        """End the program when the window is closed; ignore that on full screen.

        On full screen, anybody at the keyboard could close it (Alt+F4).
        """
        if self.isFullScreen() and event is not None:
            event.ignore()
            return
        super().closeEvent(event)
        self.closed.emit()

    def _dpi(self) -> float:
        screen = self.screen()
        return 0.0 if screen is None else screen.physicalDotsPerInch()

    def _say(self, given_name: str = "") -> None:
        view = self._view
        message = self._message = partial(self._words_of, view, given_name)
        fills = view.tone in RESULTS
        if fills:
            self.result.show_message(message, view.prompt, view.tone)
            self.stage.forget()
        else:
            self.prompt.show_message(message, view.prompt, view.tone)
            self.stage.show_tone(view.tone, view.progress)
            self.stage.ask_for_code(self._caption if view.asks in BY_BADGE else None)
        self._show_pad(wanted=view.asks is Factor.PIN and not fills)
        self._place_door_line()
        self.result.setVisible(fills)
        self.prompt.setHidden(fills)
        self._set_tone(view.tone)
        self._run_count()
        self.said.emit(view, message())

    def _words_of(self, view: View, given_name: str) -> PromptText:
        opens = view.opens
        note = "" if opens is None else told(self._speech.strings, opens, self._wall(opens.tzinfo))
        return self._speech.message(view, given_name, self._left(view), note)

    def _caption(self) -> str:
        return self._speech.standing("screen.badge_here")

    @pyqtSlot()
    def _show_taken(self) -> None:
        """Confirm that a code was taken, also after an earlier mistake."""
        self.show_view(replace(self._view, prompt=Prompt.ONE_MOMENT, tone=Tone.WAITING))

    def _show_pad(self, *, wanted: bool) -> None:
        """Open the pad, or hide it and erase its digits; an open pad is not changed."""
        if wanted and self.pad.isHidden():
            self.stage.forget()
            self.stage.update()
            self.pad.open_pad()
        elif not wanted and not self.pad.isHidden():
            self.pad.hide()
        else:
            return
        self._give_back_focus()

    def _place_door_line(self) -> None:
        """Show the door's state only while nothing is asked of a person."""
        quiet = self._view.tone not in RESULTS and self._view.asks is None
        self.door_line.setVisible(quiet and bool(self.door_line.condition))

    def _left(self, view: View) -> float:
        """The remaining seconds of a wait."""
        return 0.0 if view.until is None else max(0.0, view.until - self._clock())

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
        self.result.disc.set_left(self._left(self._view) / whole)
        self.result.sentence.retranslate()

    @pyqtSlot()
    def _toggle_help(self) -> None:
        if not self.help_panel.isHidden():
            self.help_panel.close_panel()
            return
        self.pad.forget()
        self.help_panel.open_panel()
        self.notice.button.raise_()
        self.help_requested.emit()

    @pyqtSlot()
    def _open_installer(self) -> None:
        if self.installer is not None and self.help_panel.isHidden():
            self.pad.forget()
            self.installer.open_page()
            self.notice.button.raise_()

    @pyqtSlot()
    def _give_back_focus(self) -> None:
        """Set the focus so that no button looks selected; the first Tab reaches the help button."""
        if self.help_panel.isVisible():
            self.help_panel.back.setFocus()
        elif self.installer is not None and self.installer.isVisible():
            self.installer.give_focus()
        else:
            self.setFocus()

    def _set_tone(self, tone: Tone) -> None:
        """Apply the style of the tone."""
        if self.property("tone") == tone.value:
            return
        self.setProperty("tone", tone.value)
        style = self.notice.style()
        if style is not None:
            style.unpolish(self.notice)
            style.polish(self.notice)
