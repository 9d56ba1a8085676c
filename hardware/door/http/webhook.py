"""A receiver of signed commands: any device that can check an HMAC and time a release.

A command is a JSON object with a unique id and an expiry time, signed with a key that only kiosk
and receiver have. The receiver stores ids until they expire, so a recorded or late command has no
effect. It answers with the command's id and the current state of its lock; an answer with another
id belongs to another command.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

from hardware.door.http.answer import (
    FORBIDDEN,
    OK,
    UNAUTHORISED,
    gibberish,
    parsed,
    unexpected,
)
from hardware.door.http.call import Ask, Call, May
from hardware.door.http.config import WebhookConfig, signing_key
from kiosk.domain.door.protocol import DoorReading, Leaf, Lock, ReleaseOrder
from kiosk.domain.errors import DoorError, DoorUnusable
from kiosk.domain.ports import Clock

NAME = "The receiver of door.http"
TIMESTAMP = "Lintel-Timestamp"
SIGNATURE = "Lintel-Signature"
ID = "Lintel-Id"
_CONFLICT = 409
_GONE = 410


@dataclass(frozen=True, slots=True)
class _Verb:
    """A verb, and the URL it is sent to."""

    name: str
    url: str

    @property
    def setting(self) -> str:
        return f"door.http.{self.name}_url"


class Webhook:
    """Sends the verbs of the port as signed commands.

    Args:
        config: the settings.
        clock: timestamps commands.
        answer_seconds: lifetime of a command.

    Raises:
        SettingsError: the key cannot be used.
    """

    setting = "door.http.release_url"

    def __init__(self, config: WebhookConfig, clock: Clock, answer_seconds: float) -> None:
        self._door = config.door
        self._key = signing_key(config)
        self._clock = clock
        self._answer_seconds = answer_seconds
        self._release = _Verb("release", config.release_url)
        self._secure = _Verb("secure", config.secure_url)
        self._status = _Verb("status", config.status_url)

    def release(self, call: Call, order: ReleaseOrder, may: May) -> None:
        """Send a release; the receiver must report its lock as released."""
        times = {"seconds": order.seconds, "push_seconds": order.push_seconds}
        if self._command(call, self._release, times, may).lock is not Lock.RELEASED:
            raise _disobedient(self._release)

    def secure(self, call: Call) -> None:
        """Send the lock command; the receiver must report its lock as secured."""
        if self._command(call, self._secure, {}, None).lock is not Lock.SECURED:
            raise _disobedient(self._secure)

    def status(self, call: Call) -> DoorReading:
        """Read the state; the id is in a header, since the request has no body."""
        ident = secrets.token_hex(16)
        return self._reading(call, self._status, ident, b"", None)

    def _command(
        self, call: Call, verb: _Verb, times: dict[str, float], may: May | None
    ) -> DoorReading:
        ident, now = secrets.token_hex(16), self._clock.utc().timestamp()
        command = {"id": ident, "verb": verb.name, "door": self._door, **times} | {
            "issued_at": round(now, 3),
            "expires_at": round(now + self._answer_seconds, 3),
        }
        return self._reading(call, verb, ident, json.dumps(command).encode(), may)

    def _reading(
        self, call: Call, verb: _Verb, ident: str, body: bytes, may: May | None
    ) -> DoorReading:
        headers = self._signed(ident, body) | {"Content-Type": "application/json"}
        answer = call.ask(Ask(verb.url, verb.setting, body or None, headers, None, may))
        if answer.status != OK:
            raise _refusal(answer.status, verb)
        said = parsed(answer.body, NAME)
        if said.get("id") != ident:
            raise gibberish(NAME)
        return _read(said)

    def _signed(self, ident: str, body: bytes) -> dict[str, str]:
        """HMAC-SHA-256 over time, id and body, with a full stop between."""
        at = f"{self._clock.utc().timestamp():.3f}"
        text = b".".join((at.encode(), ident.encode(), body))
        signature = hmac.new(self._key, text, hashlib.sha256).hexdigest()
        return {TIMESTAMP: at, ID: ident, SIGNATURE: f"v1={signature}"}


def _read(said: dict[str, object]) -> DoorReading:
    """The reading in an answer; a missing input counts as not fitted."""
    neighbour = said.get("neighbour_secured")
    try:
        return DoorReading(
            lock=Lock(said.get("lock")),
            leaf=Leaf(said.get("leaf", "unseen")),
            tampered=_truth(said.get("tampered", False)),
            exit_asked=_truth(said.get("exit_asked", False)),
            fire=_truth(said.get("fire", False)),
            neighbour_secured=None if neighbour is None else _truth(neighbour),
        )
    except ValueError:
        raise gibberish(NAME) from None


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("neither true nor false")


def _refusal(status: int, verb: _Verb) -> DoorError:
    if status in {UNAUTHORISED, FORBIDDEN}:
        return DoorUnusable(
            f"{NAME} refuses our signature.",
            "Give it the key of door.http.key_file, and set both clocks by the same source.",
        )
    if status in {_CONFLICT, _GONE}:
        return DoorUnusable(
            f"{NAME} says that the command had expired, or was known to it.",
            "Set the clocks of kiosk and receiver by the same source.",
        )
    return unexpected(NAME, status, verb.setting)


def _disobedient(verb: _Verb) -> DoorUnusable:
    return DoorUnusable(
        f"{NAME} took the command to {verb.name}, and reports that its lock is in the other state.",
        f"Look at the receiver, and at {verb.setting}.",
    )
