"""Operator orders through an MQTT broker. Access to the broker is not enough; orders are signed.

Topics: `<base>/<door>/operator` in, `<base>/<door>/operator/ack` out, `<base>/<door>/help` for a
call for help, `<base>/<door>/alarm` for a fault at the door, and `<base>/<door>/journal` with the
journal's end. Only the journal's end and the channel's presence are retained.
"""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from paho.mqtt.client import MQTTMessageInfo
from paho.mqtt.enums import MQTTErrorCode

from hardware.transport.mqtt.broker import Broker
from hardware.transport.mqtt.connection import Greeting, MqttMessage
from hardware.transport.mqtt.line import MqttLine
from kiosk.domain.audit import Value
from kiosk.domain.errors import DoorError
from kiosk.domain.ports import Clock

CHANNEL = "mqtt"
MOST_WAITING = 16
"""Limit of received orders not yet processed; more are dropped, and expire at their senders."""
ANNOUNCED_SECONDS = 60.0
"""Time for which an announcement that could not be sent is still sent after a reconnection."""
END_SECONDS = 5.0
"""Minimum interval between two publications of the journal's end."""
_LOOK_SECONDS = 0.5
_CLOSE_SECONDS = 1.0

Hear = Callable[[bytes], bytes]
"""Takes an order as received, and returns the answer; raises nothing."""
Changed = Callable[[str, str | None], None]
"""Takes a channel's name and its problem; None once it works."""
End = Callable[[], bytes | None]
"""Returns the journal's end in the form to publish; None if it is not available."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorConfig(Broker):
    """A broker, and the kiosk's topics there.

    Attributes:
        base_topic: prefix of all topics of the kiosk.
        door_name: the door's part of the topics.
        kiosk_name: the client id, and part of the presence topic.
    """

    base_topic: str = "lintel"
    door_name: str = "door"
    kiosk_name: str = "kiosk"
    section: str = "operators.mqtt"

    def of_door(self, leaf: str) -> str:
        """A topic of the door: `operator`, `operator/ack`, `help`, `alarm`, `journal`."""
        return f"{self.base_topic}/{self.door_name}/{leaf}"

    @property
    def presence(self) -> str:
        """Topic with the retained `online` or `offline`."""
        return f"{self.base_topic}/{self.kiosk_name}/operators"


class MqttChannel:
    """Listens through a broker, in threads of its own, until it is closed.

    Args:
        config: broker and topics.
        hear: receives every order.
        changed: called when the channel starts to work, and when it stops working.
        clock: timestamps announcements.
        end: the journal's end, published whenever it has changed.

    Raises:
        SettingsError: a file named in the settings cannot be used.
    """

    def __init__(
        self,
        config: OperatorConfig,
        hear: Hear,
        changed: Changed,
        clock: Clock,
        end: End = lambda: None,
    ) -> None:
        self._config = config
        self._hear = hear
        self._changed = changed
        self._clock = clock
        self._waiting: queue.Queue[bytes] = queue.Queue(MOST_WAITING)
        self._unsaid: deque[tuple[MqttMessage, float]] = deque(maxlen=MOST_WAITING)
        self._saying = threading.Lock()
        self._works: bool | None = None
        self._end = end
        self._ended: MqttMessage | None = None
        self._next_end = 0.0
        self._closing = threading.Event()
        will = MqttMessage(config.presence, b"offline", qos=1, retain=True)
        name = f"{config.kiosk_name}-operators"
        greeting = Greeting(name, (config.of_door("operator"),), will, self._hello)
        self._line = MqttLine(config, greeting, self._heard)
        self._thread = threading.Thread(target=self._serve, name="operators-mqtt", daemon=True)
        self._thread.start()

    def call_help(self, seconds: float) -> bool:
        """Announce a call for help to subscribers; raises nothing.

        Args:
            seconds: how long to wait for the broker.

        Returns:
            True if the broker has it. If not, it is sent as soon as the connection is back.
        """
        sent = self._announce("help", {})
        if sent is None or sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        with contextlib.suppress(RuntimeError):  # the connection went down meanwhile
            sent.wait_for_publish(seconds)
        return sent.is_published()

    def alarm(self, name: str, *, begins: bool) -> None:
        """Announce a fault at the door to subscribers; never blocks, and raises nothing."""
        self._announce("alarm", {"alarm": name, "begins": begins})

    def close(self) -> None:
        """Stop; may be called twice."""
        self._closing.set()
        self._line.close(_CLOSE_SECONDS)
        self._thread.join(_CLOSE_SECONDS)  # the door is not locked before this returns

    # -- the line's thread -----------------------------------------------------------------------

    def _heard(self, topic: str, body: bytes) -> None:
        del topic
        try:
            self._waiting.put_nowait(body)
        except queue.Full:
            return

    def _hello(self) -> list[MqttMessage]:
        online = MqttMessage(self._config.presence, b"online", qos=1, retain=True)
        ended = [self._ended] if self._ended else []
        return [online, *ended, *self._take_unsaid()]

    # -- announcements ---------------------------------------------------------------------------

    def _announce(self, leaf: str, details: Mapping[str, Value]) -> MQTTMessageInfo | None:
        """Publish now, or with the next greeting; returns the publish result if it was sent now."""
        at = int(self._clock.utc().timestamp() * 1000)
        said = {"id": secrets.token_hex(16), "door": self._config.door_name, "at": at, **details}
        message = MqttMessage(self._config.of_door(leaf), json.dumps(said).encode(), qos=1)
        with self._saying:
            self._unsaid.append((message, time.monotonic() + ANNOUNCED_SECONDS))
        try:
            connection = self._line.connection(time.monotonic())
        except DoorError:
            return None
        sent = [connection.publish(each) for each in self._take_unsaid()]
        return sent[-1] if sent else None

    def _take_unsaid(self) -> list[MqttMessage]:
        """Announcements not yet sent and not too old; each is returned once."""
        with self._saying:
            taken = list(self._unsaid)
            self._unsaid.clear()
        return [message for message, until in taken if time.monotonic() < until]

    # -- the channel's own thread ----------------------------------------------------------------

    def _serve(self) -> None:
        while not self._closing.is_set():
            self._look()
            self._tell_end()
            try:
                order = self._waiting.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            answer = self._hear(order)
            self._line.tell(MqttMessage(self._config.of_door("operator/ack"), answer, qos=1))

    def _tell_end(self) -> None:
        """Publish the journal's end if it has changed; retained for later subscribers."""
        if time.monotonic() < self._next_end or (body := self._end()) is None:
            return
        message = MqttMessage(self._config.of_door("journal"), body, qos=1, retain=True)
        if message != self._ended:
            self._next_end = time.monotonic() + END_SECONDS
            self._ended = message  # before publishing: a greeting from now on includes it
            self._line.tell(message)

    def _look(self) -> None:
        """Report once that the connection is lost, and once that it is back."""
        try:
            self._line.connection(time.monotonic() + _LOOK_SECONDS)
            problem = None
        except DoorError as error:
            problem = error.problem
        works = problem is None
        if works is not self._works and not self._closing.is_set():
            self._works = works
            self._changed(CHANNEL, problem)
