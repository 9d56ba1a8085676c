"""The key with which a site signs what people bring back to it; derived from the master key."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.domain.enrolment.invitation import SITE_BYTES
from kiosk.store.secrets.keys import KeySource, Purpose


class SiteKey:
    """Signs and verifies (Ed25519, RFC 8032). Never printed.

    Args:
        key: holds the master key.

    Attributes:
        site: names the site: the beginning of the hash of its public key; not secret.

    Raises:
        StoreKeyError: there is no usable master key.
    """

    def __init__(self, key: KeySource) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(key.derive(Purpose.INVITATIONS))
        self._public = self._key.public_key()
        digest = Hash(SHA256())
        digest.update(self._public.public_bytes(Encoding.Raw, PublicFormat.Raw))
        self.site = digest.finalize()[:SITE_BYTES]

    def __repr__(self) -> str:
        return "SiteKey(<hidden>)"

    def sign(self, text: bytes) -> bytes:
        """The signature of a text, 64 bytes."""
        return self._key.sign(text)

    def signed(self, text: bytes, signature: bytes) -> bool:
        """True if this site signed that text."""
        try:
            self._public.verify(signature, text)
        except InvalidSignature:
            return False
        return True
