"""A page of an enrolment: what all of them have."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

from kiosk.ui.pages.enrolment.rail import Rail
from kiosk.ui.pages.page import Page
from kiosk.ui.text import Speech


class StepPage(Page):
    """A page with the dots and the key that stops; the escape key does the same.

    Args:
        parent: the parent widget.
        speech: the texts.
    """

    stopped = pyqtSignal()

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self._speech = speech
        self.rail = Rail(self, speech)
        self.rail.stop.clicked.connect(self.stop)

    def forget(self) -> None:
        """Drop what must not outlast the step."""

    @pyqtSlot()
    def stop(self) -> None:
        """Tell that somebody wants to stop."""
        self.stopped.emit()

    def take(self, event: QKeyEvent) -> bool:
        """Stop at the escape key."""
        if event.key() != Qt.Key.Key_Escape:
            return False
        if not event.isAutoRepeat():
            self.stop()
        return True
