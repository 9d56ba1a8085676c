"""Home Assistant discovery: read-only sensors, and nothing that could open a door.

https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from hardware.transport.mqtt.broker import MqttConfig
from hardware.transport.mqtt.connection import MqttMessage

ONLINE, OFFLINE = b"online", b"offline"


def discovery(config: MqttConfig) -> Iterator[MqttMessage]:
    """One retained message for each sensor; none if discovery is switched off."""
    if not config.discovery:
        return
    for kind, name, entity in _sensors(config):
        unique = "_".join((*config.base_topic.split("/"), config.door_name, name))
        topic = f"{config.discovery_prefix}/{kind}/{unique}/config"
        said = {"unique_id": unique, "device": _device(config), **entity}
        yield MqttMessage(topic, json.dumps(said).encode(), retain=True)


def _sensors(config: MqttConfig) -> Iterable[tuple[str, str, dict[str, object]]]:
    """Tuples of component, object id, and the specific part of the configuration."""
    state, relay = config.of_door("state"), config.of_door("online")
    return (
        ("binary_sensor", "leaf", _seen("Door", "door", "leaf == 'open'", state, relay)),
        ("binary_sensor", "tamper", _seen("Tamper", "tamper", "tampered", state, relay)),
        (
            "binary_sensor",
            "online",
            {
                "name": "Relay",
                "device_class": "connectivity",
                "entity_category": "diagnostic",
                "state_topic": relay,
                "payload_on": ONLINE.decode(),
                "payload_off": OFFLINE.decode(),
            },
        ),
        (
            "sensor",
            "condition",
            {
                "name": "Condition",
                "state_topic": config.of_kiosk("condition"),
                "availability_topic": config.of_kiosk("status"),
            },
        ),
    )


def _seen(name: str, kind: str, true: str, state: str, available: str) -> dict[str, object]:
    return {
        "name": name,
        "device_class": kind,
        "state_topic": state,
        "availability_topic": available,
        "value_template": f"{{{{ 'ON' if value_json.{true} else 'OFF' }}}}",
    }


def _device(config: MqttConfig) -> dict[str, object]:
    return {
        "identifiers": [f"{config.base_topic}/{config.door_name}"],
        "name": f"Door {config.door_name}",
        "manufacturer": "Lintel",
    }
