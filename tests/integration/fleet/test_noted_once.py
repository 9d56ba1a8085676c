"""What is applied is written down once, however often a kiosk looks."""

from __future__ import annotations

from pathlib import Path

from small_fleet import HARBOUR, YARD, SmallFleet, gone, person


def test_a_change_with_somebody_of_another_scope_is_noted_once(tmp_path: Path) -> None:
    with SmallFleet(tmp_path, HARBOUR, YARD) as fleet:
        kiosk = fleet.kiosk("front", HARBOUR, YARD)
        fleet.say(person("boris"), scope=YARD)
        fleet.told(person("anna"))
        kiosk.sync()
        fleet.say(gone("boris"), person("chen"), person("anna"), scope=YARD)  # of the harbour
        fleet.publish()
        before = len(kiosk.entries())
        for _ in range(3):
            kiosk.sync()
        assert kiosk.entries()[before:] == ["fleet_applied", "erased"]
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
