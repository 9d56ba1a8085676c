"""The MQTT driver, a loopback wire, a real mosquitto with TLS and access list, and a relay.

KILL ends the broker, which is what the kiosk's wire ends at. WRONG_KEY puts a broker of another
authority in its place. LATE and DUPLICATE are the relay's own doing; REPLAY publishes the last
command again, as somebody would who has stolen the kiosk's password.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from door_rig import RULES, Fault, Rig, eventually
from loopback_proxy import LoopbackProxy
from mosquitto_broker import Authority, MosquittoBroker, authority
from mqtt_relay import BASE, MqttRelay, key_file

from hardware.door.mqtt.door import MqttDoor
from hardware.transport.mqtt.broker import MqttConfig
from hardware.transport.mqtt.line import MqttLine
from kiosk.pipeline.clock import SystemClock

ANSWER_SECONDS = 0.8
KEY = b"a key that kiosk and relay share"


class MqttRig(Rig):
    """Kiosk, wire, broker, relay.

    Attributes:
        closing: what else is to be closed with it.
    """

    faults = frozenset(Fault)

    def __init__(self) -> None:
        self.broker = MosquittoBroker()
        self.relay = MqttRelay(self.broker, KEY)
        self.wire = LoopbackProxy(self.broker.port)
        self.closing: list[Callable[[], None]] = []
        self._impostor: MosquittoBroker | None = None
        self.door: MqttDoor = MqttDoor(self.settings(), RULES, SystemClock(), ANSWER_SECONDS)
        assert eventually(self.answers)

    def settings(self) -> MqttConfig:
        return MqttConfig(
            host="127.0.0.1",
            port=self.wire.port,
            ca_file=self.broker.ca_file,
            user="kiosk",
            password_file=self.broker.password_file("kiosk"),
            command_key_file=key_file(self.broker.folder, KEY),
        )

    @property
    def unlocked(self) -> bool:
        return self.relay.unlocked

    @property
    def releases(self) -> int:
        return len(self.relay.obeyed)

    def move_leaf(self, *, to_open: bool) -> None:
        self.relay.set_inputs(leaf="open" if to_open else "closed")

    def break_(self, fault: Fault) -> None:
        match fault:
            case Fault.KILL:
                self.broker.kill()
            case Fault.CUT:
                self.wire.cut()
            case Fault.GARBAGE:
                self.wire.garble()
            case Fault.LATE:
                self.relay.late_seconds = ANSWER_SECONDS + 0.1
            case Fault.DUPLICATE:
                self.relay.answers_twice = True
            case Fault.WRONG_KEY:
                self._impersonate()
            case Fault.REPLAY:
                self._replay()
            case Fault.THREAD:
                end_thread(self.door._line)

    def mend(self) -> None:
        self.broker.start()
        self.relay.late_seconds = 0.0
        self.relay.answers_twice = False
        if self.wire.target_port != self.broker.port:
            self.wire.cut()
            self.wire.target_port = self.broker.port
        self.wire.mend()
        assert self.relay.listening.wait(5.0)

    def close(self) -> None:
        self.door.close()
        for close in self.closing:
            close()
        self.relay.close()
        self.wire.close()
        self.broker.close()
        if self._impostor is not None:
            self._impostor.close()

    def _impersonate(self) -> None:
        self._impostor = self._impostor or MosquittoBroker(signed_by=impostor())
        self.wire.cut()
        self.wire.target_port = self._impostor.port
        self.wire.mend()

    def _replay(self) -> None:
        if self.relay.heard:
            with contextlib.suppress(OSError):  # no broker, nobody who hears it
                self.broker.publish("kiosk", f"{BASE}/command", self.relay.heard[-1])


def impostor() -> Authority:
    """Another authority than the one that the settings name."""
    return authority("somebody else")


def end_thread(line: MqttLine) -> None:
    """Have a line's thread die: its connection ends, and the next look at whether to go on raises.

    Not by an exception at any instruction, which may take a lock with it, or be swallowed.
    """
    thread, closing = line._thread, line._closing
    heard, threading.excepthook = threading.excepthook, lambda _: None
    try:
        line._closing = _Ends(thread, closing)
        assert eventually(lambda: _hung_up(line, thread), 10.0)
    finally:
        line._closing, threading.excepthook = closing, heard


def _hung_up(line: MqttLine, thread: threading.Thread) -> bool:
    """Whether it is dead; it may just have made another connection, so that one is ended too."""
    connection = line._connection
    if connection is not None:
        connection.hang_up()
    thread.join(0.05)
    return not thread.is_alive()


class _Ends(threading.Event):
    """An event that one thread does not survive."""

    def __init__(self, thread: threading.Thread, event: threading.Event) -> None:
        super().__init__()
        self._thread, self._event = thread, event

    def is_set(self) -> bool:
        if threading.current_thread() is self._thread:
            raise SystemExit
        return self._event.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set() or self._event.wait(timeout)
