"""Signing keys that lie elsewhere: in a token or module with PKCS#11, or in AWS's KMS.

A file names the key and holds what is needed to use it. The key itself cannot be read from there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

from securesystemslib.exceptions import UnsupportedLibraryError
from securesystemslib.signer import HSMSigner, Key, Signature, Signer, SSlibKey

from kiosk.domain.errors import BadInput, LibraryMissing, StoreKeyError

HSM, KMS = "hsm", "awskms"
MODULE = "PYKCS11LIB"
"""The variable of the environment by which securesystemslib finds the module's library."""


@dataclass(frozen=True, slots=True)
class KeyElsewhere:
    """A signing key that lies elsewhere. Its PIN is never printed.

    Attributes:
        uri: `hsm:ID?label=TOKEN&module=LIBRARY`, or `awskms:KEY?endpoint=URL`.
        public: its public part.
        pin: opens a token; None for one that needs none, and for KMS.
    """

    uri: str
    public: Key
    pin: str | None

    def __repr__(self) -> str:
        return f"KeyElsewhere({self.uri!r}, <hidden>)"

    @classmethod
    def named(cls, uri: str, pin: str | None) -> KeyElsewhere:
        """The key of a name, whose public part is asked of where it lies.

        Raises:
            BadInput: the name is none.
            LibraryMissing: the library for such keys is not installed.
            StoreKeyError: there is no such key, or it cannot be used now.
        """
        place = _Place(uri)
        with place.guarded():
            return cls(uri, place.public(pin), pin)

    def said(self) -> dict[str, Any]:
        """The key as a JSON object."""
        public = {"keyid": self.public.keyid, **self.public.to_dict()}
        return {"uri": self.uri, "public": public, "pin": self.pin}

    @classmethod
    def of(cls, said: dict[str, Any]) -> KeyElsewhere:
        """Decode the result of `said`.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        public = dict(said["public"])
        return cls(str(said["uri"]), Key.from_dict(public.pop("keyid"), public), said["pin"])

    @property
    def signer(self) -> Signer:
        """Signs where the key lies."""
        return _RemoteSigner(self)


class _RemoteSigner(Signer):
    """Signs with a key that lies elsewhere, and says in our words what went wrong."""

    def __init__(self, key: KeyElsewhere) -> None:
        self._key = key

    @property
    def public_key(self) -> Key:
        """The public part."""
        return self._key.public

    @classmethod
    def from_priv_key_uri(
        cls, priv_key_uri: str, public_key: Key, _: object = None
    ) -> _RemoteSigner:
        """A signer without a PIN."""
        return cls(KeyElsewhere(priv_key_uri, public_key, None))

    def sign(self, payload: bytes) -> Signature:
        """Sign; raises StoreKeyError where the key cannot be used."""
        place = _Place(self._key.uri)
        with place.guarded():
            return place.signer(self._key).sign(payload)


class _Place:
    """Where a key lies, by its name.

    Raises:
        BadInput: the name is none.
    """

    def __init__(self, uri: str) -> None:
        self._scheme, _, rest = uri.partition(":")
        self._key, _, query = rest.partition("?")
        self._options = dict(parse_qsl(query))
        known = {HSM: {"label", "module"}, KMS: {"endpoint"}}
        good = self._scheme in known and self._options.keys() <= known[self._scheme]
        if not good or (self._scheme == KMS and not self._key) or not self._numbered():
            raise BadInput(
                f"{uri[:80]!r} names no key.",
                "Name it hsm:ID?label=TOKEN&module=LIBRARY, or awskms:KEY?endpoint=URL.",
            )
        self._shown = f"{self._scheme}:{self._key}"

    def _numbered(self) -> bool:
        return self._scheme == KMS or not self._key or (self._key.isascii() and self._key.isdigit())

    def public(self, pin: str | None) -> SSlibKey:
        """The public part of the key, asked of where it lies."""
        if self._scheme == HSM:
            number = int(self._key) if self._key else None
            _, public = HSMSigner.import_(number, self._options.get("label"), lambda _: pin or "")
            return public
        asked: SSlibKey = self._kms().kms_public(self._key, self._options.get("endpoint"))
        return asked

    def signer(self, key: KeyElsewhere) -> Signer:
        """What signs."""
        if self._scheme == HSM:
            return HSMSigner.from_priv_key_uri(key.uri, key.public, lambda _: key.pin or "")
        where = self._options.get("endpoint")
        made: Signer = self._kms().kms_signer(self._key, where, key.public)
        return made

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn every fault into an error of ours."""
        if self._scheme == HSM and "module" in self._options:
            os.environ[MODULE] = self._options["module"]
        try:
            yield
        except UnsupportedLibraryError as error:
            what = "A key in a token with PKCS#11"
            raise LibraryMissing(what, "python-pkcs11", "hsm", for_door=False) from error
        except self._faults() as error:
            why = str(error) or type(error).__name__
            raise StoreKeyError(
                f"The key {self._shown} cannot be used: {why[:120]}.",
                "See whether the token is in its place, and what its PIN is."
                if self._scheme == HSM
                else "See whether this machine may use it, and whether the service is reached.",
            ) from None

    def _faults(self) -> tuple[type[Exception], ...]:
        if self._scheme == KMS:
            return (ValueError, *self._kms().KMS_FAULTS)
        try:
            from pkcs11.exceptions import PKCS11Error  # noqa: PLC0415 - only who has a token
        except ModuleNotFoundError:
            return (ValueError,)
        return ValueError, OSError, PKCS11Error

    @staticmethod
    def _kms() -> ModuleType:
        try:
            from kiosk.fleet.stores import kms_client  # noqa: PLC0415 - only who has a key there
        except ModuleNotFoundError as error:
            raise LibraryMissing("A key in AWS's KMS", "boto3", "s3", for_door=False) from error
        return kms_client
