"""A kiosk that runs takes its fleet's settings over by itself, and goes back from bad ones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from door_rig import eventually
from fleet_commands import Fleet
from kiosk_process import Running
from mjpeg_camera import MjpegCamera
from rolling_fleet import Rolling, RollingKiosk, margin
from small_fleet import SmallFleet

from kiosk.fleet.reporting.health import DeviceHealth, read_health
from kiosk.fleet.rollout.kept import KeptSettings, SettingsFile
from kiosk.fleet.rollout.plan import Ring
from kiosk.fleet.stores.port import StoredObject
from kiosk.fleet.trust import layout
from kiosk.store.home import Home

pytestmark = [pytest.mark.weights, pytest.mark.timeout(600)]

PROCESS = (sys.executable, "-P", "-m", "kiosk")
"""Not a fork of one that has imported it already: that has another command line to begin anew."""
OFTEN = "[fleet]\npoll_seconds = 1.0\nreport_seconds = 10.0\n"
NEVER_READY = "[match]\ntarget_fpir = 1e-15\n"
"""Valid, and stricter than the models are calibrated for: found out only when they are loaded."""
PATIENCE = 180.0


@pytest.mark.long
def test_at_the_canary_then_everywhere_and_back_from_what_fails(tmp_path: Path) -> None:
    with SmallFleet(tmp_path) as fleet, MjpegCamera() as camera:
        rolling = Rolling(fleet)
        canary, other = (RollingKiosk(fleet.kiosk(name)) for name in ("canary", "other"))
        rolling.ring(canary, Ring.CANARY)
        (canary.home / "config.toml").write_text(OFTEN, encoding="utf-8")
        fleet.publish()
        run = ("run", "--home", canary.home, "--source", camera.url, "--headless", "--json")
        with Running(*run, command=PROCESS) as kiosk:
            kiosk.wait_for("ready", PATIENCE)
            rolling.begin(margin(0.1))
            kiosk.wait_for("ready", PATIENCE)  # it has begun anew by itself
            assert eventually(lambda: _known(canary).running.number == 1, PATIENCE)
            assert eventually(lambda: _runs(canary, lambda it: it.settings == 1), PATIENCE)
            other.sync()
            assert other.restart().number == 0
            rolling.advance(Ring.ALL, anyway=True)
            other.sync()
            assert other.restart().settings.match.margin == 0.1

            rolling.begin(NEVER_READY)
            kiosk.wait_for("ready", PATIENCE)  # after a start that failed, with those before
            known = _known(canary)
            assert known.failed is not None
            assert (known.running.number, known.failed.number) == (1, 2)
            assert eventually(lambda: _runs(canary, _has_failed), PATIENCE)
            assert "Device" in rolling.status().verdict.reasons[0]
            assert rolling.watched() == {"harbour": 2}
            assert kiosk.end().code == 0


def _known(kiosk: RollingKiosk) -> KeptSettings:
    return SettingsFile(kiosk.kiosk.open_home.home).load()


def _has_failed(health: DeviceHealth) -> bool:
    return health.rollout is not None and health.rollout.failed is not None


def _runs(kiosk: RollingKiosk, holds: Callable[[DeviceHealth], bool]) -> bool:
    found = kiosk.kiosk.store.get(layout.health_name(kiosk.kiosk.fingerprint), 2**20)
    if not isinstance(found, StoredObject):
        return False
    return holds(read_health(found.data, kiosk.kiosk.device.public))


def test_rolled_out_by_the_commands_and_halted(tmp_path: Path, runtime: Path) -> None:
    fleet = Fleet(runtime, tmp_path)
    fleet.admins("fleet", "init")
    fleet.admins("fleet", "scope", "add", "harbour", "--door", "front")
    home, file = fleet.device("front"), tmp_path / "fleet.toml"
    device = fleet.admins("fleet", "status")["scopes"][0]["devices"][0]
    file.write_text(margin(0.1), encoding="utf-8")
    order = ("fleet", "rollout", "--scope", "harbour", "--settings", file)
    assert fleet.admins(*order, "--dry-run")["number"] == 1
    fleet.admins("fleet", "ring", device, "canary")
    assert fleet.admins(*order)["ring"] == "canary"
    fleet.sync(home)
    assert SettingsFile(Home(home)).load().following is not None
    assert fleet.admins("fleet", "rollout", "status")["rollouts"][0]["state"] == "waits"
    onward = ("fleet", "rollout", "advance", "--scope", "harbour")
    fleet.kiosk(*onward, *fleet.admin).refused(3, "goes no further yet")
    assert fleet.admins(*onward, "--anyway")["ring"] == "wave"
    assert fleet.admins("fleet", "halt", "--scope", "harbour")["halted"] is True
    fleet.sync(home)
    assert SettingsFile(Home(home)).load().following is None
    file.write_text('[door]\ndriver = "gpio"\n', encoding="utf-8")
    fleet.kiosk(*order, *fleet.admin).refused(2, "door.driver is not for a fleet to set")
