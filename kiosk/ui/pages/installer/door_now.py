"""The current state of the door for an installer: its condition, and each input in words."""

from __future__ import annotations

from PyQt6.QtWidgets import QGridLayout, QWidget

from kiosk.domain.door.protocol import DoorReading, Leaf
from kiosk.ui.installer import DoorNow
from kiosk.ui.look.fonts import Weight, font
from kiosk.ui.text import Speech
from kiosk.ui.widgets.worded import WordedLabel, Wording

INPUTS = ("lock", "leaf", "tamper", "exit", "fire", "neighbour")
LEAF = {Leaf.CLOSED: "closed", Leaf.OPEN: "open", Leaf.UNSEEN: "unseen"}
NEIGHBOUR = {True: "secured", False: "not_secured", None: "unseen"}


def states_of(reading: DoorReading) -> dict[str, str]:
    """The key of the text for the state of each input."""
    return {
        "lock": reading.lock.value,
        "leaf": LEAF[reading.leaf],
        "tamper": "tampered" if reading.tampered else "untouched",
        "exit": "pressed" if reading.exit_asked else "unpressed",
        "fire": "burning" if reading.fire else "calm",
        "neighbour": NEIGHBOUR[reading.neighbour_secured],
    }


class DoorNowTable(QWidget):
    """A line for the condition, and one for each input.

    Args:
        parent: the page.
        speech: the texts.
    """

    def __init__(self, parent: QWidget, speech: Speech) -> None:
        super().__init__(parent)
        self._speech = speech
        self.whole = WordedLabel(self, lambda: speech.standing("installer.silent"))
        self.whole.setWordWrap(True)
        self._names = {key: WordedLabel(self, self._wording(key)) for key in INPUTS}
        self.states = {key: WordedLabel(self) for key in INPUTS}
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.whole, 0, 0, 1, 2)
        for row, key in enumerate(INPUTS, 1):
            grid.addWidget(self._names[key], row, 0)
            grid.addWidget(self.states[key], row, 1)

    def fit(self, letters: int) -> None:
        """Set the font size."""
        self._grid.setHorizontalSpacing(letters)
        self._grid.setVerticalSpacing(letters // 4)
        self.whole.setFont(font(letters * 1.15, Weight.STRONG))
        for key in INPUTS:
            self._names[key].setFont(font(letters))
            self.states[key].setFont(font(letters, Weight.STRONG))

    def show_now(self, now: DoorNow) -> None:
        """Show the current state; inputs are blank if there is no reading."""
        self.whole.say(lambda: self._speech.door(now.condition))
        states = {} if now.reading is None else states_of(now.reading)
        for key, label in self.states.items():
            word = states.get(key)
            label.say(str if word is None else self._wording(word))

    def show_problem(self, problem: Wording) -> None:
        """Show why the state is unknown, and clear the previous state."""
        self.whole.say(problem)
        for label in self.states.values():
            label.say(str)

    def _wording(self, key: str) -> Wording:
        return lambda: self._speech.standing(f"installer.{key}")
