"""Who the admins are: a name, a signing key, and the key to which scopes' keys are wrapped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.cards import OPENING_BYTES, of_format

FORMAT = 1
MOST_NAME = 40
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


@dataclass(frozen=True, slots=True)
class AdminCard:
    """What is signed about one admin.

    Attributes:
        name: such as `admin-2`; never given again to another key.
        keyid: of the signing key, as the root names it.
        opening: the public key to which the keys of scopes are wrapped.
    """

    name: str
    keyid: str
    opening: bytes


@dataclass(frozen=True, slots=True)
class AdminsCard:
    """What admins sign about themselves.

    Attributes:
        admins: in the order in which they came.
        drawn: how many names were given so far.
    """

    admins: Sequence[AdminCard]
    drawn: int

    def encode(self) -> bytes:
        """The target's content."""
        said = {
            "format": FORMAT,
            "opening": [each.opening.hex() for each in self.admins],
            "signing": [each.keyid for each in self.admins],
            "names": [each.name for each in self.admins],
            "drawn": self.drawn,
        }
        return json.dumps(said).encode()

    @classmethod
    def decode(cls, data: bytes | None) -> AdminsCard:
        """Decode the target's content.

        Raises:
            FleetRefused: it is missing, or this version does not understand it.
        """
        try:
            said = of_format(json.loads(data or b""), FORMAT)
            rows = zip(said["names"], said["signing"], said["opening"], strict=True)
            admins = tuple(AdminCard(_name(n), str(k), _opening(o)) for n, k, o in rows)
            return cls(admins, int(said["drawn"]))
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise FleetRefused(
                "What admins have signed about themselves cannot be understood.",
                "Install the newest version of the program on this machine.",
            ) from error

    @property
    def by_keyid(self) -> Mapping[str, AdminCard]:
        """The admins by the ids of their signing keys."""
        return {each.keyid: each for each in self.admins}

    @property
    def next_name(self) -> str:
        """The name that comes next."""
        return f"admin-{self.drawn + 1}"


def _name(text: str) -> str:
    if not (_NAME.issuperset(text) and 0 < len(text) <= MOST_NAME):
        raise ValueError(text)
    return text


def _opening(text: str) -> bytes:
    public = bytes.fromhex(text)
    if len(public) != OPENING_BYTES:
        raise ValueError(len(public))
    return public
