"""The page of the language button: each language by its own name.

Whoever needs it may not read the language on the screen, so nothing on it has to be read but the
name of one's own. The page closes by itself after a while.
"""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QRect, Qt, pyqtSignal
from PyQt6.QtWidgets import QWidget

from kiosk.ui import strings
from kiosk.ui.geometry import upright
from kiosk.ui.look.fonts import Weight
from kiosk.ui.pages.page import Page, Room
from kiosk.ui.text import Speech
from kiosk.ui.timers import once
from kiosk.ui.widgets.key import Key
from kiosk.ui.widgets.line import LineLabel

CLOSES_AFTER_MS = 30_000
TITLE_SHARE = 0.14
LETTER_SHARE = 0.4
"""Of a key's height."""

MARGIN_SHARE = 0.08
GAP_SHARE = 0.22
"""Between keys, relative to the smallest key."""

LARGEST = 1.6
"""Height of a key, relative to the smallest one."""


class LanguagesPage(Page):
    """A key for each language, and one to go back.

    Args:
        parent: the parent widget.
        speech: the texts.
    """

    chosen = pyqtSignal(str)
    """The ISO 639 code of a language."""

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self.setObjectName("languages")
        self.title = LineLabel(
            self, "sentence", Weight.STRONG, lambda: speech.standing("languages.button")
        )
        self.keys: dict[str, Key] = {}
        self.back = Key(self, lambda: speech.standing("help.close"))
        self.back.clicked.connect(self.close_page)
        self._timer = once(self, CLOSES_AFTER_MS, self.close_page)
        self._room: Room | None = None

    def begin(self) -> None:
        """Read the languages the first time, and close after a while."""
        if not self.keys:
            self._add_keys()
        self._timer.start()

    def end(self) -> None:
        """Stop the timer."""
        self._timer.stop()

    def give_focus(self) -> None:
        """Give the keyboard focus to the first language."""
        first = next(iter(self.keys.values()), self.back)
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add_keys(self) -> None:
        for code in strings.languages():
            key = Key(self, partial(str, strings.name_of(code)))
            key.clicked.connect(partial(self._choose, code))
            self.keys[code] = key
        self.setTabOrder(list(self.keys.values())[-1], self.back)
        if self._room is not None:
            self.fit(self._room)

    def _choose(self, code: str) -> None:
        self.chosen.emit(code)
        self.close_page()

    def fit(self, room: Room) -> None:
        """Place the keys in one column, or in two on a wide screen; the last one goes back.

        The first language is at the upper left, whatever the language: names do not move.
        """
        self._room = room
        keys = [*self.keys.values(), self.back]
        columns = 1 if upright(room.screen) else 2
        rows = -(-len(keys) // columns)
        high = self.height() - room.corner.height()
        title = round(high * TITLE_SHARE)
        margin = round(self.width() * MARGIN_SHARE)
        gap = round(room.least * GAP_SHARE)
        self.title.setGeometry(margin, 0, self.width() - 2 * margin, title)
        self.title.set_pixels(title * 0.5 * room.text_scale)
        tall = min((high - title - gap) // rows - gap, round(room.least * LARGEST))
        wide = (self.width() - 2 * margin - (columns - 1) * gap) // columns
        top = title + (high - title - rows * (tall + gap)) // 2
        letters = min(tall * LETTER_SHARE * room.text_scale, tall * 0.55)
        for number, key in enumerate(keys):
            column, row = divmod(number, rows)
            left = margin + column * (wide + gap)
            key.place(QRect(left, top + row * (tall + gap), wide, tall), letters)
