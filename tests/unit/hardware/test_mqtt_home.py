"""Home Assistant is told of sensors, and of nothing that could open a door."""

from __future__ import annotations

import json
import re

from hardware.door.mqtt.home_assistant import discovery
from hardware.transport.mqtt.broker import MqttConfig

LINTEL = {"manufacturer": "Lintel"}
WIRE = MqttConfig(host="broker", base_topic="site/north", door_name="front", discovery=True)
KINDS_THAT_ONLY_SHOW = {"binary_sensor", "sensor"}


def told() -> dict[str, dict[str, object]]:
    return {message.topic: json.loads(message.body) for message in discovery(WIRE)}


def test_nothing_is_told_where_it_is_switched_off() -> None:
    assert list(discovery(MqttConfig(host="broker"))) == []


def test_only_sensors_are_told_of() -> None:
    assert {topic.split("/")[1] for topic in told()} == KINDS_THAT_ONLY_SHOW
    assert not [name for config in told().values() for name in config if "command" in name]


def test_leaf_tamper_relay_and_condition_are_seen() -> None:
    assert {topic.split("/")[2] for topic in told()} == {
        f"site_north_front_{name}" for name in ("leaf", "tamper", "online", "condition")
    }


def test_every_topic_is_one_that_is_published() -> None:
    topics = {
        value
        for config in told().values()
        for name, value in config.items()
        if name.endswith("_topic")
    }
    assert topics == {
        "site/north/front/state",
        "site/north/front/online",
        "site/north/kiosk/condition",
        "site/north/kiosk/status",
    }


def test_every_sensor_is_told_apart_and_belongs_to_the_door() -> None:
    configs = list(told().values())
    assert len({config["unique_id"] for config in configs}) == len(configs)
    assert {json.dumps(config["device"]) for config in configs} == {
        json.dumps({"identifiers": ["site/north/front"], "name": "Door front"} | LINTEL)
    }


def test_templates_ask_for_words_of_the_relays_state() -> None:
    asked = [str(config.get("value_template", "")) for config in told().values()]
    assert set(re.findall(r"value_json\.(\w+)", " ".join(asked))) == {"leaf", "tampered"}


def test_what_is_told_is_kept_for_whoever_comes_later() -> None:
    assert all(message.retain for message in discovery(WIRE))
