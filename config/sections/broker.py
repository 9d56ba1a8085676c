"""Connection to an MQTT broker. TLS and a login are the default; plain TCP needs its own setting.

Secrets are not part of the settings: a setting names the file with the secret, by its absolute path
or the name of a systemd credential.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from config.sections.common import Section

NAME = r"^[A-Za-z0-9_-]{1,64}$"
TOPIC = r"^[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,7}$"


class BrokerLogin(Section):
    """The kiosk's login at a broker, and whom it takes for the broker."""

    ca_file: Path | None = None
    """Certificate (PEM) of the authority that signed the broker's."""
    certificate_file: Path | None = None
    """The kiosk's own certificate (PEM), if the broker requires one."""
    key_file: Path | None = None
    """The key of that certificate; unset: it is in `certificate_file` too."""
    user: str | None = Field(None, min_length=1, max_length=128)
    """The kiosk's user name at the broker."""
    password_file: Path | None = None
    """The file with the kiosk's password there."""

    @model_validator(mode="after")
    def _is_whole(self) -> BrokerLogin:
        if self.key_file is not None and self.certificate_file is None:
            raise ValueError("key_file is the key of a certificate_file, which is not set")
        if (self.user is None) is not (self.password_file is None):
            raise ValueError("user and password_file go together: set both or neither")
        return self


class BrokerSettings(BrokerLogin):
    """Address of a broker, and the kiosk's login there."""

    host: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,253}$")
    """Name or address of the broker, as its certificate has it."""
    port: int = Field(8883, ge=1, le=65535)
    """The broker's TCP port."""
    allow_insecure: bool = False
    """Plain TCP: anyone on that network can impersonate the kiosk. `kiosk doctor` reports it."""
    keepalive_seconds: int = Field(5, ge=2, le=60)
    """Silence after which either side considers the other disconnected."""
    base_topic: str = Field("lintel", pattern=TOPIC)
    """What every topic begins with."""
    kiosk_name: str = Field("kiosk", pattern=NAME)
    """The kiosk's part of the topics, and its client id; no two kiosks share one."""

    @model_validator(mode="after")
    def _proves_who_is_who(self) -> BrokerSettings:
        if self.allow_insecure and self.ca_file is not None:
            raise ValueError("allow_insecure and ca_file exclude each other: remove one of them")
        if not self.allow_insecure and self.ca_file is None:
            raise ValueError("ca_file must name the certificate of the broker's authority")
        if self.certificate_file is not None and self.allow_insecure:
            raise ValueError("certificate_file needs TLS: remove allow_insecure, and set ca_file")
        return self

    @model_validator(mode="after")
    def _logs_in(self) -> BrokerSettings:
        if self.user is None and self.certificate_file is None and not self.allow_insecure:
            raise ValueError(
                "set user and password_file, or certificate_file: the broker must know us"
            )
        return self
