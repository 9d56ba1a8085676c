"""Orders through a real broker with TLS and an access list: signed, once, and never old."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from door_rig import eventually
from loopback_proxy import LoopbackProxy
from mosquitto_broker import MosquittoBroker, authority
from operator_desk import OperatorDesk
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from hardware.operators.mqtt import MqttChannel, OperatorConfig
from kiosk.domain.errors import SettingsError
from kiosk.domain.operators.orders import Verb
from kiosk.pipeline.clock import SystemClock

TOPIC = "lintel/door/operator"


class Place:
    """A broker, a wire to it, a channel with its desk, and an operator who listens."""

    def __init__(self, folder: Path) -> None:
        self.office = OperatorDesk(folder)
        self.broker = MosquittoBroker()
        self.proxy = LoopbackProxy(self.broker.port)
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.channel = MqttChannel(self.wire(), self.office.hear, self.office.tell, SystemClock())
        assert self.office.wait_told(1)
        assert self.office.told == [("mqtt", None)]
        self.operator = self._listen()

    def wire(self) -> OperatorConfig:
        return OperatorConfig(
            host="127.0.0.1",
            port=self.proxy.port,
            ca_file=self.broker.ca_file,
            user="kiosk",
            password_file=self.broker.password_file("kiosk"),
        )

    def say(self, body: bytes, *, retain: bool = False) -> None:
        """Publish as the operator's own program."""
        self.broker.publish("operator", TOPIC, body, retain=retain)

    def next(self) -> tuple[str, dict[str, object]]:
        """What the operator hears next."""
        topic, body = self.heard.get(timeout=5.0)
        return topic, dict(json.loads(body))

    def close(self) -> None:
        self.channel.close()
        self.operator.loop_stop()
        self.operator.disconnect()
        self.operator.on_message = None
        self.proxy.close()
        self.broker.close()

    def _listen(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2, "operator", protocol=MQTTProtocolVersion.MQTTv5
        )
        client.username_pw_set("operator", self.broker.password("operator"))
        client.tls_set_context(self.broker.trusting())
        client.on_message = lambda _, __, message: self._keep(message)
        subscribed = threading.Event()
        client.on_subscribe = lambda *_: subscribed.set()
        client.connect("127.0.0.1", self.broker.port)
        client.loop_start()
        client.subscribe([(f"{TOPIC}/ack", 1), ("lintel/door/help", 1), ("lintel/door/alarm", 1)])  # type: ignore[arg-type] # as paho documents it
        assert subscribed.wait(5.0)
        return client

    def _keep(self, message: MQTTMessage) -> None:
        assert not message.retain
        self.heard.put((message.topic, message.payload))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    try:
        yield made
    finally:
        made.close()


def test_an_order_is_obeyed_and_acknowledged(place: Place) -> None:
    order = place.office.order(Verb.PAUSE)
    place.say(place.office.signer.seal(order))
    topic, answer = place.next()
    assert (topic, answer["id"], answer["outcome"]) == (f"{TOPIC}/ack", order.id, "done")
    assert place.office.obeyed == [order]


def test_what_the_broker_lets_through_orders_nothing(place: Place) -> None:
    place.say(b'{"verb": "release"}')
    assert place.next()[1]["reason"] == "not_understood"
    assert place.office.obeyed == []
    assert place.office.notes[0][1]["reason"] == "not_understood"


def test_an_order_that_is_published_again_counts_once(place: Place) -> None:
    sent = place.office.sealed(Verb.RELEASE)
    place.say(sent)
    place.say(sent)
    assert {place.next()[1]["reason"], place.next()[1]["reason"]} == {"", "seen"}
    assert len(place.office.obeyed) == 1


def test_an_order_that_was_retained_is_not_heard(place: Place) -> None:
    """Whoever connects later would get it again and again."""
    place.say(place.office.sealed(Verb.RELEASE), retain=True)
    assert place.next()[1]["outcome"] == "done"  # it was new to those who listened
    place.proxy.cut()
    assert place.office.wait_told(2)
    place.proxy.mend()
    assert place.office.wait_told(3)
    place.say(place.office.sealed())
    assert place.next()[1]["outcome"] == "done"
    assert [order.verb for order in place.office.obeyed] == [Verb.RELEASE, Verb.STATUS]


