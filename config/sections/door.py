"""The door: which driver moves the lock, how the lock fails, and for how long it is released."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from config.sections.common import Section
from config.sections.doors.gpio import GpioSettings
from config.sections.doors.http import HttpSettings
from config.sections.doors.modbus import ModbusSettings
from config.sections.doors.mqtt import MqttSettings
from config.sections.doors.osdp import OsdpSettings
from config.sections.doors.osdp_pd import OsdpPdSettings
from config.sections.doors.usb_hid import UsbHidSettings
from kiosk.domain.lock import DoorRules

Driver = Literal["simulated", "osdp", "osdp-pd", "modbus", "mqtt", "http", "gpio", "usb-hid"]


class DoorSettings(Section):
    """Which driver moves the lock, and for how long."""

    driver: Driver = "simulated"
    """What the lock hangs on; each driver but the simulated one has its own section."""
    answer_seconds: float = Field(1.0, ge=0.1, le=1.5)
    """How long a command waits for the device's answer."""
    release_seconds: float = Field(5.0, ge=0.5, le=60.0)
    """How long a grant releases the lock."""
    max_release_seconds: float = Field(60.0, ge=0.5, le=600.0)
    """No release is longer."""
    max_age_seconds: float = Field(1.0, ge=0.1, le=5.0)
    """Evidence older than this releases nothing."""
    held_open_seconds: float = Field(30.0, ge=1.0, le=3600.0)
    """Open for longer than this after a release is held open."""

    osdp: OsdpSettings | None = None
    """The wire of `driver = "osdp"`."""
    osdp_pd: OsdpPdSettings | None = None
    """The wire of `driver = "osdp-pd"`."""
    modbus: ModbusSettings | None = None
    """The wire of `driver = "modbus"`."""
    mqtt: MqttSettings | None = None
    """The wire of `driver = "mqtt"`."""
    http: HttpSettings | None = None
    """The wire of `driver = "http"`."""
    gpio: GpioSettings | None = None
    """The wire of `driver = "gpio"`."""
    usb_hid: UsbHidSettings | None = None
    """The wire of `driver = "usb-hid"`."""

    @model_validator(mode="after")
    def _fits(self) -> DoorSettings:
        if self.release_seconds > self.max_release_seconds:
            raise ValueError("release_seconds must not exceed max_release_seconds")
        section = self.driver.replace("-", "_")
        if self.driver != "simulated" and getattr(self, section) is None:
            raise ValueError(f'driver = "{self.driver}" needs a section [door.{section}]')
        return self

    def rules(self) -> DoorRules:
        """As the domain takes it."""
        return DoorRules(self.max_age_seconds, self.max_release_seconds)
