"""A relay with its own timer behind a broker, as its maker should have written it.

It obeys a command once, while it is valid, and only from those who have its key; a command older
than the last that secured it is void. It knows the wire from docs/doors/mqtt.md, not from the
driver's code.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import hmac
import json
import socket
import threading
import time
from pathlib import Path

from mosquitto_broker import MosquittoBroker
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

BASE = "lintel/door"
_AT_ONCE = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
_TICK_SECONDS = 0.02
_LONGEST_SECONDS = 60.0
_SKEW = dt.timedelta(seconds=2)


class MqttRelay:
    """One relay, one thread.

    Args:
        broker: dialled again for as long as it takes.
        key: shared with the kiosk; None to believe everybody.

    Attributes:
        key: may be changed.
        inputs: what it says of its inputs; change it with `set_inputs`.
        late_seconds: how much too late it answers.
        answers_twice: whether it says everything twice.
        stuck: whether it acknowledges and its contact does not move.
        silent: whether it answers nothing, and obeys.
        ahead: how much its clock is ahead of the kiosk's.
        heard: every command, as it came.
        obeyed: the id of every release that it has carried out.
        refused: why it did not obey, oldest first.
        pushes: the times for which it has pulsed the door operator.
    """

    def __init__(self, broker: MosquittoBroker, key: bytes | None = None) -> None:
        self.key = key
        self.inputs: dict[str, object] = {"leaf": "closed", "tampered": False}
        self.late_seconds = 0.0
        self.answers_twice = self.stuck = self.silent = False
        self.ahead = dt.timedelta()
        self.heard: list[bytes] = []
        self.refused: list[str] = []
        self.obeyed: list[str] = []
        self.pushes: list[float] = []
        self.listening = threading.Event()
        self._broker = broker
        self._until = 0.0
        self._secured_at = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._seen: set[str] = set()
        self._state_said: bytes | None = None
        self._later: list[tuple[float, bytes]] = []
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    @property
    def unlocked(self) -> bool:
        """Whether the contact lets somebody in now."""
        return time.monotonic() < self._until

    def set_inputs(self, **inputs: object) -> None:
        self.inputs = {**self.inputs, **inputs}

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    # -- its own thread --------------------------------------------------------------------------

    def _keep(self) -> None:
        while not self._closing.is_set():
            client = self._client()
            with contextlib.suppress(OSError):
                client.connect("127.0.0.1", self._broker.port, keepalive=5)
                while not self._closing.is_set() and self._turn(client):
                    pass
            self.listening.clear()
            client.on_connect = client.on_message = client.on_subscribe = None
            if self._closing.is_set():
                client.disconnect()
            self._closing.wait(0.05)

    def _client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            "relay",
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        if self._broker.tls:
            client.tls_set_context(self._broker.trusting())
        client.username_pw_set("relay", self._broker.password("relay"))
        client.will_set(f"{BASE}/online", b"offline", qos=1, retain=True)
        client.on_connect = lambda *_: client.subscribe(f"{BASE}/command", qos=1)
        client.on_subscribe = lambda *_: self._begin(client)
        client.on_message = lambda _, __, message: self._obey(client, message)
        client.on_socket_open = lambda _, __, line: line.setsockopt(*_AT_ONCE)
        return client

    def _begin(self, client: Client) -> None:
        client.publish(f"{BASE}/online", b"online", qos=1, retain=True)
        self._state_said = None
        self.listening.set()

    def _turn(self, client: Client) -> bool:
        alive = client.loop(_TICK_SECONDS) == MQTTErrorCode.MQTT_ERR_SUCCESS
        if self.listening.is_set():
            self._say_state(client)
            for due, answer in tuple(self._later):
                if due <= time.monotonic():
                    self._later.remove((due, answer))
                    client.publish(f"{BASE}/ack", answer, qos=1)
        return alive

    def _say_state(self, client: Client) -> None:
        state = json.dumps(self._state()).encode()
        if state != self._state_said:
            client.publish(f"{BASE}/state", state, qos=1, retain=True)
            self._state_said = state

    def _state(self) -> dict[str, object]:
        return {"lock": "released" if self.unlocked else "secured", **self.inputs}

    def _obey(self, client: Client, message: MQTTMessage) -> None:
        body = bytes(message.payload)
        self.heard.append(body)
        line, _, signature = body.partition(b"\n")
        try:
            command = json.loads(line)
            refused = "expired" if message.retain else self._why_not(command, line, signature)
            if refused is None:
                self._move(command)
        except (ValueError, KeyError, TypeError):
            self.refused.append("malformed")
            return
        if refused is not None:
            self.refused.append(refused)
        self._answer(client, command["id"], refused)

    def _why_not(self, command: dict[str, object], line: bytes, signature: bytes) -> str | None:
        now = dt.datetime.now(dt.UTC) + self.ahead
        issued = dt.datetime.fromisoformat(str(command["issued_at"]))
        if self.key is not None and not hmac.compare_digest(signature, self._sign("command", line)):
            return "signature"
        if command["id"] in self._seen:
            return "replayed"
        overtaken, early = issued < self._secured_at, issued - now > _SKEW
        if overtaken or early or now >= dt.datetime.fromisoformat(str(command["expires_at"])):
            return "expired"
        longest = max(float(str(command[name])) for name in ("seconds", "push_seconds"))
        return None if longest <= _LONGEST_SECONDS else "time"

    def _move(self, command: dict[str, object]) -> None:
        self._seen.add(str(command["id"]))
        if command["verb"] == "secure":
            self._until = 0.0
            self._secured_at = dt.datetime.fromisoformat(str(command["issued_at"]))
        elif command["verb"] == "release" and not self.stuck:
            self._until = time.monotonic() + float(str(command["seconds"]))
            self.obeyed.append(str(command["id"]))
            if command["push_seconds"]:
                self.pushes.append(float(str(command["push_seconds"])))

    def _answer(self, client: Client, named: object, refused: str | None) -> None:
        said = {"id": named, **({"refused": refused} if refused else self._state())}
        line = json.dumps(said).encode()
        body = line if self.key is None else line + b"\n" + self._sign("ack", line)
        for _ in range(0 if self.silent else 2 if self.answers_twice else 1):
            if self.late_seconds:
                self._later.append((time.monotonic() + self.late_seconds, body))
            else:
                client.publish(f"{BASE}/ack", body, qos=1)

    def _sign(self, leaf: str, line: bytes) -> bytes:
        assert self.key is not None
        signed = f"{BASE}/{leaf}\n".encode() + line
        return hmac.new(self.key, signed, hashlib.sha256).hexdigest().encode()


def key_file(folder: Path, key: bytes) -> Path:
    """A key as the kiosk's settings name it."""
    path = folder / "command.key"
    path.touch(mode=0o600)
    path.write_bytes(key)
    return path
