"""A door that contradicts itself stops the start, and the message says what to write instead."""

from __future__ import annotations

from dataclasses import fields

import pytest
from pydantic import ValidationError

from config.sections.door import DoorSettings
from config.settings import Settings
from kiosk.domain.door.model import PassageRules

REAL: dict[str, object] = {"fail_mode": "secure", "lock": "strike"}
CONTACT = {"input": 1, "normally": "closed"}
SHELLY = {"kind": "shelly", "url": "https://192.0.2.7", "password_file": "relay"}
WEBHOOK = {
    "kind": "webhook",
    "release_url": "https://192.0.2.7/release",
    "secure_url": "https://192.0.2.7/secure",
    "status_url": "https://192.0.2.7/status",
    "key_file": "hook",
    "door": "front",
}
OSDP = {"port": "/dev/ttyS9", "key_file": "key"}
PANEL = {"driver": "osdp-pd", "osdp_pd": {**OSDP, "facility_code": 7}, **REAL}


def door(**values: object) -> DoorSettings:
    return DoorSettings.model_validate(values)


def refused(**values: object) -> str:
    with pytest.raises(ValidationError) as caught:
        door(**values)
    (mistake,) = caught.value.errors()
    return mistake["msg"]


def shelly(contacts: dict[str, object], **values: object) -> dict[str, object]:
    return {"driver": "http", "http": SHELLY | contacts, **REAL, **values}


def test_a_simulated_door_needs_no_declaration() -> None:
    assert not door().passage().fire_releases


@pytest.mark.parametrize("missing", ["fail_mode", "lock"])
def test_a_real_door_says_how_it_fails(missing: str) -> None:
    said = refused(driver="http", http=SHELLY, **{k: v for k, v in REAL.items() if k != missing})
    assert 'fail_mode = "secure"' in said
    assert '"maglock"' in said


def test_a_real_door_needs_its_wire() -> None:
    assert "[door.osdp_pd]" in refused(driver="osdp-pd", **REAL)


def test_a_maglock_cannot_be_fail_secure() -> None:
    said = refused(driver="http", http=SHELLY, fail_mode="secure", lock="maglock")
    assert 'write fail_mode = "safe"' in said


def test_a_motor_lock_cannot_be_fail_safe() -> None:
    said = refused(driver="http", http=SHELLY, fail_mode="safe", lock="motor")
    assert 'write fail_mode = "secure"' in said


def test_a_fire_contact_is_for_fail_safe_doors() -> None:
    assert "fire" in refused(**shelly({"fire": CONTACT}))
    assert door(**shelly({"fire": CONTACT}, fail_mode="safe")).passage().fire_releases


def test_an_interlock_without_the_other_doors_contact_would_let_nobody_in() -> None:
    assert "set neighbour" in refused(**shelly({}, interlock=True))
    assert door(**shelly({"neighbour": CONTACT}, interlock=True)).passage().interlock


def test_an_exit_button_that_is_not_there_would_let_nobody_out() -> None:
    assert "set exit_button" in refused(**shelly({}, exit_releases=True))
    assert door(**shelly({"exit_button": CONTACT}, exit_releases=True)).passage().exit_releases


@pytest.mark.parametrize("wish", ["interlock", "exit_releases"])
def test_what_else_moves_a_panels_lock_is_the_panels(wish: str) -> None:
    said = refused(**PANEL, **{wish: True})
    assert "set interlock and exit button there" in said


def test_a_panels_time_is_no_silence_of_the_door() -> None:
    usual, panels = door(), door(**PANEL)
    assert usual.panel_seconds == 0.0
    assert panels.passage().unknown_seconds == usual.passage().unknown_seconds + 1.5


def settings(hold: float = 3.5, **rules: object) -> Settings:
    calendar: dict[str, object] = {"schedules": {"day": {"windows": ["mon-fri 08:00-18:00"]}}}
    return Settings.model_validate(
        {
            "door": PANEL,
            "access": {"granted_hold_seconds": hold},
            "rules": {"time_zone": "Europe/Berlin", **calendar, **rules},
        }
    )


def test_a_panels_door_is_not_ours_to_free() -> None:
    assert settings().door.driver == "osdp-pd"
    with pytest.raises(ValidationError, match="set those hours in the panel, and remove"):
        settings(unlock_schedule="day")


def test_a_panels_answer_is_seen_however_late_it_comes() -> None:
    with pytest.raises(ValidationError, match=r"access\.granted_hold_seconds .* 3\.5 or more"):
        settings(3.4)


@pytest.mark.parametrize(
    "wire",
    [
        {"driver": "http", "http": WEBHOOK},
        {"driver": "mqtt", "mqtt": {"host": "192.0.2.7", "allow_insecure": True}},
    ],
    ids=["webhook", "mqtt"],
)
def test_a_device_that_says_itself_which_contacts_it_has(wire: dict[str, object]) -> None:
    assert door(**wire, **REAL, interlock=True, exit_releases=True).passage().interlock


def test_a_release_that_the_devices_timer_cannot_do() -> None:
    said = refused(driver="osdp", osdp=OSDP, longer_seconds=25.6, **REAL)
    assert said == 'Value error, longer_seconds must not exceed 25.5 with driver = "osdp"'
    assert door(driver="osdp", osdp=OSDP, longer_seconds=25.5, **REAL).driver == "osdp"


@pytest.mark.parametrize(
    ("fits", "not_quite", "named"),
    [
        ({"held_warning_seconds": 30.0}, {"held_warning_seconds": 30.1}, "held_warning_seconds"),
        ({"answer_seconds": 1.0}, {"answer_seconds": 1.01}, "unknown_seconds"),
        (
            {"answer_seconds": 1.5, "unknown_seconds": 3.0, "grace_seconds": 1.5},
            {"answer_seconds": 1.5, "unknown_seconds": 3.0, "grace_seconds": 1.4},
            "grace_seconds",
        ),
        (
            {"renew_seconds": 30.0, "max_release_seconds": 30.0},
            {"renew_seconds": 30.1, "max_release_seconds": 30.0},
            "renew_seconds",
        ),
        (
            {"longer_seconds": 20.0, "max_release_seconds": 20.0},
            {"longer_seconds": 20.1, "max_release_seconds": 20.0},
            "longer_seconds",
        ),
    ],
)
def test_times_that_do_not_fit(
    fits: dict[str, object], not_quite: dict[str, object], named: str
) -> None:
    assert door(**fits).driver == "simulated"
    assert named in refused(**not_quite)


def test_the_machine_is_given_every_number_that_was_set() -> None:
    settings = door(
        release_seconds=4.0,
        longer_seconds=16.0,
        push_seconds=2.0,
        renew_seconds=24.0,
        held_warning_seconds=11.0,
        held_open_seconds=22.0,
        exit_seconds=7.0,
        unknown_seconds=3.0,
        grace_seconds=2.5,
        poll_seconds=0.3,
        exit_releases=True,
        relock_on_close=False,
        interlock=True,
        fail_mode="safe",
        lock="maglock",
    )
    passage = settings.passage()
    named = {field.name for field in fields(PassageRules)} - {"fire_releases"}
    assert all(getattr(passage, name) == getattr(settings, name) for name in named)
    assert all(getattr(passage, name) != getattr(PassageRules(), name) for name in named)
    assert passage.fire_releases


def test_settings_and_machine_agree_on_what_nobody_sets() -> None:
    passage, usual = door().passage(), PassageRules(push_seconds=1.0)
    assert passage == usual
