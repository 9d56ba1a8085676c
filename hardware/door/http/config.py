"""What an HTTP wire is set to: plain values, and what is made of its files before any call.

Whatever is wrong with a file is told here, with the setting that names it.
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
    """What every HTTP wire has.

    Attributes:
        ca_file: who vouches for the device's certificate; None for the system's authorities.
    """

    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellyConfig(HttpConfig):
    """A relay that speaks the Gen2 RPC of Shelly.

    Attributes:
        url: where it is, without a path.
        password_file: the password of its user `admin`.
        output: the number of the switch that the lock hangs on.
        operator_output: the number of the switch that pulses a door operator; None for none.
        contacts: what hangs on its inputs, by their numbers.
    """

    url: str
    password_file: Path
    output: int = 0
    operator_output: int | None = None
    contacts: Contacts[int] = field(default_factory=Contacts)

    def urls(self) -> dict[str, str]:
        """Where the device is, by the name of the setting."""
        return {"door.http.url": self.url}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookConfig(HttpConfig):
    """A receiver of signed commands.

    Attributes:
        release_url: takes a release.
        secure_url: takes the order to lock.
        status_url: is asked what the door is doing.
        key_file: the key that is shared with the receiver.
        door: the name of this door in every command.
    """

    release_url: str
    secure_url: str
    status_url: str
    key_file: Path
    door: str

    def urls(self) -> dict[str, str]:
        """Where the device is, by the names of the settings."""
        return {
            "door.http.release_url": self.release_url,
            "door.http.secure_url": self.secure_url,
            "door.http.status_url": self.status_url,
        }


def trust(wire: ShellyConfig | WebhookConfig) -> ssl.SSLContext:
    """Who vouches for the device; nobody where no address is https.

    Raises:
        SettingsError: the file cannot be read, or holds no certificate.
    """
    encrypted = any(url.startswith("https:") for url in wire.urls().values())
    if wire.ca_file is None and not encrypted:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return trusting(wire.ca_file, "door.http.ca_file")


def password(wire: ShellyConfig) -> str:
    """The relay's password.

    Raises:
        SettingsError: the file cannot be used.
    """
    setting = "door.http.password_file"
    try:
        return read_secret(wire.password_file, setting).decode()
    except UnicodeDecodeError:
        raise SettingsError(
            f"The password of {setting} is not UTF-8 text.", "Save it as UTF-8."
        ) from None


def signing_key(wire: WebhookConfig) -> bytes:
    """The key that commands are signed with.

    Raises:
        SettingsError: the file cannot be used.
    """
    return read_secret(wire.key_file, "door.http.key_file", least_bytes=LEAST_KEY_BYTES)
