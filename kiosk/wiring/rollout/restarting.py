"""When a running kiosk restarts for settings of its fleet: when nobody is at the door.

A restart ends the kiosk in order, as a signal would, and begins the program anew in the same
process: no supervisor is needed, and one that there is notices nothing.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import Prompt, View
from kiosk.fleet.rollout.kept import SettingsFile
from kiosk.journal.events.event import JournalEvent
from kiosk.wiring.rollout.settings import SettingsStart

IDLE_SECONDS = 10.0
"""Nobody has been at the door for so long."""
READY_SECONDS = 120.0
"""A kiosk that is not ready by then goes back to the settings before."""
LOOK_SECONDS = 1.0
NOBODY = frozenset({Prompt.LOOK_HERE, Prompt.OUT_OF_SERVICE})


def end_in_order() -> None:
    """End this kiosk as a supervisor would."""
    os.kill(os.getpid(), signal.SIGTERM)


class RestartWatch:
    """Watches a running kiosk, and restarts it for new settings at a safe moment.

    Args:
        start: the settings with which it was started.
        file: what its home knows of the fleet's settings.
        note: writes to the journal.
        now: monotonic seconds.
        end: ends the kiosk in order.

    Attributes:
        changed: told once new settings are in force.
    """

    def __init__(
        self,
        start: SettingsStart,
        file: SettingsFile,
        note: Callable[[JournalEvent], None],
        now: Callable[[], float],
        end: Callable[[], None] = end_in_order,
    ) -> None:
        self.start, self._file, self._note = start, file, note
        self._now, self._end = now, end
        self.changed: Callable[[], None] = lambda: None
        self._began = now()
        self._ready = self._enrolling = False
        self._idle_since: float | None = None

    def saw(self, view: View) -> None:
        """Take into account what the screen shows; any thread may call it."""
        self._ready = self._ready or view.prompt is not Prompt.OUT_OF_SERVICE
        if view.prompt not in NOBODY or view.asks is not None:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = self._now()

    def enrols(self, view: EnrolmentView | None) -> None:
        """Take into account whether somebody enrols; any thread may call it."""
        self._enrolling = view is not None

    def look(self) -> None:
        """Confirm settings with which the kiosk got ready, and restart where it is time.

        Raises:
            LintelError: the file or the journal cannot be written now; tried again.
        """
        if self.start.again:
            return
        if self.start.tries and self._ready:
            self.start.got_ready(self._note)
            self.changed()
        overdue = self.start.tries and self._now() - self._began > READY_SECONDS
        if overdue or (self._is_idle() and self._has_next()):
            self.start.again = True
            self._end()

    def _is_idle(self) -> bool:
        since = self._idle_since
        return not self._enrolling and since is not None and self._now() - since >= IDLE_SECONDS

    def _has_next(self) -> bool:
        return self._file.load().following is not None
