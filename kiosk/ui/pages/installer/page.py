"""The installer's page: protected by an admin PIN, closed after a minute without input.

From it an admin can also begin the enrolment of somebody who stands beside them.

Only the answer that the PIN was right opens it, and only if the page was not closed meanwhile. All
work is done by the callables passed in, in worker threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import cast

from PyQt6.QtCore import QEvent, QObject, QRect, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

from kiosk.domain.finding import Finding
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.lane import Lane
from kiosk.ui.installer import DoorNow, FleetNow, InstallerParts, PinAnswer
from kiosk.ui.jobs import BackgroundJob, Jobs
from kiosk.ui.look.fonts import Weight
from kiosk.ui.pages.installer.desk import EnrolmentDesk
from kiosk.ui.pages.installer.panel import InstallerPanel
from kiosk.ui.pages.page import Page, Room
from kiosk.ui.text import Speech
from kiosk.ui.timers import every, once
from kiosk.ui.widgets.key import Key
from kiosk.ui.widgets.line import LineLabel
from kiosk.ui.widgets.pad import PinPad
from kiosk.ui.widgets.worded import Wording

CLOSES_AFTER_MS = 60_000
READ_MS = 500
TOUCHES = {
    QEvent.Type.MouseButtonPress,
    QEvent.Type.TouchBegin,
    QEvent.Type.KeyPress,
    QEvent.Type.Wheel,
}
TABLE = "table"
"""The lane of the two buttons that fill the table."""


class InstallerPage(Page):
    """Asks for the admin PIN, then shows the panel.

    Args:
        parent: the parent widget.
        speech: the texts.
        parts: the functions for the page.
        lane: the region of the picture where a face counts.
    """

    echoed = pyqtSignal(str)

    def __init__(self, parent: QWidget, speech: Speech, parts: InstallerParts, lane: Lane) -> None:
        super().__init__(parent)
        self._speech = speech
        self._parts = parts
        self._jobs = Jobs()
        self._fleet_new = True
        self.destroyed.connect(self._jobs.forget)
        self.setObjectName("installer")
        self.setCursor(Qt.CursorShape.ArrowCursor)  # an installer may have connected a mouse
        self.ask = LineLabel(self, "sentence", Weight.STRONG)
        self.pad = PinPad(self, speech, self._check)
        self.pad.echoed.connect(self.echoed)
        self.leave = Key(self, self._wording("back"))
        self.panel = InstallerPanel(self, speech, parts, lane)
        self.desk = None if parts.vouch is None else EnrolmentDesk(self, speech, parts.vouch)
        self._timer = once(self, CLOSES_AFTER_MS, self.close_page)
        self._poll = every(self, READ_MS, self._read)
        self._connect()

    def _connect(self) -> None:
        self.leave.clicked.connect(self.close_page)
        self.panel.back.clicked.connect(self.close_page)
        if self.desk is not None and self.panel.enrol is not None:
            self.panel.enrol.clicked.connect(self._open_desk)
            self.desk.left.connect(self._leave_desk)
            self.desk.done.connect(self.close_page)
        if self.panel.turn is not None:
            self.panel.turn.clicked.connect(self._turn)
        for name, slot in (
            ("release", self._release),
            ("secure", self._secure),
            ("test", self._test),
            ("doctor", self._examine),
        ):
            self.panel.buttons[name].clicked.connect(slot)
        for part in (self, *self.findChildren(QWidget)):
            part.installEventFilter(self)

    @property
    def wants_frames(self) -> bool:
        """True if its picture is visible. While the table is filled, the check needs the frames."""
        return self.panel.isVisible() and not self._jobs.busy(TABLE)

    def show_frame(self, frame: Frame) -> None:
        """Show a newer picture."""
        self.panel.picture.show_frame(frame)

    def fit(self, room: Room) -> None:
        """Place the prompt above the pad, the close button below it; the panel covers the page."""
        height, width = self.height(), self.width()
        band, foot = round(height * 0.12), round(height * 0.12)
        margin = round(width * 0.05)
        self.ask.setGeometry(margin, 0, width - 2 * margin, band)
        self.ask.set_pixels(band * 0.42)
        self.pad.setGeometry(0, band, width, height - band - foot)
        self.pad.fit(room.least)
        high = min(round(foot * 0.86), room.least)
        box = QRect((width - 3 * high) // 2, height - foot, 3 * high, high)
        self.leave.place(box, high * 0.36)
        self.panel.setGeometry(0, 0, width, height)
        self.panel.fit(room.letters, room.corner.height())
        if self.desk is not None:
            self.desk.setGeometry(0, 0, width, height)
            self.desk.fit(room)

    def begin(self) -> None:
        """Ask for the admin PIN."""
        self.panel.hide()
        self.ask.say(self._wording("ask_pin"))
        self.leave.show()
        self.ask.show()
        self.pad.setEnabled(True)
        self.pad.open_pad()
        self._timer.start()
        is_set = self._parts.pin_is_set
        self._jobs.start(
            BackgroundJob("before", lambda: [is_set()], self._say_before, lambda _: None)
        )

    def give_focus(self) -> None:
        """Take the keyboard focus, while it is seen."""
        if self.isVisible():
            (self.pad if self.pad.isVisible() else self).setFocus()

    def end(self) -> None:
        """Drop the picture, and the results of running jobs."""
        self._timer.stop()
        self._poll.stop()
        self._jobs.forget()
        self.panel.picture.forget()
        self.pad.hide()
        if self.desk is not None:
            self.desk.end()

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's
        """Restart the timer on any input, so that the page stays open."""
        if event is not None and event.type() in TOUCHES and self._timer.isActive():
            self._timer.start()
        return False

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Close on Escape; pass digits to the pad, wherever the focus is."""
        if event is None:
            return
        if event.key() == Qt.Key.Key_Escape:
            self.close_page()
        elif not (self.pad.isVisible() and self.pad.take(event)) and not self._desk_takes(event):
            super().keyPressEvent(event)

    # -- the PIN ---------------------------------------------------------------------------------

    def _say_before(self, is_set: object) -> None:
        if not is_set:
            self.ask.say(self._wording("no_pin"))

    def _check(self, code: str) -> None:
        """Check the PIN in the background; the pad is disabled meanwhile."""
        check = self._parts.check_pin
        self.pad.setEnabled(False)
        self.ask.say(self._wording("checking"))
        started = self._jobs.start(
            BackgroundJob("pin", lambda: [check(code)], self._checked, self._pin_over)
        )
        if not started:  # the previous check still runs: this PIN was not checked
            self.ask.say(self._wording("ask_pin"))
            self._pin_over("")

    def _checked(self, answer: object) -> None:
        given = cast("PinAnswer", answer)
        if given.right:
            self._open_panel()
            return
        wait = math.ceil(given.wait_seconds)
        if wait:
            self.ask.say(self._wording("wrong_wait" if given.looked else "wait", wait))
        else:
            self.ask.say(self._wording("wrong", given.left))

    def _pin_over(self, problem: str) -> None:
        self.pad.setEnabled(True)
        if problem:
            self.ask.say(lambda: problem)
        self.give_focus()

    def _open_panel(self) -> None:
        for part in (self.pad, self.ask, self.leave):
            part.hide()
        self.panel.show()
        self.panel.reset()
        self.panel.turn_over(to_fleet=False)
        self._fleet_new = True
        self._ask_fleet()
        self.give_focus()
        self._timer.start()
        self._poll.start()
        self._read()

    # -- the enrolment of somebody beside --------------------------------------------------------

    @pyqtSlot()
    def _open_desk(self) -> None:
        if self.desk is not None:
            self._poll.stop()
            self.panel.hide()
            self.desk.begin()
            self.give_focus()

    @pyqtSlot()
    def _leave_desk(self) -> None:
        if self.desk is not None:
            self.desk.end()
            self._open_panel()

    def _desk_takes(self, event: QKeyEvent) -> bool:
        return self.desk is not None and self.desk.isVisible() and self.desk.take(event)

    # -- actions ---------------------------------------------------------------------------------

    @pyqtSlot()
    def _read(self) -> None:
        if self.panel.fleet is not None and self.panel.fleet.isVisible():
            self._ask_fleet()
        self._ask_cloud()
        reading, now = self._parts.reading, self.panel.now
        self._jobs.start(
            BackgroundJob(
                "reading",
                lambda: [reading()],
                lambda found: now.show_now(cast("DoorNow", found)),
                lambda problem: now.show_problem(lambda: problem) if problem else None,
            )
        )

    def _ask_fleet(self) -> None:
        """Show what is known of the fleet; a kiosk that was never approved shows it by itself."""
        ask, view = self._parts.fleet, self.panel.fleet
        if ask is None or view is None:
            return

        def show(found: object) -> None:
            now = cast("FleetNow", found)
            view.show_now(now, datetime.now().astimezone())
            if self._fleet_new and not now.approved:
                self.panel.turn_over(to_fleet=True)
            self._fleet_new = False

        def end(problem: str) -> None:
            if problem:
                view.show_problem(lambda: problem)

        self._jobs.start(BackgroundJob("fleet", lambda: [ask()], show, end))

    def _ask_cloud(self) -> None:
        """Show how it stands with Rekognition, where it is used."""
        ask, line = self._parts.cloud, self.panel.cloud
        if ask is not None and line is not None:
            self._jobs.start(
                BackgroundJob("cloud", lambda: [ask()], line.show_found, line.show_end)
            )

    @pyqtSlot()
    def _turn(self) -> None:
        """Turn to the fleet, or back."""
        view = self.panel.fleet
        self.panel.turn_over(to_fleet=view is not None and view.isHidden())
        self._ask_fleet()

    @pyqtSlot()
    def _release(self) -> None:
        self._order("release", self._parts.release)

    @pyqtSlot()
    def _secure(self) -> None:
        self._order("secure", self._parts.secure)

    def _order(self, name: str, call: Callable[[], None]) -> None:
        """Send the door one order; the button is disabled until the answer."""
        button = self.panel.buttons[name]

        def end(problem: str) -> None:
            button.setEnabled(True)
            self._say_done(name, problem)

        def work() -> Iterable[object]:
            call()
            return ()

        if self._jobs.start(BackgroundJob(name, work, lambda _: None, end)):
            button.setEnabled(False)
            self.panel.tell(name, self._wording("working"))

    @pyqtSlot()
    def _test(self) -> None:
        self._fill("test", self._parts.test)

    @pyqtSlot()
    def _examine(self) -> None:
        self._fill("doctor", self._parts.doctor)

    def _fill(self, name: str, work: Callable[[], Iterable[Finding]]) -> None:
        """Fill the table row by row as findings arrive; both its buttons are disabled meanwhile."""
        table = self.panel.findings

        def end(problem: str) -> None:
            self._allow_tables(allowed=True)
            self._say_done(name, problem)

        if self._jobs.start(
            BackgroundJob(TABLE, work, lambda row: table.add(cast("Finding", row)), end)
        ):
            self.panel.turn_over(to_fleet=False)
            table.clear()
            self._allow_tables(allowed=False)
            self.panel.tell(name, self._wording("working"))

    def _allow_tables(self, *, allowed: bool) -> None:
        for name in ("test", "doctor"):
            self.panel.buttons[name].setEnabled(allowed)

    def _say_done(self, name: str, problem: str) -> None:
        self.panel.tell(name, (lambda: problem) if problem else self._wording("done"))
        self._timer.start()

    def _wording(self, key: str, count: int = 1) -> Wording:
        return lambda: self._speech.standing(f"installer.{key}", count)
