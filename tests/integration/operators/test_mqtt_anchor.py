"""The journal's end through a real broker: kept there, and an older home does not fit it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from kept_home import furnish
from kept_samples import entry
from mosquitto_broker import ACCESS_LIST, MosquittoBroker
from operator_desk import OperatorDesk
from paho.mqtt import subscribe
from paho.mqtt.enums import MQTTProtocolVersion
from typer.testing import CliRunner

from hardware.operators import mqtt
from hardware.operators.mqtt import MqttChannel, OperatorWire
from kiosk.cli import app
from kiosk.pipeline.clock import SystemClock
from kiosk.store.anchor import Anchors
from kiosk.store.cabinet import Cabinet
from kiosk.store.home import Home
from kiosk.store.keys import FileKey

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


def open_channel(broker: MosquittoBroker, home: Home, desk: OperatorDesk) -> MqttChannel:
    wire = OperatorWire(
        host="127.0.0.1",
        port=broker.port,
        ca_file=broker.ca_file,
        user="kiosk",
        password_file=broker.password_file("kiosk"),
    )
    end = Anchors(home, FileKey(home)).told
    return MqttChannel(wire, desk.hear, desk.tell, SystemClock(), end)


def retained(broker: MosquittoBroker, wanted: bytes) -> bytes:
    """What the broker has kept for an operator who comes later, once it is what is wanted."""
    for _ in range(200):
        body = bytes(
            subscribe.simple(
                TOPIC,
                qos=1,
                hostname="127.0.0.1",
                port=broker.port,
                client_id="operator-once",
                auth={"username": "operator", "password": broker.password("operator")},
                tls={"ca_certs": str(broker.ca_file)},
                protocol=MQTTProtocolVersion.MQTTv5,
            ).payload
        )
        if body == wanted:
            return body
    raise AssertionError("that end was never published")


def append(home: Home, number: int) -> None:
    with Cabinet.open(home.path) as cabinet:
        cabinet.journal.append(entry(number))


def test_an_operators_copy_tells_that_the_home_is_older(
    home: Home, broker: MosquittoBroker, channel: MqttChannel, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(home.path, copy)
    append(home, 50)
    body = retained(broker, Anchors(home, FileKey(home)).now())
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


def test_every_new_end_is_published_also_over_a_broker_that_was_gone(
    home: Home, broker: MosquittoBroker, channel: MqttChannel
) -> None:
    first = retained(broker, Anchors(home, FileKey(home)).now())
    broker.kill()
    append(home, 51)
    broker.start()
    second = retained(broker, Anchors(home, FileKey(home)).now())
    assert json.loads(second)["number"] > json.loads(first)["number"]
    assert set(json.loads(second)) == {"kiosk", "number", "hash", "at", "seal"}
    assert channel is not None


def test_a_broker_that_does_not_take_it_still_carries_orders(home: Home, tmp_path: Path) -> None:
    """The access list of before: the topic is not in it."""
    before = ACCESS_LIST.replace("topic write lintel/door/journal\n", "")
    broker, desk = MosquittoBroker(access_list=before), OperatorDesk(tmp_path)
    channel = open_channel(broker, home, desk)
    try:
        assert desk.wait_told(1)
        for number in range(3):
            append(home, number)
            broker.publish("operator", "lintel/door/operator", desk.sealed())
            with desk.changed:
                heard = number + 1
                assert desk.changed.wait_for(lambda: len(desk.obeyed) >= heard, 20.0)  # noqa: B023 - asked at once
        assert desk.told == [("mqtt", None)]
    finally:
        channel.close()
        broker.close()