def test_a_line_that_breaks_is_told_and_comes_back_by_itself(place: Place) -> None:
    place.broker.kill()
    assert place.office.wait_told(2)
    channel, problem = place.office.told[1]
    assert channel == "mqtt"
    assert problem
    place.broker.start()
    assert place.office.wait_told(3)
    assert place.office.told[2] == ("mqtt", None)
    assert eventually(place.operator.is_connected)


def test_a_call_for_help_goes_out_once(place: Place) -> None:
    assert place.channel.call_help(5.0)
    topic, call = place.next()
    assert topic == "lintel/door/help"
    assert call["door"] == "door"
    assert set(call) == {"id", "door", "at"}
    place.say(place.office.sealed())
    assert place.next()[0] == f"{TOPIC}/ack"


def test_a_call_for_help_on_a_broken_line_is_made_when_it_is_back(place: Place) -> None:
    place.proxy.cut()
    assert place.office.wait_told(2)
    assert not place.channel.call_help(0.1)
    place.proxy.mend()
    assert place.next()[0] == "lintel/door/help"


def test_a_call_that_the_broker_does_not_take_is_not_called_made(place: Place) -> None:
    """Whoever stands at the door is to ask somebody else, and not to wait."""
    place.proxy.hang()
    assert not place.channel.call_help(0.2)


def test_alarms_go_out_in_order_with_their_ends(place: Place) -> None:
    place.channel.alarm("forced", begins=True)
    place.channel.alarm("forced", begins=False)
    (topic, first), (_, second) = place.next(), place.next()
    assert topic == "lintel/door/alarm"
    assert (first["alarm"], first["begins"], second["begins"]) == ("forced", True, False)
    assert set(first) == {"id", "door", "at", "alarm", "begins"}


def test_a_flood_leaves_the_channel_alive(place: Place) -> None:
    for _ in range(200):
        place.operator.publish(TOPIC, b"x")

    def obeyed() -> bool:
        place.operator.publish(TOPIC, place.office.sealed(), qos=1)
        return bool(place.office.obeyed)

    assert eventually(obeyed, every=0.1)


def test_closing_ends_its_threads(place: Place) -> None:
    place.channel.close()
    place.channel.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("operators")]


def test_closing_does_not_wait_for_an_order_that_hangs(place: Place) -> None:
    """The door is locked only after it."""
    place.channel.close()
    begun, over = threading.Event(), threading.Event()

    def hear(sent: bytes) -> bytes:
        begun.set()
        over.wait()
        return place.office.hear(sent)

    online = threading.Event()
    hung = MqttChannel(place.wire(), hear, lambda *_: online.set(), SystemClock())
    try:
        assert online.wait(30.0)
        place.say(b"an order")
        assert begun.wait(30.0)
        closing = threading.Thread(target=hung.close, daemon=True)
        closing.start()
        closing.join(30.0)
        assert not closing.is_alive()
    finally:
        over.set()


def test_a_broker_with_another_certificate_hears_nothing(tmp_path: Path) -> None:
    office = OperatorDesk(tmp_path)
    other = MosquittoBroker(signed_by=authority("somebody else"))
    wire = OperatorConfig(
        host="127.0.0.1",
        port=other.port,
        ca_file=authority().ca_file,
        user="kiosk",
        password_file=other.password_file("kiosk"),
    )
    channel = MqttChannel(wire, office.hear, office.tell, SystemClock())
    try:
        assert office.wait_told(1)
        assert "operators.mqtt.ca_file" in str(office.told[0])
    finally:
        channel.close()
        other.close()


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    office = OperatorDesk(tmp_path)
    wire = OperatorConfig(host="127.0.0.1", ca_file=tmp_path / "absent", user="kiosk")
    with pytest.raises(SettingsError, match=r"operators\.mqtt\.ca_file"):
        MqttChannel(wire, office.hear, office.tell, SystemClock())
