"""What the process beside the kiosk has written is not written again by the kiosk."""

from __future__ import annotations

import pytest

from kiosk.domain.errors import JournalUnwritable
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.fleet import FleetApplied
from kiosk.wiring.apart.noting import NotedOnce

FIRST, SECOND = FleetApplied("harbour", 1, 3, 0, 0), FleetApplied("harbour", 2, 3, 0, 0)


def test_the_kiosk_says_nothing_twice_that_the_other_process_has_said() -> None:
    written: list[JournalEvent] = []
    note = NotedOnce(written.append)
    note.apart(FIRST)
    note.apart(FIRST)
    note(FIRST)
    note(SECOND)
    assert written == [FIRST, SECOND]
    note.done()
    note(FIRST)
    note.apart(FIRST)
    assert written == [FIRST, SECOND, FIRST, FIRST]


def test_what_could_not_be_written_is_written_later() -> None:
    written: list[JournalEvent] = []
    full = [True]

    def written_if_there_is_room(event: JournalEvent) -> None:
        if full.pop():
            raise JournalUnwritable("The disk is full.", "Make room.")
        written.append(event)

    note = NotedOnce(written_if_there_is_room)
    with pytest.raises(JournalUnwritable):
        note.apart(FIRST)
    full.append(False)
    note(FIRST)
    assert written == [FIRST]
