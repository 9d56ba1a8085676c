"""One owner of a pause and a lockdown, and what it tells is what it has kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pipeline_parts import Shelf

from kiosk.domain.access.policy import Hold
from kiosk.domain.errors import StoreCorrupt
from kiosk.domain.people.calendar import Moment
from kiosk.domain.people.presence import Presence
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.kept_state import KeptState

NOW = Moment(datetime(2026, 11, 23, 9, tzinfo=UTC), Instant(100.0))
ANN = SubjectId("ann")
INSIDE = Presence(inside={ANN: NOW})


def state(shelf: Shelf) -> KeptState:
    return KeptState(shelf, NOW)


class Full(Shelf):
    """Nothing can be kept any more."""

    def save(self, presence: dict[str, Any]) -> None:
        del presence
        raise StoreCorrupt("The disk is full.")


def test_nothing_stands_where_nothing_was_kept() -> None:
    assert (state(Shelf()).hold, state(Shelf()).presence) == (None, Presence())


def test_a_lockdown_outranks_a_pause_and_ends_without_it() -> None:
    shelf = Shelf()
    kept = state(shelf)
    for hold, begins, stands in (
        (Hold.PAUSED, True, Hold.PAUSED),
        (Hold.LOCKED_DOWN, True, Hold.LOCKED_DOWN),
        (Hold.LOCKED_DOWN, False, Hold.PAUSED),
        (Hold.LOCKED_DOWN, True, Hold.LOCKED_DOWN),
        (Hold.PAUSED, False, Hold.LOCKED_DOWN),
        (Hold.LOCKED_DOWN, False, None),
    ):
        (kept.begin if begins else kept.end)(hold)
        assert kept.hold is stands
        assert state(shelf).hold is stands, "after a restart too"


def test_who_is_inside_and_what_was_ordered_are_kept_beside_each_other() -> None:
    shelf = Shelf()
    kept = state(shelf)
    kept.begin(Hold.PAUSED)
    kept.keep(INSIDE)
    kept.begin(Hold.LOCKED_DOWN)
    assert state(shelf).hold is Hold.LOCKED_DOWN
    assert set(state(shelf).presence.inside) == {ANN}


def test_what_begins_counts_though_it_cannot_be_kept_and_what_ends_does_not() -> None:
    shelf = Shelf()
    state(shelf).begin(Hold.LOCKED_DOWN)
    kept = state(Full(shelf.kept))
    with pytest.raises(StoreCorrupt):
        kept.end(Hold.LOCKED_DOWN)
    assert kept.hold is Hold.LOCKED_DOWN
    kept = state(Full())
    with pytest.raises(StoreCorrupt):
        kept.begin(Hold.PAUSED)
    assert kept.hold is Hold.PAUSED
