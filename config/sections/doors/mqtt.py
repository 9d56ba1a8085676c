"""A relay behind an MQTT broker. TLS and a login are the rule; plain TCP must be asked for by name.

Secrets are never written here: a setting names the file that holds one, by its whole path or by the
name of a systemd credential.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from config.sections.common import Section

_NAME = r"^[A-Za-z0-9_-]{1,64}$"
_TOPIC = r"^[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,7}$"


class MqttSettings(Section):
    """A relay behind an MQTT broker."""

    host: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,253}$")
    """Name or address of the broker, as its certificate has it."""
    port: int = Field(8883, ge=1, le=65535)
    """The broker's TCP port."""
    ca_file: Path | None = None
    """Certificate (PEM) of the authority that signed the broker's."""
    certificate_file: Path | None = None
    """Our own certificate (PEM), where the broker asks for one."""
    key_file: Path | None = None
    """The key of that certificate; unset: it lies in `certificate_file` too."""
    user: str | None = Field(None, min_length=1, max_length=128)
    """Our name at the broker."""
    password_file: Path | None = None
    """The file that holds our password there."""
    allow_insecure: bool = False
    """Plain TCP: whoever is on that network opens the door. `kiosk doctor` reports it."""
    keepalive_seconds: int = Field(5, ge=2, le=60)
    """After so long without a sign of life, either side takes the other for gone."""
    base_topic: str = Field("lintel", pattern=_TOPIC)
    """What every topic begins with."""
    door_name: str = Field("door", pattern=_NAME)
    """The relay's part of the topics: `<base_topic>/<door_name>/command`, `ack`, `state`."""
    kiosk_name: str = Field("kiosk", pattern=_NAME)
    """The kiosk's part of the topics, and its client id; no two kiosks share one."""
    command_key_file: Path | None = None
    """A key of at least 32 bytes, shared with the relay, that signs commands and answers."""
    discovery: bool = False
    """Tell Home Assistant which sensors there are; never a lock."""
    discovery_prefix: str = Field("homeassistant", pattern=_TOPIC)
    """Where Home Assistant listens for that."""

    @model_validator(mode="after")
    def _proves_who_is_who(self) -> MqttSettings:
        if self.allow_insecure and self.ca_file is not None:
            raise ValueError("allow_insecure and ca_file exclude each other: remove one of them")
        if not self.allow_insecure and self.ca_file is None:
            raise ValueError("ca_file must name the certificate of the broker's authority")
        if self.certificate_file is not None and self.allow_insecure:
            raise ValueError("certificate_file needs TLS: remove allow_insecure, and set ca_file")
        if self.key_file is not None and self.certificate_file is None:
            raise ValueError("key_file is the key of a certificate_file, which is not set")
        return self

    @model_validator(mode="after")
    def _logs_in(self) -> MqttSettings:
        if (self.user is None) is not (self.password_file is None):
            raise ValueError("user and password_file go together: set both or neither")
        if self.user is None and self.certificate_file is None and not self.allow_insecure:
            raise ValueError(
                "set user and password_file, or certificate_file: the broker must know us"
            )
        return self

    @model_validator(mode="after")
    def _has_topics_of_its_own(self) -> MqttSettings:
        if self.door_name == self.kiosk_name:
            raise ValueError("door_name and kiosk_name must differ: each has topics of its own")
        return self
