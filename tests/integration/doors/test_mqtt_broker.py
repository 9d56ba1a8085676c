"""A broker that is absent, another, or does not know us: which setting it is, and what to do."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from door_rig import PATIENCE_SECONDS, RULES, eventually, order
from mosquitto_broker import MosquittoBroker, authority, free_port, private
from mqtt_relay import MqttRelay
from paho.mqtt.client import Client, DisconnectFlags, MQTTMessageInfo
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode
from rig_mqtt import impostor

from hardware.door.mqtt.door import MqttDoor
from hardware.transport.mqtt.broker import MqttConfig
from hardware.transport.mqtt.connection import Connection, MqttMessage
from kiosk.domain.door.protocol import Lock
from kiosk.domain.errors import DoorError, DoorTimeout, DoorUnusable, SettingsError
from kiosk.pipeline.clock import SystemClock

Opened = Callable[[MqttConfig], MqttDoor]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Makes doors, and closes them."""
    made: list[MqttDoor] = []

    def make(wire: MqttConfig) -> MqttDoor:
        made.append(MqttDoor(wire, RULES, SystemClock(), answer_seconds=1.0))
        return made[-1]

    yield make
    for door in made:
        door.close()


@pytest.fixture(scope="module")
def broker() -> Iterator[MosquittoBroker]:
    made = MosquittoBroker()
    yield made
    made.close()


def settings(broker: MosquittoBroker, user: str = "kiosk") -> MqttConfig:
    return MqttConfig(
        host="127.0.0.1",
        port=broker.port,
        ca_file=broker.ca_file,
        user=user,
        password_file=broker.password_file(user),
        allow_insecure=not broker.tls,
    )


def trouble(door: MqttDoor, within: float = 5.0) -> DoorError:
    """What it says once it has tried; a first try may still be under way."""
    said: list[DoorError] = []

    def told() -> bool:
        try:
            door.status()
        except DoorError as error:
            said.append(error)
        return "does not greet" not in str(said[-1]) if said else False

    assert eventually(told, within)
    return said[-1]


# -- another broker ------------------------------------------------------------------------------


def test_a_broker_of_another_authority(opened: Opened) -> None:
    other = MosquittoBroker(signed_by=impostor())
    wire = replace(settings(other), ca_file=authority().ca_file)
    error = trouble(opened(wire))
    other.close()
    assert isinstance(error, DoorUnusable)
    assert "door.mqtt.ca_file" in error.problem


def test_a_broker_whose_certificate_is_made_out_to_another_name(opened: Opened) -> None:
    other = MosquittoBroker(address="127.0.0.2")
    error = trouble(opened(settings(other)))
    other.close()
    assert isinstance(error, DoorUnusable)
    assert "door.mqtt.host" in error.remedy


def test_a_broker_without_tls(opened: Opened) -> None:
    plain = MosquittoBroker(tls=False)
    wire = settings(plain)
    error = trouble(opened(replace(wire, allow_insecure=False, ca_file=impostor().ca_file)))
    plain.close()
    assert isinstance(error, DoorError)
    assert "door.mqtt.port" in error.remedy


def test_a_broker_with_tls_where_none_is_set(broker: MosquittoBroker, opened: Opened) -> None:
    error = trouble(opened(replace(settings(broker), allow_insecure=True, ca_file=None)))
    assert isinstance(error, DoorTimeout)
    assert "must speak plain TCP" in error.remedy


def test_plain_tcp_where_it_is_asked_for(opened: Opened) -> None:
    plain = MosquittoBroker(tls=False)
    relay = MqttRelay(plain)
    assert relay.listening.wait(5.0)
    door = opened(settings(plain))
    door.release(order())
    assert relay.unlocked
    door.close()
    relay.close()
    plain.close()


def test_nobody_there(opened: Opened) -> None:
    wire = MqttConfig(host="127.0.0.1", port=free_port(), ca_file=impostor().ca_file)
    error = trouble(opened(wire))
    assert isinstance(error, DoorTimeout)
    assert f"127.0.0.1:{wire.port}" in error.problem
    assert "door.mqtt.host" in error.remedy


