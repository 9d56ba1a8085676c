"""A relay behind an MQTT broker."""
