"""A kiosk that runs reports by itself, beside its syncs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from reporting_kiosk import statuses
from small_fleet import SmallFleet

from config.settings import Settings
from kiosk.domain.access.states import Reason
from kiosk.fleet.reporting.counting import DoorCounts
from kiosk.wiring.fleet import kept_up_to_date

PATIENCE = 60.0


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not (found := holds()) and time.monotonic() < until:
        time.sleep(0.01)
    return found


def test_it_reports_at_once_and_ends_its_thread(tmp_path: Path) -> None:
    with SmallFleet(tmp_path) as fleet:
        kiosk = fleet.kiosk("front")
        fleet.publish()
        counts = DoorCounts(time.monotonic)
        counts.decided(Reason.MATCHED, 150.0)
        with kept_up_to_date(kiosk.open_home, Settings(), counts):
            assert eventually(lambda: statuses(fleet)[kiosk.fingerprint].health is not None)
        assert not any(thread.name == "fleet" for thread in threading.enumerate())
        health = statuses(fleet)[kiosk.fingerprint].health
        assert health is not None
        assert (health.since_start.grants, health.every_seconds) == (1, 60.0)
