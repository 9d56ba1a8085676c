"""A kiosk that runs reports by itself, beside its syncs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from reporting_kiosk import statuses
from small_fleet import SmallFleet

from config.settings import Settings
from kiosk.app import whole_run
from kiosk.app.reporter import Reporter
from kiosk.domain.access.machine import Decision, Reason
from kiosk.domain.vision.frame import Instant
from kiosk.door.effect_runner import DecisionOutcome
from kiosk.fleet.polling import PollingWatch
from kiosk.fleet.reporting.counting import DoorCounts
from kiosk.journal.events.running import PartFailed
from kiosk.store.open_home import OpenHome
from kiosk.wiring import fleet as fleet_wiring
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
        assert (health.since_start.grants, health.every_seconds) == (1, 300.0)


def test_whoever_listens_by_then_is_told_once_a_sync_is_applied(tmp_path: Path) -> None:
    with SmallFleet(tmp_path) as fleet:
        kiosk, told, watch = fleet.kiosk("front"), threading.Event(), PollingWatch()
        fleet.publish()
        fast = Settings.model_validate({"fleet": {"poll_seconds": 1}})
        with kept_up_to_date(kiosk.open_home, fast, DoorCounts(time.monotonic), watch):
            watch.applied = told.set
            assert told.wait(PATIENCE)


def test_a_run_counts_what_its_door_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[DoorCounts] = []

    def kept(
        _: OpenHome, __: Settings, counts: DoorCounts, *___: object
    ) -> AbstractContextManager[None]:
        given.append(counts)
        return nullcontext()

    monkeypatch.setattr(fleet_wiring, "kept_up_to_date", kept)
    with SmallFleet(tmp_path) as fleet:
        home, reporter = fleet.kiosk("front").open_home, Reporter(json=True)
        with whole_run._in_its_fleet(Settings(), home, reporter, PollingWatch()):
            refused = Decision(Instant(1.0), Reason.LEFT, None)
            reporter.observe(DecisionOutcome(refused, None))
            home.recorder.note(PartFailed("camera", "unplugged"))
        (counts,) = given
        assert (counts.since_start().refusals, counts.faults) == ({"view": 1}, ["camera"])
