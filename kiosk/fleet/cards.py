"""What admins sign about scopes and devices, as targets of The Update Framework.

A device that was dropped keeps its card: what it said before still counts, and nothing after.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from kiosk.domain.errors import FleetRefused, StoreKeyError
from kiosk.domain.fleet.statement import Statement
from kiosk.fleet.sealing import ScopeKeys, WrappingKey

FINGERPRINT_CHARACTERS = 32
"""128 bits."""
SIGNING_BYTES, OPENING_BYTES = 32, 32 + 1184
FORMAT = 1
CardT = TypeVar("CardT")


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """The public keys of a device, which it made itself.

    Attributes:
        signing: Ed25519, 32 bytes.
        opening: X25519 and ML-KEM-768, to which scopes' keys are wrapped.
    """

    signing: bytes
    opening: bytes

    @property
    def fingerprint(self) -> str:
        """128 bits over both keys, hexadecimal: what an admin compares with the device."""
        both = b"".join((b"lintel device\n", self.signing, self.opening))
        return hashlib.sha256(both).hexdigest()[:FINGERPRINT_CHARACTERS]

    def said(self) -> dict[str, str]:
        """The keys as a JSON object."""
        return {"signing": self.signing.hex(), "opening": self.opening.hex()}

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> DeviceKeys:
        """Decode the result of `said`.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        signing, opening = bytes.fromhex(said["signing"]), bytes.fromhex(said["opening"])
        if (len(signing), len(opening)) != (SIGNING_BYTES, OPENING_BYTES):
            raise ValueError(len(opening))  # cut elsewhere, the same bytes have the same print
        return cls(signing, opening)


@dataclass(frozen=True, slots=True)
class DeviceCard:
    """What admins say of a device.

    Attributes:
        keys: its own.
        door: the door on which it decides; None where its own settings say so.
        scopes: the keys of its scopes, wrapped for it.
        dropped: the last statement of it that counts, by scope that it was dropped from; None for a
            device that never was. A dropped device has no scopes until it is approved again.
    """

    keys: DeviceKeys
    door: str | None
    scopes: Mapping[str, bytes] = field(default_factory=dict)
    dropped: Mapping[str, int] | None = None

    def encode(self) -> bytes:
        """The target's content."""
        said = {
            "format": FORMAT,
            **self.keys.said(),
            "door": self.door,
            "scopes": _encoded(self.scopes),
            "dropped": self.dropped,
        }
        return json.dumps(said, sort_keys=True).encode()

    @classmethod
    def decode(cls, data: bytes) -> DeviceCard:
        """Decode the target's content.

        Raises:
            FleetRefused: this version does not understand it.
        """

        def card(said: dict[str, Any]) -> DeviceCard:
            scopes = _decoded(said["scopes"])
            return cls(DeviceKeys.of(said), said["door"], scopes, said["dropped"])

        return _understood(data, card)

    def verify(self, statement: Statement, envelope: Envelope, *, heard_out: bool = False) -> None:
        """Check that this device has signed a statement, and may.

        Args:
            statement: what it says.
            envelope: with its signature.
            heard_out: that it was dropped before does not matter.

        Raises:
            FleetRefused: it has not, or was dropped before, or has nothing to do with that scope.
        """
        last = (self.dropped or {}).get(statement.scope, 0)
        known = heard_out or statement.scope in self.scopes or statement.number <= last
        try:
            envelope.verify([statement_key(self.keys.signing)], 1)
        except (VerificationError, ValueError):
            known = False
        if not known or statement.author != self.keys.fingerprint:
            raise FleetRefused(
                f"Device {statement.author} may not say statement {statement.number} about scope "
                f"{statement.scope}.",
                "If it was dropped just then, drop it once more; else look who has written to the "
                "store. Nothing of it was applied.",
            )


@dataclass(frozen=True, slots=True)
class ScopeCard:
    """What admins say of a scope.

    Attributes:
        scope: its name.
        doors: the doors in it.
        devices: the fingerprints of its devices.
        keys: its keys, wrapped for each admin, by `wrapping_id`.
        names: False if nobody's name is to be kept at its kiosks: the id is enough for a door.
    """

    scope: str
    doors: Sequence[str]
    devices: Sequence[str]
    keys: Mapping[str, bytes]
    names: bool = True

    def opened(self, holders: Iterable[WrappingKey]) -> ScopeKeys:
        """The scope's keys, by the first of these admins' keys that opens them.

        Raises:
            StoreKeyError: none does.
        """
        for mine in holders:
            wrapped = self.keys.get(wrapping_id(mine.public))
            if wrapped is not None:
                return mine.unwrap(wrapped, self.scope)
        raise StoreKeyError(
            f"No admin's key that is here opens scope {self.scope}.",
            "Bring the key of an admin who was there when the scope was made or changed last.",
        )

    def encode(self) -> bytes:
        """The target's content."""
        said = {
            "format": FORMAT,
            "scope": self.scope,
            "doors": list(self.doors),
            "devices": sorted(self.devices),
            "keys": _encoded(self.keys),
            "names": self.names,
        }
        return json.dumps(said, sort_keys=True).encode()

    @classmethod
    def decode(cls, data: bytes) -> ScopeCard:
        """Decode the target's content.

        Raises:
            FleetRefused: this version does not understand it.
        """

        def card(said: dict[str, Any]) -> ScopeCard:
            keys = _decoded(said["keys"])
            doors, devices = tuple(said["doors"]), tuple(said["devices"])
            return cls(said["scope"], doors, devices, keys, bool(said.get("names", True)))

        return _understood(data, card)


def wrapping_id(public: bytes) -> str:
    """The name of a public key to which keys are wrapped."""
    return hashlib.sha256(public).hexdigest()[:FINGERPRINT_CHARACTERS]


def statement_key(signing: bytes) -> SSlibKey:
    """A public key (Ed25519, 32 bytes) as it verifies what a device or an inviter signs."""
    keyid = hashlib.sha256(signing).hexdigest()
    return SSlibKey(keyid, "ed25519", "ed25519", {"public": signing.hex()})


def signing_id(signing: bytes) -> str:
    """The key id by which a device's signatures are found."""
    return str(statement_key(signing).keyid)


def of_format(said: dict[str, Any], known: int) -> dict[str, Any]:
    """A JSON object that says which format it has.

    Raises:
        KeyError, TypeError, ValueError: it says none, or another one.
    """
    if said["format"] != known:
        raise ValueError(said["format"])
    return said


def _understood(data: bytes, card: Callable[[dict[str, Any]], CardT]) -> CardT:
    try:
        return card(of_format(json.loads(data), FORMAT))
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise FleetRefused(
            "What admins have signed about a device or a scope cannot be understood.",
            "Install the newest version of the program on this machine.",
        ) from error


def _encoded(wrapped: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(each).decode() for name, each in wrapped.items()}


def _decoded(said: Mapping[str, str]) -> dict[str, bytes]:
    return {name: base64.b64decode(each, validate=True) for name, each in said.items()}
