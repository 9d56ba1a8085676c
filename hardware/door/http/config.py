"""Connection settings of HTTP doors: plain values, and the secrets loaded from their files.

An error in a file is raised here, with the setting that names the file.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from hardware.door.contacts import Contacts
from hardware.secret_file import read_secret
from hardware.trust import trusting
from kiosk.domain.errors import SettingsError

LEAST_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConfig:
    """Settings common to all HTTP doors.

    Attributes:
        ca_file: trusted CA certificates for the device; None for the system's trust store.
    """

    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellyConfig(HttpConfig):
    """A relay with the Shelly Gen2 RPC.

    Attributes:
        url: its address, without a path.
        password_file: the password of its user `admin`.
        output: the number of the switch that the lock is wired to.
        operator_output: the number of the switch that pulses a door operator; None if there is
            none.
        contacts: the contacts on its inputs, by input number.
    """

    url: str
    password_file: Path
    output: int = 0
    operator_output: int | None = None
    contacts: Contacts[int] = field(default_factory=Contacts)

    def urls(self) -> dict[str, str]:
        """The device's address, by the name of the setting."""
        return {"door.http.url": self.url}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookConfig(HttpConfig):
    """A receiver of signed commands.

    Attributes:
        release_url: takes the release command.
        secure_url: takes the lock command.
        status_url: returns the door's state.
        key_file: the key shared with the receiver.
        door: the name of this door in every command.
    """

    release_url: str
    secure_url: str
    status_url: str
    key_file: Path
    door: str

    def urls(self) -> dict[str, str]:
        """The device's addresses, by the names of the settings."""
        return {
            "door.http.release_url": self.release_url,
            "door.http.secure_url": self.secure_url,
            "door.http.status_url": self.status_url,
        }


def trust(config: ShellyConfig | WebhookConfig) -> ssl.SSLContext:
    """The TLS context; without trusted authorities if no address is https.

    Raises:
        SettingsError: the file cannot be read, or contains no certificate.
    """
    encrypted = any(url.startswith("https:") for url in config.urls().values())
    if config.ca_file is None and not encrypted:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return trusting(config.ca_file, "door.http.ca_file")


def password(config: ShellyConfig) -> str:
    """The relay's password.

    Raises:
        SettingsError: the file cannot be used.
    """
    setting = "door.http.password_file"
    try:
        return read_secret(config.password_file, setting).decode()
    except UnicodeDecodeError:
        raise SettingsError(
            f"The password of {setting} is not UTF-8 text.", "Save it as UTF-8."
        ) from None


def signing_key(config: WebhookConfig) -> bytes:
    """The key that commands are signed with.

    Raises:
        SettingsError: the file cannot be used.
    """
    return read_secret(config.key_file, "door.http.key_file", least_bytes=LEAST_KEY_BYTES)
