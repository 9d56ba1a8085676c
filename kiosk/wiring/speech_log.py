"""A log of what a listener would hear: a line for each prompt, in order, with no name in it.

What was read from an identity document is said, but not written.

It shows whether somebody who cannot see the screen is told what to do at every step.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

from config.settings import Settings
from kiosk.domain.enrolment.facts import FactKind
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.errors import BadInput
from kiosk.domain.prompts import View
from kiosk.ui.pages.enrolment.facts import spoken
from kiosk.ui.text import Speech
from kiosk.wiring.screen import screen_text, screen_words


class SpeechLog:
    """Writes what is said. Used by one thread at a time.

    Args:
        path: a file, begun anew.
        speech: the words.

    Raises:
        BadInput: the file cannot be written.
    """

    def __init__(self, path: Path, speech: Speech) -> None:
        self._path = path
        self._speech = speech
        self._said = ""
        self._covered = False
        self._write("w", "")

    def show(self, view: View) -> None:
        """Take a view of the door; it is not heard while somebody enrols."""
        if not self._covered:
            self._say(view)

    def enrol(self, view: EnrolmentView | None) -> None:
        """Take a view of an enrolment, or its end."""
        self._covered = view is not None
        if view is not None:
            self._say(view)

    def _say(self, view: View | EnrolmentView) -> None:
        """Write a line, unless the same was said just before, or nothing is."""
        language = None
        if isinstance(view, EnrolmentView):
            language, facts = view.language, view.facts
            if any(fact.kind is FactKind.READ for fact in facts):
                view = replace(view, facts=())
        heard = spoken(view, self._speech.in_language(language))
        if heard and heard != self._said:
            line = json.dumps({"prompt": view.prompt.value, "said": heard}, ensure_ascii=False)
            self._write("a", f"{line}\n")
        self._said = heard

    def _write(self, mode: str, text: str) -> None:
        try:
            with self._path.open(mode, encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise BadInput(
                f"The speech log {self._path} cannot be written: {error.strerror}.",
                "Name a file in a folder of yours.",
            ) from error


def speech_log_of(settings: Settings, path: Path) -> SpeechLog:
    """A log in the words of a kiosk.

    Raises:
        BadInput: the file cannot be written, or there are no words for the language.
    """
    words = partial(screen_words, settings)
    return SpeechLog(path, Speech(words(), screen_text(settings), words))
