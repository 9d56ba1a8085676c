"""Orders through a broker. What the broker lets through orders nothing: it must be signed as well.

Topics: `<base>/<door>/operator` in, `<base>/<door>/operator/ack` out, `<base>/<door>/help` when
somebody calls for help. Nothing is retained but whether the channel is there.
"""

from __future__ import annotations

import json
import queue
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from hardware.door.mqtt_connection import Greeting, Message
from hardware.door.mqtt_line import MqttLine
from hardware.door.mqtt_wire import Broker
from kiosk.domain.errors import DoorError
from kiosk.domain.ports import Clock

CHANNEL = "mqtt"
MOST_WAITING = 16
"""Orders that came and were not heard yet; more are dropped, and expire with their senders."""
HELP_SECONDS = 60.0
"""A call for help is still made so long after, should the line come back."""
_LOOK_SECONDS = 0.5
_CLOSE_SECONDS = 1.0

Hear = Callable[[bytes], bytes]
"""Takes an order as it came, and gives the answer; raises nothing."""
Changed = Callable[[str, str | None], None]
"""Takes a channel's name and what is wrong with it; None once it works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorWire(Broker):
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
        """A topic of the door's: `operator`, `operator/ack`, `help`."""
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
        clock: stamps calls for help.

    Raises:
        SettingsError: a file that the settings name cannot be used.
    """

    def __init__(self, wire: OperatorWire, hear: Hear, changed: Changed, clock: Clock) -> None:
        self._wire = wire
        self._hear = hear
        self._changed = changed
        self._clock = clock
        self._waiting: queue.Queue[bytes] = queue.Queue(MOST_WAITING)
        self._call: tuple[Message, float] | None = None
        self._calling = threading.Lock()
        self._works: bool | None = None
        self._closing = threading.Event()
        will = Message(wire.presence, b"offline", qos=1, retain=True)
        name = f"{wire.kiosk_name}-operators"
        greeting = Greeting(name, (wire.of_door("operator"),), will, self._hello)
        self._line = MqttLine(wire, greeting, self._heard)
        self._thread = threading.Thread(target=self._serve, name="operators-mqtt", daemon=True)
        self._thread.start()

    def announce_help(self) -> None:
        """Tell whoever watches that somebody calls for help; never waits, and raises nothing."""
        at = int(self._clock.utc().timestamp() * 1000)
        said = {"id": secrets.token_hex(16), "door": self._wire.door_name, "at": at}
        call = Message(self._wire.of_door("help"), json.dumps(said).encode(), qos=1)
        with self._calling:
            self._call = (call, time.monotonic() + HELP_SECONDS)
        try:
            connection = self._line.connection(time.monotonic())
        except DoorError:
            return  # it is made with the next greeting
        for message in self._take_call():
            connection.publish(message)

    def close(self) -> None:
        """End; may be called twice."""
        self._closing.set()
        self._line.close(_CLOSE_SECONDS)
        self._thread.join()

    # -- the line's thread -----------------------------------------------------------------------

    def _heard(self, topic: str, body: bytes) -> None:
        del topic
        try:
            self._waiting.put_nowait(body)
        except queue.Full:
            return

    def _hello(self) -> list[Message]:
        online = Message(self._wire.presence, b"online", qos=1, retain=True)
        return [online, *self._take_call()]

    def _take_call(self) -> list[Message]:
        """The call that was not made yet, if it is not too old; it is made once."""
        with self._calling:
            call, self._call = self._call, None
        return [call[0]] if call is not None and time.monotonic() < call[1] else []

    # -- our own thread --------------------------------------------------------------------------

    def _serve(self) -> None:
        while not self._closing.is_set():
            self._look()
            try:
                order = self._waiting.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            answer = self._hear(order)
            self._line.tell(Message(self._wire.of_door("operator/ack"), answer, qos=1))

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
