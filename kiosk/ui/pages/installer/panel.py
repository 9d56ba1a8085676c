"""The installer's view after the admin PIN: door, camera, actions, and the table of findings.

The buttons only emit signals; the owner of the panel does the work.
"""

from __future__ import annotations

from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QGridLayout, QVBoxLayout, QWidget

from kiosk.domain.vision.lane import Lane
from kiosk.ui.addresses import addresses
from kiosk.ui.installer import InstallerParts
from kiosk.ui.look.fonts import Weight, font
from kiosk.ui.pages.installer.cloud_line import CloudLine
from kiosk.ui.pages.installer.door_now import DoorNowTable
from kiosk.ui.pages.installer.findings import Findings
from kiosk.ui.pages.installer.fleet_view import FleetView
from kiosk.ui.pages.installer.lane_view import LaneView
from kiosk.ui.text import Speech
from kiosk.ui.widgets.key import Key
from kiosk.ui.widgets.worded import WordedLabel, Wording

ACTIONS = ("release", "secure", "test", "doctor")
BUTTON = 2.8
"""Minimum height of a button as a multiple of the font size."""

SPACE = 0.7
LINES = 30
"""Height of the panel in font sizes, less what is reserved below: a low screen has smaller ones."""

MORE_LINES = 34
"""The same with one more row of buttons."""

COLUMNS = 2


class InstallerPanel(QWidget):
    """The door and the buttons on one side, the camera's picture and the table on the other.

    Args:
        parent: the page.
        speech: the texts.
        parts: gives the version and the duration of a release.
        lane: drawn on the camera's picture.
    """

    def __init__(self, parent: QWidget, speech: Speech, parts: InstallerParts, lane: Lane) -> None:
        super().__init__(parent)
        self._speech = speech
        self._parts = parts
        self.title = WordedLabel(self, self._wording("title"))
        self.version = WordedLabel(self, lambda: self._known("version", parts.version))
        self.address = WordedLabel(self)
        self.address.setWordWrap(True)
        self.cloud = None if parts.cloud is None else CloudLine(self, speech)
        self.picture = LaneView(self, lane)
        self.now = DoorNowTable(self, speech)
        self.status = WordedLabel(self)
        self.status.setWordWrap(True)
        self.buttons = {key: Key(self, self._wording(key)) for key in ACTIONS}
        self.back = Key(self, self._wording("back"))
        self.enrol = None if parts.vouch is None else Key(self, self._wording("enrol"))
        self.fleet = None if parts.fleet is None else FleetView(self, speech)
        self.turn = None if parts.fleet is None else Key(self, self._turn_wording)
        self.findings = Findings(self, speech)
        self._letters, self._foot = 16, 0
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._side = QVBoxLayout()
        self._shown = QVBoxLayout()
        self._grid = QGridLayout()
        self._build()

    def fit(self, letters: int, foot: int = 0) -> None:
        """Set the font size, and the height to reserve below, in pixels."""
        self._letters, self._foot = letters, foot
        self._fit()

    def _fit(self) -> None:
        lines = LINES if len(self._more) <= COLUMNS else MORE_LINES
        letters = max(1, min(self._letters, (self.height() - self._foot) // lines))
        for label in (self.version, self.address, self.cloud, self.status):
            if label is not None:
                label.setFont(font(letters))
        self.title.setFont(font(letters * 1.5, Weight.STRONG))
        for button in (*self.buttons.values(), *self._more):
            button.setFont(font(letters, Weight.STRONG))
            button.setMinimumHeight(round(letters * BUTTON))
        self.now.fit(letters)
        self.findings.fit(letters)
        if self.fleet is not None:
            self.fleet.fit(letters)
        space = round(letters * SPACE)
        self._sides.setContentsMargins(2 * space, space, 2 * space, space)
        self._sides.setSpacing(2 * space)
        self._side.setSpacing(space // 2)
        self._shown.setSpacing(space)
        for column in (self._side, self._shown):
            column.setContentsMargins(0, 0, 0, self._foot)
        self._grid.setSpacing(space)

    def reset(self) -> None:
        """Restore the initial state, without anything of the previous visit."""
        self.now.show_problem(self._wording("silent"))
        self.status.say(str)
        found = ", ".join(addresses())
        self.address.say(lambda: self._known("address", found))
        self.picture.forget()
        self.findings.clear()
        self.findings.say(self._wording("nothing_yet"))
        for button in self.buttons.values():
            button.setEnabled(True)

    def turn_over(self, *, to_fleet: bool) -> None:
        """Show the fleet, or the camera's picture and the table, on the other side."""
        if self.fleet is None or self.turn is None:
            return
        self.fleet.setVisible(to_fleet)
        self.picture.setVisible(not to_fleet)
        self.findings.setVisible(not to_fleet)
        self.turn.retranslate()

    def tell(self, action: str, outcome: Wording) -> None:
        """Show how an action goes."""
        self.status.say(lambda: f"{self._wording(action)()}: {outcome()}")

    @property
    def _more(self) -> tuple[Key, ...]:
        """The buttons below the actions; the last one leads back."""
        return tuple(key for key in (self.enrol, self.turn, self.back) if key is not None)

    def _turn_wording(self) -> str:
        shown = self.fleet is not None and not self.fleet.isHidden()
        return self._wording("picture" if shown else "fleet")()

    def _wording(self, key: str) -> Wording:
        return lambda: self._speech.standing(f"installer.{key}", self._parts.release_seconds)

    def _known(self, key: str, value: str) -> str:
        shown = value or self._speech.standing("installer.unknown")
        return f"{self._speech.standing(f'installer.{key}')} {shown}"

    def resizeEvent(self, _event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Arrange side by side on a wide screen, one above the other on an upright one."""
        upright = self.height() > self.width()
        direction = QBoxLayout.Direction
        self._sides.setDirection(direction.TopToBottom if upright else direction.LeftToRight)
        self._fit()

    def _build(self) -> None:
        self._side.addWidget(self.title)
        self._side.addWidget(self.version)
        self._side.addWidget(self.address)
        if self.cloud is not None:
            self._side.addWidget(self.cloud)
        self._side.addWidget(self.now)
        self._side.addStretch(1)
        self._side.addWidget(self.status)
        self._side.addLayout(self._grid)
        for number, button in enumerate(self.buttons.values()):
            self._grid.addWidget(button, *divmod(number, 2))
        more = self._more
        for number, button in enumerate(more):
            row, column = divmod(number, COLUMNS)
            alone = button is more[-1] and column == 0
            self._grid.addWidget(button, 2 + row, column, 1, COLUMNS if alone else 1)
        self._sides.addLayout(self._side, 2)
        self._shown.addWidget(self.picture, 2)
        self._shown.addWidget(self.findings, 3)
        if self.fleet is not None:
            self._shown.addWidget(self.fleet, 5)
            self.fleet.hide()
        self._sides.addLayout(self._shown, 3)
