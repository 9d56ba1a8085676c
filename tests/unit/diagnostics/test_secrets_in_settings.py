"""A secret in settings that others may read is a finding; a file's name is none."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from kiosk.diagnostics import home as checks_kept
from kiosk.diagnostics.secrets_in_settings import secrets_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[camera]\nsource = "rtsps://admin:hunter2@camera/stream"', ["camera.source"]),
        ('[camera]\nsource = "https://camera/v.mjpg?user=a&pwd=hunter2"', ["camera.source"]),
        ('[camera]\nsource = "https://camera/v.mjpg?Token=hunter2"', ["camera.source"]),
        ('[door.http]\npassword = "hunter2"', ["door.http.password"]),
        ('[door.http]\nurl = "https://a:hunter2@relay/"', ["door.http.url"]),
        ('[operators.mqtt]\nsecret = "hunter2"', ["operators.mqtt.secret"]),
        ('[camera]\nsource = "rtsps://camera:554/stream?channel=1"', []),
        ('[camera]\nsource = "device:0"', []),
        ('[camera]\ncredentials_file = "/etc/lintel/camera"', []),
        ('[door.http]\npassword_file = "/etc/lintel/password"', []),
        ('[operators.keys]\ntoken = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="', []),
        ('[operators.mqtt]\nuser = "kiosk"', []),
    ],
)
def test_a_secret_is_named_and_not_shown(text: str, expected: list[str]) -> None:
    assert list(secrets_of(tomllib.loads(text))) == expected


@pytest.mark.parametrize(("mode", "found"), [(0o644, True), (0o640, True), (0o600, False)])
def test_settings_that_others_may_read(tmp_path: Path, mode: int, *, found: bool) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    config = home / "config.toml"
    config.write_text('[camera]\nsource = "rtsps://a:hunter2@camera/s"\n', encoding="utf-8")
    config.chmod(mode)
    told = [each for each in checks_kept.home(home, None) if "secret" in each.text]
    assert bool(told) is found
    for each in told:
        assert "camera.source" in each.text
        assert "chmod 600" in each.remedy
        assert "hunter2" not in f"{each.text} {each.remedy}"


def test_settings_that_hold_none_may_be_read(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[camera]\nsource = "device:0"\n', encoding="utf-8")
    config.chmod(0o644)
    assert not [each for each in checks_kept.home(tmp_path, None) if "secret" in each.text]
