"""The public keys of an admin in a file, which they bring to those who let them in."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.signer import Key, SSlibKey

from kiosk.domain.errors import BadInput
from kiosk.fleet.cards import FINGERPRINT_CHARACTERS, OPENING_BYTES, of_format
from kiosk.fleet.trust.keyring import AdminKeys
from kiosk.store.home import read_whole, replace_whole

FORMAT = 1
ED25519 = "ed25519"
SCHEMES = {
    ED25519: ED25519,
    "ecdsa-sha2-nistp256": "ecdsa",
    "ecdsa-sha2-nistp384": "ecdsa",
    "rsassa-pss-sha256": "rsa",
}
"""The schemes with which admins may sign, each with the type of its key."""


_NOT_ONE = (
    AttributeError,
    KeyError,
    OSError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The public keys of one admin.

    Attributes:
        signing: with which they sign.
        opening: to which scopes' keys are wrapped.
    """

    signing: Key
    opening: bytes

    @classmethod
    def of(cls, keys: AdminKeys) -> PublicKeys:
        """The public part of keys that are here.

        Raises:
            BadInput: the opening key is missing.
        """
        if keys.opening is None:
            raise BadInput(f"{keys.name} has no key that opens scopes.", "Make both.")
        return cls(keys.signer.public_key, keys.opening.public)

    @property
    def fingerprint(self) -> str:
        """128 bits over both keys, hexadecimal: what the admins compare by voice."""
        both = b"\n".join((b"lintel admin", self._signing().encode(), self.opening))
        return hashlib.sha256(both).hexdigest()[:FINGERPRINT_CHARACTERS]

    def write(self, path: Path) -> None:
        """Write them into a file."""
        said = {"format": FORMAT, "signing": self.signing.to_dict(), "opening": self.opening.hex()}
        replace_whole(path, json.dumps(said).encode())

    @classmethod
    def read(cls, path: Path) -> PublicKeys:
        """The keys of a file.

        Raises:
            BadInput: it cannot be read, or holds something else.
        """
        try:
            said = of_format(json.loads(read_whole(path)), FORMAT)
            signing, opening = _key(said["signing"]), bytes.fromhex(said["opening"])
        except _NOT_ONE as error:
            raise _none(path) from error
        if len(opening) != OPENING_BYTES:
            raise _none(path)
        return cls(signing, opening)

    def _signing(self) -> str:
        return json.dumps(self.signing.to_dict(), sort_keys=True)


def _key(said: dict[str, Any]) -> Key:
    """A public key in the one form there is of it: its id follows from the key."""
    scheme, public = str(said["scheme"]), str(said["keyval"]["public"])
    if SCHEMES.get(scheme) != said["keytype"]:
        raise ValueError(scheme)
    if scheme == ED25519:
        return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)))
    return SSlibKey.from_crypto(load_pem_public_key(public.encode()), scheme=scheme)


def _none(path: Path) -> BadInput:
    return BadInput(
        f"{path} does not hold the public keys of an admin.",
        "Have them made on that admin's machine.",
    )
