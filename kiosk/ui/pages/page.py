"""A page of the window: what the stack of pages asks of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PyQt6.QtCore import QSize, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QWidget

from kiosk.domain.vision.frame import Frame


class PageName(Enum):
    """All pages; the value is the key of the page's name for screen readers."""

    CAMERA = "camera"
    RESULT = "result"
    QUESTION = "question"
    CAPTURE = "capture"
    FACTS = "facts"
    PIN = "pin"
    INSTALLER = "installer"
    HELP = "help"
    LANGUAGES = "languages"


@dataclass(frozen=True, slots=True)
class Room:
    """The room that a page has.

    Attributes:
        screen: width and height of the window in pixels.
        corner: the part in each lower corner of the page that is covered by a button.
        least: minimum side of a key in pixels.
        letters: size of the small print in pixels.
        text_scale: size of the words, relative to the usual one.
    """

    screen: tuple[int, int]
    corner: QSize
    least: int
    letters: int
    text_scale: float = 1.0


class Page(QFrame):
    """One page. The stack gives it its size, and calls `begin` and `end`."""

    done = pyqtSignal()
    """The page asks to be left."""

    @property
    def wants_frames(self) -> bool:
        """True if it shows the camera's picture now."""
        return False

    def show_frame(self, frame: Frame) -> None:
        """Show a newer picture; called only while it wants frames."""

    @property
    def picture(self) -> QWidget:
        """The part with the camera's picture."""
        return self

    def fit(self, room: Room) -> None:
        """Update the layout; the page has its new size already."""

    def begin(self) -> None:
        """Get ready to be seen: somebody has gone to it."""

    def end(self) -> None:
        """Drop what must not outlast it: it has been left."""

    def give_focus(self) -> None:
        """Take the keyboard focus, such that no button looks selected."""
        window = self.window()
        if window is not None:
            window.setFocus()

    def take(self, _event: QKeyEvent) -> bool:
        """Handle a key that nothing else has used. True if the page uses it."""
        return False

    @pyqtSlot()
    def close_page(self) -> None:
        """Ask to be left."""
        self.done.emit()
