"""Operators' keys: Ed25519. The operator keeps the private key; a kiosk has the public key.

A private key is a PEM file that only its operator can read; a public key is 32 bytes, in base64 in
the settings. No private key is ever printed; a public key is printed only when it is created.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from hardware.secret_file import read_secret
from kiosk.domain.errors import BadInput, SettingsError
from kiosk.domain.operators.encoding import sealed, signed_text
from kiosk.domain.operators.judgement import Verify
from kiosk.domain.operators.orders import Order
from kiosk.domain.remedies import NextStep, Remedy

PUBLIC_BYTES = 32


def verifier(keys: Mapping[str, str]) -> Verify:
    """A function that verifies the signatures of these operators.

    Args:
        keys: public keys in base64, by name.

    Raises:
        SettingsError: one of them is not a valid key.
    """
    known = {name: _public(name, text) for name, text in keys.items()}

    def verify(operator: str, text: bytes, signature: bytes) -> bool:
        try:
            known[operator].verify(signature, text)
        except (InvalidSignature, KeyError):
            return False
        return True

    return verify


def make_key(path: Path) -> str:
    """Create a private key in a new file.

    Returns:
        The public key, in the form for the settings.

    Raises:
        BadInput: the file exists, or cannot be created.
    """
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise BadInput(
            f"The key file {path} cannot be made: {error.strerror}.",
            Remedy("Name a new file; a key that exists is never replaced.", NextStep.NAME_NEW_FILE),
        ) from error
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(public).decode()


class Signer:
    """Signs orders with an operator's private key.

    Args:
        path: of the key file.
        name: the name by which an error mentions that file.

    Raises:
        BadInput: it cannot be read, other users can read it, or it contains no such key.
    """

    def __init__(self, path: Path, name: str = "the key") -> None:
        try:
            key = load_pem_private_key(read_secret(path.absolute(), name), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise BadInput(
                f"The key file {path} holds no operator's key.",
                Remedy(
                    "Name the file of a key that was made for an operator.",
                    NextStep.MAKE_OPERATOR_KEY,
                ),
            )
        self._key = key

    def __repr__(self) -> str:
        return "Signer(<hidden>)"

    def seal(self, order: Order) -> bytes:
        """The signed order, ready to send."""
        return sealed(order, self._key.sign(signed_text(order.fields())))


def _public(name: str, text: str) -> Ed25519PublicKey:
    try:
        held = base64.b64decode(text, validate=True)
        if len(held) == PUBLIC_BYTES:
            return Ed25519PublicKey.from_public_bytes(held)
    except (binascii.Error, ValueError):
        pass
    raise SettingsError(
        f"operators.keys.{name} is no public key.",
        Remedy(
            "Write there the public half of the operator's key: 32 bytes in base64.",
            NextStep.MAKE_OPERATOR_KEY,
        ),
    )
