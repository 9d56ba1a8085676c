"""The kiosk's window: one layout for every screen, upright or wide, small or large.

It is a stack of pages above the bar with the permanent notice, the door's state and the help
button. The window shows views and decides nothing.
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

from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import RESULTS, Prompt, Tone, View
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.lane import Lane
from kiosk.ui.corners.feedback import FeedbackButtons
from kiosk.ui.corners.my_data import MyData
from kiosk.ui.installer import InstallerParts
from kiosk.ui.language import WindowLanguage
from kiosk.ui.look.letters import unseen
from kiosk.ui.look.theme import style_sheet
from kiosk.ui.pages.camera import CameraPage
from kiosk.ui.pages.enrolment.pages import EnrolmentPages
from kiosk.ui.pages.help import HelpPage
from kiosk.ui.pages.installer.page import InstallerPage
from kiosk.ui.pages.languages import LanguagesPage
from kiosk.ui.pages.page import PageName, Room
from kiosk.ui.pages.result import Result
from kiosk.ui.pages.stack import PageStack
from kiosk.ui.strings.texts import Strings, WritingDirection
from kiosk.ui.text import Speech, words_of
from kiosk.ui.widgets.door_line import OPEN
from kiosk.ui.widgets.notice import BUTTON_MM, Notice, millimetres
from kiosk.ui.widgets.worded import retranslate

STARTING = View(Prompt.STARTING, Tone.WAITING)
OFF = View(Prompt.OUT_OF_SERVICE, Tone.OFF)
INSTALLER_KEYS = "Ctrl+Alt+I"
DIRECTIONS = {
    WritingDirection.LEFT_TO_RIGHT: Qt.LayoutDirection.LeftToRight,
    WritingDirection.RIGHT_TO_LEFT: Qt.LayoutDirection.RightToLeft,
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
        text_scale: size of the words, relative to the usual one.
    """

    closed = pyqtSignal()
    language_changed = pyqtSignal(str)
    """Its ISO 639 code."""

    help_requested = pyqtSignal()
    said = pyqtSignal(object, object)
    """A `View` or `EnrolmentView` is shown, with its `PromptText`."""

    answered = pyqtSignal(object, object, object)
    """The `Prompt` of an enrolment that was answered, the `Answer` and the `Act`."""

    stop_wanted = pyqtSignal()
    """Somebody wants to stop their enrolment, or to leave its result."""

    language_chosen = pyqtSignal(str)
    """Somebody chose a language; its ISO 639 code."""

    feedback_given = pyqtSignal(object)
    """The `Feedback` about the last result."""

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
        text_scale: float = 1.0,
    ) -> None:
        super().__init__()
        self._speech = speech
        self._clock = clock
        self._wall = wall
        self._text_scale = text_scale
        self._view = STARTING
        self._enrolment: EnrolmentView | None = None
        self._failed = False
        self.setObjectName("kiosk")
        self.pages = PageStack(self, speech)
        self.camera = CameraPage(self.pages, speech, lane, on_code)
        self.stage, self.pad, self.prompt = self.camera.stage, self.camera.pad, self.camera.prompt
        self.result = Result(self.pages, speech, clock)
        self.help_page = HelpPage(self.pages, speech)
        self.languages = LanguagesPage(self.pages, speech)
        self.installer = (
            None if installer is None else InstallerPage(self.pages, speech, installer, lane)
        )
        self._add_pages()
        self.enrolment = EnrolmentPages(self.pages, speech, lane, clock, self.result, on_code)
        self.notice = Notice(self, speech)
        self.door_line = self.notice.door_line
        self.feedback = FeedbackButtons(self, speech)
        self.my_data = MyData(self, self.notice, self.pages)
        self._language = WindowLanguage(self, speech)
        self._connect()
        self.setStyleSheet(style_sheet())
        self.setFocus()
        self._follow_language()
        self._say()

    def _add_pages(self) -> None:
        self.pages.add(PageName.CAMERA, self.camera)
        self.pages.add(PageName.RESULT, self.result)
        self.pages.add(PageName.HELP, self.help_page)
        self.pages.add(PageName.LANGUAGES, self.languages)
        if self.installer is not None:
            self.pages.add(PageName.INSTALLER, self.installer)

    def _connect(self) -> None:
        self.notice.help_pressed.connect(self._toggle_help)
        self.notice.languages_pressed.connect(self._toggle_languages)
        self.languages.chosen.connect(self._language.choose)
        self._language.chosen.connect(self.language_chosen)
        self._language.changed.connect(self.change_language)
        self.enrolment.answered.connect(self.answered)
        self.enrolment.stopped.connect(self.stop_wanted)
        self.enrolment.echoed.connect(self.echoed)
        self.feedback.given.connect(self.feedback_given)
        self.feedback.echoed.connect(self.echoed)
        self.pages.currentChanged.connect(self._place_feedback)
        self.pad.echoed.connect(self.echoed)
        self.pad.submitted.connect(self._show_taken)
        if self.installer is not None:
            self.installer.echoed.connect(self.echoed)
            self.notice.held.connect(self._open_installer)
            QShortcut(QKeySequence(INSTALLER_KEYS), self, self._open_installer)

    def change_language(self, strings: Strings) -> None:
        """Show and speak every word in another language from now on."""
        self._speech.strings = strings
        self._follow_language()
        retranslate(self)
        self.language_changed.emit(strings.language)
        self.said.emit(self.view, self._message())

    def _follow_language(self) -> None:
        self.setWindowTitle(self._speech.standing("screen.title"))
        self.setLayoutDirection(DIRECTIONS[self._speech.strings.direction])

    @property
    def view(self) -> View | EnrolmentView:
        """The current view."""
        return self._view if self._enrolment is None else self._enrolment

    @property
    def wants_frames(self) -> bool:
        """True if the page that is seen shows the camera's picture."""
        return self.isVisible() and self.pages.shown.wants_frames

    def show_view(self, view: View, given_name: str | None = None) -> None:
        """Show another view.

        Args:
            view: the view.
            given_name: the name for the greeting, if the settings show names; a name that no
                installed font can show is omitted.
        """
        if self._failed:
            return
        self._view = view
        if view.tone is Tone.GRANTED:
            self.pages.leave(PageName.HELP)
            self.pages.leave(PageName.LANGUAGES)
        if view.prompt is not Prompt.LOOK_HERE:
            self._language.busy()
        if self._enrolment is None:
            self._say("" if given_name is None or unseen(given_name) else given_name)

    def show_enrolment(self, view: EnrolmentView | None) -> None:
        """Show a step of an enrolment in place of the door's views; None for the door's again."""
        if self._failed or view == self._enrolment:
            return
        before, self._enrolment = self._enrolment, view
        if view is None:
            self.enrolment.forget()
            self._language.enrolled()
            self._say()
            return
        self._language.enrolling(view.language)
        message = self._message = partial(self._speech.message, view)
        self.camera.forget()
        self.feedback.withdraw()
        self.pages.go_to(self.enrolment.show_message(message, view))
        self._place_door_line()
        self.my_data.follow(self._view, enrols=True)
        self._set_tone(view.tone)
        if before is None or (before.prompt, before.tone) != (view.prompt, view.tone):
            self.said.emit(view, message())

    @pyqtSlot(str)
    def show_door(self, condition: str) -> None:
        """Show the door's condition (`Condition.value`); empty for none."""
        self.door_line.show_condition(condition)
        self._place_door_line()
        if self._view.tone is Tone.GRANTED and self._enrolment is None:
            message, speech = self._message, self._speech
            stands = not condition or condition in OPEN
            self.result.quiet.say(lambda: message().quiet if stands else speech.door(condition))

    @pyqtSlot(bool)
    def show_help_called(self, sent: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Show the result of a call for help, if the help page is still open."""
        if self.pages.is_open(PageName.HELP):
            self.echoed.emit(self.help_page.tell(sent=sent))

    def fail(self) -> None:
        """Go out of service until the program is restarted: this screen cannot be trusted."""
        self._failed = False
        self.show_enrolment(None)
        self.show_view(OFF)
        self._failed = True

    def show_frame(self, frame: Frame) -> None:
        """Show a newer picture, if the picture is visible."""
        if self.wants_frames:
            self.pages.shown.show_frame(frame)

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Update the layout for this size."""
        screen, dpi = (self.width(), self.height()), self._dpi()
        bar = self.notice.fit(screen, dpi, self._text_scale)
        self.notice.setGeometry(0, self.height() - bar, self.width(), bar)
        self.notice.arrange()
        self.pages.setGeometry(0, 0, self.width(), self.height() - bar)
        least = millimetres(BUTTON_MM, dpi)
        room = Room(screen, self.notice.corner, least, self.notice.letters, self._text_scale)
        self.pages.fit(room)
        self.feedback.fit(self.pages.geometry(), room)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Offer a key that nothing has used to the page that is seen."""
        if event is not None and not self.pages.shown.take(event):
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
        clocks = (self._clock, self._wall)
        message = self._message = partial(words_of, self._speech, view, given_name, *clocks)
        if view.tone in RESULTS:
            self.result.show_message(message, view.prompt, view.tone, view.until)
            self.camera.forget()
            self.pages.go_to(PageName.RESULT)
        else:
            self.result.forget()
            self.camera.show_message(message, view)
            self.pages.go_to(PageName.CAMERA)
        self._place_door_line()
        self.feedback.follow(view)
        self._place_feedback()
        self.my_data.follow(view, enrols=False)
        self._set_tone(view.tone)
        self.said.emit(view, message())

    @pyqtSlot()
    def _place_feedback(self) -> None:
        """Show the feedback buttons beside a result, or beside the picture that follows it."""
        beside = self.pages.shown in {self.camera, self.result}
        self.feedback.allow(allowed=beside and self._enrolment is None and self._view.asks is None)

    @pyqtSlot()
    def _show_taken(self) -> None:
        """Confirm that a code was taken, also after an earlier mistake."""
        self.show_view(replace(self._view, prompt=Prompt.ONE_MOMENT, tone=Tone.WAITING))

    def _place_door_line(self) -> None:
        """Show the door's state only while nothing is asked of a person."""
        quiet = self._view.asks is None and self.view.tone not in RESULTS
        self.door_line.setVisible(quiet and bool(self.door_line.condition))

    @pyqtSlot()
    def _toggle_help(self) -> None:
        if self.pages.is_open(PageName.HELP):
            self.pages.leave(PageName.HELP)
            return
        self.pages.leave(PageName.LANGUAGES)
        self.pages.go_to(PageName.HELP)
        self.help_requested.emit()

    @pyqtSlot()
    def _toggle_languages(self) -> None:
        self.pages.leave(PageName.HELP)
        self.pages.toggle(PageName.LANGUAGES)

    @pyqtSlot()
    def _open_installer(self) -> None:
        if self.installer is not None and not self.pages.is_open(PageName.HELP):
            self.pages.go_to(PageName.INSTALLER)

    def _set_tone(self, tone: Tone) -> None:
        """Apply the style of the tone."""
        if self.property("tone") == tone.value:
            return
        self.setProperty("tone", tone.value)
        style = self.notice.style()
        if style is not None:
            style.unpolish(self.notice)
            style.polish(self.notice)
