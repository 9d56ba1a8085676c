"""Every setting of a driver's section reaches the driver, under the same name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from config.sections.common import Section
from config.sections.doors.contact import ContactSettings
from config.sections.doors.gpio import GpioInput, GpioSettings
from config.sections.doors.http import HttpInput, HttpSettings
from config.sections.doors.modbus import ModbusInput, ModbusSettings
from config.sections.doors.mqtt import MqttSettings
from config.sections.doors.osdp import OsdpInput, OsdpSettings
from config.sections.doors.osdp_pd import OsdpPdSettings
from hardware.door.contacts import Contact, Contacts
from kiosk.wiring import door_drivers

NAMES = tuple(field.name for field in fields(Contacts))
FILE = Path("/etc/lintel/secret")


def modbus() -> ModbusSettings:
    return ModbusSettings(
        host="192.0.2.10",
        port=1502,
        baud=19200,
        parity="even",
        stop_bits=2,
        unit=7,
        mode="flash-coil",
        coil=3,
        flash_address=4,
        unit_ms=200,
        operator_coil=5,
        operator_flash_address=6,
        inputs_as="coil",
        **{name: ModbusInput(input=at, normally="closed") for at, name in enumerate(NAMES, 8)},
    )


def shelly() -> HttpSettings:
    return HttpSettings(
        kind="shelly",
        ca_file=FILE,
        url="https://relay",
        password_file=FILE,
        output=1,
        operator_output=2,
        **{name: HttpInput(input=at, normally="open") for at, name in enumerate(NAMES, 3)},
    )


def webhook() -> HttpSettings:
    return HttpSettings(
        kind="webhook",
        ca_file=FILE,
        release_url="https://receiver/release",
        secure_url="https://receiver/secure",
        status_url="https://receiver/status",
        key_file=FILE,
        door="north",
    )


def mqtt() -> MqttSettings:
    return MqttSettings(
        host="broker",
        port=1883,
        ca_file=FILE,
        certificate_file=FILE,
        key_file=FILE,
        user="kiosk",
        password_file=FILE,
        keepalive_seconds=9,
        base_topic="site/lintel",
        kiosk_name="north-kiosk",
        door_name="north",
        command_key_file=FILE,
        discovery=True,
        discovery_prefix="home",
    )


def gpio() -> GpioSettings:
    return GpioSettings(
        chip="/dev/gpiochip4",
        line=17,
        active_low=True,
        drive="open-drain",
        operator_line="OPERATOR",
        bias="pull-down",
        closed_is="high",
        **{name: GpioInput(line=at, normally="closed") for at, name in enumerate(NAMES, 20)},
    )


def osdp() -> OsdpSettings:
    return OsdpSettings(
        port="/dev/ttyUSB1",
        baud=38400,
        address=3,
        key_file=FILE,
        output=1,
        operator_output=2,
        led=1,
        buzzer=True,
        housing=False,
        **{name: OsdpInput(input=at, normally="open") for at, name in enumerate(NAMES, 3)},
    )


def osdp_pd() -> OsdpPdSettings:
    return OsdpPdSettings(
        port="/dev/ttyUSB1",
        baud=38400,
        address=3,
        key_file=FILE,
        reader=1,
        card_format="raw-64",
        granted_by="output",
        denied_by="nothing",
        led=1,
        output=2,
        panel_seconds=0.5,
    )


ELSEWHERE = {"library", "kind", "allow_insecure"}
"""Settings that choose the driver, or whose other value excludes the rest of the section."""


@pytest.mark.parametrize(
    ("make", "configured"),
    [
        (modbus, door_drivers.modbus),
        (shelly, door_drivers.http),
        (webhook, door_drivers.http),
        (mqtt, door_drivers.mqtt),
        (gpio, door_drivers.gpio),
        (osdp, door_drivers.osdp),
        (osdp_pd, door_drivers.osdp_pd),
    ],
)
def test_every_setting_reaches_the_driver(
    make: Callable[[], Section], configured: Callable[[Section], object]
) -> None:
    section = make()
    config = configured(section)
    for name, value in section:
        if name in section.model_fields_set and name not in ELSEWHERE | set(NAMES):
            assert getattr(config, name) == value, name
    contacts = getattr(config, "contacts", Contacts())
    assert contacts == Contacts(**{name: contact(getattr(section, name, None)) for name in NAMES})


def contact(setting: ContactSettings | None) -> Contact[int] | None:
    if setting is None:
        return None
    place = next(value for key, value in setting if key != "normally")
    return Contact(place, setting.normally)


@pytest.mark.parametrize("make", [modbus, shelly, mqtt, gpio, osdp, osdp_pd])
def test_the_sections_of_these_tests_set_what_there_is(make: Callable[[], Section]) -> None:
    """A setting that is added has to be tried here too."""
    section = make()
    unset = type(section).model_fields.keys() - section.model_fields_set
    excluded = {"serial_port", "facility_code"}
    webhook_only = {"release_url", "secure_url", "status_url", "key_file", "door"}
    assert unset <= ELSEWHERE | excluded | (webhook_only if make is shelly else set())
