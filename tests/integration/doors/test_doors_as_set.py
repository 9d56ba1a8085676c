"""Each driver as the settings name it: made by the composition root, and only it is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import load
from kiosk import wiring
from kiosk.domain.errors import DoorTimeout, SettingsError
from kiosk.pipeline.clock import SystemClock

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
    door = wiring.door(load(tmp_path), SystemClock())
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


@pytest.mark.parametrize(
    ("driver", "more", "library", "extra"),
    [
        ("modbus", "", "pymodbus", "modbus"),
        ("http", "", "httpx", "http"),
        ("mqtt", "", "paho", "mqtt"),
        ("gpio", "", "gpiod", "gpio"),
        ("gpio", 'library = "gpiozero"\n', "gpiozero", "gpio-pi"),
    ],
)
def test_a_library_that_is_not_installed_is_named_with_the_extra_that_carries_it(
    driver: str, more: str, library: str, extra: str, tmp_path: Path
) -> None:
    path = settings(tmp_path, driver)
    head = f"[door.{driver}]\n"
    path.write_text(path.read_text().replace(head, head + more))
    code = (
        f"import sys\nsys.modules[{library!r}] = None\nfrom pathlib import Path\n"
        "from config.settings import load\nfrom kiosk import wiring\n"
        "from kiosk.pipeline.clock import SystemClock\n"
        "wiring.door(load(Path(sys.argv[1])), SystemClock())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert f"needs {library}" in done.stderr
    assert f"pip install 'lintel[{extra}]'" in done.stderr


def test_no_driver_is_imported_that_is_not_used() -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom config.settings import Settings\n"
        "from kiosk import wiring\nfrom kiosk.pipeline.clock import SystemClock\n"
        "wiring.door(Settings(), SystemClock())\n"
        "print([m for m in ('osdp', 'pymodbus', 'paho', 'httpx', 'gpiod', 'gpiozero') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
