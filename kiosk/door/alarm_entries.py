"""The journal entries of a door's alarms: told at once, written in order, kept until they are.

Owned by one thread, the door controller's.
"""

from __future__ import annotations

from collections import deque

from kiosk.domain.door.model import Note
from kiosk.domain.errors import LintelError
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Instant
from kiosk.journal.events.door import DoorChanged
from kiosk.journal.recorder import Writes

MOST_UNWRITTEN = 256
"""Most alarm entries that wait while the journal cannot be written; the oldest are dropped
first."""

REWRITE_SECONDS = 1.0
"""The interval between retries of these entries."""


class AlarmEntries:
    """The entries of alarms that began or ended.

    Args:
        clock: times the retries.
        note: writes a journal entry, durable on return; raises a `LintelError` where it cannot.
        tell: receives each entry as it happens, once, before it is written.
    """

    def __init__(self, clock: Clock, note: Writes, tell: Writes) -> None:
        self._clock = clock
        self._note = note
        self._tell = tell
        self._write_at = clock.monotonic()
        self._unwritten: deque[Note] = deque(maxlen=MOST_UNWRITTEN)
        self.error: LintelError | None = None

    @property
    def due(self) -> bool:
        """True if it is not too soon for a retry."""
        return self._clock.monotonic() >= self._write_at

    def add(self, note: Note) -> None:
        """Tell of an alarm, and keep its entry until it is written."""
        self._unwritten.append(note)
        self._tell(DoorChanged(note.alarm, note.begins))

    def write(self) -> LintelError | None:
        """Write what waits, oldest first; returns the error that ended it, and keeps it."""
        while self._unwritten:
            note = self._unwritten[0]
            try:
                self._note(DoorChanged(note.alarm, note.begins))
            except LintelError as error:
                self.error = error
                self._write_at = Instant(self._clock.monotonic() + REWRITE_SECONDS)
                return error
            self._unwritten.popleft()
        self.error = None
        return None
