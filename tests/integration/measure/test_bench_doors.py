"""The doors at which a benchmark puts its kiosks: none of them is the site's."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from door_rig import order

from config.sections.door import DoorSettings
from config.sections.doors.modbus import ModbusSettings
from config.settings import Settings
from hardware.sim.door import SimulatedDoor
from kiosk.bench.doors import DOORS, SLOW_SECONDS, patient, unwired
from kiosk.bench.parts import hurried
from kiosk.bench.person import AWAY_SECONDS
from kiosk.domain.door.hardware_spec import FailMode, LockKind
from kiosk.domain.door.protocol import Lock
from kiosk.domain.errors import DoorTimeout
from kiosk.pipeline.clock import SystemClock
from kiosk.store.open_home import OpenHome
from kiosk.wiring import doors

SITE = Settings(
    door=DoorSettings(
        driver="modbus",
        fail_mode=FailMode.SAFE,
        lock=LockKind.MAGLOCK,
        release_seconds=7.0,
        modbus=ModbusSettings(host="10.1.1.1", mode="coil", coil=0),
    )
)


@pytest.mark.parametrize("name", ["good", "slow"])
def test_a_door_that_answers_is_simulated_whatever_the_site_has(name: str) -> None:
    door = DOORS[name](unwired(SITE), SystemClock())
    assert isinstance(door, SimulatedDoor)
    began = time.monotonic()
    door.release(order())
    assert (time.monotonic() - began >= SLOW_SECONDS) == (name == "slow")
    assert door.unlocked


def test_the_site_keeps_its_other_settings() -> None:
    assert unwired(SITE).door.release_seconds == SITE.door.release_seconds


def test_the_door_is_locked_again_before_the_next_person_walks_up() -> None:
    """Else every second walk would be refused: one person a grant."""
    settings = hurried(Settings())
    assert settings.door.release_seconds < AWAY_SECONDS
    assert settings.access.granted_hold_seconds < AWAY_SECONDS


def test_a_dead_door_has_everybody_wait_and_answers_nothing(tmp_path: Path) -> None:
    settings, waited = patient(unwired(SITE)), SITE.door.answer_seconds
    with OpenHome.open(tmp_path / "home") as open_home:
        parts = doors.door_parts(settings, open_home, DOORS["dead"](settings, SystemClock()), dict)
    for asked in (lambda: parts.door.release(order()), parts.door.status):
        began = time.monotonic()
        with pytest.raises(DoorTimeout):
            asked()
        assert time.monotonic() - began >= waited
    assert not parts.door.unlocked
    assert parts.authorization.passage.unknown_seconds > 5.0


def test_a_good_door_is_secured_at_first() -> None:
    assert DOORS["good"](unwired(SITE), SystemClock()).status().lock is Lock.SECURED
