"""Door settings: driver, lock, and release times."""

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
from kiosk.domain.door.hardware_spec import FailMode, LockKind, contradictions
from kiosk.domain.door.model import PassageRules
from kiosk.domain.door.protocol import DoorRules

Driver = Literal["simulated", "osdp", "osdp-pd", "modbus", "mqtt", "http", "gpio"]


class DoorSettings(Section):
    """Driver, lock and release times."""

    driver: Driver = "simulated"
    """The driver of the lock; each driver except the simulated one has its own section."""
    answer_seconds: float = Field(1.0, ge=0.1, le=1.5)
    """How long a command waits for the device's answer."""
    release_seconds: float = Field(5.0, ge=0.5, le=60.0)
    """How long a grant releases the lock."""
    max_release_seconds: float = Field(60.0, ge=0.5, le=600.0)
    """No release is longer."""
    max_age_seconds: float = Field(4.0, ge=0.1, le=11.0)
    """Evidence older than this releases nothing."""
    fail_mode: FailMode | None = None
    """Behaviour without power: `secure` stays locked, `safe` unlocks. Compulsory."""
    lock: LockKind | None = None
    """What holds the leaf: `strike`, `maglock`, `bolt`, `motor` or `turnstile`. Compulsory."""
    longer_seconds: float = Field(15.0, ge=0.5, le=120.0)
    """How long a grant releases the lock for people who need longer (R92)."""
    push_seconds: float = Field(1.0, ge=0.0, le=30.0)
    """How long the door operator is pulsed for them, if the driver has an output for it."""
    relock_on_close: bool = True
    """A release ends when the leaf has opened and shut: one person a grant."""
    held_warning_seconds: float = Field(20.0, ge=1.0, le=3600.0)
    """Open for so long after the right to it ended is a warning."""
    held_open_seconds: float = Field(30.0, ge=1.0, le=3600.0)
    """Open for longer than this after a release is held open."""
    exit_seconds: float = Field(10.0, ge=1.0, le=120.0)
    """How long after the exit button the leaf may be opened without an alarm."""
    exit_releases: bool = False
    """The exit button releases the lock too, as a convenience: leaving never depends on it."""
    interlock: bool = False
    """No access unless the other door is shut and locked; needs an input for that door."""
    renew_seconds: float = Field(20.0, ge=5.0, le=60.0)
    """Release duration of a door that is unlocked by schedule; repeated while it is unlocked."""
    poll_seconds: float = Field(0.2, ge=0.05, le=1.0)
    """How often the door is asked what it reads."""
    unknown_seconds: float = Field(2.0, ge=1.0, le=10.0)
    """Time without an answer after which the door's state is unknown, and it is secured. The time
    in which a panel decides is added."""
    grace_seconds: float = Field(2.0, ge=0.5, le=10.0)
    """A relay that says released for so long though it was secured is stuck."""

    osdp: OsdpSettings | None = None
    """Settings of `driver = "osdp"`."""
    osdp_pd: OsdpPdSettings | None = None
    """Settings of `driver = "osdp-pd"`."""
    modbus: ModbusSettings | None = None
    """Settings of `driver = "modbus"`."""
    mqtt: MqttSettings | None = None
    """Settings of `driver = "mqtt"`."""
    http: HttpSettings | None = None
    """Settings of `driver = "http"`."""
    gpio: GpioSettings | None = None
    """Settings of `driver = "gpio"`."""

    @model_validator(mode="after")
    def _fits(self) -> DoorSettings:
        longest = max(self.release_seconds, self.longer_seconds, self.renew_seconds)
        if longest > self.max_release_seconds:
            raise ValueError(
                "release_seconds, longer_seconds and renew_seconds must not exceed "
                "max_release_seconds"
            )
        if self.held_warning_seconds > self.held_open_seconds:
            raise ValueError("held_warning_seconds must not exceed held_open_seconds")
        if self.unknown_seconds < 2 * self.answer_seconds:
            raise ValueError("unknown_seconds must leave the door time for two answers")
        if self.grace_seconds < self.answer_seconds:
            raise ValueError("grace_seconds must not be less than answer_seconds")
        return self

    @model_validator(mode="after")
    def _is_declared(self) -> DoorSettings:
        """Check that a real door declares its failure mode and lock; a simulated one need not."""
        if self.driver != "simulated":
            if self.section() is None:
                name = self.driver.replace("-", "_")
                raise ValueError(f'driver = "{self.driver}" needs a section [door.{name}]')
            if self.fail_mode is None or self.lock is None:
                kinds = ", ".join(f'"{kind.value}"' for kind in LockKind)
                raise ValueError(
                    'a real door needs fail_mode = "secure" (stays locked without current) or '
                    f'"safe" (lets go), and lock, one of {kinds}'
                )
        if self.fail_mode is not None and self.lock is not None:
            fire = contradictions(self.fail_mode, self.lock, fire_input=self._has("fire"))
            for contradiction in fire:
                raise ValueError(contradiction)
        return self

    @model_validator(mode="after")
    def _leaves_the_panel_its_own(self) -> DoorSettings:
        """Refuse settings that would control a lock that belongs to a panel."""
        if self.panel_seconds and (self.interlock or self.exit_releases):
            raise ValueError(
                f'with driver = "{self.driver}" the lock is the panel\'s: set interlock and exit '
                "button there, and remove interlock and exit_releases here"
            )
        return self

    @model_validator(mode="after")
    def _has_its_inputs(self) -> DoorSettings:
        """Check that required inputs are fitted; without them nobody could enter, or leave."""
        if self.interlock and not self._may_have("neighbour"):
            raise ValueError(
                "interlock needs the other door's contact: set neighbour in the driver's section"
            )
        if self.exit_releases and not self._may_have("exit_button"):
            raise ValueError(
                "exit_releases needs an exit button: set exit_button in the driver's section"
            )
        return self

    @property
    def longest_release_seconds(self) -> float:
        """The longest possible release: the setting's bound, or that of the device's own timer."""
        longest = getattr(type(self.section()), "longest_seconds", self.max_release_seconds)
        return float(min(longest, self.max_release_seconds))

    @model_validator(mode="after")
    def _fits_its_wire(self) -> DoorSettings:
        """Refuse durations that the device's own timer does not support, before any grant."""
        longest = self.longest_release_seconds
        for name in ("release_seconds", "longer_seconds", "renew_seconds", "push_seconds"):
            if getattr(self, name) > longest:
                raise ValueError(
                    f'{name} must not exceed {longest:g} with driver = "{self.driver}"'
                )
        return self

    def section(self) -> Section | None:
        """The section of the driver."""
        found: Section | None = getattr(self, self.driver.replace("-", "_"), None)
        return found

    @property
    def panel_seconds(self) -> float:
        """Time limit for a panel's decision; 0 if no panel decides."""
        return getattr(self.section(), "panel_seconds", 0.0)

    def _has(self, contact: str) -> bool:
        """True if the contact is set on an input of the driver."""
        return getattr(self.section(), contact, None) is not None

    def _may_have(self, contact: str) -> bool:
        """True if the contact is set, or the device itself reports which contacts it has."""
        told_by_device = self.driver in {"simulated", "mqtt"} or (
            self.http is not None and self.driver == "http" and self.http.kind == "webhook"
        )
        return told_by_device or self._has(contact)

    def passage(self) -> PassageRules:
        """The settings as passage rules for the door model."""
        return PassageRules(
            release_seconds=self.release_seconds,
            longer_seconds=self.longer_seconds,
            push_seconds=self.push_seconds,
            renew_seconds=self.renew_seconds,
            held_warning_seconds=self.held_warning_seconds,
            held_open_seconds=self.held_open_seconds,
            exit_seconds=self.exit_seconds,
            unknown_seconds=self.unknown_seconds + self.panel_seconds,
            grace_seconds=self.grace_seconds,
            poll_seconds=self.poll_seconds,
            exit_releases=self.exit_releases,
            relock_on_close=self.relock_on_close,
            interlock=self.interlock,
            fire_releases=self.fail_mode is FailMode.SAFE,
        )

    def rules(self) -> DoorRules:
        """The settings as rules for release orders."""
        return DoorRules(self.max_age_seconds, self.max_release_seconds)
