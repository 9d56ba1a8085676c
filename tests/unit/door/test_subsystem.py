"""What outlives a restart is read as it was kept, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from hand_clock import HandClock
from pipeline_parts import BreakableDoor, BreakableJournal, Diary, Shelf, door_parts

from kiosk.domain.access.policy import Hold
from kiosk.domain.door.model import Condition
from kiosk.domain.errors import StoreCorrupt
from kiosk.door.subsystem import DoorListeners, DoorSubsystem
from kiosk.journal.recorder import JournalRecorder


def subsystem(shelf: Shelf) -> DoorSubsystem:
    diary, clock = Diary(), HandClock()
    return DoorSubsystem(
        door_parts(BreakableDoor(diary), shelf),
        JournalRecorder(BreakableJournal(diary), clock.utc),
        clock,
        DoorListeners(lambda _: None, lambda _: None, lambda _: None, lambda _: None),
    )


def kept() -> dict[str, Any]:
    """As a kiosk has kept it that was locked down."""
    shelf = Shelf()
    end = subsystem(shelf)
    end.begin(Hold.LOCKED_DOWN)
    assert shelf.kept is not None
    return dict(shelf.kept)


def test_a_lockdown_holds_before_the_first_frame() -> None:
    end = subsystem(Shelf(kept()))
    assert end.hold is Hold.LOCKED_DOWN
    end.tend()
    assert end.condition is Condition.LOCKED_DOWN


def test_a_kiosk_that_kept_nothing_begins_with_nothing() -> None:
    end = subsystem(Shelf())
    end.tend()
    assert end.hold is None
    assert end.condition is not Condition.LOCKED_DOWN


@pytest.mark.parametrize(
    "nonsense",
    [
        {"holds": None},
        {"holds": ["something else"]},
        {"holds": [["locked_down"]]},
        {"presence": None},
        {"presence": {}},
    ],
)
def test_what_cannot_be_understood_is_not_taken_for_nothing(nonsense: dict[str, Any]) -> None:
    """Whoever could spoil the file could else lift a lockdown."""
    with pytest.raises(StoreCorrupt, match="cannot be read") as error:
        subsystem(Shelf(kept() | nonsense))
    assert "backup" in error.value.remedy


@pytest.mark.parametrize("missing", ["holds", "presence"])
def test_what_is_missing_is_told(missing: str) -> None:
    held = kept()
    del held[missing]
    with pytest.raises(StoreCorrupt):
        subsystem(Shelf(held))


class Full(Shelf):
    """Nothing can be kept any more."""

    def save(self, presence: dict[str, Any]) -> None:
        del presence
        raise StoreCorrupt("The disk is full.")


def test_a_lockdown_that_cannot_be_kept_counts_all_the_same_and_is_told() -> None:
    end = subsystem(Full())
    with pytest.raises(StoreCorrupt):
        end.begin(Hold.LOCKED_DOWN)
    end.look()
    assert end.hold is Hold.LOCKED_DOWN
    assert end.condition is Condition.LOCKED_DOWN


def test_a_lockdown_whose_end_cannot_be_kept_holds() -> None:
    end = subsystem(Full(kept()))
    end.tend()
    with pytest.raises(StoreCorrupt):
        end.end(Hold.LOCKED_DOWN)
    assert end.hold is Hold.LOCKED_DOWN
    assert end.condition is Condition.LOCKED_DOWN
