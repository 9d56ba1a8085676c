"""The way to what is kept about a person: a button beside the language, and a key.

It is there while the door waits for somebody, or has decided; never while it decides on somebody,
and not while they enrol.
"""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QWidget

from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.ui.pages.page import PageName
from kiosk.ui.pages.stack import PageStack
from kiosk.ui.widgets.notice import Notice

KEYS = "Ctrl+D"
ABOVE = (PageName.HELP, PageName.LANGUAGES, PageName.INSTALLER)
"""Pages that would lie over what follows."""


class MyData(QObject):
    """Tells that somebody wants to see their data.

    Args:
        window: the window.
        notice: has the button.
        pages: the pages above which nothing is asked.
    """

    wanted = pyqtSignal()

    def __init__(self, window: QWidget, notice: Notice, pages: PageStack) -> None:
        super().__init__(window)
        self._notice = notice
        self._pages = pages
        self._allowed = False
        notice.data_pressed.connect(self.ask)

    def offer(self) -> None:
        """Offer it from now on; before that there is no such button."""
        self._notice.offer_data()
        self._notice.allow_data(allowed=self._allowed)
        QShortcut(QKeySequence(KEYS), self._notice.window(), self.ask)

    def follow(self, view: View, *, enrols: bool) -> None:
        """Show the button, or hide it.

        Args:
            view: of the door.
            enrols: true while somebody enrols, or is told what came of it.
        """
        waits = view.prompt is Prompt.LOOK_HERE and view.asks is None
        self._allowed = not enrols and (waits or view.tone in {Tone.GRANTED, Tone.REFUSED})
        self._notice.allow_data(allowed=self._allowed)

    @pyqtSlot()
    def ask(self) -> None:
        """Tell that somebody wants it, unless the door decides, or another page lies above."""
        if self._allowed and not any(self._pages.is_open(name) for name in ABOVE):
            self.wanted.emit()
