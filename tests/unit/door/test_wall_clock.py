"""A clock that is not to be relied on: nothing opens by it, and it is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hand_clock import HandClock
from pipeline_parts import BreakableJournal, Diary, Shelf, door_parts

from hardware.sim.door import SimulatedDoor
from kiosk.domain.door.model import Condition, PassageRules
from kiosk.domain.door.protocol import DoorRules
from kiosk.domain.errors import JournalTampered
from kiosk.domain.people.calendar import ALWAYS
from kiosk.domain.people.rules import Site
from kiosk.domain.walltime import milliseconds
from kiosk.door.authorization import AuthorizationPolicy
from kiosk.door.subsystem import DoorListeners, DoorSubsystem
from kiosk.door.wall_clock import LOOK_SECONDS, WatchedClock
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.running import PartFailed, PartRecovered
from kiosk.journal.recorder import JournalRecorder

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Machine(HandClock):
    """A machine whose wall clock is set by hand, and what it knows."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = NOW
        self.latest = milliseconds(NOW)
        self.synchronised: bool | None = None
        self.tampered = False

    def utc(self) -> datetime:
        return self.shown

    def known(self) -> int:
        if self.tampered:
            raise JournalTampered("The journal's head is gone.")
        return self.latest

    def watched(self) -> WatchedClock:
        return WatchedClock(self, self.known, lambda: self.synchronised)


def test_a_clock_that_is_set_back_while_the_kiosk_runs_is_seen_within_a_second() -> None:
    machine = Machine()
    wall = machine.watched()
    assert wall.problem() is None
    machine.shown = datetime(2026, 11, 20, tzinfo=UTC)
    machine.pass_(LOOK_SECONDS)
    assert "is past already" in (wall.problem() or "")
    machine.shown = NOW
    machine.pass_(LOOK_SECONDS)
    assert wall.problem() is None


def test_what_cannot_be_told_is_no_reason_to_let_in() -> None:
    machine = Machine()
    machine.tampered = True
    assert machine.watched().problem() == "The journal's head is gone"


class House:
    """A door that is free at all hours, by a clock."""

    def __init__(self) -> None:
        self.machine, self.diary = Machine(), Diary()
        self.journal = BreakableJournal(self.diary)
        self.door = SimulatedDoor(DoorRules(1.0, 60.0), self.machine)
        authorization = AuthorizationPolicy(Site(unlock=ALWAYS), PassageRules(release_seconds=4.0))
        parts = replace(door_parts(self.door, Shelf()), authorization=authorization)
        self.told: list[tuple[str, object]] = []
        recorder = JournalRecorder(self.journal, self.machine.utc)
        recorder.subscribe(self._told)
        self.end = DoorSubsystem(
            replace(parts, wall=self.machine.watched()),
            recorder,
            self.machine,
            DoorListeners(_nobody, _nobody, _nobody, _nobody),
        )

    def later(self, shown: datetime) -> Condition:
        self.machine.shown = shown
        for _ in range(4):
            self.machine.pass_(LOOK_SECONDS)
            self.end.tend()
        return self.end.condition

    def _told(self, event: JournalEvent, _at: datetime) -> None:
        if isinstance(event, PartFailed | PartRecovered) and event.part == "clock":
            self.told.append((event.name, event.detail))


def _nobody(_: object) -> None:
    return


@pytest.mark.parametrize("shown", [datetime(2000, 1, 3, 10, tzinfo=UTC), NOW.replace(day=20)])
def test_no_door_is_free_by_a_clock_that_is_wrong(shown: datetime) -> None:
    """Case 06: it showed a Monday of the year 2000, and the door was free for everybody."""
    house = House()
    assert house.later(NOW) is Condition.UNLOCKED
    assert house.later(shown) is Condition.SECURED
    assert house.later(NOW) is Condition.UNLOCKED
    assert [event for event, _ in house.told] == ["fault", "recovered"]
    assert "not to be relied on" in str(house.told[0][1])
    written = [what for what, _ in house.diary.entries if what.startswith("audit")]
    assert written.count("audit fault") == written.count("audit recovered") == 1


def test_a_clock_that_no_time_server_has_set_frees_nothing() -> None:
    house = House()
    house.machine.synchronised = False
    assert house.later(NOW) is Condition.SECURED
    house.machine.synchronised = True
    assert house.later(NOW) is Condition.UNLOCKED


def test_it_is_told_though_it_cannot_be_written() -> None:
    house = House()
    house.journal.broken = True
    house.later(NOW.replace(day=20))
    assert [event for event, _ in house.told] == ["fault"]


def test_the_moment_of_a_decision_carries_whether_the_clock_counts() -> None:
    house = House()
    house.later(NOW.replace(day=20))
    assert not house.end._moment().trusted
