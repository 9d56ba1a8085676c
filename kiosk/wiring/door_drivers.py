"""The door drivers: each section of the settings in the form that its driver takes.

Each driver is imported only where it is used, for its libraries may not be installed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from config.sections.door import DoorSettings
from config.sections.doors.contact import ContactSettings
from config.sections.doors.gpio import GpioSettings
from config.sections.doors.http import HttpSettings
from config.sections.doors.modbus import ModbusSettings
from config.sections.doors.mqtt import MqttSettings
from config.sections.doors.osdp import OsdpSettings
from config.sections.doors.osdp_pd import OsdpPdSettings
from hardware.door.contacts import Contact, Contacts, Place
from kiosk.domain.errors import SettingsError
from kiosk.domain.ports import Clock, Door

if TYPE_CHECKING:
    from hardware.door.gpio.config import GpioConfig
    from hardware.door.http.config import ShellyConfig, WebhookConfig
    from hardware.door.modbus.config import ModbusConfig
    from hardware.door.osdp.config import OsdpConfig
    from hardware.door.osdp.peripheral_config import OsdpPdConfig
    from hardware.transport.mqtt.broker import MqttConfig

Input_co = TypeVar("Input_co", bound=ContactSettings, covariant=True)
Value = TypeVar("Value")


class WithContacts(Protocol[Input_co]):
    """A section with an optional setting for each contact that a door can have."""

    @property
    def leaf(self) -> Input_co | None:
        """The door position switch."""

    @property
    def tamper(self) -> Input_co | None:
        """The tamper contact."""

    @property
    def exit_button(self) -> Input_co | None:
        """The exit button (REX)."""

    @property
    def fire(self) -> Input_co | None:
        """The fire panel's contact."""

    @property
    def neighbour(self) -> Input_co | None:
        """The other door of an interlock."""


def driver(settings: DoorSettings, clock: Clock) -> Door:
    """The driver that the settings name; any but the simulated one.

    Raises:
        ModuleNotFoundError: the driver's library is not installed.
        SettingsError: the driver's settings are unusable.
    """
    given = (settings.rules(), clock, settings.answer_seconds)
    match settings.section():
        case ModbusSettings() as section:
            from hardware.door.modbus.door import ModbusDoor

            return ModbusDoor(modbus(section), *given)
        case HttpSettings() as section:
            from hardware.door.http.door import HttpDoor

            return HttpDoor(http(section), *given)
        case MqttSettings() as section:
            from hardware.door.mqtt.door import MqttDoor

            return MqttDoor(mqtt(section), *given)
        case GpioSettings(library="gpiozero") as section:
            from hardware.door.gpio.pi import GpioPiDoor

            return GpioPiDoor(gpio(section), *given)
        case GpioSettings() as section:
            from hardware.door.gpio.chip import GpioDoor

            return GpioDoor(gpio(section), *given)
        case OsdpSettings() as section:
            from hardware.door.osdp.controller import OsdpDoor

            return OsdpDoor(osdp(section), *given)
        case OsdpPdSettings() as section:
            from hardware.door.osdp.peripheral import OsdpPdDoor

            return OsdpPdDoor(osdp_pd(section), *given)
    raise SettingsError(f"The driver {settings.driver} of door.driver is not known.")


def modbus(section: ModbusSettings) -> ModbusConfig:
    """The configuration of a Modbus device."""
    from hardware.door.modbus.config import ModbusConfig

    return ModbusConfig(
        mode=section.mode,
        coil=section.coil,
        host=section.host,
        port=section.port,
        serial_port=section.serial_port,
        baud=section.baud,
        parity=section.parity,
        stop_bits=section.stop_bits,
        unit=section.unit,
        flash_address=section.flash_address,
        unit_ms=section.unit_ms,
        operator_coil=section.operator_coil,
        operator_flash_address=section.operator_flash_address,
        inputs_as=section.inputs_as,
        contacts=_contacts(section, lambda contact: contact.input),
    )


