"""Notices through an MQTT broker. What a message says is not read: its coming is all."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from hardware.transport.mqtt import faults as mqtt_faults
from hardware.transport.mqtt.broker import Broker
from hardware.transport.mqtt.connection import Greeting, MqttMessage
from hardware.transport.mqtt.line import MqttLine
from kiosk.domain.errors import DoorError

REFUSED = 0x80
"""From this reason code on, a broker has not taken a message."""
LIVES_SECONDS = 60
"""A notice that comes later than the next poll is of no use."""
REST_SECONDS = 0.1
"""After a message nothing more is read for so long: a flood waits at the broker."""
_LOOK_SECONDS = 5.0
_QUIET_SECONDS = 60.0
"""A broker that comes and goes is told of no more often than that."""
_CLOSE_SECONDS = 1.0

Changed = Callable[[str | None], None]
"""Takes the problem of a channel; None once it works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeConfig(Broker):
    """A broker, and the topic of the notices there.

    Attributes:
        topic: the topic.
        client: the client id; no two clients share one.
    """

    topic: str
    client: str
    section: str = "fleet.urgent_login"


class MqttNotices:
    """Listens for notices, in threads of its own, until it is closed.

    A connection that is lost is made again.

    Args:
        config: broker and topic.
        notice: called at each message, in the line's thread; raises nothing and returns at once.
        changed: called when the channel starts to work, and when it stops working.

    Raises:
        SettingsError: a file named in the settings cannot be used.
    """

    def __init__(self, config: NoticeConfig, notice: Callable[[], None], changed: Changed) -> None:
        self._changed = changed
        self._works: bool | None = None
        self._closing = threading.Event()
        greeting = Greeting(config.client, (config.topic,), None, list)
        self._notice = notice
        self._line = MqttLine(config, greeting, self._heard)
        self._thread = threading.Thread(target=self._watch, name="notices", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; may be called twice."""
        self._closing.set()
        self._line.close(_CLOSE_SECONDS)
        self._thread.join(_CLOSE_SECONDS)

    def _heard(self, topic: str, body: bytes) -> None:
        del topic, body
        self._notice()
        self._closing.wait(REST_SECONDS)

    def _watch(self) -> None:
        pause = 0.0
        while not self._closing.wait(pause):
            problem = self._problem()
            pause = _LOOK_SECONDS
            if (problem is None) is not self._works and not self._closing.is_set():
                self._works = problem is None
                self._changed(problem)
                pause = _QUIET_SECONDS

    def _problem(self) -> str | None:
        try:
            self._line.connection(time.monotonic() + _LOOK_SECONDS)
        except DoorError as error:
            return error.problem
        return None


def send_notice(config: NoticeConfig, seconds: float) -> None:
    """Tell whoever listens that there is something new; waits until the broker has it.

    Args:
        config: broker and topic.
        seconds: how long to wait for the broker.

    Raises:
        SettingsError: a file named in the settings cannot be used.
        DoorError: the broker does not answer, or does not take it.
    """
    deadline = time.monotonic() + seconds
    line = MqttLine(config, Greeting(config.client, (), None, list), lambda _topic, _body: None)
    try:
        connection = line.connection(deadline)
        sent = connection.publish(
            MqttMessage(config.topic, b"", qos=1, expiry_seconds=LIVES_SECONDS)
        )
        with contextlib.suppress(RuntimeError, ValueError):  # the connection went down meanwhile
            sent.wait_for_publish(max(0.0, deadline - time.monotonic()))
        if connection.returned.get(sent.mid, 0) >= REFUSED:
            raise mqtt_faults.forbidden(config, config.topic)
        if not sent.is_published():
            raise mqtt_faults.silent(config)
    finally:
        line.close(_CLOSE_SECONDS)


def sender_name() -> str:
    """A client id for one sending."""
    return f"lintel-notice-{secrets.token_hex(8)}"