def test_somebody_there_who_says_nothing(opened: Opened) -> None:
    """A call does not wait longer than its time for it."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        door = opened(MqttConfig(host="127.0.0.1", port=port, ca_file=impostor().ca_file))
        began = time.monotonic()
        with pytest.raises(DoorTimeout):
            door.status()
        assert time.monotonic() - began < PATIENCE_SECONDS
        door.close()


GREETED = bytes.fromhex("20 03 00 00 00")
LISTENED_TO = bytes.fromhex("90 04 00 01 00 01")
TAKEN_OVER = bytes.fromhex("e0 01 8e")


@pytest.mark.parametrize(
    ("says", "kind", "names"),
    [
        (b"", DoorTimeout, "does not greet us"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", DoorTimeout, "door.mqtt.port"),
        (bytes(range(256)), DoorTimeout, "door.mqtt.port"),
        (bytes.fromhex("20 ff ff ff 7f"), DoorTimeout, "does not greet us"),
        (bytes.fromhex("20 03 00 84 00"), DoorUnusable, "MQTT 5"),
        (GREETED + bytes.fromhex("90 04 00 01 00 87"), DoorUnusable, "lintel/door/ack"),
        (GREETED + LISTENED_TO + TAKEN_OVER, DoorUnusable, "calls itself like us"),
        (GREETED + LISTENED_TO + bytes.fromhex("30 05 00 01 ff 00 61"), DoorTimeout, "broke"),
    ],
    ids=[
        "nothing",
        "http",
        "garbage",
        "endless",
        "no MQTT 5",
        "closed topic",
        "taken over",
        "no text",
    ],
)
def test_what_answers_in_a_brokers_place(
    opened: Opened, says: bytes, kind: type[DoorError], names: str
) -> None:
    """Told byte by byte, as no broker here would say it; the driver's thread lives on."""
    with answering(says) as port:
        door = opened(MqttConfig(host="127.0.0.1", port=port, allow_insecure=True))
        said: list[DoorError] = []
        assert eventually(lambda: note(said, door) and names in str(said[-1]))
        assert type(said[-1]) is kind
        assert door._line._thread.is_alive()
        door.close()


