"""One connection to a broker, used once. Messages that it did not deliver are discarded with it.

paho keeps unacknowledged messages and sends them again after a reconnection: a release would arrive
late, or twice. So no client here ever reconnects; each connection has its own client, and a
connection that is no longer trusted is reset, including data still in the kernel.

All of paho's network work is done by the one thread that calls `run`. Its callbacks take only
``changed``, and no code calls paho while holding it, so the two cannot deadlock.
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
"""Time limit for connecting and greeting; then a new attempt follows."""
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
    """A message to publish.

    Attributes:
        topic: the topic.
        body: the payload.
        qos: 1 if the broker must acknowledge it.
        retain: True if the broker keeps it for later subscribers; never for a command.
        expiry_seconds: time after which the broker discards it; None for never.
    """

    topic: str
    body: bytes
    qos: int = 0
    retain: bool = False
    expiry_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Greeting:
    """Settings and messages for the start of every connection.

    Attributes:
        client_id: the MQTT client id.
        topics: subscribed topics; retained messages there are ignored.
        will: the message that the broker publishes when the kiosk is gone; None for none.
        hello: messages to publish as soon as the connection is up.
    """

    client_id: str
    topics: tuple[str, ...]
    will: MqttMessage | None
    hello: Callable[[], Iterable[MqttMessage]]


class Connection:
    """One connection.

    Args:
        broker: address and login.
        proofs: password and certificates.
        greeting: start of the connection.
        heard: receives topic and body of each message, in the thread of `run`; raises nothing.
        changed: notified whenever one of the attributes has changed.

    Attributes:
        up: True if it can be used.
        served: True if it was ever usable.
        over: True if it has ended; it never comes back.
        fault: the reason why it ended.
        returned: reason codes of messages that the broker did not forward, by message number.
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
        """Connect, greet, and serve the connection until it is over."""
        try:
            if self._dial():
                self._serve()
        finally:
            self._end()

    def publish(self, message: MqttMessage) -> MQTTMessageInfo:
        """Pass a message to the sending thread.

        Returns:
            Its number, whether it was accepted (``rc``), and whether the broker has it.
        """
        lives = message.expiry_seconds
        more = {} if lives is None else {"MessageExpiryInterval": lives}
        properties = _properties(PacketTypes.PUBLISH, more)
        return self._client.publish(
            message.topic, message.body, message.qos, message.retain, properties
        )

    def leave(self) -> None:
        """Disconnect; the broker then publishes the will."""
        self._client.disconnect(ReasonCode(PacketTypes.DISCONNECT, identifier=_LEAVE_WITH_WILL))

    def hang_up(self) -> None:
        """Reset the connection, from any thread: unsent data is never sent.

        The TLS layer's own `shutdown` is not used: it would remove encryption from the socket
        before closing it.
        """
        self._dropped = True
        line = self._client.socket()
        if not isinstance(line, socket.socket):
            return
        with contextlib.suppress(OSError):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            socket.socket.shutdown(line, socket.SHUT_RDWR)

    # -- internal; all in the thread of `run` ----------------------------------------------------

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
        except Exception:  # noqa: BLE001 - paho raises arbitrary exceptions on invalid input
            return MQTTErrorCode.MQTT_ERR_PROTOCOL

    def _end(self) -> None:
        """Close permanently, and remove the callbacks, which would keep the client alive."""
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
        """Record a fault; the first one counts."""
        self.fault = self.fault or fault

    def _greeted(
        self, client: Client, _: object, flags: ConnectFlags, reason: ReasonCode, more: object
    ) -> None:
        del flags, more
        if reason.is_failure:
            self._blame(mqtt_faults.refused(self._broker, reason))
        elif not self._greeting.topics:
            self._welcome()
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
        """Record only messages that the broker did not forward."""
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
        """Detect a client certificate refused after connecting (TLS 1.3), shown only in the log."""
        del client
        if level == LogLevel.MQTT_LOG_ERR and _CERTIFICATE_ALERT.search(text):
            self._blame(mqtt_faults.certificate_refused(self._broker))

    def _message(self, client: Client, _: object, message: MQTTMessage) -> None:
        """Pass on a message, unless it was retained: retained messages are old."""
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
    # A message that cannot be sent at once is refused: no queue means no stale messages.
    client.max_inflight_messages_set(_MOST_UNACKNOWLEDGED)
    client.max_queued_messages_set(_MOST_UNACKNOWLEDGED)
    if proofs.tls is not None:
        client.tls_set_context(proofs.tls)
    if broker.user is not None:
        client.username_pw_set(broker.user, proofs.password)
    will = greeting.will
    if will is not None:
        client.will_set(will.topic, will.body, will.qos, will.retain)
    return client


def _properties(kind: int, values: dict[str, int]) -> Properties:
    made = Properties(kind)  # type: ignore[no-untyped-call] # paho leaves it untyped
    for name, value in values.items():
        setattr(made, name, value)
    return made


def _hurry(client: Client, _: object, line: object) -> None:
    """Send small messages at once: the kernel would otherwise delay each by 40 ms."""
    del client
    if isinstance(line, socket.socket):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _left_to_the_loop(*_: object) -> None:
    """Do nothing: with this callback set, paho does not send in the caller's own thread."""
