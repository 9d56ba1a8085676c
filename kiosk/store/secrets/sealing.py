"""Authenticated encryption of stored data: AES-256-GCM, a fresh nonce for every record.

A sealed record is bound to its place: opened in any other place it fails as if it had been changed.
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
    """The plaintext of a record sealed for that place.

    Raises:
        InvalidTag: it was changed, moved, or sealed with another key.
        ValueError: it is too short to be a record.
    """
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], where)
