"""Whom an admin beside somebody wants to enrol: somebody invited, somebody known, or a new id.

Ids tell nobody beside the screen who it is, so no name is shown. People who are enrolled appear
only once the first letters of their id are typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PyQt6.QtCore import QRect, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.enrolment.poses import PosesReason
from kiosk.ui.geometry import upright
from kiosk.ui.installer import Known
from kiosk.ui.look.fonts import Weight
from kiosk.ui.pages.installer.letters import LetterBoard
from kiosk.ui.text import Speech
from kiosk.ui.widgets.key import Key
from kiosk.ui.widgets.line import LineLabel
from kiosk.ui.widgets.worded import Wording

CHOICES = 4
LONGEST = 64
"""The most characters of an id."""

GAP_SHARE = 0.022
"""Between parts, relative to the shorter side."""

FOOT_SHARE = 0.14
"""Height of the last row, relative to the height."""

FIELD_SHARE = 0.16
LIST_SHARE = 0.42
"""Width of the list on a wide screen; its height on an upright one."""

LETTER_SHARE = 0.34


class WhomPanel(QWidget):
    """The id, those who match it, the letters, and what to do.

    Args:
        parent: the parent widget.
        speech: the texts.
    """

    changed = pyqtSignal()
    """Another id stands there."""

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self._speech = speech
        self._typed = ""
        self._known: Sequence[Known] = ()
        self.fewer: tuple[int, PosesReason] | None = None
        self.field = LineLabel(self, "sentence", Weight.STRONG, self._id)
        self.choices = [self._choice(number) for number in range(CHOICES)]
        self.board = LetterBoard(self, speech)
        self.board.typed.connect(self.type_text)
        self.board.deleted.connect(self._take_back)
        self.directions = Key(self, self._directions)
        self.start = Key(self, self._wording("begin"))
        self.back = Key(self, self._wording("back"))
        self._follow()

    @property
    def subject(self) -> str:
        """The id that stands there; empty for none."""
        return self._typed

    def reset(self) -> None:
        """Forget the id, the people and the directions."""
        self._known, self.fewer = (), None
        self.board.reset()
        self.set_id("")

    def offer(self, known: Sequence[Known]) -> None:
        """Take the people who can be chosen."""
        self._known = known
        self._follow()

    def relax(self, fewer: tuple[int, PosesReason] | None) -> None:
        """Take the directions that are enough, and why; None for the usual ones."""
        self.fewer = fewer
        self.directions.retranslate()

    @pyqtSlot(str)
    def type_text(self, text: str) -> None:
        """Add to the id."""
        self.set_id(self._typed + text)

    def take(self, event: QKeyEvent) -> bool:
        """Handle a key of a keyboard. True if it is used."""
        text = event.text()
        if event.key() == Qt.Key.Key_Backspace:
            self._take_back()
        elif text.isascii() and text.isprintable() and text.strip():
            self.type_text(text)
        else:
            return False
        return True

    def set_id(self, text: str) -> None:
        """Show another id."""
        self._typed = text[:LONGEST]
        self._follow()
        self.changed.emit()

    @pyqtSlot()
    def _take_back(self) -> None:
        self.set_id(self._typed[:-1])

    # -- those who match -------------------------------------------------------------------------

    @property
    def _matches(self) -> Sequence[Known]:
        """Whose id begins with what is typed; before that, whoever is invited."""
        typed = self._typed.lower()
        found = [it for it in self._known if it.subject.lower().startswith(typed)]
        return [it for it in found if typed or not it.enrolled][:CHOICES]

    def _choice(self, number: int) -> Key:
        key = Key(self, partial(self._line, number))
        key.clicked.connect(partial(self._choose, number))
        return key

    def _line(self, number: int) -> str:
        matches = self._matches
        if number >= len(matches):
            return ""
        kind = "known" if matches[number].enrolled else "invited"
        return self._speech.standing(f"installer.{kind}", text=matches[number].subject)

    def _choose(self, number: int) -> None:
        matches = self._matches
        if number < len(matches):
            self.set_id(matches[number].subject)

    def _follow(self) -> None:
        """Show the id, and whoever matches it."""
        self.field.retranslate()
        for key in self.choices:
            key.retranslate()
            key.setVisible(bool(key.text()))
        self.start.setEnabled(bool(self._typed))

    # -- words and places ------------------------------------------------------------------------

    def _id(self) -> str:
        return self._typed or self._speech.standing("installer.no_id")

    def _directions(self) -> str:
        if self.fewer is None:
            return self._speech.standing("installer.fewer")
        return self._speech.standing("installer.directions", self.fewer[0])

    def _wording(self, key: str) -> Wording:
        return lambda: self._speech.standing(f"installer.{key}")

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Place the list beside the letters, or above them on an upright screen."""
        gap = round(min(self.width(), self.height()) * GAP_SHARE)
        tall = upright((self.width(), self.height()))
        foot = round(self.height() * FOOT_SHARE / (2 if tall else 1))
        high = self.height() - foot - gap
        if tall:
            most = round(high * LIST_SHARE)
            self._place_list(QRect(0, 0, self.width(), most), gap)
            self.board.setGeometry(0, most + gap, self.width(), high - most - gap)
        else:
            wide = round(self.width() * LIST_SHARE)
            self._place_list(QRect(0, 0, wide, high), gap)
            self.board.setGeometry(wide + gap, 0, self.width() - wide - gap, high)
        keys = (self.directions, self.start, self.back)
        wide = (self.width() - 2 * gap) // len(keys)
        for number, key in enumerate(keys):
            box = QRect(number * (wide + gap), self.height() - foot, wide, foot)
            key.place(box, foot * LETTER_SHARE)

    def _place_list(self, room: QRect, gap: int) -> None:
        field = round(room.height() * FIELD_SHARE)
        self.field.setGeometry(room.left(), room.top(), room.width(), field)
        self.field.set_pixels(field * 0.6)
        tall = (room.height() - field - CHOICES * gap) // CHOICES
        for number, key in enumerate(self.choices):
            top = room.top() + field + gap + number * (tall + gap)
            key.place(QRect(room.left(), top, room.width(), tall), tall * LETTER_SHARE)
