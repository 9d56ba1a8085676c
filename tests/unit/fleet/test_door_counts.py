"""The counts of a running kiosk: since the start and for the last hour, and nobody in them."""

from __future__ import annotations

from datetime import UTC, datetime

from kiosk.domain.access.states import Reason
from kiosk.domain.door.model import Alarm
from kiosk.fleet.reporting.counting import REFUSALS, Counts, DoorCounts, Latency
from kiosk.journal.events.door import DoorChanged
from kiosk.journal.events.people import Erased
from kiosk.journal.events.running import PartFailed, PartRecovered

AT = datetime(2026, 5, 4, tzinfo=UTC)


class Seconds:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_every_reason_has_a_class() -> None:
    assert set(REFUSALS) == set(Reason)


def test_grants_and_refusals_by_class() -> None:
    counts = DoorCounts(Seconds())
    counts.decided(Reason.MATCHED, 210.0)
    counts.decided(Reason.NOT_RECOGNISED, None)
    counts.decided(Reason.AMBIGUOUS, None)
    counts.decided(Reason.NOT_NOW, None)
    told = Counts(4, 1, {"recognition": 2, "rules": 1}, 0)
    assert counts.since_start() == counts.last_hour() == told


def test_what_is_older_than_an_hour_leaves_the_last_hour_alone() -> None:
    clock = Seconds()
    counts = DoorCounts(clock)
    counts.decided(Reason.MATCHED, 100.0)
    clock.now = 1800.0
    counts.decided(Reason.LEFT, None)
    assert counts.last_hour().decisions == 2
    clock.now = 3700.0
    assert counts.last_hour() == Counts(1, 0, {"view": 1}, 0)
    assert counts.latency() == Latency()
    clock.now = 9000.0
    assert counts.last_hour() == Counts()
    assert counts.since_start() == Counts(2, 1, {"view": 1}, 0)


def test_percentiles_are_of_the_durations_that_were_there() -> None:
    counts = DoorCounts(Seconds())
    assert counts.latency() == Latency()
    for ms in range(100, 0, -1):
        counts.decided(Reason.MATCHED, float(ms))
    assert counts.latency() == Latency(50.0, 95.0, 100)


def test_one_grant_is_its_own_median() -> None:
    counts = DoorCounts(Seconds())
    counts.decided(Reason.MATCHED, 123.456)
    assert counts.latency() == Latency(123.5, 123.5, 1)


def test_faults_and_conditions_last_until_they_end() -> None:
    counts = DoorCounts(Seconds())
    for event in (
        PartFailed("camera", "no frame"),
        PartFailed("door", "unplugged"),
        DoorChanged(Alarm.HELD_OPEN, begins=True),
        DoorChanged(Alarm.FORCED, begins=True),
        Erased(subject="s-17", references=3),
    ):
        counts.hear(event, AT)
    assert (counts.faults, counts.door) == (["camera", "door"], ["forced", "held_open"])
    counts.hear(PartRecovered("camera", ""), AT)
    counts.hear(DoorChanged(Alarm.FORCED, begins=False), AT)
    assert (counts.faults, counts.door) == (["door"], ["held_open"])
    assert counts.since_start().faults == 2
