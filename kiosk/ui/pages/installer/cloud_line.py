"""Amazon Rekognition for an installer, in a line: its mode, when it answered, and what is spent."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from PyQt6.QtWidgets import QWidget

from kiosk.ui.installer import CloudNow
from kiosk.ui.strings.moments import told
from kiosk.ui.text import Speech
from kiosk.ui.widgets.worded import WordedLabel

BETWEEN = " \N{MIDDLE DOT} "
PER_CENT = 100.0


class CloudLine(WordedLabel):
    """The line; empty until something is known.

    Args:
        parent: the page.
        speech: the texts.
    """

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self._speech = speech
        self.setWordWrap(True)

    def show_now(self, now: CloudNow) -> None:
        """Show how it stands."""
        at = datetime.now().astimezone()
        self.say(lambda: BETWEEN.join(self._facts(now, at)))

    def show_found(self, found: object) -> None:
        """Show what a job found: a `CloudNow`."""
        self.show_now(cast("CloudNow", found))

    def show_end(self, problem: str) -> None:
        """Show why nothing is known, at the end of a job; empty if it ended well."""
        if problem:
            self.say(lambda: f"{self._name()}: {self._speech.within(problem)}")

    def _facts(self, now: CloudNow, at: datetime) -> list[str]:
        facts = [f"{self._name()}: {self._speech.within(now.mode)}"]
        gone = now.gone_since
        key, moment = ("answered", now.answered_at) if gone is None else ("gone", gone)
        when = self._said("never") if moment is None else told(self._speech.strings, moment, at)
        facts.append(f"{self._said(key)}: {when}")
        if now.spent is not None:
            shown = int(PER_CENT * now.spent)  # 100 means that nothing more is sent
            facts.append(self._speech.standing("installer.spent", shown))
        return facts

    def _name(self) -> str:
        return self._speech.within(self._said("cloud"))  # else its letters would turn the line

    def _said(self, key: str) -> str:
        return self._speech.standing(f"installer.{key}")
