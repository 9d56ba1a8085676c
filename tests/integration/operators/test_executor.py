"""What operators order: written down, then done, in two seconds or, where it opens, never."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from operated_door import OperatedDoor
from pipeline_parts import Shelf

from kiosk.domain.access.machine import Overruled, Released
from kiosk.domain.access.policy import Hold
from kiosk.domain.access.states import Reason
from kiosk.domain.door.model import Condition
from kiosk.domain.errors import DoorTimeout, JournalUnwritable
from kiosk.domain.operators.orders import OrderOutcome, Verb
from kiosk.domain.vision.template import SubjectId
from kiosk.operators.executor import OrderExecutor

SHORT = 0.05


@pytest.fixture
def place() -> Iterator[OperatedDoor]:
    made = OperatedDoor()
    made.start()
    yield made
    made.close()


def operators(place: OperatedDoor) -> list[object]:
    """What was written down of orders."""
    entries = [detail for what, detail in place.diary.entries if what == "audit operator"]
    return [detail["verb"] for detail in entries if isinstance(detail, dict)]


def test_a_release_is_written_down_and_done(place: OperatedDoor) -> None:
    answer = place.obey(Verb.RELEASE, 2.5)
    assert answer.outcome is OrderOutcome.DONE
    assert (answer.state["condition"], answer.state["lock"]) == ("released", "released")
    assert place.door.releases == 1
    assert place.reported == [Released(place.reported[0].at)]
    assert place.diary.names[:2] == ["audit operator", "audit released"]
    detail = place.diary.entries[0][1]
    assert isinstance(detail, dict)
    assert (detail["operator"], detail["verb"], detail["seconds"]) == ("anna", "release", 2.5)


def test_a_panel_that_says_no_is_the_answer(
    place: OperatedDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place.door, "release", lambda _: Reason.PANEL_DENIED)
    answer = place.obey(Verb.RELEASE)
    assert (answer.outcome, answer.reason) == (OrderOutcome.REFUSED, "panel_denied")


def test_securing_ends_a_release(place: OperatedDoor) -> None:
    place.obey(Verb.RELEASE, 30.0)
    assert place.obey(Verb.SECURE).outcome is OrderOutcome.DONE
    assert not place.door.unlocked


def test_no_is_said_to_whoever_stands_there_and_locks(place: OperatedDoor) -> None:
    place.obey(Verb.RELEASE, 30.0)
    assert place.obey(Verb.DENY).outcome is OrderOutcome.DONE
    assert not place.door.unlocked
    assert [type(event) for event in place.reported] == [Released, Overruled]


def test_a_lockdown_holds_until_it_is_lifted(place: OperatedDoor) -> None:
    answer = place.obey(Verb.LOCKDOWN)
    assert (answer.state["condition"], answer.state["hold"]) == ("locked_down", "locked_down")
    assert place.end.condition is Condition.LOCKED_DOWN
    lifted = place.obey(Verb.LIFT)
    assert (lifted.state["condition"], lifted.state["hold"]) == ("secured", None)


def test_lifting_a_lockdown_leaves_a_pause(place: OperatedDoor) -> None:
    """Two operators: what one of them ordered is not the other's to end by another order."""
    place.obey(Verb.PAUSE)
    assert place.obey(Verb.LOCKDOWN).state["hold"] == "locked_down"
    assert place.obey(Verb.LIFT).state["hold"] == "paused"
    assert place.obey(Verb.RESUME).state["hold"] is None


def test_a_pause_does_not_move_the_door(place: OperatedDoor) -> None:
    place.obey(Verb.PAUSE)
    assert place.end.hold is Hold.PAUSED
    assert place.end.condition is not Condition.LOCKED_DOWN


def test_a_pause_counts_though_the_door_is_not_heard(place: OperatedDoor) -> None:
    place.door.cut_wire()
    answer = place.obey(Verb.PAUSE)
    assert (answer.outcome, answer.state["hold"]) == (OrderOutcome.DONE, "paused")


def test_a_passback_is_forgotten_for_one_or_for_all(place: OperatedDoor) -> None:
    order = place.order(Verb.RESET_PASSBACK, subject=SubjectId("ann"))
    assert place.executor.obey(order).outcome is OrderOutcome.DONE
    assert place.obey(Verb.RESET_PASSBACK).outcome is OrderOutcome.DONE
    assert operators(place) == ["reset_passback", "reset_passback"]