def test_a_command_that_came_too_late_for_its_connection_says_why_it_ended(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library closes the socket first, and then says what the broker said of it."""
    publish, sent_away = Connection.publish, Connection._sent_away
    too_late = threading.Event()

    def published(self: Connection, message: MqttMessage) -> MQTTMessageInfo:
        sent = publish(self, message)
        if sent.rc == MQTTErrorCode.MQTT_ERR_NO_CONN:
            too_late.set()
        return sent

    def read_out(
        self: Connection,
        client: Client,
        data: object,
        flags: DisconnectFlags,
        reason: ReasonCode,
        more: object,
    ) -> None:
        assert too_late.wait(PATIENCE_SECONDS)
        sent_away(self, client, data, flags, reason, more)

    monkeypatch.setattr(Connection, "publish", published)
    monkeypatch.setattr(Connection, "_sent_away", read_out)
    with answering(GREETED + LISTENED_TO + TAKEN_OVER) as port:
        door = opened(MqttConfig(host="127.0.0.1", port=port, allow_insecure=True))
        said: list[DoorError] = []
        assert eventually(lambda: note(said, door) and too_late.is_set())
        assert type(said[-1]) is DoorUnusable
        door.close()


def note(said: list[DoorError], door: MqttDoor) -> bool:
    try:
        door.status()
    except DoorError as error:
        said.append(error)
    return bool(said)


@contextlib.contextmanager
def answering(says: bytes) -> Iterator[int]:
    """The port of somebody who says the same to everybody, and holds the line."""
    lines: list[socket.socket] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with contextlib.suppress(OSError):
            while True:
                lines.append(listener.accept()[0])
                lines[-1].recv(4096)
                lines[-1].sendall(says)

    thread = threading.Thread(target=answer)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    for line in lines:
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
    thread.join()
    for end in (*lines, listener):
        end.close()


# -- who we are ----------------------------------------------------------------------------------


def test_a_wrong_password(broker: MosquittoBroker, opened: Opened, tmp_path: Path) -> None:
    wrong = private(tmp_path / "password", b"hunter2")
    error = trouble(opened(replace(settings(broker), password_file=wrong)))
    assert isinstance(error, DoorUnusable)
    assert "door.mqtt.password_file" in error.problem
    assert "hunter2" not in repr(error)


def test_no_login_where_one_is_needed(broker: MosquittoBroker, opened: Opened) -> None:
    error = trouble(opened(replace(settings(broker), user=None, password_file=None)))
    assert isinstance(error, DoorUnusable)
    assert "door.mqtt.user" in error.problem


def test_a_user_who_may_not_command(broker: MosquittoBroker, opened: Opened) -> None:
    error = trouble(opened(settings(broker, user="stranger")))
    assert isinstance(error, DoorUnusable)
    assert "lintel/door/command" in error.problem
    assert "access list" in error.remedy


def test_a_client_certificate_in_place_of_a_password(opened: Opened) -> None:
    strict = MosquittoBroker(client_certificates=True)
    certificate, key = strict.authority.issue("kiosk")
    wire = replace(settings(strict), user=None, password_file=None)
    known = opened(replace(wire, certificate_file=certificate, key_file=key))
    nobody = opened(replace(wire, kiosk_name="other"))
    certificate, key = impostor().issue("kiosk")
    stranger = opened(
        replace(wire, certificate_file=certificate, key_file=key, kiosk_name="another")
    )
    assert "No relay listens" in trouble(known).problem
    for refused in (nobody, stranger):
        error = trouble(refused)
        assert isinstance(error, DoorUnusable)
        assert "door.mqtt.certificate_file" in error.remedy
    for door in (known, nobody, stranger):
        door.close()
    strict.close()


# -- files ---------------------------------------------------------------------------------------


def test_files_that_cannot_be_used_stop_the_start(broker: MosquittoBroker, tmp_path: Path) -> None:
    wire = settings(broker)
    certificate, key = broker.authority.issue("kiosk")
    open_key = tmp_path / "open.key"
    open_key.write_bytes(key.read_bytes())
    open_key.chmod(0o644)
    empty = private(tmp_path / "empty", b"\n")
    text = private(tmp_path / "text", b"no PEM at all")
    latin = private(tmp_path / "latin", b"caf\xe9")
    short = private(tmp_path / "short", b"k" * 31)
    missing = tmp_path / "missing"
    cases = [
        ("ca_file", replace(wire, ca_file=missing)),
        ("ca_file", replace(wire, ca_file=text)),
        ("ca_file", replace(wire, ca_file=None)),
        ("ca_file", replace(wire, ca_file=Path("broker.pem"))),
        ("certificate_file", replace(wire, certificate_file=missing, key_file=key)),
        ("certificate_file", replace(wire, certificate_file=certificate, key_file=text)),
        ("key_file", replace(wire, certificate_file=certificate, key_file=open_key)),
        ("certificate_file", replace(wire, certificate_file=certificate)),
        ("password_file", replace(wire, password_file=missing)),
        ("password_file", replace(wire, password_file=empty)),
        ("password_file", replace(wire, password_file=latin)),
        ("password_file", replace(wire, password_file=tmp_path)),
        ("command_key_file", replace(wire, command_key_file=short)),
    ]
    for setting, case in cases:
        with pytest.raises(SettingsError, match=f"door.mqtt.*{setting}") as refused:
            MqttDoor(case, RULES, SystemClock(), 1.0)
        assert refused.value.remedy, setting


def test_a_systemd_credential_is_found_by_its_name(
    broker: MosquittoBroker, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd shows the mask of its access list as rights of the group."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    private(tmp_path / "mqtt-password", f"{broker.password('kiosk')}\n".encode()).chmod(0o440)
    relay = MqttRelay(broker)
    assert relay.listening.wait(5.0)
    door = opened(replace(settings(broker), password_file=Path("mqtt-password")))
    assert door.status().lock is Lock.SECURED
    relay.close()
