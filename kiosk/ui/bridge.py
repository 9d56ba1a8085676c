"""The only interface between plain threads and the window.

Plain threads call `Bridge`; each call becomes one queued signal, so its slot runs in the main
thread and in the order of the calls. Frames take the opposite direction: the main thread pulls the
newest one when it has time, so a slow screen can never delay the camera.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QObject, Qt, pyqtSignal, pyqtSlot

from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import View
from kiosk.domain.vision.frame import Frame
from kiosk.ui.timers import once, queued
from kiosk.ui.window import KioskWindow

FRAMES_PER_SECOND = 30
REST_SHARE = 1.5
"""The minimum pause of the main thread after a frame, as a multiple of that frame's cost."""


@dataclass(frozen=True, slots=True)
class ShownView:
    """A view, and the given name for the greeting if the settings show names."""

    view: View
    given_name: str | None = None


class Bridge(QObject):
    """Carries views into the main thread. Every method may be called from any thread.

    Create it in the main thread; it must live at least as long as the threads that call it.
    """

    shown = pyqtSignal(object)
    enrolled = pyqtSignal(object)
    door_changed = pyqtSignal(str)
    help_answered = pyqtSignal(bool)
    quit_asked = pyqtSignal(int)

    def show(self, view: View, given_name: str | None = None) -> None:
        """Let the window show a view; returns at once."""
        self.shown.emit(ShownView(view, given_name))

    def enrol(self, view: EnrolmentView | None) -> None:
        """Let the window show a step of an enrolment; None for the door's views again."""
        self.enrolled.emit(view)

    def door(self, condition: str) -> None:
        """Show the door's condition (`Condition.value`); empty to show none."""
        self.door_changed.emit(condition)

    def help_called(self, sent: bool) -> None:  # noqa: FBT001 - the answer itself
        """Show whether the call for help was sent."""
        self.help_answered.emit(sent)

    def quit(self, exit_code: int = 0) -> None:
        """Request an orderly end of the program; returns at once."""
        self.quit_asked.emit(exit_code)


class Presenter(QObject):
    """Passes the bridge's calls to the window, and the newest frame up to 30 times a second.

    Args:
        bridge: called by plain threads.
        window: the window.
        latest: returns the newest frame, or None if there is no newer one; never blocks.
    """

    def __init__(
        self, bridge: Bridge, window: KioskWindow, latest: Callable[[], Frame | None]
    ) -> None:
        super().__init__(window)
        self._window = window
        self._latest = latest
        self._timer = once(self, 0, self._pull)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        queued(bridge.shown, self._show)
        queued(bridge.enrolled, self._enrol)
        queued(bridge.door_changed, self._window.show_door)
        queued(bridge.help_answered, self._window.show_help_called)

    def start(self) -> None:
        """Start pulling frames."""
        self._timer.start(0)

    def stop(self) -> None:
        """Stop pulling frames."""
        self._timer.stop()

    @pyqtSlot(object)
    def _show(self, shown: ShownView) -> None:
        self._window.show_view(shown.view, shown.given_name)

    @pyqtSlot(object)
    def _enrol(self, view: EnrolmentView | None) -> None:
        self._window.show_enrolment(view)

    @pyqtSlot()
    def _pull(self) -> None:
        """Show the newest frame, then pause; a slow screen shows fewer frames, not late ones."""
        began = time.perf_counter()
        try:
            self._show_newest()
        finally:
            cost = time.perf_counter() - began
            rest = max(1 / FRAMES_PER_SECOND - cost, cost * REST_SHARE)
            self._timer.start(max(1, round(rest * 1000)))

    def _show_newest(self) -> None:
        if not self._window.wants_frames:
            return
        frame = self._latest()
        if frame is not None:
            self._window.show_frame(frame)
            self._window.pages.shown.picture.repaint()
