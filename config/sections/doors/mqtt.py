"""Settings of the MQTT driver."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from config.sections.broker import NAME, TOPIC, BrokerSettings


class MqttSettings(BrokerSettings):
    """A relay behind an MQTT broker."""

    door_name: str = Field("door", pattern=NAME)
    """The relay's part of the topics: `<base_topic>/<door_name>/command`, `ack`, `state`."""
    command_key_file: Path | None = None
    """A key of at least 32 bytes, shared with the relay, that signs commands and answers."""
    discovery: bool = False
    """Tell Home Assistant which sensors there are; never a lock."""
    discovery_prefix: str = Field("homeassistant", pattern=TOPIC)
    """Where Home Assistant listens for that."""

    @model_validator(mode="after")
    def _has_topics_of_its_own(self) -> MqttSettings:
        if self.door_name == self.kiosk_name:
            raise ValueError("door_name and kiosk_name must differ: each has topics of its own")
        return self
