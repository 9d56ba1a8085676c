"""Orders in, calls and alarms out; and whatever fails on the way holds nothing up."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from door_rig import eventually
from operated_door import OperatedDoor

from hardware.operators.keys import Signer, make_key, verifier
from kiosk.domain.door.model import Alarm, By
from kiosk.domain.enrolment.events import Feedback
from kiosk.domain.operators.judgement import OperatorRules
from kiosk.domain.operators.orders import Verb
from kiosk.journal.events.access import DuressTyped, LockoutChanged, PinGuessed
from kiosk.journal.events.door import DoorChanged, DoorReleased
from kiosk.journal.events.enrolling import FeedbackNoted
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.operators import AdminPinGuessed
from kiosk.journal.events.people import Enrolled
from kiosk.journal.events.running import PartFailed, PartRecovered
from kiosk.journal.recorder import JournalRecorder
from kiosk.operators.service import Changed, Hear, OperatorService

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


class Broker:
    """Fulfils Announcer; what it is told is kept."""

    def __init__(self, hear: Hear, changed: Changed, *, reached: bool = True) -> None:
        self.hear, self.changed, self.reached = hear, changed, reached
        self.alarms: list[tuple[str, bool]] = []
        self.closed = 0

    def call_help(self, seconds: float) -> bool:
        assert seconds > 0
        return self.reached

    def alarm(self, name: str, *, begins: bool) -> None:
        self.alarms.append((name, begins))

    def close(self) -> None:
        self.closed += 1


class Place:
    """A kiosk's door, its office, and anna's key."""

    def __init__(self, folder: Path) -> None:
        public = make_key(folder / "anna.key")
        self.signer = Signer(folder / "anna.key")
        self.house = OperatedDoor(noted=self._noted)
        rules = OperatorRules("door", frozenset({"anna"}), 60.0, verifier({"anna": public}))
        recorder = JournalRecorder(self.house.journal, self.house.clock.utc)
        self.service = OperatorService(self.house, rules, self.house.clock, recorder)
        self.brokers: list[Broker] = []
        self.house.start()

    def with_broker(self, *, reached: bool = True) -> Broker:
        self.service.announce(
            lambda hear, changed: self._kept(Broker(hear, changed, reached=reached)), "mqtt"
        )
        return self.brokers[0]

    def called(self) -> bool:
        """Whether somebody was reached by a call for help."""
        told: list[bool] = []
        answered = threading.Event()

        def hear(sent: bool) -> None:  # noqa: FBT001 - the answer itself
            told.append(sent)
            answered.set()

        self.service.call_help(hear)
        assert answered.wait(5.0)
        return told[0]

    def notes(self, event: str) -> list[object]:
        return [detail for what, detail in self.house.diary.entries if what == f"audit {event}"]

    def _noted(self, event: JournalEvent, at: datetime) -> None:
        self.service.noted(event, at)

    def _kept(self, broker: Broker) -> Broker:
        self.brokers.append(broker)
        return broker


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.house.close()


def test_an_order_reaches_the_door(place: Place) -> None:
    broker = place.with_broker()
    order = place.house.order(Verb.LOCKDOWN)
    answer = json.loads(broker.hear(place.signer.seal(order)))
    assert (answer["outcome"], answer["state"]["hold"]) == ("done", "locked_down")


def test_an_order_that_fails_is_answered_with_what_failed(place: Place) -> None:
    broker = place.with_broker()
    place.house.journal.broken = True
    answer = json.loads(broker.hear(place.signer.seal(place.house.order(Verb.RELEASE))))
    assert (answer["outcome"], answer["reason"]) == ("failed", "The journal cannot be written.")
    assert place.house.door.releases == 0


def test_an_order_of_nobody_is_written_down_with_its_channel(place: Place) -> None:
    answer = json.loads(place.with_broker().hear(b"open"))
    assert answer["outcome"] == "refused"
    (note,) = place.notes("operator")
    assert isinstance(note, dict)
    assert note["channel"] == "mqtt"


@pytest.mark.parametrize("reached", [True, False])
def test_whoever_calls_hears_whether_anybody_was_reached(place: Place, *, reached: bool) -> None:
    place.with_broker(reached=reached)
    assert place.called() is reached
    assert place.notes("help") == [{}]


def test_without_a_way_out_nobody_is_said_to_be_reached(place: Place) -> None:
    assert place.called() is False
    assert place.notes("help") == [{}]


def test_a_full_journal_keeps_no_help_away(place: Place) -> None:
    place.with_broker()
    place.house.journal.broken = True
    assert place.called() is True


def test_a_forced_door_is_told_and_so_is_its_end(place: Place) -> None:
    broker = place.with_broker()
    place.house.door.leaf_opens()
    _wait_for(broker, ("forced", True))
    place.house.door.leaf_closes()
    _wait_for(broker, ("forced", False))


def test_a_forced_door_is_told_once_though_the_journal_cannot_be_written(place: Place) -> None:
    """What cannot be written is tried again every second; operators are not told again."""
    broker = place.with_broker()
    place.house.journal.broken = True
    place.house.door.leaf_opens()
    _wait_for(broker, ("forced", True))
    place.house.door.leaf_closes()
    _wait_for(broker, ("forced", False))
    place.house.journal.broken = False
    assert eventually(lambda: len(place.notes("door")) == 2)  # the second try has written both
    assert broker.alarms == [("forced", True), ("forced", False)]


@pytest.mark.parametrize(
    ("event", "alarm"),
    [
        (DuressTyped("ann"), "duress"),
        (PinGuessed("ann", 30), "guessing"),
        (AdminPinGuessed(60), "admin_guessing"),
        (Enrolled("ann", 3, "ab", different_person=False), "enrolled"),
        (FeedbackNoted(Feedback.NOT_ME, effective=True), "feedback"),
    ],
)
def test_what_somebody_does_is_told_without_a_name(
    place: Place, event: JournalEvent, alarm: str
) -> None:
    broker = place.with_broker()
    place.service.noted(event, NOW)
    assert broker.alarms == [(alarm, True)]


def test_a_clock_that_is_wrong_is_told_and_so_is_its_end(place: Place) -> None:
    broker = place.with_broker()
    place.service.noted(PartFailed("clock", "It shows the year 2000."), NOW)
    place.service.noted(PartRecovered("clock", "It shows the year 2000."), NOW)
    assert broker.alarms == [("clock", True), ("clock", False)]


def test_a_lockout_is_told_when_it_begins_and_when_it_ends(place: Place) -> None:
    broker = place.with_broker()
    place.service.noted(LockoutChanged(begins=True), NOW)
    place.service.noted(LockoutChanged(begins=False), NOW)
    assert broker.alarms == [("lockout", True), ("lockout", False)]


@pytest.mark.parametrize(
    "event",
    [DoorChanged(Alarm.EXIT, begins=True), DoorReleased(By.OPERATOR, 5.0), PartFailed("door", "")],
)
def test_what_is_no_alarm_is_not_told(place: Place, event: JournalEvent) -> None:
    broker = place.with_broker()
    place.service.noted(event, NOW)
    assert broker.alarms == []


def test_a_channel_that_fails_is_written_down(place: Place) -> None:
    broker = place.with_broker()
    broker.changed("mqtt", "The broker is gone.")
    broker.changed("mqtt", None)
    assert place.notes("channel") == [
        {"channel": "mqtt", "works": False, "problem": "The broker is gone."},
        {"channel": "mqtt", "works": True},
    ]


def test_closing_closes_every_channel(place: Place) -> None:
    broker = place.with_broker()
    place.service.listen(lambda hear, changed: place._kept(Broker(hear, changed)), "local")
    place.service.close()
    assert [each.closed for each in place.brokers] == [1, 1]
    assert broker is place.brokers[0]


def _wait_for(broker: Broker, alarm: tuple[str, bool]) -> None:
    assert eventually(lambda: alarm in broker.alarms), broker.alarms
