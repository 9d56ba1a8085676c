"""Every setting that lowers security is told of; a walk through all settings sees to it."""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from described import descriptions
from pydantic import BaseModel

from config.settings import PROFILES, Settings
from kiosk.diagnostics.addresses import addresses, connections, secrets
from kiosk.diagnostics.settings import (
    HIGHER_IS_STRICTER,
    LOWER_IS_STRICTER,
    WEAKNESSES,
    weaknesses,
)
from kiosk.domain.finding import Health

KEY = base64.b64encode(bytes(range(32))).decode()
LEAF = {"normally": "closed"}
CLOUD = {"mode": "both-agree", "region": "eu-west-1"}
REAL = {"fail_mode": "secure", "lock": "strike"}
LOGIN = {"user": "kiosk", "password_file": "/etc/lintel/password"}
SOUND: dict[str, dict[str, Any]] = {
    "osdp": {"port": "/dev/ttyS0", "key_file": "/etc/lintel/osdp", "leaf": {**LEAF, "input": 0}},
    "osdp_pd": {"port": "/dev/ttyS0", "key_file": "/etc/lintel/osdp", "facility_code": 7},
    "modbus": {
        "host": "192.0.2.10",
        "mode": "flash-coil",
        "coil": 0,
        "flash_address": 512,
        "leaf": {**LEAF, "input": 0},
    },
    "mqtt": {
        "host": "broker.example",
        "ca_file": "/etc/lintel/ca.pem",
        "command_key_file": "/etc/lintel/command",
        **LOGIN,
    },
    "http": {
        "kind": "shelly",
        "url": "https://relay.example",
        "password_file": "/etc/lintel/password",
        "leaf": {**LEAF, "input": 0},
    },
    "gpio": {"line": "relay", "leaf": {**LEAF, "line": "leaf"}},
}


def settings(
    driver: str = "osdp", changes: dict[str, Any] | None = None, **more: dict[str, Any]
) -> Settings:
    """A kiosk without a weakness, but for that of its wire and what is changed in its section."""
    wire = {**SOUND[driver], **(changes or {})}
    wire = {name: value for name, value in wire.items() if value is not None}
    door = {**REAL, **more.pop("door", {}), "driver": driver.replace("_", "-"), driver: wire}
    usual = {"operators": {"keys": {"anna": KEY}}, "enrolment": {"identity": "reference"}}
    return Settings(**{**usual, "door": door, **more})


def told(of: Settings) -> set[str]:
    """The settings that are found weak."""
    return {finding.name for finding in weaknesses(of) if finding.health is Health.WARN}


@pytest.mark.parametrize(
    ("driver", "weak"),
    [
        ("osdp", set()),
        ("osdp_pd", set()),
        ("mqtt", set()),
        ("http", set()),
        ("modbus", {"door.modbus"}),
        ("gpio", {"door.gpio"}),
    ],
)
def test_each_wire_at_its_best(driver: str, weak: set[str]) -> None:
    assert told(settings(driver)) == weak
    if not weak:
        assert [finding.health for finding in weaknesses(settings(driver))] == [Health.OK]


WEAK = [
    ("osdp", {"key_file": None, "allow_insecure": True}, {}, "door.osdp.allow_insecure"),
    ("osdp", {"housing": False}, {}, "door.osdp.housing"),
    ("osdp", {"leaf": None}, {}, "door.leaf"),
    ("http", {"leaf": None}, {}, "door.leaf"),
    ("osdp_pd", {"key_file": None, "allow_insecure": True}, {}, "door.osdp_pd.allow_insecure"),
    ("modbus", {"mode": "coil", "flash_address": None}, {}, "door.modbus.mode"),
    ("mqtt", {"ca_file": None, "allow_insecure": True}, {}, "door.mqtt.allow_insecure"),
    ("mqtt", {"command_key_file": None}, {}, "door.mqtt.command_key_file"),
    ("http", {"url": "http://10.0.0.9", "allow_insecure": True}, {}, "door.http.allow_insecure"),
    ("osdp", {}, {"door": {"relock_on_close": False}}, "door.relock_on_close"),
    ("osdp", {}, {"door": {"fail_mode": "safe"}}, "door.fail_mode"),
    ("osdp", {}, {"operators": {}}, "operators.keys"),
    ("osdp", {}, {"operators": {"keys": {"a": KEY}, "local": False}}, "operators.local"),
    (
        "osdp",
        {},
        {"operators": {"keys": {"a": KEY}, "mqtt": {"host": "b", "allow_insecure": True}}},
        "operators.mqtt.allow_insecure",
    ),
    ("osdp", {}, {"fleet": {"urgent": "mqtt://broker.example/look"}}, "fleet.urgent"),
    ("osdp", {}, {"fleet": {"urgent": "sqs:http://sqs.example/1/door"}}, "fleet.urgent"),
    ("osdp", {}, {"camera": {"source": "rtsp://camera.example/s"}}, "camera.source"),
    ("osdp", {}, {"cloud": {**CLOUD, "when_gone": "local"}}, "cloud.when_gone"),
    ("osdp", {}, {"cloud": {**CLOUD, "partial": "accept"}}, "cloud.partial"),
    ("osdp", {}, {"cloud": {**CLOUD, "instance_metadata": True}}, "cloud.instance_metadata"),
    ("osdp", {}, {"camera": {"source": "file:yesterday.mkv"}}, "camera.source"),
    ("osdp", {}, {"screen": {"fullscreen": False}}, "screen.fullscreen"),
    ("osdp", {}, {"enrolment": {"identity": "none"}}, "enrolment.identity"),
]


