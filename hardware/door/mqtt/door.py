"""A relay behind an MQTT broker. A command is valid for as long as the kiosk waits for its answer.

Every command has a unique id and an expiry time, and is sent on a connection that is dropped if the
broker does not accept the command. Door state is taken from answers only: an answer carries the id
of the current command, so it cannot be a recording.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable, Iterator

from paho.mqtt.client import MQTTMessageInfo
from paho.mqtt.enums import MQTTErrorCode

from hardware.door.driver import DoorDriver, Permit
from hardware.door.mqtt.home_assistant import OFFLINE, ONLINE, discovery
from hardware.door.mqtt.messages import (
    LEAST_KEY_BYTES,
    RelayAnswer,
    RelayCommand,
    Seal,
    decoded,
)
from hardware.secret_file import read_secret
from hardware.transport.mqtt import faults as mqtt_faults
from hardware.transport.mqtt.broker import MqttConfig
from hardware.transport.mqtt.connection import Connection, Greeting, MqttMessage
from hardware.transport.mqtt.line import MqttLine
from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, DoorRules, Lock, ReleaseOrder
from kiosk.domain.errors import DoorError, DoorTimeout, DoorUnusable
from kiosk.domain.ports import Clock

_REMEDIES = {
    "expired": "Set the clocks of kiosk and relay by the same time server.",
    "signature": "Give kiosk and relay the same door.mqtt.command_key_file.",
    "replayed": "Look who else publishes on the command topic, and close it in the access list.",
    "time": "Correct door.release_seconds, or what the relay allows.",
}


class MqttDoor(DoorDriver):
    """Implements the `Door` port through a broker; the relay's own timer ends a release.

    Args:
        config: broker, topics and files.
        rules: checks that every order must pass.
        clock: measures the age of evidence and timestamps commands.
        answer_seconds: answer timeout and lifetime of a command.

    Raises:
        SettingsError: a file named in the settings cannot be used.
    """

    def __init__(
        self, config: MqttConfig, rules: DoorRules, clock: Clock, answer_seconds: float
    ) -> None:
        super().__init__(rules, clock, answer_seconds)
        self._config = config
        self._seal = Seal(_key(config))
        self._command, self._ack = config.of_door("command"), config.of_door("ack")
        self._waiting: dict[str, RelayAnswer | None] = {}
        self._forged: set[str] = set()
        self._sending = threading.Lock()
        self._condition: str | None = None
        will = MqttMessage(config.of_kiosk("status"), OFFLINE, qos=1, retain=True)
        greeting = Greeting(config.kiosk_name, (self._ack,), will, self._hello)
        self._line = MqttLine(config, greeting, self._heard)

    def _release(self, order: ReleaseOrder, permit: Permit) -> Reason | None:
        reading = self._ask("release", order.seconds, order.push_seconds, permit.check)
        self._expect(Lock.RELEASED, reading)
        return None

    def _secure(self) -> None:
        self._expect(Lock.SECURED, self._ask("secure"))

    def status(self) -> DoorReading:
        """The relay's current state; each call queries the relay.

        Raises:
            DoorTimeout: no answer came.
            DoorUnusable: broker or relay is reachable but does not match the settings.
        """
        return self._ask("status")

    def announce(self, condition: str) -> None:
        """Publish the door status for subscribers; never blocks and never fails.

        Args:
            condition: one word, as `kiosk door status` prints it.
        """
        self._condition = condition
        self._line.tell(self._condition_message(condition))

    def _close_device(self) -> None:
        self._line.close(self._answer_seconds)

    # -- asking ----------------------------------------------------------------------------------

    def _ask(
        self,
        verb: str,
        seconds: float = 0.0,
        push_seconds: float = 0.0,
        check: Callable[[], None] = lambda: None,
    ) -> DoorReading:
        """Publish a command once, and wait for the answer with its id."""
        deadline = time.monotonic() + self._answer_seconds
        connection = self._line.connection(deadline)
        named = secrets.token_hex(16)
        with self._line.changed:
            self._waiting[named] = None
        try:
            with self._sending:
                check()
                valid = deadline - time.monotonic()
                if valid <= 0.0:
                    raise mqtt_faults.silent(self._config)
                command = RelayCommand(named, verb, self._clock.utc(), valid, seconds, push_seconds)
                sent = connection.publish(self._message(command))
            return self._understood(self._answer(connection, sent, named, deadline))
        finally:
            with self._line.changed:
                del self._waiting[named]
                self._forged.discard(named)

    def _message(self, command: RelayCommand) -> MqttMessage:
        body = self._seal.sealed(self._command, command.encoded())
        lives = max(1, math.ceil(command.valid_seconds))
        return MqttMessage(self._command, body, qos=1, expiry_seconds=lives)

    def _answer(
        self, connection: Connection, sent: MQTTMessageInfo, named: str, deadline: float
    ) -> RelayAnswer:
        """Wait until the answer is there, or can no longer arrive."""

        def known() -> bool:
            return bool(self._waiting[named] or connection.over or sent.mid in connection.returned)

        with self._line.changed:
            # A message that came too late for its connection waits too: the broker may have said
            # why it ended it, and the line's thread is about to read that out.
            if sent.rc != MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
                self._line.changed.wait_for(known, max(0.0, deadline - time.monotonic()))
            answer = self._waiting[named]
            returned = connection.returned.pop(sent.mid, None)
            forged = named in self._forged
        if answer is not None:
            return answer
        raise self._foreign() if forged else self._unanswered(connection, sent, returned)

    def _unanswered(
        self, connection: Connection, sent: MQTTMessageInfo, returned: int | None
    ) -> DoorError:
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS or connection.over:
            return connection.fault or mqtt_faults.hung_up(self._config)
        if returned == mqtt_faults.NOBODY_LISTENS:
            return self._silence("listens on")
        if returned is not None:
            return mqtt_faults.forbidden(self._config, self._command)
        if not sent.is_published():
            connection.hang_up()  # the command may still be in a local buffer
            return mqtt_faults.hung_up(self._config)
        return self._silence("answers on")

    def _foreign(self) -> DoorUnusable:
        return DoorUnusable("The relay's answer has a wrong signature.", _REMEDIES["signature"])

    def _silence(self, does: str) -> DoorTimeout:
        return DoorTimeout(
            f"No relay {does} the topic {self._command}.",
            "Look at the relay's power and network; else correct door.mqtt.base_topic, "
            "door.mqtt.door_name, or the broker's access list.",
        )

    def _understood(self, answer: RelayAnswer) -> DoorReading:
        if answer.reading is not None:
            return answer.reading
        remedy = _REMEDIES.get(answer.refused or "", "Look at the relay's own log.")
        if answer.refused in _REMEDIES:
            raise DoorUnusable(f"The relay refuses a command: {answer.refused}.", remedy)
        raise DoorUnusable("The relay gives an answer that cannot be understood.", remedy)

    def _expect(self, lock: Lock, reading: DoorReading) -> None:
        """Check the lock state in an acknowledgement, which alone proves nothing."""
        if reading.lock is not lock:
            raise DoorUnusable(
                f"The relay has acknowledged, and says that it is {reading.lock.value}.",
                "Look at the relay: its output does not follow its commands.",
            )

    # -- the line's own thread -------------------------------------------------------------------

    def _heard(self, topic: str, message: bytes) -> None:
        """Accept only the first valid answer to a command that is still pending.

        An answer with a wrong signature does not end the wait; otherwise anyone could block the
        valid one.
        """
        line = self._seal.opened(topic, message)
        answer = decoded(message.partition(b"\n")[0] if line is None else line)
        with self._line.changed:
            if answer is None or self._waiting.get(answer.id, answer) is not None:
                return
            if line is None:
                self._forged.add(answer.id)
            else:
                self._waiting[answer.id] = answer
                self._line.changed.notify_all()

    def _hello(self) -> Iterator[MqttMessage]:
        yield MqttMessage(self._config.of_kiosk("status"), ONLINE, retain=True)
        yield from discovery(self._config)
        if self._condition is not None:
            yield self._condition_message(self._condition)

    def _condition_message(self, condition: str) -> MqttMessage:
        return MqttMessage(self._config.of_kiosk("condition"), condition.encode(), retain=True)


def _key(config: MqttConfig) -> bytes | None:
    if config.command_key_file is None:
        return None
    return read_secret(
        config.command_key_file, "door.mqtt.command_key_file", least_bytes=LEAST_KEY_BYTES
    )
