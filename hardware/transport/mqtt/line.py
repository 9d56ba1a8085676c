"""A line to a broker that is dialled again and again, by a thread of its own.

Whoever wants to use it waits for it no longer than until a given moment, and is told what was wrong
with the last try. A thread that died is replaced by the next who asks.
"""

from __future__ import annotations

import threading
import time

from hardware.transport.mqtt import faults as mqtt_faults
from hardware.transport.mqtt.broker import Broker, credentials
from hardware.transport.mqtt.connection import Connection, Greeting, Heard, MqttMessage
from kiosk.domain.errors import DoorError, DoorTimeout, DoorUnusable

_PAUSE_SECONDS = 0.5
"""Between two tries."""
_LONG_PAUSE_SECONDS = 1.0
"""After a refusal: it would be the same again, and fill the broker's log. Doubled after each."""
_LONGEST_PAUSE_SECONDS = 8.0


class MqttLine:
    """A line to a broker, for a door or for operators.

    Args:
        broker: where.
        greeting: what is said at the beginning of every connection.
        heard: is told topic and body of each message, by the line's own thread; raises nothing.

    Attributes:
        changed: notified whenever a connection comes or goes; taken by its thread too, so nobody
            may hold it for long.

    Raises:
        SettingsError: a file that the settings name cannot be used.
    """

    def __init__(self, broker: Broker, greeting: Greeting, heard: Heard) -> None:
        self.changed = threading.Condition()
        self._broker = broker
        self._greeting = greeting
        self._heard = heard
        self._proofs = credentials(broker)
        self._connection: Connection | None = None
        self._fault: DoorError | None = None
        self._tries = 0
        self._closing = threading.Event()
        self._thread = self._begin()

    def connection(self, deadline: float) -> Connection:
        """A connection that is up.

        Args:
            deadline: until when to wait for it, by `time.monotonic`.

        Raises:
            DoorTimeout: there is none.
            DoorUnusable: the broker is there, and is not what the settings say.
        """
        with self.changed:
            self._revive()
            tries = self._tries
            self.changed.wait_for(
                lambda: self._is_up() or self._tries > tries or self._closing.is_set(),
                max(0.0, deadline - time.monotonic()),
            )
            if self._connection is not None and self._connection.up:
                return self._connection
            fault = self._fault or mqtt_faults.silent(self._broker)
        raise type(fault)(fault.problem, fault.remedy)

    def tell(self, message: MqttMessage) -> None:
        """Publish if there is a connection; what must not be lost belongs into the greeting."""
        with self.changed:
            connection = self._connection if self._is_up() else None
        if connection is not None:
            connection.publish(message)

    def close(self, patience_seconds: float) -> None:
        """Say goodbye and end; may be called twice."""
        self._closing.set()
        with self.changed:
            connection, self._fault = self._connection, _closed(self._broker)
        if connection is not None:
            connection.leave()
            self._thread.join(patience_seconds)
            connection.hang_up()
        self._thread.join(patience_seconds)

    # -- within ----------------------------------------------------------------------------------

    def _is_up(self) -> bool:
        return self._connection is not None and self._connection.up

    def _begin(self) -> threading.Thread:
        thread = threading.Thread(target=self._keep, name=self._broker.section, daemon=True)
        thread.start()
        return thread

    def _revive(self) -> None:
        if not self._thread.is_alive() and not self._closing.is_set():
            self._thread = self._begin()

    def _keep(self) -> None:
        refusal_seconds = _LONG_PAUSE_SECONDS
        while not self._closing.is_set():
            connection = Connection(
                self._broker, self._proofs, self._greeting, self._heard, self.changed
            )
            with self.changed:
                self._connection = connection
            try:
                connection.run()
            finally:
                self._note(connection)
            if connection.served:
                refusal_seconds = _LONG_PAUSE_SECONDS
            if isinstance(connection.fault, DoorUnusable):
                self._closing.wait(refusal_seconds)
                refusal_seconds = min(refusal_seconds * 2, _LONGEST_PAUSE_SECONDS)
            else:
                self._closing.wait(_PAUSE_SECONDS)

    def _note(self, connection: Connection) -> None:
        with self.changed:
            self._connection = None
            if not self._closing.is_set():
                self._fault = connection.fault
            self._tries += 1
            self.changed.notify_all()


def _closed(broker: Broker) -> DoorTimeout:
    return DoorTimeout(f"The line to {broker} was let go.", "Start the kiosk again.")
