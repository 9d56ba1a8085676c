"""Orders through a broker. What the broker lets through orders nothing: it must be signed as well.

Topics: `<base>/<door>/operator` in, `<base>/<door>/operator/ack` out, `<base>/<door>/help` when
somebody calls for help, `<base>/<door>/alarm` when something at the door is wrong, and
`<base>/<door>/journal` with the journal's end. Nothing is retained but that and whether the channel
is there.
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
"""Orders that came and were not heard yet; more are dropped, and expire with their senders."""
ANNOUNCED_SECONDS = 60.0
"""What could not be announced still is so long after, should the line come back."""
END_SECONDS = 5.0
"""The journal's end goes out no more often."""
_LOOK_SECONDS = 0.5
_CLOSE_SECONDS = 1.0

Hear = Callable[[bytes], bytes]
"""Takes an order as it came, and gives the answer; raises nothing."""
Changed = Callable[[str, str | None], None]
"""Takes a channel's name and what is wrong with it; None once it works."""
End = Callable[[], bytes | None]
"""Gives the journal's end as it is to be published; None where it cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorConfig(Broker):
    """A broker, and our topics there.

    Attributes:
        base_topic: what every topic of ours begins with.
        door_name: the door's part of the topics.
        kiosk_name: our client id, and where we say whether we are there.
    """

    base_topic: str = "lintel"
    door_name: str = "door"
    kiosk_name: str = "kiosk"
    section: str = "operators.mqtt"

    def of_door(self, leaf: str) -> str:
        """A topic of the door's: `operator`, `operator/ack`, `help`, `alarm`, `journal`."""
        return f"{self.base_topic}/{self.door_name}/{leaf}"

    @property
    def presence(self) -> str:
        """Where `online` or `offline` is kept."""
        return f"{self.base_topic}/{self.kiosk_name}/operators"


class MqttChannel:
    """Listens through a broker, in threads of its own, until it is closed.

    Args:
        wire: broker and topics.
        hear: is given every order.
        changed: is told when the channel works, and when it does not any more.
        clock: stamps announcements.
        end: the journal's end, published whenever it has changed.

    Raises:
        SettingsError: a file that the settings name cannot be used.
    """

    def __init__(
        self,
        wire: OperatorConfig,
        hear: Hear,
        changed: Changed,
        clock: Clock,
        end: End = lambda: None,
    ) -> None:
        self._wire = wire
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
        will = MqttMessage(wire.presence, b"offline", qos=1, retain=True)
        name = f"{wire.kiosk_name}-operators"
        greeting = Greeting(name, (wire.of_door("operator"),), will, self._hello)
        self._line = MqttLine(wire, greeting, self._heard)
        self._thread = threading.Thread(target=self._serve, name="operators-mqtt", daemon=True)
        self._thread.start()

    def call_help(self, seconds: float) -> bool:
        """Tell whoever watches that somebody calls for help; raises nothing.

        Args:
            seconds: how long to wait for the broker.

        Returns:
            Whether the broker has it. If not, it is told as soon as the line is back.
        """
        sent = self._announce("help", {})
        if sent is None or sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        with contextlib.suppress(RuntimeError):  # the line went down meanwhile
            sent.wait_for_publish(seconds)
        return sent.is_published()

    def alarm(self, name: str, *, begins: bool) -> None:
        """Tell whoever watches what is wrong at the door; never waits, and raises nothing."""
        self._announce("alarm", {"alarm": name, "begins": begins})

    def close(self) -> None:
        """End; may be called twice."""
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
        online = MqttMessage(self._wire.presence, b"online", qos=1, retain=True)
        ended = [self._ended] if self._ended else []
        return [online, *ended, *self._take_unsaid()]

    # -- announcements ---------------------------------------------------------------------------

    def _announce(self, leaf: str, details: Mapping[str, Value]) -> MQTTMessageInfo | None:
        """Publish it now, or with the next greeting; what came of it, where it went out now."""
        at = int(self._clock.utc().timestamp() * 1000)
        said = {"id": secrets.token_hex(16), "door": self._wire.door_name, "at": at, **details}
        message = MqttMessage(self._wire.of_door(leaf), json.dumps(said).encode(), qos=1)
        with self._saying:
            self._unsaid.append((message, time.monotonic() + ANNOUNCED_SECONDS))
        try:
            connection = self._line.connection(time.monotonic())
        except DoorError:
            return None
        sent = [connection.publish(each) for each in self._take_unsaid()]
        return sent[-1] if sent else None

    def _take_unsaid(self) -> list[MqttMessage]:
        """What was not announced yet and is not too old; each is taken once."""
        with self._saying:
            taken = list(self._unsaid)
            self._unsaid.clear()
        return [message for message, until in taken if time.monotonic() < until]

    # -- our own thread --------------------------------------------------------------------------

    def _serve(self) -> None:
        while not self._closing.is_set():
            self._look()
            self._tell_end()
            try:
                order = self._waiting.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            answer = self._hear(order)
            self._line.tell(MqttMessage(self._wire.of_door("operator/ack"), answer, qos=1))

    def _tell_end(self) -> None:
        """Publish how the journal ends, if that is new; kept for whoever subscribes later."""
        if time.monotonic() < self._next_end or (body := self._end()) is None:
            return
        message = MqttMessage(self._wire.of_door("journal"), body, qos=1, retain=True)
        if message != self._ended:
            self._next_end = time.monotonic() + END_SECONDS
            self._ended = message  # before it is told: a greeting from now on says it too
            self._line.tell(message)

    def _look(self) -> None:
        """Say once that the line is lost, and once that it is back."""
        try:
            self._line.connection(time.monotonic() + _LOOK_SECONDS)
            problem = None
        except DoorError as error:
            problem = error.problem
        works = problem is None
        if works is not self._works and not self._closing.is_set():
            self._works = works
            self._changed(CHANNEL, problem)
