"""One recorder, any number of listeners: none of them keeps an entry or another one waiting."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hand_clock import HandClock
from pipeline_parts import BreakableJournal, Diary

from kiosk.domain.audit import AuditEntry
from kiosk.domain.door.model import Alarm
from kiosk.domain.errors import JournalUnwritable
from kiosk.journal.events.access import DuressTyped
from kiosk.journal.events.door import DoorChanged
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.recorder import JournalRecorder, Listener

DURESS = DuressTyped("ann")
FORCED = DoorChanged(Alarm.FORCED, begins=True)


class Desk:
    """A journal recorder and its listeners, who share one diary."""

    def __init__(self) -> None:
        self.diary = Diary()
        self.journal = BreakableJournal(self.diary)
        self.recorder = JournalRecorder(self.journal, HandClock(0.0).utc)

    def listener(self, name: str) -> Listener:
        def hear(event: JournalEvent, _at: datetime) -> None:
            self.diary.add(f"{name} {event.name}")

        return hear


def broken(_event: JournalEvent, _at: datetime) -> None:
    raise ZeroDivisionError


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.recorder.subscribe(made.listener("kept"), durable=True)
    made.recorder.subscribe(made.listener("told"))
    return made


def test_some_hear_of_it_before_it_is_written_and_some_after(desk: Desk) -> None:
    desk.recorder.note(DURESS)
    assert desk.diary.names == ["told duress", "audit duress", "kept duress"]


def test_duress_is_told_though_it_cannot_be_written(desk: Desk) -> None:
    desk.journal.broken = True
    with pytest.raises(JournalUnwritable):
        desk.recorder.note(DURESS)
    assert desk.diary.names == ["told duress"]


def test_what_is_only_told_is_no_entry(desk: Desk) -> None:
    desk.recorder.tell(DURESS)
    assert desk.diary.names == ["told duress"]


def test_what_is_only_written_is_told_as_kept(desk: Desk) -> None:
    desk.recorder.write(FORCED)
    assert desk.diary.names == ["audit door", "kept door"]


@pytest.mark.parametrize("durable", [False, True])
def test_a_listener_that_raises_stops_nothing(*, durable: bool) -> None:
    desk = Desk()
    desk.recorder.subscribe(broken, durable=durable)
    desk.recorder.subscribe(desk.listener("told"))
    desk.recorder.subscribe(desk.listener("kept"), durable=True)
    desk.recorder.note(DURESS)
    desk.recorder.tell(DURESS)
    assert desk.diary.names == ["told duress", "audit duress", "kept duress", "told duress"]


def test_a_listener_of_a_listener_is_heard_next_time(desk: Desk) -> None:
    """A console subscribes while events happen."""
    desk.recorder.subscribe(lambda *_: desk.recorder.subscribe(desk.listener("late")))
    desk.recorder.tell(DURESS)
    assert "late duress" not in desk.diary.names
    desk.recorder.tell(DURESS)
    assert "late duress" in desk.diary.names


def test_every_listener_and_the_entry_have_one_time_in_milliseconds() -> None:
    class Pages:
        def __init__(self) -> None:
            self.entries: list[AuditEntry] = []

        def append(self, entry: AuditEntry) -> None:
            self.entries.append(entry)

    pages, heard = Pages(), []
    recorder = JournalRecorder(pages, lambda: datetime(2026, 5, 4, 9, 0, 0, 123999, tzinfo=UTC))
    for durable in (False, True):
        recorder.subscribe(lambda _, at: heard.append(at), durable=durable)
    recorder.note(DURESS)
    (entry,) = pages.entries
    assert entry == AuditEntry("2026-05-04T09:00:00.123+00:00", "duress", {"subject": "ann"})
    assert heard == [datetime.fromisoformat(entry.at_utc)] * 2
