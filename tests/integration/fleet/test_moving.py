"""A move that ends half-way loses nobody, and is ended by doing it again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, SteeredStore, person

from kiosk.domain.errors import BadInput, FleetStoreUnreachable
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.directing import FleetDirector

ANNA = SubjectId("anna")
WRITES = 3


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        yield made


@pytest.fixture
def kiosks(fleet: SmallFleet) -> list[Kiosk]:
    """A kiosk of the old scope, one of the new, and one of both; all have heard of Anna."""
    made = [fleet.kiosk("front", HARBOUR), fleet.kiosk("back", YARD)]
    made.append(fleet.kiosk("both", HARBOUR, YARD))
    fleet.told(person("anna"))
    for each in made:
        each.sync()
    return made


def cut_off(fleet: SmallFleet, writes: int) -> None:
    """A move that ends after so many writes."""
    admins = fleet.admins(SteeredStore(fleet.store, left=writes))
    with pytest.raises(FleetStoreUnreachable):
        FleetDirector(admins).move(ANNA, YARD)


def synced(fleet: SmallFleet, kiosks: list[Kiosk]) -> list[set[str]]:
    fleet.publish()
    for each in kiosks:
        each.sync()
    return [each.names() for each in kiosks]


@pytest.mark.parametrize("since", ["published", "waiting"])
@pytest.mark.parametrize("writes", range(WRITES))
def test_a_move_that_is_cut_off_is_ended_by_doing_it_again(
    fleet: SmallFleet, kiosks: list[Kiosk], writes: int, since: str
) -> None:
    cut_off(fleet, writes)
    if since == "published":
        front, back, _ = synced(fleet, kiosks)
        assert front | back == {"anna 1"}
    FleetDirector(fleet.admins()).move(ANNA, YARD)
    assert synced(fleet, kiosks) == [set(), {"anna 1"}, {"anna 1"}]
    assert kiosks[2].members.scope_of(ANNA) == YARD
    assert fleet.admin.review().twice == ()
    with pytest.raises(BadInput, match="yard already"):
        FleetDirector(fleet.admins()).move(ANNA, YARD)


def test_a_move_writes_as_often_as_it_is_cut_off_here(fleet: SmallFleet) -> None:
    fleet.told(person("anna"))
    admins = fleet.admins(SteeredStore(fleet.store, left=WRITES))
    done = FleetDirector(admins).move(ANNA, YARD)
    assert (done.scope, done.statement) == (YARD, 2)
