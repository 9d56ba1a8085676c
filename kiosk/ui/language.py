"""The language of the window: that of the settings, until somebody wants another one.

An enrolment has its own, and whoever presses the language button chooses one; both last as long as
that person is there, and then the next one finds the language of the settings.
"""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from kiosk.domain.errors import SettingsError
from kiosk.ui.strings.texts import Strings
from kiosk.ui.text import Speech
from kiosk.ui.timers import once

KEPT_MS = 60_000
"""A chosen language is kept for so long after the last time that somebody did something."""


class WindowLanguage(QObject):
    """Which language is spoken now.

    Args:
        parent: the window.
        speech: the texts; those at the start are in the language of the settings.
    """

    changed = pyqtSignal(object)
    """The `Strings` of another language."""

    chosen = pyqtSignal(str)
    """Somebody chose a language; its ISO 639 code."""

    def __init__(self, parent: QObject, speech: Speech) -> None:
        super().__init__(parent)
        self._usual = self._now = speech.strings
        self._load = speech.load
        self._session: str | None = None
        self._enrolling = False
        self._timer = once(self, KEPT_MS, self._return)

    @property
    def now(self) -> Strings:
        """The texts of the language that is spoken now."""
        return self._now

    @pyqtSlot(str)
    def choose(self, language: str) -> None:
        """Speak the language that somebody chose, for as long as they are there."""
        self._load_and_speak(language)
        if not self._enrolling:
            self._timer.start()
        self.chosen.emit(language)

    def enrolling(self, language: str | None) -> None:
        """Follow the language of an enrolment.

        Args:
            language: its ISO 639 code; None for no language of its own. One that has no texts
                changes nothing.
        """
        self._enrolling = True
        self._timer.stop()
        if language is not None and language != self._session:
            self._session = language
            self._load_and_speak(language)

    def enrolled(self) -> None:
        """Return to the usual language: the enrolment is over."""
        if self._enrolling:
            self._enrolling, self._session = False, None
            self._return()

    def busy(self) -> None:
        """Keep a chosen language a while longer: somebody is there."""
        if self._timer.isActive():
            self._timer.start()

    @pyqtSlot()
    def _return(self) -> None:
        self._timer.stop()
        self._speak(self._usual)

    def _load_and_speak(self, language: str) -> None:
        if language == self._now.language:
            return
        if language == self._usual.language:
            self._speak(self._usual)
            return
        try:
            self._speak(self._load(language))
        except SettingsError:
            return  # there are no words for it: those of now stay

    def _speak(self, texts: Strings) -> None:
        if texts.language != self._now.language:
            self._now = texts
            self.changed.emit(texts)
