"""What an admin beside a person does for their enrolment: begin it, or ask for fewer directions.

All of it lies behind the admin PIN, and closes with the installer's page. While somebody enrols,
the directions are all that can be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from PyQt6.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.enrolment.poses import PosesReason
from kiosk.ui.installer import Known, VouchParts
from kiosk.ui.jobs import BackgroundJob, Jobs
from kiosk.ui.look.fonts import Weight
from kiosk.ui.pages.installer.directions import DirectionsPanel
from kiosk.ui.pages.installer.whom import WhomPanel
from kiosk.ui.pages.page import Room
from kiosk.ui.text import Speech
from kiosk.ui.widgets.paragraph import Paragraph
from kiosk.ui.widgets.worded import Wording

ASK_SHARE = 0.12
MARGIN_SHARE = 0.03
LETTER_SHARE = 0.42
WIDE_SHARE = 0.042
"""Size of the question, relative to the height of its line and to its width."""


class EnrolmentDesk(QWidget):
    """Covers the installer's page.

    Args:
        parent: the page.
        speech: the texts.
        parts: what it can do.
    """

    left = pyqtSignal()
    """Back to the installer's panel."""

    done = pyqtSignal()
    """The person goes on, so the page has to close."""

    def __init__(self, parent: QWidget, speech: Speech, parts: VouchParts) -> None:
        super().__init__(parent)
        self._speech = speech
        self._parts = parts
        self._jobs = Jobs()
        self.destroyed.connect(self._jobs.forget)
        self.ask = Paragraph(self, str, Weight.STRONG)
        self.ask.setProperty("kind", "question")
        self.ask.place(Qt.AlignmentFlag.AlignCenter)
        self.whom = WhomPanel(self, speech)
        self.directions = DirectionsPanel(self, speech, parts.poses_required)
        self._during = False
        self.whom.changed.connect(self._ask_whom)
        self.whom.directions.clicked.connect(self._ask_directions)
        self.whom.start.clicked.connect(self._begin)
        self.whom.back.clicked.connect(self.left)
        self.directions.back.clicked.connect(self._leave_directions)
        self.directions.chosen.connect(self._take_directions)
        self.whom.directions.setEnabled(bool(self.directions.numbers))
        self.hide()

    def fit(self, room: Room) -> None:
        """Place the question above the rest; the corners below stay free."""
        margin = round(min(self.width(), self.height()) * MARGIN_SHARE)
        ask = round(self.height() * ASK_SHARE)
        wide = self.width() - 2 * margin
        self.ask.setGeometry(margin, 0, wide, ask)
        self.ask.set_pixels(min(ask * LETTER_SHARE, wide * WIDE_SHARE))
        high = self.height() - ask - max(margin, room.corner.height())
        for panel in (self.whom, self.directions):
            panel.setGeometry(margin, ask, wide, high)

    def begin(self) -> None:
        """Ask whom to enrol; if somebody enrols now, how many directions are enough."""
        self.whom.reset()
        self._during = self._parts.enrolling()
        self.show()
        if self._during:
            self._ask_directions()
            return
        self._leave_directions()
        known = self._parts.known
        self._jobs.start(BackgroundJob("known", lambda: [known()], self._offer, self._say_problem))

    def end(self) -> None:
        """Forget who was typed, and the results of running jobs."""
        self._jobs.forget()
        self.whom.reset()
        self.hide()

    @property
    def busy(self) -> bool:
        """True while something is being done."""
        return any(self._jobs.busy(lane) for lane in ("known", "order"))

    def take(self, event: QKeyEvent) -> bool:
        """Handle a key of a keyboard. True if it is used."""
        if not self.whom.isVisible():
            return False
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.whom.start.isEnabled():
            self._begin()
            return True
        return self.whom.take(event)

    # -- internals -------------------------------------------------------------------------------

    def _offer(self, known: object) -> None:
        self.whom.offer(cast("Sequence[Known]", known))

    @pyqtSlot()
    def _ask_whom(self) -> None:
        self.ask.say(self._wording("whom"))

    @pyqtSlot()
    def _ask_directions(self) -> None:
        if not self.directions.numbers:
            self.ask.say(self._wording("no_fewer"))
        else:
            self.ask.say(self._wording("how_many"))
        self.directions.reset()
        self.whom.hide()
        self.directions.show()

    @pyqtSlot()
    def _leave_directions(self) -> None:
        if self._during:
            self.left.emit()
            return
        self.directions.hide()
        self.whom.show()
        self._ask_whom()

    @pyqtSlot(int, object)
    def _take_directions(self, number: int, reason: PosesReason) -> None:
        if self._during:
            self._order(lambda: self._parts.relax(number, reason))
            return
        self.whom.relax((number, reason))
        self._leave_directions()

    @pyqtSlot()
    def _begin(self) -> None:
        subject, fewer = self.whom.subject, self.whom.fewer
        self._order(lambda: self._parts.begin(subject, fewer))

    def _order(self, call: Callable[[], None]) -> None:
        """Do one thing in the background, then let the person go on."""

        def work() -> Iterable[object]:
            call()
            return [True]

        if self._jobs.start(BackgroundJob("order", work, self._finish, self._say_problem)):
            self.ask.say(self._wording("checking"))

    def _finish(self, _: object) -> None:
        self.done.emit()

    def _say_problem(self, problem: str) -> None:
        if problem:
            self.ask.say(lambda: problem)

    def _wording(self, key: str) -> Wording:
        return lambda: self._speech.standing(f"installer.{key}")
