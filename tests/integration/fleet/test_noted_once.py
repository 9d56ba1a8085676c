"""What cannot be applied is written down once, however often it is tried."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_fleet import HARBOUR, YARD, SmallFleet, gone, person

from kiosk.domain.errors import FleetRefused


def test_a_change_that_cannot_be_kept_is_noted_once(tmp_path: Path) -> None:
    with SmallFleet(tmp_path, HARBOUR, YARD) as fleet:
        kiosk = fleet.kiosk("front", HARBOUR, YARD)
        fleet.say(person("boris"), scope=YARD)
        fleet.told(person("anna"))
        kiosk.sync()
        fleet.say(gone("boris"), person("chen"), person("anna"), scope=YARD)  # of the harbour
        fleet.publish()
        before = len(kiosk.entries("fleet_applied", "erased"))
        for _ in range(3):
            with pytest.raises(FleetRefused, match="cannot be kept here"):
                kiosk.sync()
        told = kiosk.entries("fleet_applied", "erased", "sync_refused")[before:]
        assert told == ["fleet_applied", "erased", "sync_refused"]
        fleet.told(gone("anna"), scope=HARBOUR)
        kiosk.sync()
        assert kiosk.people().keys() == {person("anna").subject, person("chen").subject}


def test_a_scope_in_which_nobody_is_yet_is_applied_once(tmp_path: Path) -> None:
    with SmallFleet(tmp_path) as fleet:
        kiosk = fleet.kiosk("front")
        for _ in range(3):
            fleet.publish()
            kiosk.sync()
        assert kiosk.entries("fleet_applied") == ["fleet_applied"]
        fleet.told(person("anna"))
        kiosk.sync()
        assert kiosk.entries("fleet_applied") == ["fleet_applied"] * 2
