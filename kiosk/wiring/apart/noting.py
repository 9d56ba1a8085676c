"""What two processes that sync one after the other write to the journal: each thing once."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.journal.events.event import JournalEvent


class NotedOnce:
    """Writes to the journal for the kiosk, and for the process that syncs in its place.

    Where that one ended before its work was done, whoever does it again says the same. It is in the
    journal already, and is left out until a sync has come to its end.

    Args:
        note: writes to the journal.
    """

    def __init__(self, note: Callable[[JournalEvent], None]) -> None:
        self._note = note
        self._said: list[JournalEvent] = []

    def __call__(self, event: JournalEvent) -> None:
        """Write what the kiosk says; raises what the journal raises."""
        if event not in self._said:
            self._note(event)

    def apart(self, event: JournalEvent) -> None:
        """Write what the other process says; raises what the journal raises."""
        if event not in self._said:
            self._note(event)
            self._said.append(event)

    def done(self) -> None:
        """A sync has come to its end: what is said from now on is new."""
        self._said.clear()