def test_asking_changes_nothing_and_writes_nothing(place: OperatedDoor) -> None:
    place.obey(Verb.LOCKDOWN)
    place.door.leaf_opens()
    state = place.obey(Verb.STATUS).state
    assert state["hold"] == "locked_down"
    assert (state["lock"], state["leaf"]) == ("secured", "open")
    assert operators(place) == ["lockdown"]


def test_what_cannot_be_written_down_is_not_done(place: OperatedDoor) -> None:
    place.journal.broken = True
    with pytest.raises(JournalUnwritable):
        place.obey(Verb.RELEASE)
    assert place.door.releases == 0


@pytest.mark.parametrize("verb", [Verb.SECURE, Verb.DENY, Verb.LOCKDOWN])
def test_what_keeps_people_out_is_done_though_it_cannot_be_written_down(
    place: OperatedDoor, verb: Verb
) -> None:
    place.obey(Verb.RELEASE, 30.0)
    place.journal.broken = True
    with pytest.raises(JournalUnwritable):
        place.obey(verb)
    assert not place.door.unlocked


@pytest.mark.parametrize(
    ("begins", "ends", "held"),
    [(Verb.LOCKDOWN, Verb.LIFT, "locked_down"), (Verb.PAUSE, Verb.RESUME, "paused")],
)
def test_what_lets_people_in_again_is_not_done_unwritten(
    place: OperatedDoor, begins: Verb, ends: Verb, held: str
) -> None:
    place.obey(begins)
    place.journal.broken = True
    with pytest.raises(JournalUnwritable):
        place.obey(ends)
    assert place.obey(Verb.STATUS).state["hold"] == held


def test_a_door_that_does_not_obey_is_said_so(place: OperatedDoor) -> None:
    place.door.cut_wire()
    with pytest.raises(DoorTimeout):
        place.obey(Verb.RELEASE)
    assert place.door.releases == 0


def test_a_release_that_waited_too_long_is_never_done(place: OperatedDoor) -> None:
    impatient = OrderExecutor(place, place.clock, patience_seconds=SHORT)
    goes_on = place.busy()
    with pytest.raises(DoorTimeout, match="nothing was done, and will not be"):
        impatient.obey(place.order(Verb.RELEASE))
    goes_on.set()
    assert place.obey(Verb.STATUS).state["condition"] == "secured"
    assert place.door.releases == 0


def test_a_lockdown_that_comes_late_still_comes(place: OperatedDoor) -> None:
    impatient = OrderExecutor(place, place.clock, patience_seconds=SHORT)
    goes_on = place.busy()
    with pytest.raises(DoorTimeout, match="as soon as it can be"):
        impatient.obey(place.order(Verb.LOCKDOWN))
    goes_on.set()
    assert place.obey(Verb.STATUS).state["condition"] == "locked_down"


def test_a_release_that_expired_in_the_queue_is_void(place: OperatedDoor) -> None:
    answer = place.executor.obey(place.order(Verb.RELEASE, life_ms=0))
    assert (answer.outcome, answer.reason) == (OrderOutcome.REFUSED, "expired")
    assert place.door.releases == 0
    assert operators(place) == []


def test_a_release_that_was_begun_is_not_said_to_be_undone(place: OperatedDoor) -> None:
    """The relay answers late: nobody knows whether it is released until it was asked."""
    impatient = OrderExecutor(place, place.clock, patience_seconds=SHORT)
    place.door.answers_after(1.0)
    with pytest.raises(DoorTimeout, match="has not answered yet"):
        impatient.obey(place.order(Verb.RELEASE))


def test_a_lockdown_outlives_a_restart(place: OperatedDoor) -> None:
    place.obey(Verb.LOCKDOWN)
    place.obey(Verb.PAUSE)
    again = OperatedDoor(Shelf(place.shelf.kept))
    again.start()
    try:
        assert again.obey(Verb.RESUME).state["hold"] == "locked_down"
        assert again.end.condition is Condition.LOCKED_DOWN
        assert again.obey(Verb.LIFT).state["hold"] is None
    finally:
        again.close()
