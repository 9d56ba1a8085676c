"""A connection to a broker that is re-established whenever it is lost, by a thread of its own.

A caller waits for it until a given deadline, and gets the error of the last attempt. A thread that
died is restarted by the next caller.
"""

from __future__ import annotations

import threading
import time

from hardware.transport.mqtt import faults as mqtt_faults
from hardware.transport.mqtt.broker import Broker, credentials
from hardware.transport.mqtt.connection import Connection, Greeting, Heard, MqttMessage
from kiosk.domain.errors import DoorError, DoorTimeout, DoorUnusable

_PAUSE_SECONDS = 0.5
"""Pause between two attempts."""
_LONG_PAUSE_SECONDS = 1.0
"""Pause after a refusal, which would repeat and fill the broker's log; doubled each time."""
_LONGEST_PAUSE_SECONDS = 8.0


class MqttLine:
    """A line to a broker, for a door or for operators.

    Args:
        broker: address and login.
        greeting: start of every connection.
        heard: receives topic and body of each message, in the line's own thread; raises nothing.

    Attributes:
        changed: notified whenever a connection comes up or ends; the thread takes it too, so
            callers must not hold it for long.

    Raises:
        SettingsError: a file named in the settings cannot be used.
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
            deadline: how long to wait for it, by `time.monotonic`.

        Raises:
            DoorTimeout: there is none.
            DoorUnusable: the broker is reachable but does not match the settings.
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
        """Publish if there is a connection; messages that must not be lost go in the greeting."""
        with self.changed:
            connection = self._connection if self._is_up() else None
        if connection is not None:
            connection.publish(message)

    def close(self, patience_seconds: float) -> None:
        """Disconnect and stop; may be called twice."""
        self._closing.set()
        with self.changed:
            connection, self._fault = self._connection, _closed(self._broker)
        if connection is not None:
            connection.leave()
            self._thread.join(patience_seconds)
            connection.hang_up()
        self._thread.join(patience_seconds)

    # -- internal --------------------------------------------------------------------------------

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
    return DoorTimeout(f"The connection to {broker} is closed.", "Start the kiosk again.")
