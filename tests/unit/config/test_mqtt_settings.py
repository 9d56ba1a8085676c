"""The section [door.mqtt]: every bound, what excludes what, and the page's own example."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from described import descriptions
from pydantic import ValidationError

from config.sections.door import DoorSettings
from config.sections.doors.mqtt import MqttSettings
from hardware.transport.mqtt.broker import MqttConfig

PAGE = Path(__file__).resolve().parents[3] / "docs" / "doors" / "mqtt.md"
SOUND: dict[str, object] = {
    "host": "broker.example",
    "ca_file": "/etc/lintel/ca.pem",
    "user": "kiosk",
    "password_file": "mqtt-password",
}


def refused(**changes: object) -> str:
    """Why; empty where it is allowed."""
    try:
        MqttSettings.model_validate(
            {key: value for key, value in (SOUND | changes).items() if value is not ...}
        )
    except ValidationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("key", "allowed", "past"),
    [
        ("port", 1, 0),
        ("port", 65535, 65536),
        ("keepalive_seconds", 2, 1),
        ("keepalive_seconds", 60, 61),
        ("user", "u", ""),
        ("user", "u" * 128, "u" * 129),
        ("host", "fe80::1", "broker example"),
        ("host", "h" * 253, "h" * 254),
        ("base_topic", "site/north/1", "site/#"),
        ("base_topic", "a/b/c/d/e/f/g/h", "a/b/c/d/e/f/g/h/i"),
        ("door_name", "front-1_A", "front/1"),
        ("door_name", "d" * 64, "d" * 65),
        ("kiosk_name", "k", "+"),
        ("discovery_prefix", "home/assistant", "$SYS"),
    ],
)
def test_bound(key: str, allowed: object, past: object) -> None:
    assert refused(**{key: allowed}) == ""
    assert key in refused(**{key: past})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ca_file": ...}, "ca_file must name"),
        ({"allow_insecure": True}, "exclude each other"),
        (
            {"allow_insecure": True, "ca_file": ..., "certificate_file": "/a.pem"},
            "certificate_file needs TLS",
        ),
        ({"key_file": "/a.key"}, "certificate_file, which is not set"),
        ({"user": ...}, "user and password_file go together"),
        ({"password_file": ...}, "user and password_file go together"),
        ({"user": ..., "password_file": ...}, "set user and password_file"),
        ({"door_name": "kiosk"}, "must differ"),
        ({"password": "hunter2"}, "password"),
    ],
)
def test_settings_that_do_not_fit_together(changes: dict[str, object], why: str) -> None:
    told = refused(**changes)
    assert why in told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    "changes",
    [
        {"allow_insecure": True, "ca_file": ...},
        {"allow_insecure": True, "ca_file": ..., "user": ..., "password_file": ...},
        {"user": ..., "password_file": ..., "certificate_file": "/a.pem"},
        {"certificate_file": "/a.pem", "key_file": "/a.key"},
    ],
)
def test_settings_that_fit_together(changes: dict[str, object]) -> None:
    assert refused(**changes) == ""


def test_the_driver_takes_every_setting_by_its_name() -> None:
    taken = {field.name for field in fields(MqttConfig)} - {"section"}
    assert taken == set(MqttSettings.model_fields)
    settings = MqttSettings.model_validate(SOUND)
    wire = MqttConfig(**settings.model_dump())
    assert all(getattr(wire, name) == getattr(settings, name) for name in taken)


def test_what_is_left_out_is_the_same_on_both_sides() -> None:
    least = MqttSettings(host="broker", allow_insecure=True)
    assert MqttConfig(**least.model_dump()) == MqttConfig(host="broker", allow_insecure=True)


def test_every_setting_says_what_it_is_and_stands_on_the_page() -> None:
    text = PAGE.read_text()
    assert all(descriptions(MqttSettings).values())
    assert [key for key in MqttSettings.model_fields if f"`{key}`" not in text] == []


def test_the_blocks_to_paste_are_settings() -> None:
    blocks = re.findall(r"^```toml$(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        assert DoorSettings.model_validate(tomllib.loads(block)["door"]).mqtt
