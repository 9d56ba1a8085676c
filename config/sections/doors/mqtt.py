"""A relay behind an MQTT broker."""

from __future__ import annotations

from config.sections.common import Section


class MqttSettings(Section):
    """A relay behind an MQTT broker."""
