"""A file with the private keys of one admin, or of the publisher: for its owner only.

With a passphrase it is sealed by a key that scrypt (RFC 7914) makes of it, which takes an attacker
128 MB of memory and a third of a second a guess.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from securesystemslib.signer import CryptoSigner, Signer

from kiosk.domain.errors import BadInput, StoreKeyError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.fleet.sealing import KEY_BYTES, WrappingKey
from kiosk.fleet.trust.elsewhere import KeyElsewhere
from kiosk.store.home import read_whole, write_whole
from kiosk.store.secrets.sealing import place, seal, unseal

SALT_BYTES = 16
COST = 2**17
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class PrivateKeys:
    """The private keys of one holder. Never printed.

    Attributes:
        signing: an Ed25519 key, 32 bytes; none where the key lies elsewhere.
        opening: opens the keys of scopes; None for the publisher, who opens nothing.
        elsewhere: the signing key that lies in a token or a service; None where it is in the file.
    """

    signing: bytes
    opening: WrappingKey | None
    elsewhere: KeyElsewhere | None = None

    def __repr__(self) -> str:
        return "PrivateKeys(<hidden>)"

    @classmethod
    def draw(cls, *, opens: bool) -> PrivateKeys:
        """New keys."""
        signing = Ed25519PrivateKey.generate().private_bytes_raw()
        return cls(signing, WrappingKey.draw() if opens else None)

    @classmethod
    def draw_opening(cls, elsewhere: KeyElsewhere) -> PrivateKeys:
        """A new opening key beside a signing key that lies elsewhere."""
        return cls(b"", WrappingKey.draw(), elsewhere)

    @property
    def public_signing(self) -> bytes:
        """The public key of the signing one, 32 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.signing).public_key().public_bytes_raw()

    @property
    def signer(self) -> Signer:
        """The key as The Update Framework signs with it."""
        if self.elsewhere is not None:
            return self.elsewhere.signer
        return CryptoSigner(Ed25519PrivateKey.from_private_bytes(self.signing))


def write_keys(path: Path, keys: PrivateKeys, passphrase: bytes | None) -> None:
    """Write keys into a new file.

    Raises:
        BadInput: there is one of that name.
    """
    if os.path.lexists(path):
        raise BadInput(f"The key file {path} exists already.", "Choose another folder for keys.")
    opening = None if keys.opening is None else keys.opening.private.hex()
    elsewhere = None if keys.elsewhere is None else keys.elsewhere.said()
    content = {"signing": keys.signing.hex(), "opening": opening, "elsewhere": elsewhere}
    plain = json.dumps(content).encode()
    salt = secrets.token_bytes(SALT_BYTES)
    said = {"format": 1, "salt": None, "keys": plain.hex()}
    if passphrase is not None:
        sealed = seal(_cipher(passphrase, salt), plain, place("key file"))
        said |= {"salt": salt.hex(), "keys": sealed.hex()}
    write_whole(path, json.dumps(said).encode())


def read_keys(path: Path, passphrase: bytes | None) -> PrivateKeys:
    """The keys of a file.

    Raises:
        StoreKeyError: others may use it, it is damaged, or the passphrase is missing or wrong.
    """
    try:
        mode = stat.S_IMODE(path.lstat().st_mode)
        raw = read_whole(path)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise _unusable(path, f"cannot be read: {why}", "See to whom it belongs.") from error
    if mode & _OTHERS:
        why = f"can be used by others (mode {mode:04o})"
        raise _unusable(path, why, f"Treat it as known to them; if it is not, `chmod 600 {path}`.")
    try:
        said = json.loads(raw)
        plain = json.loads(_opened(path, said, passphrase))
        opening = plain["opening"]
        wrapping = None if opening is None else WrappingKey(bytes.fromhex(opening))
        found = plain.get("elsewhere")
        elsewhere = None if found is None else KeyElsewhere.of(found)
        return PrivateKeys(bytes.fromhex(plain["signing"]), wrapping, elsewhere)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unusable(path, "is damaged", "Put it back from its backup.") from error


def is_open(path: Path) -> bool:
    """True if a key file has no passphrase."""
    try:
        return bool(json.loads(read_whole(path)).get("salt") is None)
    except (OSError, ValueError):
        return False


def _opened(path: Path, said: Mapping[str, str | None], passphrase: bytes | None) -> bytes:
    content, salt = bytes.fromhex(said["keys"] or ""), said["salt"]
    if salt is None:
        return content
    if passphrase is None:
        remedy = Remedy("Give it, or name a file that holds it.", NextStep.GIVE_PASSPHRASE)
        raise _unusable(path, "has a passphrase", remedy)
    try:
        return unseal(_cipher(passphrase, bytes.fromhex(salt)), content, place("key file"))
    except InvalidTag as error:
        raise _unusable(path, "has another passphrase", "Give the one it was made with.") from error


def _cipher(passphrase: bytes, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=KEY_BYTES, n=COST, r=8, p=1).derive(passphrase))


def _unusable(path: Path, why: str, remedy: str) -> StoreKeyError:
    return StoreKeyError(f"The key file {path} {why}.", remedy)
