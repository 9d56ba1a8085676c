"""One connection to a broker, used once. What it did not deliver dies with it.

paho keeps unacknowledged messages and sends them again after it has reconnected: a release would
arrive late, or twice. So no client here ever reconnects; each connection has a client of its own,
and a connection that is not trusted any more is reset, with whatever the kernel still holds of it.

All of paho's network work is done by the one thread that calls `run`. Its callbacks take only
``changed``, and nobody calls paho while holding that, so that the two never wait for each other.
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from paho.mqtt.client import (
    Client,
    ConnectFlags,
    DisconnectFlags,
    MQTTMessage,
    MQTTMessageInfo,
)
from paho.mqtt.enums import CallbackAPIVersion, LogLevel, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from hardware.transport.mqtt import faults as mqtt_faults
from hardware.transport.mqtt.broker import Broker, Credentials
from kiosk.domain.errors import DoorError

DIAL_SECONDS = 1.0
"""Dialling and greeting take no longer; then it is tried anew."""
_TICK_SECONDS = 0.1
_MOST_BYTES = 16384
_MOST_UNACKNOWLEDGED = 16
_RESET = struct.pack("ii", 1, 0)
_LEAVE_WITH_WILL = 0x04
_CERTIFICATE_ALERT = re.compile(r"ALERT_\w*(?:CERTIFICATE|UNKNOWN_CA)")
_CALLBACKS = (
    "on_connect",
    "on_subscribe",
    "on_publish",
    "on_disconnect",
    "on_log",
    "on_message",
    "on_socket_open",
    "on_socket_register_write",
)

Heard = Callable[[str, bytes], None]


@dataclass(frozen=True, slots=True)
class MqttMessage:
    """Something to publish.

    Attributes:
        topic: where.
        body: what.
        qos: 1 where the broker must say that it has it.
        retain: whether the broker keeps it for those who come later; never for a command.
        expiry_seconds: after so long the broker throws it away; None for never.
    """

    topic: str
    body: bytes
    qos: int = 0
    retain: bool = False
    expiry_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Greeting:
    """What is said at the beginning of every connection.

    Attributes:
        client_id: our name.
        topics: what we listen to, at least one; what was retained there is not for us.
        will: what the broker says for us when we are gone.
        hello: what we say as soon as we are connected.
    """

    client_id: str
    topics: tuple[str, ...]
    will: MqttMessage
    hello: Callable[[], Iterable[MqttMessage]]


class Connection:
    """One connection.

    Args:
        broker: where.
        proofs: passwords and certificates.
        greeting: what is said first.
        heard: is told topic and body of each message, by the thread of `run`; raises nothing.
        changed: notified whenever one of the attributes has changed.

    Attributes:
        up: whether it can be used.
        served: whether it could ever be used.
        over: whether it has ended; it never comes back.
        fault: why it ended.
        returned: what the broker did not pass on, by message number.
    """

    def __init__(
        self,
        broker: Broker,
        proofs: Credentials,
        greeting: Greeting,
        heard: Heard,
        changed: threading.Condition,
    ) -> None:
        self.up = self.served = False
        self.over = False
        self.fault: DoorError | None = None
        self.returned: dict[int, int] = {}
        self._dropped = False
        self._broker = broker
        self._greeting = greeting
        self._heard = heard
        self._changed = changed
        self._client = _client(broker, proofs, greeting)
        self._listen()

    def run(self) -> None:
        """Dial, greet, and serve the connection until it is over."""
        try:
            if self._dial():
                self._serve()
        finally:
            self._end()

    def publish(self, message: MqttMessage) -> MQTTMessageInfo:
        """Hand a message to the thread that sends it.

        Returns:
            Its number, whether it was taken (``rc``), and whether the broker has it.
        """
        lives = message.expiry_seconds
        more = {} if lives is None else {"MessageExpiryInterval": lives}
        properties = _properties(PacketTypes.PUBLISH, more)
        return self._client.publish(
            message.topic, message.body, message.qos, message.retain, properties
        )

    def leave(self) -> None:
        """Say goodbye; the broker then says our will."""
        self._client.disconnect(ReasonCode(PacketTypes.DISCONNECT, identifier=_LEAVE_WITH_WILL))

    def hang_up(self) -> None:
        """Reset it, from any thread: what was not sent will not be.

        Not by the TLS layer's own `shutdown`, which would take its lock off the plain socket
        before closing it.
        """
        self._dropped = True
        line = self._client.socket()
        if not isinstance(line, socket.socket):
            return
        with contextlib.suppress(OSError):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            socket.socket.shutdown(line, socket.SHUT_RDWR)

    # -- within, all by the thread of `run` ------------------------------------------------------

    def _listen(self) -> None:
        client = self._client
        client.on_connect = self._greeted
        client.on_subscribe = self._subscribed
        client.on_publish = self._receipt
        client.on_disconnect = self._sent_away
        client.on_log = self._logged
        client.on_socket_register_write = _left_to_the_loop
        client.on_message = self._message
        client.on_socket_open = _hurry

    def _dial(self) -> bool:
        broker = self._broker
        more = {"SessionExpiryInterval": 0, "MaximumPacketSize": _MOST_BYTES}
        try:
            self._client.connect(
                broker.host,
                broker.port,
                broker.keepalive_seconds,
                clean_start=True,
                properties=_properties(PacketTypes.CONNECT, more),
            )
        except OSError as error:
            self.fault = mqtt_faults.unreachable(broker, error)
        return self.fault is None

    def _serve(self) -> None:
        patience = time.monotonic() + DIAL_SECONDS
        while not self._dropped and self._turn() == MQTTErrorCode.MQTT_ERR_SUCCESS:
            if not self.up and time.monotonic() > patience:
                self._blame(mqtt_faults.silent(self._broker))
                return
        self._blame(mqtt_faults.hung_up(self._broker))

    def _turn(self) -> MQTTErrorCode:
        try:
            return self._client.loop(_TICK_SECONDS)
        except Exception:  # noqa: BLE001 - paho raises whatever it stumbles over in garbage
            return MQTTErrorCode.MQTT_ERR_PROTOCOL

    def _end(self) -> None:
        """Close for good, and let go of what would keep the client alive."""
        self.hang_up()
        line = self._client.socket()
        if line is not None:
            line.close()
        for name in _CALLBACKS:
            setattr(self._client, name, None)
        with self._changed:
            self.up, self.over = False, True
            self._changed.notify_all()

    def _blame(self, fault: DoorError) -> None:
        """What was known first weighs most."""
        self.fault = self.fault or fault

    def _greeted(
        self, client: Client, _: object, flags: ConnectFlags, reason: ReasonCode, more: object
    ) -> None:
        del flags, more
        if reason.is_failure:
            self._blame(mqtt_faults.refused(self._broker, reason))
        else:
            listening = SubscribeOptions(
                qos=1, noLocal=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND
            )
            client.subscribe([(topic, listening) for topic in self._greeting.topics])

    def _subscribed(
        self, client: Client, _: object, mid: int, reasons: list[ReasonCode], more: Properties
    ) -> None:
        del client, mid, more
        if any(reason.is_failure for reason in reasons):
            self._blame(mqtt_faults.forbidden(self._broker, self._greeting.topics[0]))
            self.hang_up()
        else:
            self._welcome()

    def _welcome(self) -> None:
        for message in self._greeting.hello():
            self.publish(message)
        with self._changed:
            self.up = self.served = True
            self._changed.notify_all()

    def _receipt(
        self, client: Client, _: object, mid: int, reason: ReasonCode, more: Properties
    ) -> None:
        """Only what was not passed on is remembered."""
        del client, more
        if reason.value >= mqtt_faults.NOBODY_LISTENS:
            with self._changed:
                self.returned[mid] = reason.value
                self._changed.notify_all()

    def _sent_away(
        self, client: Client, _: object, flags: DisconnectFlags, reason: ReasonCode, more: object
    ) -> None:
        del client, more
        if flags.is_disconnect_packet_from_server:
            self._blame(mqtt_faults.refused(self._broker, reason))

    def _logged(self, client: Client, _: object, level: int, text: str) -> None:
        """TLS 1.3 refuses our certificate after dialling; only the log tells."""
        del client
        if level == LogLevel.MQTT_LOG_ERR and _CERTIFICATE_ALERT.search(text):
            self._blame(mqtt_faults.certificate_refused(self._broker))

    def _message(self, client: Client, _: object, message: MQTTMessage) -> None:
        """What was retained is old, whoever retained it."""
        del client
        if not message.retain:
            self._heard(message.topic, bytes(message.payload))


def _client(broker: Broker, proofs: Credentials, greeting: Greeting) -> Client:
    client = Client(
        CallbackAPIVersion.VERSION2,
        greeting.client_id,
        protocol=MQTTProtocolVersion.MQTTv5,
        reconnect_on_failure=False,
    )
    client.connect_timeout = DIAL_SECONDS
    # What may not go out at once is not taken at all: there is no queue to grow old in.
    client.max_inflight_messages_set(_MOST_UNACKNOWLEDGED)
    client.max_queued_messages_set(_MOST_UNACKNOWLEDGED)
    if proofs.tls is not None:
        client.tls_set_context(proofs.tls)
    if broker.user is not None:
        client.username_pw_set(broker.user, proofs.password)
    will = greeting.will
    client.will_set(will.topic, will.body, will.qos, will.retain)
    return client


def _properties(kind: int, values: dict[str, int]) -> Properties:
    made = Properties(kind)  # type: ignore[no-untyped-call] # paho leaves it untyped
    for name, value in values.items():
        setattr(made, name, value)
    return made


def _hurry(client: Client, _: object, line: object) -> None:
    """Send small messages at once: the kernel would else hold each back for 40 ms."""
    del client
    if isinstance(line, socket.socket):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _left_to_the_loop(*_: object) -> None:
    """Nothing: that this is set at all keeps paho from sending in the caller's own thread."""
