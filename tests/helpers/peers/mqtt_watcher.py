"""Somebody who may read everything at a broker, and remembers it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from mosquitto_broker import MosquittoBroker
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion


@dataclass(frozen=True)
class Seen:
    """One message.

    Attributes:
        topic: where.
        body: what.
        kept: whether the broker had kept it for whoever comes later.
        lives_seconds: for how long the broker would still hand it on; None for ever.
    """

    topic: str
    body: bytes
    kept: bool
    lives_seconds: int | None


class Watcher:
    """Subscribed to everything, from when it is made.

    Args:
        broker: where.
        told: is told of each message too, by the watcher's thread.
    """

    def __init__(
        self, broker: MosquittoBroker, told: Callable[[Seen], object] = lambda _: None
    ) -> None:
        self.seen: list[Seen] = []
        self._told = told
        self._ready = threading.Event()
        self._client = Client(
            CallbackAPIVersion.VERSION2, "watcher", protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.tls_set_context(broker.trusting())
        self._client.username_pw_set("watcher", broker.password("watcher"))
        self._client.on_message = self._note
        self._client.on_connect = lambda *_: self._client.subscribe("#", qos=1)
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        assert self._ready.wait(5.0)

    def last(self, topic: str) -> bytes | None:
        """What was said last on a topic; None where nothing was."""
        said = [each.body for each in tuple(self.seen) if each.topic == topic]
        return said[-1] if said else None

    def kept(self) -> dict[str, bytes]:
        """What the broker had kept when we came."""
        return {each.topic: each.body for each in tuple(self.seen) if each.kept}

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._client.on_connect = self._client.on_message = self._client.on_subscribe = None

    def _note(self, client: Client, _: object, message: MQTTMessage) -> None:
        del client
        lives = getattr(message.properties, "MessageExpiryInterval", None)
        seen = Seen(message.topic, bytes(message.payload), message.retain, lives)
        self.seen.append(seen)
        self._told(seen)