@pytest.mark.parametrize(("driver", "changes", "more", "named"), WEAK)
def test_a_weak_setting_is_named_with_what_to_do(
    driver: str, changes: dict[str, Any], more: dict[str, Any], named: str
) -> None:
    weak = settings(driver, changes, **more)
    assert told(weak) - told(settings(driver)) == {named}
    (finding,) = (each for each in weaknesses(weak) if each.name == named)
    assert finding.remedy.endswith(".")


def test_a_simulated_door_moves_nothing() -> None:
    assert told(Settings()) == {"door.driver", "operators.keys", "enrolment.identity"}


def test_what_another_driver_would_be_is_not_told() -> None:
    both = settings("osdp")
    other = Settings(
        operators={"keys": {"anna": KEY}},
        enrolment={"at_kiosk": False},
        door={**REAL, "driver": "osdp", "osdp": SOUND["osdp"], "gpio": {"line": 4}},
    )
    assert told(other) == told(both) == set()


@pytest.mark.parametrize("setting", HIGHER_IS_STRICTER + LOWER_IS_STRICTER)
def test_a_bound_that_was_loosened(setting: str) -> None:
    section, _, field = setting.partition(".")
    default = getattr(getattr(Settings(), section), field)
    step = 1 if isinstance(default, int) else 0.01
    loose = default - step if setting in HIGHER_IS_STRICTER else default + step
    strict = default + step if setting in HIGHER_IS_STRICTER else default - step
    made = type(getattr(Settings(), section)).model_construct
    for value, weak in ((loose, True), (strict, False), (default, False)):
        held = Settings().model_copy(update={section: made(**{field: value})})
        assert (setting in told(held)) is weak


