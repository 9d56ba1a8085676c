"""Prompts spoken by espeak-ng, or from a site's own recordings; where neither is there, silence.

The voice never delays the screen. The newest prompt replaces the one that is being spoken, and the
same text is repeated only after a while.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QProcess, pyqtSignal, pyqtSlot

from kiosk.ui.timers import once

PROGRAM = "espeak-ng"
PLAYER = "aplay"
"""Plays recordings; of Debian's alsa-utils."""

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
        recordings: a folder with a folder for each language, in it `PROMPT.wav`; a prompt that has
            none is spoken by the engine.
        player: plays a recording.
    """

    spoken = pyqtSignal(str)
    """The whole of a prompt was said: its name, as in `Prompt.value`."""

    def __init__(
        self,
        parent: QObject,
        language: str,
        warn: Callable[[str], None],
        program: str = PROGRAM,
        clock: Callable[[], float] = time.monotonic,
        recordings: Path | None = None,
        player: str = PLAYER,
    ) -> None:
        super().__init__(parent)
        self._recordings = recordings
        self._player = shutil.which(player)
        self._said = ("", "")
        self._playing = False
        self._language = language
        self._warn = warn
        self._clock = clock
        self._path = shutil.which(program)
        self._waiting = ("", "")
        self._last = ("", float("-inf"))
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyRead.connect(self._discard)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._failed)
        self._limit = once(self, LIMIT_MS, self._process.kill)
        if self._path is None:
            self._give_up(f"{program} is not installed, so prompts are not spoken.")

    def say(self, words: str, prompt: str = "") -> None:
        """Speak a text in place of the current one, unless the same text was spoken recently.

        Args:
            words: the text.
            prompt: its name, by which a recording of it is found; empty if it has none.
        """
        said, at = self._last
        now = self._clock()
        if self._path is None or not words or (words == said and now - at < REPEAT_SECONDS):
            return
        self._last = (words, now)
        self._speak(words, prompt)

    def echo(self, words: str) -> None:
        """Speak at once, even if the same text was spoken recently: a person pressed a button."""
        if self._path is not None and words:
            self._speak(words, "")

    @pyqtSlot(str)
    def change_language(self, language: str) -> None:
        """Speak another language from the next text on."""
        self._language = language

    def close(self) -> None:
        """Stop speaking permanently."""
        self._path = None
        self._waiting = ("", "")
        self._limit.stop()
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(1000)

    @property
    def speaking(self) -> bool:
        """True while a text is being spoken."""
        return self._process.state() is not QProcess.ProcessState.NotRunning

    def _speak(self, words: str, prompt: str) -> None:
        self._waiting = (words, prompt)
        if self._process.state() is QProcess.ProcessState.NotRunning:
            self._start()
        else:
            self._process.kill()

    def _start(self) -> None:
        self._said, self._waiting = self._waiting, ("", "")
        words, prompt = self._said
        recording = self._recording(prompt)
        self._playing = recording is not None
        if recording is None:
            arguments = ["-v", self._language, "-s", WORDS_PER_MINUTE, "--", words]
            self._process.start(self._path, arguments)
        else:
            self._process.start(self._player, ["-q", "--", str(recording)])
        self._limit.start()

    def _recording(self, prompt: str) -> Path | None:
        """The site's recording of a prompt; None without one, or without a player."""
        if self._recordings is None or self._player is None or not prompt:
            return None
        path = self._recordings / self._language / f"{prompt}.wav"
        return path if path.is_file() else None

    @pyqtSlot()
    def _discard(self) -> None:
        """Discard the engine's output, so that it does not fill the pipe."""
        self._process.readAll()

    @pyqtSlot(int, QProcess.ExitStatus)
    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        self._limit.stop()
        if self._path is None:
            return
        failed = status is QProcess.ExitStatus.NormalExit and code != 0
        if failed and self._playing:
            self._recordings = None
            self._warn("A recorded prompt could not be played; prompts are spoken instead.")
            self._speak(*self._said)
        elif failed:
            self._give_up(f"The speech engine ended with code {code}, so prompts are not spoken.")
        elif self._waiting[0]:
            self._start()
        elif status is QProcess.ExitStatus.NormalExit and self._said[1]:
            self.spoken.emit(self._said[1])

    @pyqtSlot(QProcess.ProcessError)
    def _failed(self, error: QProcess.ProcessError) -> None:
        """Handle a failed start; a process that was killed is no failure."""
        if error is QProcess.ProcessError.FailedToStart:
            self._give_up("The speech engine could not be started, so prompts are not spoken.")

    def _give_up(self, why: str) -> None:
        self._path = None
        self._waiting = ("", "")
        self._warn(why)
