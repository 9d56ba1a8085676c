"""Doors over HTTP in their rigs: a Shelly relay, and a receiver of signed commands.

A driver over HTTP has no thread of its own that could die.
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import shelly_relay as shelly
import webhook_receiver as receiver
from door_rig import RULES, Fault, Rig
from http_peer import HttpPeer, Manner
from loopback_proxy import LoopbackProxy

from hardware.door.contacts import Contact, Contacts
from hardware.door.http.config import ShellyConfig, WebhookConfig
from hardware.door.http.door import HttpDoor
from kiosk.pipeline.clock import SystemClock

ANSWER_SECONDS = 1.0


class HttpRig(Rig):
    """A peer in a process of its own, behind a proxy."""

    faults = frozenset(Fault) - {Fault.THREAD}
    verb: bytes
    late_seconds = ANSWER_SECONDS * 1.5
    """What delays every answer, so that the one to a release comes too late."""

    def __init__(self, peer: HttpPeer) -> None:
        self.peer = peer
        self.proxy = LoopbackProxy(peer.port)
        self.folder = tempfile.TemporaryDirectory()
        self.door = HttpDoor(self.wire(), RULES, SystemClock(), ANSWER_SECONDS)

    def wire(self) -> ShellyConfig | WebhookConfig:
        """How the door is reached, through the proxy."""
        raise NotImplementedError

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.proxy.port}"

    def secret(self, text: bytes, name: str = "secret") -> Path:
        """In a file that nobody else can read."""
        path = Path(self.folder.name) / name
        path.touch(0o600)
        path.write_bytes(text)
        return path

    @property
    def unlocked(self) -> bool:
        return self.peer.memory.is_on()

    @property
    def releases(self) -> int:
        return self.peer.memory.get("releases")

    def move_leaf(self, *, to_open: bool) -> None:
        self.peer.memory.put("leaf_open", to_open)

    def behave(self, manner: Manner) -> None:
        """From now on the peer behaves like that."""
        self.peer.memory.put("manner", manner)

    def break_(self, fault: Fault) -> None:
        match fault:
            case Fault.KILL:
                self.peer.kill()
            case Fault.CUT:
                self.proxy.cut()
            case Fault.GARBAGE:
                self.proxy.garble()
            case Fault.LATE:
                self.proxy.delay(self.late_seconds)
            case Fault.DUPLICATE:
                self.proxy.duplicate()
            case Fault.WRONG_KEY:
                self.behave(Manner.OTHER_SECRET)
            case _:
                self._replay()

    def mend(self) -> None:
        self.peer.revive()
        self.proxy.target_port = self.peer.port
        self.behave(Manner.HONEST)
        self.proxy.mend()

    def close(self) -> None:
        with contextlib.ExitStack() as stack:
            stack.callback(self.folder.cleanup)
            stack.callback(self.peer.close)
            stack.callback(self.proxy.close)
            self.door.close()

    def _replay(self) -> None:
        """Somebody who listened says every release again that they heard."""
        for said in [said for said in self.overheard() if self.verb in said]:
            self.proxy.replay(said)

    def overheard(self) -> list[bytes]:
        """What went over the wire, also what did not arrive."""
        return list(self.proxy.sent)


class ShellyRig(HttpRig):
    """A relay with a door contact, closed at rest, on input 0.

    `REPLAY` says again what the relay has taken. What somebody took off the wire and kept works
    for as long as the relay takes its challenge: its RPC knows no expiry (`docs/doors/http.md`).
    """

    verb = b'"toggle_after"'
    late_seconds = ANSWER_SECONDS * 0.6  # the relay is asked something else before

    def __init__(self) -> None:
        super().__init__(shelly.shelly_relay())

    def overheard(self) -> list[bytes]:
        return [said for said, answer in self.proxy.answered if b" 200 " in answer[:16]]

    def wire(self) -> ShellyConfig:
        return ShellyConfig(
            url=self.address,
            password_file=self.secret(shelly.PASSWORD),
            operator_output=1,
            contacts=Contacts(leaf=Contact(0, "closed")),
        )


class WebhookRig(HttpRig):
    """A receiver that tells of its leaf."""

    verb = b'"verb": "release"'

    def __init__(self) -> None:
        super().__init__(receiver.webhook_receiver())

    def wire(self) -> WebhookConfig:
        return WebhookConfig(
            release_url=f"{self.address}/release",
            secure_url=f"{self.address}/secure",
            status_url=f"{self.address}/status",
            key_file=self.secret(receiver.KEY),
            door=receiver.DOOR,
        )
