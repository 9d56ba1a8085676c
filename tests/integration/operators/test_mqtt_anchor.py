"""The journal's end through a real broker: kept there, and an older home does not fit it."""

from __future__ import annotations

import json
import queue
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from kept_home import furnish
from kept_samples import entry
from mosquitto_broker import ACCESS_LIST, MosquittoBroker
from operator_desk import OperatorDesk
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from typer.testing import CliRunner

from config.settings import Settings
from hardware.operators import mqtt
from hardware.operators.mqtt import MqttChannel, OperatorConfig
from kiosk.cli import app
from kiosk.pipeline.clock import SystemClock
from kiosk.pipeline.live import LiveKiosk
from kiosk.store.home import Home
from kiosk.store.journal.anchor import Anchors
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey
from kiosk.wiring.operators import operator_service

TOPIC = "lintel/door/journal"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(furnish(tmp_path / "home"))


@pytest.fixture
def broker() -> Iterator[MosquittoBroker]:
    made = MosquittoBroker()
    yield made
    made.close()


@pytest.fixture
def channel(
    broker: MosquittoBroker, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MqttChannel]:
    monkeypatch.setattr(mqtt, "END_SECONDS", 0.1)
    made = open_channel(broker, home, OperatorDesk(tmp_path))
    yield made
    made.close()


def open_channel(broker: MosquittoBroker, home: Home, gate: OperatorDesk) -> MqttChannel:
    wire = OperatorConfig(
        host="127.0.0.1",
        port=broker.port,
        ca_file=broker.ca_file,
        user="kiosk",
        password_file=broker.password_file("kiosk"),
    )
    end = Anchors(home, FileKey(home)).told
    return MqttChannel(wire, gate.hear, gate.tell, SystemClock(), end)


def listening(broker: MosquittoBroker) -> tuple[Client, queue.Queue[MQTTMessage]]:
    """An operator who comes now."""
    heard: queue.Queue[MQTTMessage] = queue.Queue()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set("operator", broker.password("operator"))
    client.tls_set_context(broker.trusting())
    client.on_message = lambda _, __, message: heard.put(message)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    client.subscribe(TOPIC, 1)
    return client, heard


def retained(broker: MosquittoBroker, home: Home) -> bytes:
    """The journal's end as the broker keeps it, once that is the newest."""
    client, heard = listening(broker)
    while heard.get(timeout=20.0).payload != Anchors(home, FileKey(home)).now():
        pass
    client.disconnect()
    client.loop_stop()
    client, heard = listening(broker)
    kept = heard.get(timeout=20.0)
    client.disconnect()
    client.loop_stop()
    assert kept.retain
    return bytes(kept.payload)


def append(home: Home, number: int) -> None:
    with OpenHome.open(home.path) as open_home:
        open_home.journal.append(entry(number))


def test_an_operators_copy_tells_that_the_home_is_older(
    home: Home, broker: MosquittoBroker, channel: MqttChannel, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(home.path, copy)
    append(home, 50)
    body = retained(broker, home)
    channel.close()
    saved = tmp_path / "saved.json"
    saved.write_bytes(body)
    asked = ["audit", "verify", "--home", str(home.path), "--anchor", str(saved)]
    assert CliRunner().invoke(app, asked).exit_code == 0
    shutil.rmtree(home.path)
    copy.rename(home.path)
    assert CliRunner().invoke(app, asked[:4]).exit_code == 0  # fits itself
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 3
    assert "older copy" in told.stderr


def test_a_kiosk_with_a_broker_publishes_its_own_end(home: Home, broker: MosquittoBroker) -> None:
    login = {"user": "kiosk", "password_file": broker.password_file("kiosk")}
    line = {"host": "127.0.0.1", "port": broker.port, "ca_file": broker.ca_file, **login}
    settings = Settings(operators={"mqtt": line, "local": False})  # type: ignore[arg-type] # what a file would hold
    with OpenHome.open(home.path) as open_home:
        office = operator_service(
            settings, open_home, cast("LiveKiosk", None)
        )  # nobody orders anything
        try:
            assert retained(broker, home)
        finally:
            office.close()


def test_every_new_end_is_published_also_over_a_broker_that_was_gone(
    home: Home, broker: MosquittoBroker, channel: MqttChannel
) -> None:
    first = retained(broker, home)
    broker.kill()  # it forgets what it had kept
    broker.start()
    assert retained(broker, home) == first
    broker.kill()
    append(home, 51)
    broker.start()
    second = retained(broker, home)
    assert json.loads(second)["number"] > json.loads(first)["number"]
    assert set(json.loads(second)) == {"kiosk", "number", "hash", "at", "seal"}
    assert channel is not None


def test_a_broker_that_does_not_take_it_still_carries_orders(home: Home, tmp_path: Path) -> None:
    """The access list of before: the topic is not in it."""
    before = ACCESS_LIST.replace("topic write lintel/door/journal\n", "")
    broker, gate = MosquittoBroker(access_list=before), OperatorDesk(tmp_path)
    channel = open_channel(broker, home, gate)
    try:
        assert gate.wait_told(1)
        for number in range(3):
            append(home, number)
            broker.publish("operator", "lintel/door/operator", gate.sealed())
            with gate.changed:
                heard = number + 1
                assert gate.changed.wait_for(lambda: len(gate.obeyed) >= heard, 20.0)  # noqa: B023 - asked at once
        assert gate.told == [("mqtt", None)]
    finally:
        channel.close()
        broker.close()
