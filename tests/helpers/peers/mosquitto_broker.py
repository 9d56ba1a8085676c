"""A real mosquitto as a child process: TLS, passwords or client certificates, and an access list.

Topics are those of `MqttConfig` with its own names: base `lintel`, door `door`, kiosk `kiosk`.
Every user's password is in a file of its own, and every certificate is made out to the user's name.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import datetime as dt
import functools
import hashlib
import ipaddress
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt import publish
from paho.mqtt.enums import MQTTProtocolVersion

from hardware.transport.mqtt.broker import TidySocket

MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "mosquitto"
USERS = ("kiosk", "relay", "operator", "watcher", "stranger")
ACCESS_LIST = """
user kiosk
topic write lintel/door/command
topic read lintel/door/ack
topic write lintel/kiosk/#
topic write homeassistant/#
topic read lintel/door/operator
topic write lintel/door/operator/ack
topic write lintel/door/help
topic write lintel/door/alarm
topic write lintel/door/journal

user relay
topic read lintel/door/command
topic write lintel/door/ack
topic write lintel/door/state
topic write lintel/door/online

user operator
topic write lintel/door/operator
topic read lintel/door/operator/ack
topic read lintel/door/help
topic read lintel/door/alarm
topic read lintel/door/journal

user watcher
topic read #
"""
"""The kiosk commands and the relay answers; a stranger may log in and do nothing."""


class Authority:
    """Signs certificates; all of it lies in a folder that goes at the end of the process."""

    def __init__(self, name: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lintel-ca-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        self.ca_file = self.folder / "ca.pem"
        self.ca_file.write_bytes(_pem(self._sign(self._name, self._key, authority=True)))

    def issue(self, name: str, address: str | None = None) -> tuple[Path, Path]:
        """Certificate and key for a user, or for a server at an address; made once for each."""
        certificate, key_file = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        if not certificate.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            certificate.write_bytes(_pem(self._sign(_named(name), key, address=address)))
            private(key_file, _private_pem(key))
        return certificate, key_file

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        authority: bool = False,
        address: str | None = None,
    ) -> x509.Certificate:
        now, public = dt.datetime.now(dt.UTC), self._key.public_key()
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
            .add_extension(_usage(signs=authority), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False
            )
        )
        if address is not None:
            names = [x509.IPAddress(ipaddress.ip_address(address))]
            made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return made.sign(self._key, hashes.SHA256())


@functools.cache
def authority(name: str = "lintel tests") -> Authority:
    """One for the whole session; another name is somebody else's."""
    return Authority(name)


class MosquittoBroker:
    """A broker on a free port of the loopback; it keeps the port when it is started again.

    Args:
        tls: whether it speaks TLS.
        client_certificates: whether users show certificates in place of passwords.
        signed_by: the authority of its certificate.
        address: what its certificate is made out to.
        access_list: who may do what.
    """

    def __init__(
        self,
        *,
        tls: bool = True,
        client_certificates: bool = False,
        signed_by: Authority | None = None,
        address: str = "127.0.0.1",
        access_list: str = ACCESS_LIST,
    ) -> None:
        self.authority = signed_by or authority()
        self.tls = tls
        self.folder = Path(tempfile.mkdtemp(prefix="lintel-mosquitto-"))
        self.port = free_port()
        self._settings = self._write(client_certificates, address, access_list)
        self._child: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def ca_file(self) -> Path | None:
        """What clients need to know it by."""
        return self.authority.ca_file if self.tls else None

    @property
    def pid(self) -> int:
        """Of the running child."""
        assert self._child is not None
        return self._child.pid

    def password(self, user: str) -> str:
        return f"password of {user}"

    def password_file(self, user: str) -> Path:
        return self.folder / f"{user}.password"

    def trusting(self) -> ssl.SSLContext:
        """For clients that know its authority."""
        context = ssl.create_default_context(cafile=self.ca_file)
        context.sslsocket_class = TidySocket
        return context

    def start(self) -> None:
        """Start it and wait until it listens; nothing if it runs."""
        if self._child is not None:
            return
        self._child = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._settings)], stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 10.0
        while not self._listens():
            assert self._child.poll() is None, "mosquitto does not start"
            assert time.monotonic() < end, "mosquitto does not listen"
            time.sleep(0.005)

    def kill(self) -> None:
        """End it without warning; nothing if it does not run."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def publish(self, user: str, topic: str, body: bytes, *, retain: bool = False) -> None:
        """Say something as a user that has connected for nothing else."""
        publish.single(
            topic,
            body,
            qos=1,
            retain=retain,
            hostname="127.0.0.1",
            port=self.port,
            client_id=f"{user}-once",
            auth={"username": user, "password": self.password(user)},
            tls={"ca_certs": str(self.ca_file)} if self.tls else None,
            protocol=MQTTProtocolVersion.MQTTv5,
        )

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0):
            return True
        return False

    def _write(self, client_certificates: bool, address: str, access_list: str) -> Path:  # noqa: FBT001 - its own
        (self.folder / "passwords").write_text("".join(map(self._password_line, USERS)))
        (self.folder / "access").write_text(access_list)
        for user in USERS:
            private(self.password_file(user), self.password(user).encode())
        lines = [
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            "persistence false",
            "set_tcp_nodelay true",
            "log_dest none",
            f"acl_file {self.folder / 'access'}",
        ]
        if os.geteuid() == 0:
            lines.append("user root")  # else it could not read what only we may read
        if self.tls:
            certificate, key = self.authority.issue(f"broker-{address}", address)
            lines += [f"cafile {self.ca_file}", f"certfile {certificate}", f"keyfile {key}"]
        if client_certificates:
            lines += ["require_certificate true", "use_identity_as_username true"]
        else:
            lines.append(f"password_file {self.folder / 'passwords'}")
        settings = self.folder / "mosquitto.conf"
        settings.write_text("\n".join(lines) + "\n")
        return settings

    def _password_line(self, user: str) -> str:
        """As `mosquitto_passwd` writes it."""
        salt, rounds = os.urandom(12), 101
        hashed = hashlib.pbkdf2_hmac("sha512", self.password(user).encode(), salt, rounds)
        parts = (base64.b64encode(part).decode() for part in (salt, hashed))
        return f"{user}:$7${rounds}${'$'.join(parts)}\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def private(path: Path, held: bytes) -> Path:
    """A file that nobody else can read."""
    path.touch(mode=0o600)
    path.write_bytes(held)
    return path


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
