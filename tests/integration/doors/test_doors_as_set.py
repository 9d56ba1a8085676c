"""Each driver as the settings name it: made by the composition root, and only it is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import extra_packages
import pytest
import runtime_environment
from chosen import few_of_each

from config.sections.door import Driver
from config.settings import load
from kiosk.domain.errors import DoorTimeout, SettingsError
from kiosk.pipeline.clock import SystemClock
from kiosk.wiring import doors
from models.packs.installed import load_manifest

pytestmark = pytest.mark.usefixtures("real_time")

DECLARED = '[door]\nfail_mode = "secure"\nlock = "strike"\nanswer_seconds = 0.2\n'
KEY = "00112233445566778899aabbccddeeff"
LEAF = 'leaf = {{ {place} = 3, normally = "closed" }}\n'

SECTIONS = {
    "modbus": 'host = "127.0.0.1"\nport = 9\nmode = "flash-coil"\ncoil = 0\nflash_address = 512\n'
    + LEAF.format(place="input"),
    "http": 'kind = "shelly"\nurl = "http://127.0.0.1:9"\nallow_insecure = true\n'
    'password_file = "{secret}"\n' + LEAF.format(place="input"),
    "mqtt": 'host = "127.0.0.1"\nport = 9\nallow_insecure = true\n',
    "osdp": 'port = "/dev/ttyNobody"\nkey_file = "{secret}"\n' + LEAF.format(place="input"),
    "osdp-pd": 'port = "/dev/ttyNobody"\nkey_file = "{secret}"\nfacility_code = 7\n',
    "gpio": 'chip = "/dev/gpiochip99"\nline = 4\n' + LEAF.format(place="line"),
}


def heading(driver: str) -> str:
    return f"door.{driver.replace('-', '_')}"


def settings(home: Path, driver: str) -> Path:
    secret = home / "secret"
    secret.write_text(KEY)
    secret.chmod(0o600)
    section = SECTIONS[driver].replace("{secret}", str(secret))
    path = home / "config.toml"
    path.write_text(f'{DECLARED}driver = "{driver}"\n[{heading(driver)}]\n{section}')
    return path


@pytest.mark.parametrize("driver", SECTIONS)
def test_a_device_that_is_not_there_is_named_with_its_setting(driver: str, tmp_path: Path) -> None:
    settings(tmp_path, driver)
    door = doors.door(load(tmp_path), SystemClock())
    try:
        with pytest.raises(DoorTimeout) as raised:
            door.status()
    finally:
        door.close()
    assert heading(driver) in str(raised.value)
    assert raised.value.remedy


@pytest.mark.parametrize("driver", SECTIONS)
def test_a_real_door_that_does_not_say_how_it_fails_stops_the_start(
    driver: str, tmp_path: Path
) -> None:
    path = settings(tmp_path, driver)
    path.write_text(path.read_text().replace('fail_mode = "secure"\n', ""))
    with pytest.raises(SettingsError, match=r'fail_mode = "secure".*"safe"'):
        load(tmp_path)


def test_a_driver_that_nobody_knows(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[door]\ndriver = "carrier-pigeon"\n')
    with pytest.raises(SettingsError, match=r"door\.driver .*'simulated', 'osdp'"):
        load(tmp_path)


def test_a_maglock_declared_fail_secure(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[door]\nfail_mode = "secure"\nlock = "maglock"\n')
    with pytest.raises(SettingsError, match=r'write fail_mode = "safe"'):
        load(tmp_path)


GPIOZERO = 'library = "gpiozero"\n'
MADE_DOOR = """
import sys
from pathlib import Path
from config.settings import load
from kiosk.app.console import with_command
from kiosk.wiring import doors
from kiosk.domain.errors import SettingsError
from kiosk.pipeline.clock import SystemClock
try:
    doors.door(load(Path(sys.argv[1])), SystemClock()).close()
except SettingsError as error:
    print(error.problem, with_command(error.remedy))
"""


@pytest.mark.parametrize(
    ("driver", "more", "extra"),
    few_of_each([*((driver, "", driver) for driver in SECTIONS), ("gpio", GPIOZERO, "gpio-pi")], 3),
)
def test_what_a_driver_needs_is_named_and_is_then_all_that_it_needs(
    driver: str, more: str, extra: str, tmp_path: Path, runtime: Path
) -> None:
    """In the environment of a plain `make setup`, and in that of `make setup DOOR=…`."""
    path = settings(tmp_path, driver)
    head = f"[{heading(driver)}]\n"
    path.write_text(path.read_text().replace(head, head + more))
    packages = runtime_environment.names(runtime_environment.picked(extra))
    more_packages = packages - runtime_environment.installed(runtime)
    said = made_door(runtime, tmp_path)
    assert f"`make setup DOOR={extra}`" in said if more_packages else said == ""
    runtime_environment.link(more_packages, tmp_path / "more")
    assert made_door(runtime, tmp_path, PYTHONPATH=str(tmp_path / "more")) == ""


def made_door(python: Path, home: Path, **more: str) -> str:
    """What was wrong with it."""
    done = subprocess.run(
        [python, "-P", "-c", MADE_DOOR, home],
        env={"PATH": os.environ["PATH"], **more},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_every_driver_and_every_extra_can_be_installed_by_its_name() -> None:
    known = set(extra_packages.known())
    assert {driver for driver in get_args(Driver) if driver != "simulated"} <= known
    packs = load_manifest().packs.values()
    assert {pack.extra for pack in packs if pack.extra} <= known


def test_no_driver_is_imported_that_is_not_used() -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom config.settings import Settings\n"
        "from kiosk.wiring import doors\nfrom kiosk.pipeline.clock import SystemClock\n"
        "doors.door(Settings(), SystemClock())\n"
        "print([m for m in ('osdp', 'pymodbus', 'paho', 'httpx', 'gpiod', 'gpiozero') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
