"""The queue of the door's thread: filled before there is a kiosk, emptied in its order."""

from __future__ import annotations

from hand_clock import HandClock
from pipeline_parts import BreakableDoor, BreakableJournal, Diary, door_parts

from kiosk.domain.access.machine import Event, Faulted
from kiosk.domain.errors import DoorTimeout
from kiosk.door.calls import DoorQueue
from kiosk.door.subsystem import DoorListeners, DoorSubsystem
from kiosk.journal.recorder import JournalRecorder


def subsystem(reported: list[Event]) -> DoorSubsystem:
    diary, clock = Diary(), HandClock()
    return DoorSubsystem(
        door_parts(BreakableDoor(diary)),
        JournalRecorder(BreakableJournal(diary), clock.utc),
        clock,
        DoorListeners(lambda _: None, reported.append, lambda _: None, lambda _: None),
    )


def test_what_was_queued_before_there_was_a_kiosk_is_done_in_its_order() -> None:
    queue, done = DoorQueue(), list[str]()
    queue.do(lambda _: done.append("first"))
    queue.put(lambda _: done.append("second"))
    assert queue.waiting == 2
    made = subsystem([])
    while (work := queue.take(0.0)) is not None:
        work(made)
    assert done == ["first", "second"]


def test_an_error_in_an_order_is_a_fault_and_ends_nothing() -> None:
    def fails(_: DoorSubsystem) -> None:
        raise DoorTimeout("No answer.")

    queue, reported = DoorQueue(), list[Event]()
    queue.do(fails)
    work = queue.take(0.0)
    assert work is not None
    work(subsystem(reported))
    assert [type(event) for event in reported] == [Faulted]


def test_an_empty_queue_counts_as_one() -> None:
    """Whoever asks `queue or another` must get the one that operators fill."""
    assert DoorQueue()
    assert DoorQueue().take(0.0) is None
