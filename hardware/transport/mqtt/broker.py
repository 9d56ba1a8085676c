"""MQTT connection settings: plain values, and the secrets loaded from their files.

An error in a file is raised here, with the setting that names the file. TLS is the default; plain
TCP has to be enabled in the settings.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from hardware.secret_file import located, read_secret
from hardware.trust import trusting
from kiosk.domain.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Address of a broker, and the login there.

    Attributes:
        host: a name or address; the broker's certificate must be issued for it.
        port: its TCP port.
        ca_file: trusted CA certificates for it; None only with `allow_insecure`.
        certificate_file: the kiosk's client certificate; None to log in by password.
        key_file: the key of that certificate.
        user: the login name; None if the certificate identifies the kiosk.
        password_file: the password.
        allow_insecure: True for plain TCP, without TLS.
        keepalive_seconds: silence after which the broker considers the kiosk gone.
        section: the settings section, for messages.
    """

    host: str
    port: int = 8883
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    user: str | None = None
    password_file: Path | None = None
    allow_insecure: bool = False
    keepalive_seconds: int = 5
    section: str = "door.mqtt"

    def __str__(self) -> str:
        return f"the MQTT broker {self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttConfig(Broker):
    """A relay behind a broker.

    Attributes:
        base_topic: prefix of all topics of the kiosk.
        door_name: the relay's part of the topics.
        kiosk_name: the kiosk's part of the topics, and its client id.
        command_key_file: a key shared with the relay, which signs commands and answers.
        discovery: True to publish Home Assistant discovery messages.
        discovery_prefix: topic prefix for these.
    """

    base_topic: str = "lintel"
    door_name: str = "door"
    kiosk_name: str = "kiosk"
    command_key_file: Path | None = None
    discovery: bool = False
    discovery_prefix: str = "homeassistant"

    def of_door(self, leaf: str) -> str:
        """A topic of the relay: `command`, `ack`, `state`, `online`."""
        return f"{self.base_topic}/{self.door_name}/{leaf}"

    def of_kiosk(self, leaf: str) -> str:
        """A topic of the kiosk: `status`, `condition`."""
        return f"{self.base_topic}/{self.kiosk_name}/{leaf}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """TLS context and password; read once, never shown.

    Attributes:
        tls: verifies the broker and holds the client certificate; None for plain TCP.
        password: None if there is none.
    """

    tls: ssl.SSLContext | None
    password: str | None

    def __repr__(self) -> str:
        return "Credentials(<hidden>)"


class TidySocket(ssl.SSLSocket):
    """An SSL socket that is closed if it fails before it is in use.

    Neither Python nor paho does so reliably: Python reads from a socket whose peer has already gone
    while it makes one of it, and then drops it unclosed.
    """

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Receive bytes; close the socket if the peer has reset it."""
        try:
            return super().recv(buflen, flags)
        except ConnectionError:
            self.close()
            raise

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - as inherited
        """Do the TLS handshake; close the socket if it fails."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def credentials(broker: Broker) -> Credentials:
    """Read the files of a broker's settings.

    Raises:
        SettingsError: a file is missing, unreadable or invalid.
    """
    return Credentials(_tls(broker), _password(broker))


def _password(broker: Broker) -> str | None:
    if broker.password_file is None:
        return None
    setting = f"{broker.section}.password_file"
    try:
        return read_secret(broker.password_file, setting).decode()
    except UnicodeDecodeError:
        raise SettingsError(
            f"The password of {setting} is not UTF-8 text.", "Save it as UTF-8."
        ) from None


def _tls(broker: Broker) -> ssl.SSLContext | None:
    if broker.allow_insecure:
        return None
    setting = f"{broker.section}.ca_file"
    if broker.ca_file is None:
        raise SettingsError(
            f"{setting} is not set, so nothing vouches for {broker}.",
            f"Set {setting} to the certificate of the authority that signed the broker's.",
        )
    context = trusting(broker.ca_file, setting)
    context.sslsocket_class = TidySocket
    if broker.certificate_file is not None:
        _show(context, broker, broker.certificate_file)
    return context


def _show(context: ssl.SSLContext, broker: Broker, certificate_file: Path) -> None:
    """Load the client certificate; its key must have no passphrase, since nobody can type it."""
    setting = f"{broker.section}.certificate_file or key_file"
    certificate = located(certificate_file, f"{broker.section}.certificate_file")
    key = certificate
    if broker.key_file is not None:
        key = located(broker.key_file, f"{broker.section}.key_file")
    read_secret(key, setting)
    try:
        context.load_cert_chain(certificate, key, password="")
    except OSError as error:
        raise _unusable(certificate, setting, error) from error


def _unusable(path: Path, setting: str, error: OSError) -> SettingsError:
    why = "it holds no usable PEM" if isinstance(error, ssl.SSLError) else error.strerror
    return SettingsError(
        f"The file {path} of {setting} cannot be used: {why}.",
        f"Correct {setting}; the file must be PEM, and a key must have no passphrase.",
    )
