"""The one writer to the screen: every view of a kiosk goes through it, whatever thread it is from.

Guidance comes from the vision thread, results from the effects thread. A view that one of them had
on the way must not appear over "out of service", which the supervisor shows while they hang.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import Prompt, Tone, View

OFF = View(Prompt.OUT_OF_SERVICE, Tone.OFF)
PATIENCE_SECONDS = 1.0
"""A writer that hangs cannot keep "out of service" from the screen for longer."""


def _nothing(_: EnrolmentView | None) -> None:
    return


class ScreenWriter:
    """Puts one view at a time on the screen. May be used by any thread.

    Args:
        write: puts a view on the screen; called by one thread at a time, but for one that hangs.
        enrol: puts the view of an enrolment over it, or takes it away again.
    """

    def __init__(
        self,
        write: Callable[[View], None],
        enrol: Callable[[EnrolmentView | None], None] = _nothing,
    ) -> None:
        self._write = write
        self._enrol = enrol
        self._covered = False
        self._waiting: View | None = None
        self._turn = threading.Lock()
        self._shut = threading.Event()

    def show(self, view: View) -> None:
        """Put a view on the screen, unless it is shut.

        While an enrolment is on the screen, the door's guidance waits; its results do not.
        """
        with self._turn:
            if self._covered and not view.at_once:
                self._waiting = view
            elif not self._shut.is_set():
                self._write(view)

    def show_enrolment(self, view: EnrolmentView | None) -> None:
        """Put the view of an enrolment on the screen, unless it is shut; None gives it back."""
        with self._turn:
            if self._shut.is_set():
                return
            self._covered = view is not None
            self._enrol(view)
            waiting, self._waiting = self._waiting, None
            if view is None and waiting is not None:
                self._write(waiting)

    def shut(self) -> None:
        """Put "out of service" on the screen, where it stays until `reopen`."""
        self._shut.set()
        taken = self._turn.acquire(timeout=PATIENCE_SECONDS)
        self._covered, self._waiting = False, None
        try:
            self._enrol(None)
            self._write(OFF)
        finally:
            if taken:
                self._turn.release()

    def reopen(self) -> None:
        """Let views through again; the next one replaces "out of service"."""
        self._shut.clear()
