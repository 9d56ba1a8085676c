"""The stack of pages: one is shown, and those under it stay open.

At the bottom lies the camera's page, or the result or step of an enrolment that has replaced it;
the others are opened on top. `go_to`, `leave` and `toggle` are the only ways between pages, and
here alone the keyboard focus and the name for screen readers follow.
"""

from __future__ import annotations

from functools import partial

from PyQt6.QtWidgets import QApplication, QStackedWidget, QWidget

from kiosk.ui.pages.page import Page, PageName, Room
from kiosk.ui.text import Speech
from kiosk.ui.widgets.worded import Worded

BOTTOM = (
    PageName.CAMERA,
    PageName.RESULT,
    PageName.QUESTION,
    PageName.CAPTURE,
    PageName.FACTS,
    PageName.PIN,
)
"""The pages that replace each other at the bottom."""


class PageStack(QStackedWidget, Worded):
    """The pages by name.

    Args:
        parent: the window.
        speech: the texts.
    """

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self._speech = speech
        self._pages: dict[PageName, Page] = {}
        self._open = [BOTTOM[0]]

    def add(self, name: PageName, page: Page) -> None:
        """Add a page; the first one is shown."""
        self._pages[name] = page
        self.addWidget(page)
        page.done.connect(partial(self.leave, name))
        self.retranslate()

    @property
    def shown(self) -> Page:
        """The page that is seen."""
        return self._pages[self._open[-1]]

    def is_open(self, name: PageName) -> bool:
        """True if the page is shown, or lies under the one that is."""
        return name in self._open

    def go_to(self, name: PageName) -> None:
        """Open a page; does nothing if it is open."""
        if self.is_open(name):
            return
        if name in BOTTOM:
            self._open[0] = name
            self._show(always_focus=False)
        else:
            self._open.append(name)
            self._pages[name].begin()
            self._show(always_focus=True)

    def leave(self, name: PageName) -> None:
        """Close a page that is not at the bottom; does nothing if it is not open."""
        if name in self._open[1:]:
            self._open.remove(name)
            self._pages[name].end()
            self._show(always_focus=True)

    def toggle(self, name: PageName) -> None:
        """Close a page that is open, or open it."""
        if self.is_open(name):
            self.leave(name)
        else:
            self.go_to(name)

    def fit(self, room: Room) -> None:
        """Give every page the stack's size."""
        for page in self._pages.values():
            page.setGeometry(self.rect())
            page.fit(room)

    def retranslate(self) -> None:
        """Look the names for screen readers up again."""
        for name, page in self._pages.items():
            page.setAccessibleName(self._speech.standing(f"pages.{name.value}"))
        self.setAccessibleName(self.shown.accessibleName())

    def _show(self, *, always_focus: bool) -> None:
        """Show the uppermost open page.

        Args:
            always_focus: False to leave the focus alone if it is outside of the stack, so that
                whoever is at the help button stays there while results come and go.
        """
        if self.currentWidget() is self.shown:
            return
        focused = QApplication.focusWidget()
        within = focused is not None and self.isAncestorOf(focused)
        self.setCurrentWidget(self.shown)
        self.setAccessibleName(self.shown.accessibleName())
        if always_focus or within:
            self.shown.give_focus()