def http(section: HttpSettings) -> ShellyConfig | WebhookConfig:
    """The configuration of a relay with Shelly's RPC, or of a receiver of signed commands."""
    from hardware.door.http.config import ShellyConfig, WebhookConfig

    if section.kind == "shelly":
        return ShellyConfig(
            ca_file=section.ca_file,
            url=_set(section.url, "door.http.url"),
            password_file=_set(section.password_file, "door.http.password_file"),
            output=section.output,
            operator_output=section.operator_output,
            contacts=_contacts(section, lambda contact: contact.input),
        )
    return WebhookConfig(
        ca_file=section.ca_file,
        release_url=_set(section.release_url, "door.http.release_url"),
        secure_url=_set(section.secure_url, "door.http.secure_url"),
        status_url=_set(section.status_url, "door.http.status_url"),
        key_file=_set(section.key_file, "door.http.key_file"),
        door=_set(section.door, "door.http.door"),
    )


def mqtt(section: MqttSettings) -> MqttConfig:
    """The configuration of a relay behind an MQTT broker."""
    from hardware.transport.mqtt.broker import MqttConfig

    return MqttConfig(
        host=section.host,
        port=section.port,
        ca_file=section.ca_file,
        certificate_file=section.certificate_file,
        key_file=section.key_file,
        user=section.user,
        password_file=section.password_file,
        allow_insecure=section.allow_insecure,
        keepalive_seconds=section.keepalive_seconds,
        base_topic=section.base_topic,
        kiosk_name=section.kiosk_name,
        door_name=section.door_name,
        command_key_file=section.command_key_file,
        discovery=section.discovery,
        discovery_prefix=section.discovery_prefix,
    )


def gpio(section: GpioSettings) -> GpioConfig:
    """The configuration of lines of a GPIO chip."""
    from hardware.door.gpio.config import GpioConfig

    return GpioConfig(
        line=section.line,
        chip=section.chip,
        active_low=section.active_low,
        drive=section.drive,
        operator_line=section.operator_line,
        bias=section.bias,
        closed_is=section.closed_is,
        contacts=_contacts(section, lambda contact: contact.line),
    )


def osdp(section: OsdpSettings) -> OsdpConfig:
    """The configuration of a reader or relay that the kiosk controls over OSDP."""
    from hardware.door.osdp.config import OsdpConfig

    return OsdpConfig(
        port=section.port,
        baud=section.baud,
        address=section.address,
        key_file=section.key_file,
        allow_insecure=section.allow_insecure,
        output=section.output,
        operator_output=section.operator_output,
        led=section.led,
        buzzer=section.buzzer,
        housing=section.housing,
        contacts=_contacts(section, lambda contact: contact.input),
    )


def osdp_pd(section: OsdpPdSettings) -> OsdpPdConfig:
    """The configuration of the kiosk as a reader on a panel's OSDP bus."""
    from hardware.door.osdp.peripheral_config import OsdpPdConfig

    return OsdpPdConfig(
        port=section.port,
        baud=section.baud,
        address=section.address,
        key_file=section.key_file,
        allow_insecure=section.allow_insecure,
        reader=section.reader,
        card_format=section.card_format,
        facility_code=section.facility_code,
        granted_by=section.granted_by,
        denied_by=section.denied_by,
        led=section.led,
        output=section.output,
        panel_seconds=section.panel_seconds,
    )


def _contacts(
    section: WithContacts[Input_co], place: Callable[[Input_co], Place]
) -> Contacts[Place]:
    """All contacts of a section in one value."""

    def fitted(contact: Input_co | None) -> Contact[Place] | None:
        return None if contact is None else Contact(place(contact), contact.normally)

    return Contacts(
        leaf=fitted(section.leaf),
        tamper=fitted(section.tamper),
        exit_button=fitted(section.exit_button),
        fire=fitted(section.fire),
        neighbour=fitted(section.neighbour),
    )


def _set(value: Value | None, name: str) -> Value:
    """A value that the section's own checks have made sure of."""
    if value is None:
        raise SettingsError(f"{name} is not set.")
    return value
