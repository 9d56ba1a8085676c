"""The window as a program: start, operation through faults, orderly end.

Every end (a signal, the window's closing, the bridge) takes the same path: the parts are stopped
while the event loop still runs, and only then does the loop end.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSlot
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QApplication

from kiosk.domain.enrolment.answers import Act, Answer
from kiosk.domain.enrolment.events import Feedback
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.errors import OutOfServiceError
from kiosk.domain.prompts import Prompt, View
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.lane import Lane
from kiosk.ui.bridge import Bridge, Presenter
from kiosk.ui.display import DisplayWatch, gone
from kiosk.ui.endings import SIGNALS, FaultHook, SignalWatch
from kiosk.ui.installer import InstallerParts
from kiosk.ui.look import fonts
from kiosk.ui.look.legible import problems
from kiosk.ui.pages.enrolment.facts import spoken
from kiosk.ui.strings import ENGLISH, load
from kiosk.ui.strings.texts import Strings
from kiosk.ui.text import PromptText, ScreenText, Speech
from kiosk.ui.timers import queued
from kiosk.ui.voice import Voice
from kiosk.ui.window import KioskWindow

FAULT_EXIT_CODE = 4
"""The exit code of a program whose screen failed (out of service)."""


def _nothing(*_: object) -> None:
    return


def _say(error: OutOfServiceError) -> None:
    """Print the error: the default for `on_lost`."""
    sys.stderr.write(f"kiosk: {error.problem}\n       {error.remedy}\n")


@dataclass(frozen=True, slots=True)
class WindowParts:
    """The inputs of the window: plain values and callables.

    Attributes:
        site: the texts about this door.
        lane: the region of the picture where a face counts.
        latest: returns the newest frame or None; never blocks.
        on_ready: called in the main thread once the window is shown; starts the threads.
        on_quit: called once in the main thread; stops the threads, secures the door.
        on_fault: called with a description of a screen fault that contains no values.
        on_help: called when the help button is pressed; `Bridge.help_called` takes the answer.
        on_code: called with the code from the PIN pad, in the main thread; it must not block.
        installer: the functions for the installer's page; None if there is no such page.
        names: given names that may be shown, by subject id.
        warn: called with a message about something that is missing but not required.
        on_answer: called with the prompt of an enrolment, the answer to it and the act.
        on_stop: called when somebody wants to stop their enrolment.
        on_language: called with the language that somebody chose.
        on_feedback: called with what somebody says about the last result.
        on_data: called when somebody wants to see what is kept about them; None if they cannot.
        on_voiced: called with a prompt of which the whole was spoken.
        strings: the texts of the language that is spoken at the start.
        load_words: reads the texts of another language.
        speak: True to speak prompts, if that is possible.
        recordings: a folder of recorded prompts; see `Voice`.
        fullscreen: False for development and for demonstrations.
        size: of the window in pixels if it is not full screen.
        text_scale: size of the words, relative to the usual one.
        clock: the clock of `View.until`.
        signals: the signals that end the program.
        on_lost: called with the error if the display is lost or there is none, by the thread that
            noticed; stops the threads, secures the door. The process ends after it.
    """

    site: ScreenText
    lane: Lane
    latest: Callable[[], Frame | None]
    on_ready: Callable[[Bridge], None]
    on_quit: Callable[[], None]
    on_fault: Callable[[str], None]
    on_help: Callable[[], None] = _nothing
    on_code: Callable[[str], None] = _nothing
    installer: InstallerParts | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    warn: Callable[[str], None] = _nothing
    on_answer: Callable[[Prompt, Answer, Act], None] = _nothing
    on_stop: Callable[[], None] = _nothing
    on_language: Callable[[str], None] = _nothing
    on_feedback: Callable[[Feedback], None] = _nothing
    on_data: Callable[[], None] | None = None
    on_voiced: Callable[[Prompt], None] = _nothing
    strings: Strings = field(default_factory=lambda: load(ENGLISH))
    load_words: Callable[[str], Strings] = load
    speak: bool = False
    recordings: Path | None = None
    fullscreen: bool = True
    size: tuple[int, int] = (1280, 800)
    text_scale: float = 1.0
    clock: Callable[[], float] = field(default=time.monotonic)
    signals: Sequence[int] = SIGNALS
    on_lost: Callable[[OutOfServiceError], None] = _say


class Program(QObject):
    """The window's objects while the event loop runs.

    Args:
        app: the one QApplication.
        parts: the inputs of the window.
    """

    def __init__(self, app: QApplication, parts: WindowParts) -> None:
        super().__init__()
        self._app = app
        self._parts = parts
        self._exit_code = 0
        self._ended = False
        if not fonts.install():
            parts.warn("The typeface Inter is not installed, so the system's own is used.")
        for problem, remedy in problems(parts.site, parts.names):
            parts.warn(f"{problem}. {remedy}")
        self.speech = Speech(parts.strings, parts.site, parts.load_words)
        self.window = KioskWindow(
            self.speech,
            parts.lane,
            parts.clock,
            parts.on_code,
            parts.installer,
            text_scale=parts.text_scale,
        )
        self.bridge = Bridge()
        self.presenter = Presenter(self.bridge, self.window, parts.latest)
        language = parts.strings.language
        self.voice = (
            Voice(self, language, parts.warn, recordings=parts.recordings) if parts.speak else None
        )
        self.signals = SignalWatch(parts.signals)
        self.faults = FaultHook(self._fault)
        self._connect()

    def _connect(self) -> None:
        queued(self.bridge.quit_asked, self.end)
        self.signals.arrived.connect(self._on_signal)
        self.window.help_requested.connect(self._on_help)
        self.window.said.connect(self._on_said)
        self.window.echoed.connect(self._on_echoed)
        self.window.closed.connect(self._on_closed)
        self.window.answered.connect(self._on_answered)
        self.window.stop_wanted.connect(self._on_stop)
        self.window.language_chosen.connect(self._on_language)
        self.window.feedback_given.connect(self._on_feedback)
        if self._parts.on_data is not None:
            self.window.my_data.wanted.connect(self._on_data)
            self.window.my_data.offer()
        if self.voice is not None:
            self.voice.spoken.connect(self._on_spoken)
            self.window.language_changed.connect(self.voice.change_language)

    def run(self) -> int:
        """Show the window and run until the program ends; returns the exit code."""
        self._show()
        QTimer.singleShot(0, self._ready)
        self._app.exec()
        return self._exit_code

    @property
    def ended(self) -> bool:
        """True if the event loop was ended by `end`."""
        return self._ended

    def close(self) -> None:
        """Restore the signal handlers and the exception hook."""
        self.faults.close()
        self.signals.close()

    @pyqtSlot(int)
    def end(self, exit_code: int = 0) -> None:
        """Stop everything, then the event loop; a second call does nothing."""
        if self._ended:
            return
        self._ended = True
        self._exit_code = self._exit_code or exit_code
        self.presenter.stop()
        if self.voice is not None:
            self.voice.close()
        try:
            self._parts.on_quit()
        finally:
            self.window.hide()
            self._app.exit()  # `quit` would first ask the windows

    def _show(self) -> None:
        if self._parts.fullscreen:
            # A kiosk often has no window manager that would make the window fill the screen.
            screen = self._app.primaryScreen()
            if screen is not None:
                self.window.setGeometry(screen.geometry())
            self.window.setCursor(Qt.CursorShape.BlankCursor)
            self.window.showFullScreen()
        else:
            self.window.resize(*self._parts.size)
            self.window.show()
            QShortcut(QKeySequence.StandardKey.Quit, self.window, self._on_closed)
        # Without a window manager, the window would not get the keyboard focus.
        self.window.activateWindow()

    @pyqtSlot()
    def _ready(self) -> None:
        self._parts.on_ready(self.bridge)
        self.presenter.start()

    @pyqtSlot(int)
    def _on_signal(self, _number: int) -> None:
        self.end()

    @pyqtSlot()
    def _on_closed(self) -> None:
        self.end()

    @pyqtSlot()
    def _on_help(self) -> None:
        self._parts.on_help()

    @pyqtSlot(object, object, object)
    def _on_answered(self, prompt: Prompt, answer: Answer, act: Act) -> None:
        self._parts.on_answer(prompt, answer, act)

    @pyqtSlot()
    def _on_stop(self) -> None:
        self._parts.on_stop()

    @pyqtSlot(str)
    def _on_language(self, language: str) -> None:
        self._parts.on_language(language)

    @pyqtSlot(object)
    def _on_feedback(self, feedback: Feedback) -> None:
        self._parts.on_feedback(feedback)

    @pyqtSlot()
    def _on_data(self) -> None:
        if self._parts.on_data is not None:
            self._parts.on_data()

    @pyqtSlot(str)
    def _on_spoken(self, prompt: str) -> None:
        self._parts.on_voiced(Prompt(prompt))

    @pyqtSlot(object, object)
    def _on_said(self, view: View | EnrolmentView, message: PromptText) -> None:
        if self.voice is not None:
            facts = isinstance(view, EnrolmentView) and view.facts
            words = spoken(view, self.speech) if facts else message.spoken
            self.voice.say(words, view.prompt.value)

    @pyqtSlot(str)
    def _on_echoed(self, words: str) -> None:
        if self.voice is not None:
            self.voice.echo(words)

    def _fault(self, detail: str) -> None:
        self._exit_code = FAULT_EXIT_CODE
        try:
            self._parts.on_fault(detail)
        finally:
            self.window.fail()


def run_window(parts: WindowParts) -> int:
    """Run the window until it ends.

    Returns:
        0, the exit code given to `Bridge.quit`, or 4 if the screen itself failed.
    """
    display = DisplayWatch(parts.on_lost)
    try:
        running = QApplication.instance()
        app = running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
        display.opened()
        return _run(app, parts, display)
    finally:
        display.close()


def _run(app: QApplication, parts: WindowParts, display: DisplayWatch) -> int:
    app.setQuitOnLastWindowClosed(False)
    program = Program(app, parts)
    try:
        code = program.run()
    finally:
        program.close()
    if not program.ended:
        display.end(gone())
    return code
