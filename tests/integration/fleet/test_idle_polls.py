"""Polls when there is nothing new cost next to nothing, and miss nothing that comes after them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet_desk import all_sync, asked_for_more, report, take_back
from small_fleet import Kiosk, SmallFleet, person

PEOPLE = 40


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        yield made


@pytest.fixture
def kiosks(fleet: SmallFleet) -> tuple[Kiosk, Kiosk]:
    """Two kiosks that have polled in vain."""
    fleet.say(*(person(f"s-{n}") for n in range(PEOPLE)))
    pair = fleet.kiosk("north"), fleet.kiosk("south")
    fleet.publish()
    for kiosk in pair:
        kiosk.sync()
        kiosk.sync()
    return pair


def test_an_idle_poll_reads_nobody(kiosks: tuple[Kiosk, Kiosk]) -> None:
    north, _ = kiosks
    statements: list[str] = []
    north.open_home.references._database.set_trace_callback(statements.append)
    assert north.sync().people == PEOPLE
    assert statements
    assert not [each for each in statements if "members" in each or "subjects" in each]


def test_a_report_after_idle_polls_is_handed_in(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk]
) -> None:
    north, south = kiosks
    report(north, "s-3")
    all_sync(fleet, north, south)
    assert asked_for_more(south, "s-3")


def test_consent_taken_back_after_idle_polls_is_handed_in(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk]
) -> None:
    north, south = kiosks
    take_back(north, "s-3")
    all_sync(fleet, north, south)
    assert "s-3 1" not in south.names()
    assert south.sync().people == PEOPLE - 1


def test_what_could_not_be_handed_in_is_tried_again(
    fleet: SmallFleet, kiosks: tuple[Kiosk, Kiosk]
) -> None:
    north, south = kiosks
    report(north, "s-3")
    north.sync()
    for name in fleet.store.names("devices/"):
        fleet.store.delete(name)  # the store has lost it
    all_sync(fleet, north, south)
    assert asked_for_more(south, "s-3")
