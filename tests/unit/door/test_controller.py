"""The doorkeeper between the machine and a wire: one order, one release, and nothing unwritten."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hand_clock import HandClock

from hardware.sim.door import Happened, SimulatedDoor
from kiosk.domain.access.states import Reason
from kiosk.domain.audit import Value
from kiosk.domain.door.model import By, Condition, OperatorCommand, PassageRules
from kiosk.domain.door.protocol import DoorReading, DoorRules, ReleaseOrder
from kiosk.domain.errors import (
    DoorError,
    DoorRefused,
    DoorTimeout,
    DoorUnusable,
    JournalUnwritable,
)
from kiosk.domain.vision.frame import Instant
from kiosk.door.alarm_entries import MOST_UNWRITTEN
from kiosk.door.controller import DoorController
from kiosk.door.retry_delay import LOST_SECONDS, MOST_SECONDS, REFUSED_SECONDS
from kiosk.journal.events.event import JournalEvent

PASSAGE = PassageRules(renew_seconds=8.0, exit_releases=True, fire_releases=True)
TEND = 0.125


class PanelDoor(SimulatedDoor):
    """A door behind a panel that says no."""

    def release(self, order: ReleaseOrder) -> Reason | None:
        del order
        return Reason.PANEL_DENIED


@dataclass
class House:
    """A doorkeeper, a simulated door, and a journal that can be full."""

    passage: PassageRules = PASSAGE
    kind: type[SimulatedDoor] = SimulatedDoor
    full: bool = False
    entries: list[tuple[str, dict[str, Value]]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    entered: int = 0
    clock: HandClock = field(default_factory=HandClock)

    def __post_init__(self) -> None:
        self.door = self.kind(
            DoorRules(max_age_seconds=1.0, max_release_seconds=60.0),
            self.clock,
            answer_seconds=0.5,
            wait=self.clock.pass_,
        )
        self.controller = DoorController(
            self.door, self.passage, self.clock, self.note, self.changed, self.enter
        )

    def note(self, event: JournalEvent) -> None:
        if self.full:
            raise JournalUnwritable("The journal cannot be written.", "Free some space.")
        unlocked = "unlocked" if self.door.unlocked else "locked"
        self.seen.append(f"written while {unlocked}")
        self.entries.append((event.name, event.details()))

    def changed(self, condition: Condition) -> None:
        self.seen.append(condition.value)

    def enter(self) -> None:
        self.entered += 1

    def grant(self, seconds: float = 5.0, by: By = By.GRANT) -> Reason | None:
        return self.controller.release(ReleaseOrder(seconds, self.clock.monotonic()), by)

    def wait(self, seconds: float) -> None:
        end = self.clock.at + seconds
        while self.clock.at < end:
            self.clock.pass_(TEND)
            self.controller.tend()

    def fails(self, seconds: float) -> int:
        """How often tending raised in that time."""
        count, end = 0, self.clock.at + seconds
        while self.clock.at < end:
            self.clock.pass_(TEND)
            try:
                self.controller.tend()
            except (DoorTimeout, JournalUnwritable):
                count += 1
        return count

    def happened(self, what: Happened) -> int:
        return sum(entry.what is what for entry in self.door.history)


def house(passage: PassageRules = PASSAGE, kind: type[SimulatedDoor] = SimulatedDoor) -> House:
    """One that has heard from its door."""
    made = House(passage, kind)
    made.wait(1.0)
    return made


# -- a good day ----------------------------------------------------------------------------------


def test_somebody_walks_in() -> None:
    h = house()
    assert h.controller.condition is Condition.SECURED
    assert h.grant() is None
    assert h.door.unlocked
    h.door.leaf_opens()
    h.wait(1.0)
    assert h.entered == 1
    h.door.leaf_closes()
    h.wait(0.5)
    assert not h.door.unlocked
    assert h.seen == ["secured", "released", "passing", "secured"]
    assert h.entries == []
    assert h.door.releases == 1


def test_before_it_is_heard_the_door_is_unknown() -> None:
    h = House()
    assert (h.controller.condition, h.controller.reading) == (Condition.UNKNOWN, None)
    h.wait(TEND)
    assert h.controller.reading == h.door.status()
    assert not h.controller.lost


def test_a_lock_that_was_left_released_is_secured_at_the_start() -> None:
    h = House()
    h.door.release(ReleaseOrder(50.0, h.clock.monotonic()))
    h.wait(TEND)
    assert not h.door.unlocked


def test_tailgater() -> None:
    h = house()
    h.grant()
    assert h.grant() is Reason.PASSING
    assert h.door.releases == 1


def test_the_door_is_asked_as_often_as_was_set() -> None:
    h = house(PassageRules(poll_seconds=0.25))
    before, asked = h.door.status, []
    h.door.status = lambda: (asked.append(1), before())[1]  # type: ignore[method-assign] # counts
    h.wait(2.0)
    assert len(asked) == 8


def test_a_panel_that_says_no() -> None:
    h = house(kind=PanelDoor)
    assert h.grant() is Reason.PANEL_DENIED
    assert h.controller.condition is Condition.SECURED
    assert not h.controller.lost


def test_stale_evidence_is_the_doors_refusal_and_no_loss() -> None:
    h = house()
    with pytest.raises(DoorRefused):
        h.controller.release(ReleaseOrder(5.0, Instant(h.clock.at - 2.0)), By.GRANT)
    assert h.controller.condition is Condition.SECURED
    assert h.grant() is None


# -- what is written down ------------------------------------------------------------------------


def test_a_schedule_is_written_down_before_the_door_moves() -> None:
    h = house()
    h.controller.schedule(free=True)
    h.controller.schedule(free=True)
    h.wait(20.0)
    h.controller.schedule(free=False)
    assert not h.door.unlocked
    assert h.entries == [
        ("door", {"state": "unlocked", "begins": True}),
        ("door", {"state": "unlocked", "begins": False}),
    ]
    assert h.seen[:3] == ["secured", "written while locked", "unlocked"]
    assert h.door.releases == 1 + 5


@pytest.mark.parametrize("by", [By.OPERATOR, By.INSTALLER])
def test_a_persons_release_is_written_down_before_the_door_moves(by: By) -> None:
    h = house()
    assert h.grant(3.0, by) is None
    assert h.entries == [("released", {"by": by.value, "seconds": 3.0})]
    assert h.seen == ["secured", "written while locked", "released"]


def test_an_alarm_begins_and_ends_in_the_journal() -> None:
    h = house()
    h.door.leaf_opens()
    h.wait(1.0)
    assert h.controller.condition is Condition.FORCED
    h.door.leaf_closes()
    h.wait(1.0)
    assert h.entries == [
        ("door", {"state": "forced", "begins": True}),
        ("door", {"state": "forced", "begins": False}),
    ]


def test_what_a_full_journal_cannot_say_keeps_the_door_shut() -> None:
    h = house()
    h.full = True
    with pytest.raises(JournalUnwritable):
        h.grant(by=By.OPERATOR)
    with pytest.raises(JournalUnwritable):
        h.controller.schedule(free=True)
    assert h.fails(10.0) == 0
    assert h.door.releases == 0
    h.full = False
    h.wait(2.0)
    assert h.controller.condition is Condition.UNLOCKED
    assert h.entries == [("door", {"state": "unlocked", "begins": True})]


def test_a_full_journal_holds_nobody_back_who_leaves() -> None:
    h = house()
    h.full = True
    h.door.inputs(exit_asked=True)
    assert h.fails(1.0) == 1
    assert h.door.unlocked
    h.door.inputs(exit_asked=False, fire=True)
    assert h.fails(20.0) == 0
    assert h.door.unlocked
    h.full = False
    h.wait(2.0)
    assert [e[1]["state"] for e in h.entries] == ["exit", "fire", "exit"]


def test_a_journal_that_fails_again_is_said_again() -> None:
    h = house()
    for _ in range(2):
        h.full = True
        h.door.inputs(tampered=True)
        assert h.fails(3.0) == 1
        h.full = False
        h.door.inputs(tampered=False)
        h.wait(2.0)


def test_a_lockdown_does_not_wait_for_the_journal() -> None:
    h = house()
    h.grant(30.0)
    h.full = True
    h.controller.tell(OperatorCommand.LOCK_DOWN)
    assert not h.door.unlocked
    assert h.controller.locked_down
    assert h.fails(1.0) == 1


def test_what_waits_for_the_journal_is_bounded() -> None:
    h = house()
    h.full = True
    for _ in range(MOST_UNWRITTEN):
        h.door.inputs(tampered=not h.door.status().tampered)
        h.fails(0.25)
    h.door.inputs(fire=True)
    h.fails(1.0)
    h.full = False
    h.fails(2.0)
    assert len(h.entries) <= MOST_UNWRITTEN
    assert h.entries[-1] == ("door", {"state": "fire", "begins": True})


# -- a bad wire ----------------------------------------------------------------------------------


def test_an_order_without_an_answer_is_said_and_never_sent_again() -> None:
    h = house()
    h.door.cut_wire()
    with pytest.raises(DoorTimeout):
        h.grant()
    assert h.controller.lost
    assert h.controller.condition is Condition.UNKNOWN
    h.fails(5.0)
    h.door.mend_wire()
    h.wait(2.0)
    assert h.door.releases == 0
    assert not h.controller.lost
    assert h.entries == [
        ("door", {"state": "unknown", "begins": True}),
        ("door", {"state": "unknown", "begins": False}),
    ]


def test_a_lost_wire_is_said_once_and_works_again_by_itself() -> None:
    h = house()
    h.door.cut_wire()
    assert h.fails(20.0) == 1
    assert h.controller.condition is Condition.UNKNOWN
    h.door.mend_wire()
    h.wait(1.0)
    assert h.controller.condition is Condition.SECURED
    h.door.cut_wire()
    assert h.fails(20.0) == 1


def test_one_lost_answer_is_no_lost_wire() -> None:
    h = house()
    h.door.cut_wire()
    h.clock.pass_(0.5)
    h.controller.tend()
    h.door.mend_wire()
    h.wait(2.0)
    assert h.entries == []


def test_a_door_that_comes_back_released_is_secured_first() -> None:
    """Somebody kept it released while nobody could hear."""
    h = house()
    h.door.cut_wire()
    h.fails(10.0)
    h.door.mend_wire()
    h.door.release(ReleaseOrder(50.0, h.clock.monotonic()))
    h.clock.pass_(1.0)
    h.controller.tend()
    assert not h.door.unlocked
    assert not h.controller.lost


def test_one_call_waits_for_two_answers_at_the_most() -> None:
    h = house()
    h.door.cut_wire()
    longest = 0.0
    for _ in range(40):
        before = h.clock.at
        h.fails(TEND)
        longest = max(longest, h.clock.at - before - TEND)
    assert longest <= 1.0


def test_a_lockdown_that_is_not_acknowledged_is_told_again() -> None:
    h = house()
    h.grant(30.0)
    h.door.cut_wire()
    with pytest.raises(DoorTimeout):
        h.controller.tell(OperatorCommand.LOCK_DOWN)
    assert h.controller.locked_down
    assert h.fails(1.0) == 1
    h.door.mend_wire()
    h.wait(1.0)
    assert not h.door.unlocked
    assert h.controller.condition is Condition.LOCKED_DOWN
    assert h.grant() is Reason.LOCKED_DOWN
    h.controller.tell(OperatorCommand.LIFT)
    assert h.grant() is None


def test_a_schedule_on_a_lost_wire() -> None:
    h = house()
    h.door.cut_wire()
    with pytest.raises(DoorTimeout):
        h.controller.schedule(free=True)
    h.controller.schedule(free=False)


def test_recovery_secures_and_listens() -> None:
    h = house()
    h.grant(30.0)
    h.controller.recover()
    assert not h.door.unlocked
    h.door.cut_wire()
    with pytest.raises(DoorTimeout):
        h.controller.recover()
    h.door.mend_wire()
    with pytest.raises(DoorTimeout):
        h.controller.recover()  # too soon
    h.clock.pass_(LOST_SECONDS)
    h.controller.recover()
    assert not h.controller.lost
    assert h.controller.condition is Condition.SECURED


def test_recovery_that_cannot_be_written_down() -> None:
    h = house()
    h.full = True
    with pytest.raises(JournalUnwritable):
        h.controller.schedule(free=True)
    h.clock.pass_(1.0)
    with pytest.raises(JournalUnwritable):
        h.controller.recover()


def test_recovery_hears_the_door_even_if_it_need_not_be_secured() -> None:
    """Under fire nothing is secured, and the door is only asked."""
    h = house()
    h.door.inputs(fire=True)
    h.wait(1.0)
    h.controller.recover()
    assert h.door.unlocked
    h.door.cut_wire()
    with pytest.raises(DoorTimeout):
        h.controller.recover()


# -- how often -----------------------------------------------------------------------------------


class Refusing(SimulatedDoor):
    """A device that is there, and does not take us for who we are; counts how often it is asked."""

    asked: int = 0
    honest: bool = True

    def status(self) -> DoorReading:
        self._refuse()
        return super().status()

    def secure(self) -> None:
        self._refuse()
        super().secure()

    def _refuse(self) -> None:
        self.asked += 1
        if not self.honest:
            raise DoorUnusable("It refuses the password.", "Correct it.")


def kept_as_the_effects_do(h: House, seconds: float) -> int:
    """Ten times a second: tended until it is lost, then recovered; how often the door was asked."""
    assert isinstance(h.door, Refusing)
    before, broken = h.door.asked, False
    for _ in range(round(seconds * 10)):
        h.clock.pass_(0.1)
        try:
            (h.controller.recover if broken else h.controller.tend)()
            broken = False
        except DoorError:
            broken = True
    return h.door.asked - before


def refused() -> tuple[House, Refusing]:
    h = house(kind=Refusing)
    assert isinstance(h.door, Refusing)
    h.door.honest = False
    return h, h.door


def test_a_device_that_refuses_is_asked_less_and_less_often() -> None:
    h, _ = refused()
    assert kept_as_the_effects_do(h, 10.0) <= 10
    kept_as_the_effects_do(h, 50.0)
    assert kept_as_the_effects_do(h, 320.0) <= 2 * 320.0 / MOST_SECONDS


def test_it_is_asked_at_once_where_a_person_orders_it_and_serves_again_by_itself() -> None:
    h, door = refused()
    kept_as_the_effects_do(h, 60.0)
    asked = door.asked
    with pytest.raises(DoorUnusable):
        h.controller.tell(OperatorCommand.SECURE)
    assert door.asked > asked
    door.honest = True
    kept_as_the_effects_do(h, MOST_SECONDS + 0.2)
    assert not h.controller.lost
    assert h.grant() is None
    door.honest = False
    assert kept_as_the_effects_do(h, REFUSED_SECONDS) <= 4, "and it begins anew"


def test_a_wire_that_is_cut_is_tried_twice_a_second() -> None:
    h = house()
    h.door.cut_wire()
    tries, secure = [0], h.door.secure

    def count() -> None:
        tries[0] += 1
        secure()

    h.door.secure = count  # type: ignore[method-assign] # counted
    h.fails(4.0)
    tries[0] = 0
    began = h.clock.at
    for _ in range(100):
        h.fails(TEND)
    assert 0 < tries[0] <= 2 * (h.clock.at - began)


# -- an interlock --------------------------------------------------------------------------------


def test_the_other_door_is_looked_at_right_before_this_one_is_released() -> None:
    h = house(PassageRules(interlock=True, poll_seconds=0.5))
    h.door.inputs(neighbour_secured=True)
    assert h.grant() is None
    h.controller.tell(OperatorCommand.SECURE)
    h.door.inputs(neighbour_secured=False)
    assert h.grant() is Reason.INTERLOCKED
    assert h.door.releases == 1


def test_an_interlock_on_a_cut_wire() -> None:
    h = house(PassageRules(interlock=True))
    h.door.inputs(neighbour_secured=True)
    h.door.cut_wire()
    with pytest.raises(DoorTimeout):
        h.grant()
    assert h.door.releases == 0


def test_the_reading_is_as_the_wire_says() -> None:
    h = house()
    h.door.inputs(tampered=True)
    h.wait(1.0)
    assert h.controller.reading == DoorReading(leaf=h.door.status().leaf, tampered=True)
    assert h.controller.condition is Condition.TAMPERED
