"""What admins sign of a scope's settings and models, and how far they are rolled out.

One target of The Update Framework for each scope, which admins sign themselves: no key of the
publisher's can make one. The settings are sealed under the scope's key; how far they go is plain,
so that the publisher can halt what goes wrong.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.halting import HaltLimits
from kiosk.fleet.cards import of_format
from kiosk.fleet.sealing import ScopeKeys

FORMAT = 1
Read = TypeVar("Read")


class Ring(Enum):
    """How early a device gets what is new."""

    CANARY = "canary"
    WAVE = "wave"
    ALL = "all"

    @property
    def place(self) -> int:
        """0 for the first."""
        return [*Ring].index(self)

    @property
    def following(self) -> Ring | None:
        """The next one; None after the last."""
        return next((each for each in Ring if each.place == self.place + 1), None)


@dataclass(frozen=True, slots=True)
class PinnedPack:
    """A model pack, as the admins' version of this program knows it.

    Attributes:
        name: of the pack.
        digest: over the names and hashes of its files.
    """

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class SharedVersion:
    """One version of what a fleet gives its kiosks.

    Attributes:
        number: ascending over all scopes of the fleet; 0 for a kiosk's own settings.
        settings: TOML; empty for none.
        pack: the models; None where each kiosk chooses its own.
    """

    number: int = 0
    settings: str = ""
    pack: PinnedPack | None = None

    def said(self) -> dict[str, Any]:
        """The version as a JSON object."""
        pack = None if self.pack is None else asdict(self.pack)
        return {
            "format": FORMAT,
            "number": self.number,
            "settings": self.settings,
            "pack": pack,
        }

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> SharedVersion:
        """Decode the result of `said`.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        pack = said["pack"]
        known = None if pack is None else PinnedPack(str(pack["name"]), str(pack["digest"]))
        return cls(int(said["number"]), str(said["settings"]), known)

    def sealed(self, keys: ScopeKeys) -> SealedVersion:
        """The version under the scope's newest key."""
        plain = json.dumps(self.said()).encode()
        return SealedVersion(self.number, keys.epoch, keys.seal(_record(self.number), plain))


@dataclass(frozen=True, slots=True)
class SealedVersion:
    """A version that only devices and admins of the scope can open.

    Attributes:
        number: of the version.
        epoch: of the key that sealed it.
        content: sealed.
    """

    number: int
    epoch: int
    content: bytes

    def opened(self, keys: ScopeKeys) -> SharedVersion:
        """The version.

        Raises:
            FleetRefused: these keys do not open it, or this version of the program does not
                understand it.
        """
        plain = keys.unseal(_record(self.number), self.epoch, self.content)
        found = _understood(plain, SharedVersion.of)
        if found.number != self.number:
            raise _strange()
        return found

    def said(self) -> dict[str, Any]:
        """The version as a JSON object."""
        content = base64.b64encode(self.content).decode()
        return {"number": self.number, "epoch": self.epoch, "content": content}

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> SealedVersion:
        """Decode the result of `said`.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        content = base64.b64decode(said["content"], validate=True)
        return cls(int(said["number"]), int(said["epoch"]), content)


@dataclass(frozen=True, slots=True)
class Rollout:
    """How far a version has come in a scope.

    Attributes:
        scope: its name.
        change: raised with each change of this; a lower one than was seen is an older copy.
        version: what is rolled out.
        previous: what the kiosks had before, and go back to; None for their own settings.
        ring: the last ring that gets it.
        started_at: when it began, UTC.
        ring_since: since when the ring gets it, UTC.
        halted: whether admins have halted it: every kiosk goes back.
        limits: how much may change before it halts.
    """

    scope: str
    change: int
    version: SealedVersion
    previous: SealedVersion | None
    ring: Ring
    started_at: datetime
    ring_since: datetime
    halted: bool = False
    limits: HaltLimits = field(default_factory=HaltLimits)

    def reaches(self, ring: Ring) -> bool:
        """Whether devices of a ring get the version; none does once it was halted."""
        return not self.halted and ring.place <= self.ring.place

    def is_held(self, halted: Mapping[str, int]) -> bool:
        """Whether the publisher, who holds these versions back by scope, holds this one back."""
        return halted.get(self.scope) == self.version.number

    @property
    def is_done(self) -> bool:
        """Whether another one may begin: this one has reached everybody, or was halted."""
        return self.halted or self.ring is Ring.ALL

    @property
    def settled(self) -> SealedVersion | None:
        """What every kiosk of the scope has once nothing moves; None for their own settings."""
        return self.previous if self.halted or self.ring is not Ring.ALL else self.version

    def encode(self) -> bytes:
        """The target's content."""
        said = {
            "format": FORMAT,
            "scope": self.scope,
            "change": self.change,
            "version": self.version.said(),
            "previous": None if self.previous is None else self.previous.said(),
            "ring": self.ring.value,
            "started_at": self.started_at.isoformat(),
            "ring_since": self.ring_since.isoformat(),
            "halted": self.halted,
            "limits": asdict(self.limits),
        }
        return json.dumps(said, sort_keys=True).encode()

    @classmethod
    def decode(cls, data: bytes, scope: str) -> Rollout:
        """Decode the target's content.

        Raises:
            FleetRefused: it is another scope's, or this version does not understand it.
        """

        def rollout(said: Mapping[str, Any]) -> Rollout:
            previous = said["previous"]
            return cls(
                str(said["scope"]),
                int(said["change"]),
                SealedVersion.of(said["version"]),
                None if previous is None else SealedVersion.of(previous),
                Ring(said["ring"]),
                _time(said["started_at"]),
                _time(said["ring_since"]),
                bool(said["halted"]),
                HaltLimits(**said["limits"]),
            )

        found = _understood(data, rollout)
        if found.scope != scope:
            raise _strange()
        return found


def encode_rings(rings: Mapping[str, Ring]) -> bytes:
    """The target that names the ring of each device that is not in the last one."""
    said = {device: ring.value for device, ring in rings.items() if ring is not Ring.ALL}
    return json.dumps({"format": FORMAT, "rings": said}, sort_keys=True).encode()


def decode_rings(data: bytes | None) -> Mapping[str, Ring]:
    """The ring of each device that has one; the others are in the last.

    Raises:
        FleetRefused: this version does not understand it.
    """
    if data is None:
        return {}
    return _understood(data, lambda said: {it: Ring(each) for it, each in said["rings"].items()})


def _record(number: int) -> str:
    return f"settings {number}"


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _understood(data: bytes, read: Callable[[Mapping[str, Any]], Read]) -> Read:
    try:
        return read(of_format(json.loads(data), FORMAT))
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise _strange() from error


def _strange() -> FleetRefused:
    return FleetRefused(
        "What admins have signed about settings cannot be understood.",
        "Install the newest version of the program on this machine.",
    )
