"""Authenticated encryption of what is stored: AES-256-GCM, a fresh nonce for every record.

What is sealed is bound to its place: opening it anywhere else fails as if it had been changed.
"""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


def place(*names: str) -> bytes:
    """Associated data that names a place. Names never hold NUL, so two places never coincide."""
    return "\x00".join(("lintel/1", *names)).encode()


def seal(cipher: AESGCM, plain: bytes, where: bytes) -> bytes:
    """Nonce and ciphertext with its tag."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, where)


def unseal(cipher: AESGCM, sealed: bytes, where: bytes) -> bytes:
    """What was sealed there.

    Raises:
        InvalidTag: it was changed, moved, or sealed with another key.
        ValueError: it is too short to be anything.
    """
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], where)
