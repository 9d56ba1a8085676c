"""The metadata of one scope in the place of another's: the same key has signed both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet_thieves import refused
from small_fleet import HARBOUR, YARD, SmallFleet, everything, person

from kiosk.fleet.stores.port import ANYTHING
from kiosk.fleet.trust import layout


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        made.publish()
        yield made


def test_nothing_is_withheld_and_nothing_begins_anew(fleet: SmallFleet) -> None:
    """It would look as if there was nothing new, or nobody: signed just now, and fresh."""
    kiosk = fleet.kiosk("front", HARBOUR)
    fleet.told(person("anna"))
    fleet.told(person("chen"), scope=YARD)
    kiosk.sync()
    fleet.told(person("boris"))
    fleet.told(person("dora"), scope=YARD)
    newest = layout.metadata_name(layout.people_role(HARBOUR), 3)
    other = layout.metadata_name(layout.people_role(YARD), 3)
    there = everything(fleet.store, layout.METADATA)
    fleet.store.put(newest, there[other], expected=ANYTHING)
    refused(kiosk, "has no list of its files")
    fresh = fleet.kiosk("fresh", HARBOUR)
    refused(fresh, "is not approved")  # by what is published so far
    (line,) = fleet.publish().review
    assert "has no list of its files" in line
    refused(fresh, "has no list of its files")
    fleet.store.put(newest, there[newest], expected=ANYTHING)
    fleet.publish()
    kiosk.sync()
    fresh.sync()
    assert kiosk.names() == fresh.names() == {"anna 1", "boris 1"}
