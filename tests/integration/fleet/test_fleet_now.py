"""What an installer is told of a kiosk's fleet, from its enrolment to the day it is dropped."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_fleet import HARBOUR, Kiosk, SmallFleet, person

from kiosk.app.admin.fleet_now import fleet_part
from kiosk.domain.errors import LintelError
from kiosk.fleet.device import DeviceFile
from kiosk.fleet.polling import FleetPolling, PollingWatch
from kiosk.store.open_home import OpenHome
from kiosk.ui.installer import FleetNow


def looked(kiosk: Kiosk) -> FleetNow:
    """What is known after one look, as the polling of a running kiosk does it."""
    watch = PollingWatch()
    hear = DeviceFile(kiosk.open_home.home).hear
    polling = FleetPolling(lambda: hear(kiosk.sync().signed_at), 600, lambda _: None, watch)
    polling._synced()
    part = fleet_part(kiosk.open_home, watch)
    assert part is not None
    return part()


def test_from_its_enrolment_to_the_day_it_is_dropped(tmp_path: Path) -> None:
    with SmallFleet(tmp_path) as fleet:
        fleet.publish()
        kiosk = fleet.asking("home")
        asked = looked(kiosk)
        assert (asked.fingerprint, asked.store) == (kiosk.fingerprint, kiosk.device.store)
        assert (asked.approved, asked.signed_at, asked.scopes) == (False, None, ())
        assert "not approved" in str(asked.problem)
        assert asked.asked_at is not None
        fleet.admin.approve(kiosk.fingerprint, [HARBOUR])
        fleet.told(person("anna"))
        known = looked(kiosk)
        assert (known.approved, known.problem, known.scopes) == (True, None, (HARBOUR,))
        assert known.signed_at is not None
        assert known.signed_at.utcoffset() is not None
        fleet.admin.revoke(kiosk.fingerprint)
        fleet.publish()
        dropped = looked(kiosk)
        assert "dropped" in str(dropped.problem)
        assert dropped.scopes == ()


def test_before_the_first_look_and_without_a_fleet(tmp_path: Path) -> None:
    with SmallFleet(tmp_path) as fleet:
        part = fleet_part(fleet.asking("home").open_home, PollingWatch())
        assert part is not None
        assert (part().asked_at, part().problem) == (None, None)
    with OpenHome.open(tmp_path / "alone") as alone:
        assert fleet_part(alone, PollingWatch()) is None


def test_a_file_that_was_changed_is_an_error_and_no_guess(tmp_path: Path) -> None:
    with SmallFleet(tmp_path) as fleet:
        kiosk = fleet.asking("home")
        part = fleet_part(kiosk.open_home, PollingWatch())
        assert part is not None
        kiosk.open_home.home.fleet.write_bytes(b"{}")
        with pytest.raises(LintelError):
            part()
