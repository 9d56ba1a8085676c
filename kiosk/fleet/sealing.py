"""Secrecy in the fleet: a scope's keys, and how each device gets them.

A scope has a key for each epoch, which seals records, and one that tags people. Whenever a device
is dropped, an epoch begins: what is sealed from then on, that device cannot open. Keys are wrapped
for each device, and for each admin, by HPKE (RFC 9180) with X25519 and ML-KEM-768 together, so that
neither a broken curve nor a quantum computer alone opens them.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from kiosk.domain.errors import FleetRefused
from kiosk.domain.vision.template import SubjectId
from kiosk.store.secrets.sealing import place, seal, unseal

KEY_BYTES = 32
X25519_BYTES = 32
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class ScopeKeys:
    """The secrets of one scope. Never printed.

    Attributes:
        scope: its name.
        tagging: the key of the tags.
        epochs: the sealing keys by epoch, from 1; the newest seals.
    """

    scope: str
    tagging: bytes
    epochs: Mapping[int, bytes]

    def __repr__(self) -> str:
        return f"ScopeKeys({self.scope!r}, <hidden>)"

    @classmethod
    def draw(cls, scope: str) -> ScopeKeys:
        """New keys for a new scope."""
        return cls(scope, secrets.token_bytes(KEY_BYTES), {1: secrets.token_bytes(KEY_BYTES)})

    @property
    def epoch(self) -> int:
        """The epoch that seals now."""
        return max(self.epochs)

    def turned(self) -> ScopeKeys:
        """The keys with a new epoch."""
        epochs = {**self.epochs, self.epoch + 1: secrets.token_bytes(KEY_BYTES)}
        return ScopeKeys(self.scope, self.tagging, epochs)

    def tag(self, subject: SubjectId) -> str:
        """The tag of a person, which tells nobody else who it is."""
        return hmac.digest(self.tagging, subject.encode(), "sha256").hex()

    def report_tag(self, subject: SubjectId) -> str:
        """The tag of a report about a person; no id has a line break, so it is nobody's own."""
        return hmac.digest(self.tagging, b"report\n" + subject.encode(), "sha256").hex()

    def seal(self, record: str, plain: bytes) -> bytes:
        """A record sealed under the newest epoch, bound to its hash."""
        return seal(AESGCM(self.epochs[self.epoch]), plain, self._place(record, self.epoch))

    def unseal(self, record: str, epoch: int, sealed: bytes) -> bytes:
        """The plaintext of a record.

        Raises:
            FleetRefused: it was sealed with other keys, or changed.
        """
        try:
            return unseal(AESGCM(self.epochs[epoch]), sealed, self._place(record, epoch))
        except (KeyError, InvalidTag, ValueError) as error:
            raise FleetRefused(
                f"A record of scope {self.scope} cannot be opened with the keys of this device.",
                "Wait for the next sync; if it stays so, look who has written to the store.",
            ) from error

    def _place(self, record: str, epoch: int) -> bytes:
        return place("fleet", self.scope, str(epoch), record)


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """A private key to which scopes' keys are wrapped. Never printed."""

    private: bytes

    def __repr__(self) -> str:
        return "WrappingKey(<hidden>)"

    @classmethod
    def draw(cls) -> WrappingKey:
        """A new one."""
        lattice = MLKEM768PrivateKey.generate().private_bytes_raw()
        return cls(X25519PrivateKey.generate().private_bytes_raw() + lattice)

    @property
    def public(self) -> bytes:
        """The public key, X25519 first."""
        curve, lattice = self._parts()
        own = curve.public_key().public_bytes_raw()
        return own + lattice.public_key().public_bytes_raw()

    def unwrap(self, wrapped: bytes, scope: str) -> ScopeKeys:
        """The keys of a scope.

        Raises:
            FleetRefused: they were wrapped for somebody else, or changed.
        """
        curve, lattice = self._parts()
        try:
            key = MLKEM768X25519PrivateKey(lattice, curve)
            plain = _SUITE.decrypt(wrapped, key, place("fleet keys", scope))
            said = json.loads(plain)
            epochs = {int(epoch): bytes.fromhex(each) for epoch, each in said["epochs"].items()}
            return ScopeKeys(scope, bytes.fromhex(said["tagging"]), epochs)
        except (InvalidTag, KeyError, TypeError, ValueError) as error:
            raise FleetRefused(
                f"The keys of scope {scope} cannot be opened with the key of this device.",
                "Have the device approved again.",
            ) from error

    def _parts(self) -> tuple[X25519PrivateKey, MLKEM768PrivateKey]:
        curve = X25519PrivateKey.from_private_bytes(self.private[:X25519_BYTES])
        return curve, MLKEM768PrivateKey.from_seed_bytes(self.private[X25519_BYTES:])


def wrap(keys: ScopeKeys, public: bytes) -> bytes:
    """A scope's keys for the holder of one private key alone.

    Raises:
        ValueError: that is no public key.
    """
    key = MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public[X25519_BYTES:]),
        X25519PublicKey.from_public_bytes(public[:X25519_BYTES]),
    )
    epochs = {str(epoch): each.hex() for epoch, each in keys.epochs.items()}
    plain = json.dumps({"tagging": keys.tagging.hex(), "epochs": epochs}).encode()
    return _SUITE.encrypt(plain, key, place("fleet keys", keys.scope))
