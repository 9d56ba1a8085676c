"""Each refusal of a broker names a setting and what to do."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from hardware.transport.mqtt import faults as mqtt_faults
from hardware.transport.mqtt.broker import Broker
from kiosk.domain.errors import DoorError, DoorTimeout, DoorUnusable

BROKER = Broker(host="broker", user="kiosk")
BY_CERTIFICATE = Broker(host="broker", certificate_file=Path("kiosk.pem"))
NOBODY = Broker(host="broker", section="operators.mqtt")


@pytest.mark.parametrize(
    ("broker", "code", "kind", "setting"),
    [
        (BROKER, 0x86, DoorUnusable, "door.mqtt.password_file"),
        (BROKER, 0x87, DoorUnusable, "door.mqtt.user"),
        (BY_CERTIFICATE, 0x87, DoorUnusable, "door.mqtt.certificate_file"),
        (NOBODY, 0x87, DoorUnusable, "operators.mqtt.user"),
        (BROKER, 0x84, DoorUnusable, "door.mqtt.port"),
        (BROKER, 0x85, DoorUnusable, "door.mqtt.kiosk_name"),
        (BROKER, 0x88, DoorTimeout, "broker:8883"),
        (BROKER, 0x89, DoorTimeout, "broker:8883"),
        (BROKER, 0x97, DoorTimeout, "broker:8883"),
    ],
)
def test_a_greeting_that_is_refused(
    broker: Broker, code: int, kind: type[DoorError], setting: str
) -> None:
    error = mqtt_faults.refused(broker, ReasonCode(PacketTypes.CONNACK, identifier=code))
    assert type(error) is kind
    assert setting in str(error)
    assert error.remedy


@pytest.mark.parametrize(
    ("code", "kind", "setting"),
    [
        (0x8E, DoorUnusable, "door.mqtt.kiosk_name"),
        (0x8B, DoorTimeout, "broker:8883"),
        (0x87, DoorUnusable, "door.mqtt.password_file"),
    ],
    ids=["taken over", "shutting down", "not allowed any more"],
)
def test_being_sent_away(code: int, kind: type[DoorError], setting: str) -> None:
    error = mqtt_faults.refused(BROKER, ReasonCode(PacketTypes.DISCONNECT, identifier=code))
    assert type(error) is kind
    assert setting in str(error)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectionRefusedError(111, "Connection refused"), DoorTimeout),
        (TimeoutError("timed out"), DoorTimeout),
        (ssl.SSLEOFError(8, "EOF occurred"), DoorTimeout),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), DoorUnusable),
        (ssl.SSLError("no words at all"), DoorUnusable),
    ],
    ids=["refused", "silent", "hung up", "no TLS", "wordless"],
)
def test_a_broker_that_cannot_be_reached(error: OSError, kind: type[DoorError]) -> None:
    told = mqtt_faults.unreachable(BROKER, error)
    assert type(told) is kind
    assert "broker:8883" in told.problem
    assert "door.mqtt.port" in told.remedy


def test_a_topic_that_is_closed_to_us() -> None:
    assert "door.mqtt.user" in mqtt_faults.forbidden(BROKER, "a/b").remedy
    assert "certificate_file" in mqtt_faults.forbidden(BY_CERTIFICATE, "a/b").remedy