# -- nothing is left out -------------------------------------------------------------------------


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every setting of a section and of those within it, and what is said of it."""
    said = descriptions(model)
    for name, info in model.model_fields.items():
        yield f"{prefix}{name}", said[name]
        for kind in (info.annotation, *get_args(info.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from fields(kind, f"{prefix}{name}.")


EVERY_SETTING = dict(fields(Settings))


def test_every_setting_that_allows_what_is_insecure_is_told_of() -> None:
    insecure = {name for name in EVERY_SETTING if name.endswith("allow_insecure")}
    assert len(insecure) >= 5
    assert insecure <= {weakness.setting for weakness in WEAKNESSES}


def test_whatever_says_that_the_doctor_reports_it_is_reported() -> None:
    said = {
        name for name, text in EVERY_SETTING.items() if "kiosk doctor" in " ".join(text.split())
    }
    assert said
    assert said <= {weakness.setting for weakness in WEAKNESSES}


def test_every_setting_that_can_be_stricter_is_compared() -> None:
    stricter = {name for name, text in EVERY_SETTING.items() if "is stricter" in text}
    assert len(stricter) >= 4
    assert stricter <= {*HIGHER_IS_STRICTER, *LOWER_IS_STRICTER}
    assert {*HIGHER_IS_STRICTER, *LOWER_IS_STRICTER} <= set(EVERY_SETTING)


def test_every_name_in_a_row_is_a_setting() -> None:
    rows = {weakness.setting for weakness in WEAKNESSES} - {"door.leaf"}
    assert rows <= set(EVERY_SETTING)
    remedies = " ".join(weakness.remedy for weakness in WEAKNESSES)
    named = set(re.findall(r"\b(?:door|operators|camera|screen)\.[a-z_.]*[a-z_]", remedies))
    assert named
    assert named <= set(EVERY_SETTING)


def test_each_weakness_has_an_example_here() -> None:
    examples = {named for *_, named in WEAK}
    at_best = {"door.driver", "door.modbus", "door.gpio"}
    assert {weakness.setting for weakness in WEAKNESSES} == examples | at_best


def test_the_profile_of_a_site_is_weak_in_what_the_site_has_to_fill_in() -> None:
    held = tomllib.loads((PROFILES / "site.toml").read_text())
    assert told(Settings(**held)) == {"door.driver", "operators.keys", "enrolment.identity"}


# -- where the settings lead ---------------------------------------------------------------------


def test_every_address_that_is_named_is_told() -> None:
    (found,) = addresses(
        settings(
            "modbus",
            operators={"keys": {"a": KEY}, "mqtt": {"host": "b.example", "allow_insecure": True}},
            camera={"source": "rtsp://admin:secret@camera.example/s"},
            fleet={"urgent": "mqtt://urgent.example/look"},
        )
    )
    assert "mqtt://urgent.example/look (fleet.urgent)" in found.text
    assert found.health is Health.OK
    for address in ("192.0.2.10 port 502", "b.example port 8883", "rtsp://camera.example/s"):
        assert address in found.text
    assert "secret" not in found.text


def test_addresses_of_a_relay_and_of_nothing() -> None:
    (relay,) = addresses(settings("http"))
    assert "https://relay.example (door.http.url)" in relay.text
    (nothing,) = addresses(Settings())
    assert "nothing outside this machine" in nothing.text


@pytest.fixture
def with_files(tmp_path: Path) -> Settings:
    for name in ("ca.pem", "command", "password"):
        (tmp_path / name).write_text("Grace, who must not be shown")
        (tmp_path / name).chmod(0o600)
    return settings(
        "mqtt",
        {
            "ca_file": tmp_path / "ca.pem",
            "command_key_file": tmp_path / "command",
            "password_file": tmp_path / "password",
        },
    )


def test_secrets_that_only_we_can_read(with_files: Settings) -> None:
    (finding,) = secrets(with_files)
    assert (finding.health, finding.text) == (Health.OK, "files that are safe from others: 3")


@pytest.mark.parametrize(
    ("name", "mode", "setting", "safe"),
    [
        ("command", 0o640, "door.mqtt.command_key_file", False),
        ("password", 0o604, "door.mqtt.password_file", False),
        ("ca.pem", 0o646, "door.mqtt.ca_file", False),
        ("ca.pem", 0o644, "door.mqtt.ca_file", True),
    ],
)
def test_a_file_that_others_can_use(
    with_files: Settings, tmp_path: Path, name: str, mode: int, setting: str, *, safe: bool
) -> None:
    (tmp_path / name).chmod(mode)
    bad = [each for each in secrets(with_files) if each.health is Health.BAD]
    assert [each.name for each in bad] == ([] if safe else [setting])
    assert not any("Grace" in f"{each.text}{each.remedy}" for each in bad)


@pytest.mark.parametrize("name", ["command", "ca.pem"])
def test_a_file_that_is_not_there(with_files: Settings, tmp_path: Path, name: str) -> None:
    (tmp_path / name).unlink()
    (bad,) = (each for each in secrets(with_files) if each.health is Health.BAD)
    assert "cannot be read" in bad.text
    assert bad.remedy


def test_a_certificate_that_holds_its_key_too_is_a_secret(tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_text("certificate and key")
    both.chmod(0o644)
    one = {"ca_file": both, "certificate_file": both, "user": None, "password_file": None}
    held = settings("mqtt", {**one, "command_key_file": None})
    bad = [each.name for each in secrets(held) if each.health is Health.BAD]
    assert bad == ["door.mqtt.certificate_file"]


def test_only_what_is_in_use_is_looked_at() -> None:
    assert [name for name, _ in connections(settings("gpio"))] == ["door.gpio", "camera"]
    assert [name for name, _ in connections(Settings())] == ["camera"]


def test_a_cameras_password_that_others_can_read(tmp_path: Path) -> None:
    path = tmp_path / "camera"
    path.write_text("ann:hunter2")
    path.chmod(0o644)
    held = settings(camera={"source": "rtsps://cam/1", "credentials_file": path})
    bad = [each for each in secrets(held) if each.health is Health.BAD]
    assert "camera.credentials_file" in [each.name for each in bad]
    assert not any("hunter2" in f"{each.text}{each.remedy}" for each in bad)


@pytest.mark.parametrize("source", ["rtsps://ann:hunter2@cam/1", "https://ann@cam/1"])
def test_a_login_in_an_address_is_told_of_and_not_shown(source: str) -> None:
    held = settings(camera={"source": source})
    told = [each for each in weaknesses(held) if each.name == "camera.source"]
    assert [each for each in told if "credentials_file" in each.remedy]
    everything = [*told, *addresses(held)]
    assert not any("hunter2" in f"{each.text}{each.remedy}" for each in everything)
