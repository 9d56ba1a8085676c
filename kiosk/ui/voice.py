"""Prompts spoken by espeak-ng, if it is installed; else silence.

The voice never delays the screen. The newest prompt replaces the one that is being spoken, and the
same text is repeated only after a while.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, QProcess, pyqtSlot

from kiosk.ui.timers import once

PROGRAM = "espeak-ng"
REPEAT_SECONDS = 6.0
"""The minimum time before the same text is spoken again."""

LIMIT_MS = 15_000
"""The maximum duration of one text; it is cut off then."""

WORDS_PER_MINUTE = "150"


class Voice(QObject):
    """Speaks through a child process, one at a time.

    Args:
        parent: the Qt parent; the voice ends with it.
        language: the language, as named by the speech engine.
        warn: called once with a sentence if speech is impossible.
        program: the speech engine.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        parent: QObject,
        language: str,
        warn: Callable[[str], None],
        program: str = PROGRAM,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._language = language
        self._warn = warn
        self._clock = clock
        self._path = shutil.which(program)
        self._waiting = ""
        self._last = ("", float("-inf"))
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyRead.connect(self._discard)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._failed)
        self._limit = once(self, LIMIT_MS, self._process.kill)
        if self._path is None:
            self._give_up(f"{program} is not installed, so prompts are not spoken.")

    def say(self, words: str) -> None:
        """Speak a text in place of the current one, unless the same text was spoken recently."""
        said, at = self._last
        now = self._clock()
        if self._path is None or not words or (words == said and now - at < REPEAT_SECONDS):
            return
        self._last = (words, now)
        self._speak(words)

    def echo(self, words: str) -> None:
        """Speak at once, even if the same text was spoken recently: a person pressed a button."""
        if self._path is not None and words:
            self._speak(words)

    @pyqtSlot(str)
    def change_language(self, language: str) -> None:
        """Speak another language from the next text on."""
        self._language = language

    def close(self) -> None:
        """Stop speaking permanently."""
        self._path = None
        self._waiting = ""
        self._limit.stop()
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(1000)

    @property
    def speaking(self) -> bool:
        """True while a text is being spoken."""
        return self._process.state() is not QProcess.ProcessState.NotRunning

    def _speak(self, words: str) -> None:
        self._waiting = words
        if self._process.state() is QProcess.ProcessState.NotRunning:
            self._start()
        else:
            self._process.kill()

    def _start(self) -> None:
        words, self._waiting = self._waiting, ""
        arguments = ["-v", self._language, "-s", WORDS_PER_MINUTE, "--", words]
        self._process.start(self._path, arguments)
        self._limit.start()

    @pyqtSlot()
    def _discard(self) -> None:
        """Discard the engine's output, so that it does not fill the pipe."""
        self._process.readAll()

    @pyqtSlot(int, QProcess.ExitStatus)
    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        self._limit.stop()
        if self._path is None:
            return
        if status is QProcess.ExitStatus.NormalExit and code != 0:
            self._give_up(f"The speech engine ended with code {code}, so prompts are not spoken.")
        elif self._waiting:
            self._start()

    @pyqtSlot(QProcess.ProcessError)
    def _failed(self, error: QProcess.ProcessError) -> None:
        """Handle a failed start; a process that was killed is no failure."""
        if error is QProcess.ProcessError.FailedToStart:
            self._give_up("The speech engine could not be started, so prompts are not spoken.")

    def _give_up(self, why: str) -> None:
        self._path = None
        self._waiting = ""
        self._warn(why)
