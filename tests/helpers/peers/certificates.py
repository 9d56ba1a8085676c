"""Certificates that vouch for a peer on the loopback, and such that must not be believed."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOUR = dt.timedelta(hours=1)
BAD = ("wrong name", "expired", "unknown issuer")
"""What every TLS client refuses."""


@dataclass(frozen=True)
class Shown:
    """What a peer shows, and what its client is told to trust.

    Attributes:
        certificate: chain and key in one PEM file.
        ca_file: the authority that the client trusts.
    """

    certificate: Path
    ca_file: Path

    def context(self) -> ssl.SSLContext:
        """For the peer."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context


def good(folder: Path) -> Shown:
    """A certificate for 127.0.0.1 and localhost by an authority that the client trusts."""
    return _shown(folder, "", "127.0.0.1")


def bad(folder: Path, kind: str) -> Shown:
    """One of `BAD`."""
    return _shown(folder, kind, "127.0.0.2" if kind == "wrong name" else "127.0.0.1")


def _shown(folder: Path, kind: str, address: str) -> Shown:
    folder.mkdir(exist_ok=True, parents=True)
    authority, stranger = _Authority("authority"), _Authority("stranger")
    now = dt.datetime.now(dt.UTC)
    begins, ends = (now - 3 * HOUR, now - HOUR) if kind == "expired" else (now - HOUR, now + HOUR)
    signer = stranger if kind == "unknown issuer" else authority
    certificate, ca_file = folder / "peer.pem", folder / "ca.pem"
    certificate.write_bytes(signer.issue(address, begins, ends))
    ca_file.write_bytes(authority.pem)
    return Shown(certificate, ca_file)


class _Authority:
    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = dt.datetime.now(dt.UTC)
        built = self._begin(self._name, self._key, now - 24 * HOUR, now + 24 * HOUR)
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        signed = built.add_extension(constraints, critical=True).sign(self._key, hashes.SHA256())
        self.pem = signed.public_bytes(serialization.Encoding.PEM)

    def issue(self, address: str, begins: dt.datetime, ends: dt.datetime) -> bytes:
        """Certificate and key in PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")])
        host = "localhost" if address == "127.0.0.1" else "elsewhere.example"
        names = [x509.IPAddress(ipaddress.ip_address(address)), x509.DNSName(host)]
        signed = (
            self._begin(name, key, begins, ends)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return signed.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def _begin(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        begins: dt.datetime,
        ends: dt.datetime,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
        )
