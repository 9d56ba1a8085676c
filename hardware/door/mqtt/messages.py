"""The messages between kiosk and relay over MQTT, byte by byte; independent of any broker.

A message is one line of JSON. If both sides share a key, a second line follows: the HMAC-SHA-256 of
topic, line feed and first line, in hex. A message with a wrong signature, or without one, is
discarded.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.domain.door.protocol import DoorReading, Leaf, Lock

LEAST_KEY_BYTES = 32
_FLAGS = ("tampered", "exit_asked", "fire")


@dataclass(frozen=True, slots=True)
class RelayCommand:
    """A command to the relay.

    Attributes:
        id: 128 random bits, in hex; never reused.
        verb: `release`, `secure` or `status`.
        issued_at: by the kiosk's wall clock.
        valid_seconds: lifetime; after it the relay must not execute the command.
        seconds: how long the lock is released; 0 for other verbs.
        push_seconds: how long the door operator's output is pulsed.
    """

    id: str
    verb: str
    issued_at: datetime
    valid_seconds: float
    seconds: float = 0.0
    push_seconds: float = 0.0

    def encoded(self) -> bytes:
        """One line of JSON."""
        expires_at = self.issued_at + timedelta(seconds=self.valid_seconds)
        words = {
            "id": self.id,
            "verb": self.verb,
            "seconds": self.seconds,
            "push_seconds": self.push_seconds,
            "issued_at": self.issued_at.isoformat(timespec="microseconds"),
            "expires_at": expires_at.isoformat(timespec="microseconds"),
        }
        return json.dumps(words).encode()


@dataclass(frozen=True, slots=True)
class RelayAnswer:
    """The relay's answer to a command.

    Attributes:
        id: of the command.
        reading: lock and inputs after it; None if it cannot be parsed.
        refused: the relay's reason for a refusal; None if it executed the command.
    """

    id: str
    reading: DoorReading | None
    refused: str | None = None


class Seal:
    """Signs outgoing and verifies incoming messages; without a key it does neither.

    Args:
        key: shared with the relay.
    """

    def __init__(self, key: bytes | None) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Seal(<hidden>)"

    def sealed(self, topic: str, line: bytes) -> bytes:
        """The message as it is published."""
        if self._key is None:
            return line
        return line + b"\n" + self._signature(self._key, topic, line)

    def opened(self, topic: str, message: bytes) -> bytes | None:
        """The first line of a message; None if its signature is wrong."""
        line, _, signature = message.partition(b"\n")
        if self._key is None:
            return line
        whole = hmac.compare_digest(signature.strip(), self._signature(self._key, topic, line))
        return line if whole else None

    def _signature(self, key: bytes, topic: str, line: bytes) -> bytes:
        return hmac.new(key, topic.encode() + b"\n" + line, hashlib.sha256).hexdigest().encode()


def decoded(line: bytes) -> RelayAnswer | None:
    """The parsed answer; None if the line is not an answer."""
    said = _object(line)
    named, refused = said.get("id"), said.get("refused")
    if not isinstance(named, str):
        return None
    if refused is not None:
        return RelayAnswer(named, None, refused if isinstance(refused, str) else "")
    return RelayAnswer(named, _reading(said))


def _object(line: bytes) -> dict[str, object]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _reading(said: dict[str, object]) -> DoorReading | None:
    """Parse strictly: an unknown word, or a flag that is not a bool, makes the reading None."""
    neighbour = said.get("neighbour_secured")
    flags = {name: said.get(name, False) for name in _FLAGS}
    if not all(isinstance(each, bool) for each in flags.values()):
        return None
    if not (neighbour is None or isinstance(neighbour, bool)):
        return None
    try:
        lock, leaf = Lock(said.get("lock")), Leaf(said.get("leaf") or Leaf.UNSEEN)
    except ValueError:
        return None
    return DoorReading(
        lock=lock,
        leaf=leaf,
        tampered=flags["tampered"] is True,
        exit_asked=flags["exit_asked"] is True,
        fire=flags["fire"] is True,
        neighbour_secured=neighbour,
    )
