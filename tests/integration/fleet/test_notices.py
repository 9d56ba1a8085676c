"""Notices that a fleet has something new: the same over a real broker, and over SQS."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from door_rig import eventually
from event_server import KEYS, EventServer
from mosquitto_broker import MosquittoBroker

from config.sections.fleet import FleetSettings
from hardware.notices.mqtt import REST_SECONDS
from kiosk.domain.errors import LintelError, SettingsError
from kiosk.wiring.notices.listening import notices_heard
from kiosk.wiring.notices.sending import send_notice

PATIENCE = 60.0
TOPIC = "site/fleet/look"
RIGHTS = f"""
user kiosk
topic read {TOPIC}

user operator
topic write {TOPIC}

user watcher
topic readwrite #
"""


@dataclass
class Heard:
    """What a kiosk hears: notices, and the state of its channel."""

    count: int = 0
    states: list[str | None] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def notice(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def state(self, problem: str | None) -> None:
        with self._changed:
            self.states.append(problem)
            self._changed.notify_all()

    def until(self, true: Callable[[], bool]) -> bool:
        with self._changed:
            return self._changed.wait_for(true, PATIENCE)

    @property
    def works(self) -> bool:
        return self.until(lambda: bool(self.states) and self.states[-1] is None)


@dataclass
class Place:
    """A channel, as the settings of a kiosk and of the publisher name it."""

    kiosk: FleetSettings
    publisher: FleetSettings
    stop: Callable[[], None]


def broker_settings(broker: MosquittoBroker, user: str, **more: object) -> FleetSettings:
    login = {
        "ca_file": broker.ca_file,
        "user": user,
        "password_file": broker.password_file(user),
    }
    address = f"mqtts://127.0.0.1:{broker.port}/{TOPIC}"
    return FleetSettings.model_validate({"urgent": address, "urgent_login": login | more})


@pytest.fixture(scope="module")
def broker() -> Iterator[MosquittoBroker]:
    with closing(MosquittoBroker(access_list=RIGHTS)) as started:
        yield started


@pytest.fixture(scope="module")
def events() -> Iterator[EventServer]:
    with closing(EventServer()) as started:
        yield started


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEYS[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEYS[1])
    monkeypatch.setattr("kiosk.fleet.urgent.queue.WAIT_SECONDS", 1)


@pytest.fixture(params=["mqtt", "sqs", "sns"])
def place(request: pytest.FixtureRequest) -> Place:
    kind = str(request.param)
    if kind == "mqtt":
        broker: MosquittoBroker = request.getfixturevalue("broker")
        broker.start()
        kiosk, publisher = (broker_settings(broker, user) for user in ("kiosk", "operator"))
        return Place(kiosk, publisher, broker.kill)
    events: EventServer = request.getfixturevalue("events")
    url = events.queue(f"kiosk-{uuid.uuid4().hex}")
    kiosk = FleetSettings(urgent=f"sqs:{url}")
    if kind == "sqs":
        return Place(kiosk, kiosk, lambda: None)
    arn = events.topic(f"fleet-{uuid.uuid4().hex}", url, events.queue(uuid.uuid4().hex))
    publisher = FleetSettings(urgent=f"sns:{arn}?endpoint={events.endpoint}")
    return Place(kiosk, publisher, lambda: None)


def listening(settings: FleetSettings, heard: Heard, name: str = "0011") -> Any:  # noqa: ANN401 - a context
    return notices_heard(settings, name, heard.notice, heard.state)


def test_what_is_sent_is_heard_and_the_channel_says_that_it_works(place: Place) -> None:
    heard = Heard()
    with listening(place.kiosk, heard):
        assert heard.works
        send_notice(place.publisher)
        assert heard.until(lambda: heard.count >= 1)
        send_notice(place.publisher)
        assert heard.until(lambda: heard.count >= 2)


def test_without_an_address_nothing_is_listened_to_or_sent() -> None:
    heard = Heard()
    send_notice(FleetSettings())
    with listening(FleetSettings(), heard):
        assert not any(thread.name == "notices" for thread in threading.enumerate())
    assert (heard.count, heard.states) == (0, [])


def test_two_kiosks_hear_the_same_notice(broker: MosquittoBroker) -> None:
    broker.start()
    one, two = Heard(), Heard()
    settings = broker_settings(broker, "kiosk")
    with listening(settings, one, "0011"), listening(settings, two, "2233"):
        assert one.works
        assert two.works
        send_notice(broker_settings(broker, "operator"))
        assert one.until(lambda: one.count == 1)
        assert two.until(lambda: two.count == 1)


def test_a_message_that_the_broker_has_kept_is_no_notice(broker: MosquittoBroker) -> None:
    broker.start()
    broker.publish("watcher", TOPIC, b"old", retain=True)
    heard = Heard()
    try:
        with listening(broker_settings(broker, "kiosk"), heard):
            assert heard.works
            send_notice(broker_settings(broker, "operator"))
            assert heard.until(lambda: heard.count >= 1)
            assert heard.count == 1
    finally:
        broker.publish("watcher", TOPIC, b"", retain=True)


def test_any_content_is_a_notice_and_is_not_read(broker: MosquittoBroker) -> None:
    broker.start()
    heard = Heard()
    with listening(broker_settings(broker, "kiosk"), heard):
        assert heard.works
        for body in (b'{"erase": "everybody"}', b"\xff" * 1000, b""):
            broker.publish("operator", TOPIC, body)
        assert heard.until(lambda: heard.count == 3)


def test_a_flood_keeps_nobody_busy(broker: MosquittoBroker) -> None:
    """What is not read waits at the broker, which holds back whoever sends too much."""
    broker.start()
    heard, begun = Heard(), time.monotonic()
    with listening(broker_settings(broker, "kiosk"), heard):
        assert heard.works
        for _ in range(30):
            broker.publish("operator", TOPIC, b"x" * 10_000)
        assert heard.until(lambda: heard.count >= 1)
        count, took = heard.count, time.monotonic() - begun
    assert count <= took / REST_SECONDS + 1


def test_a_broker_that_was_away_is_heard_again(broker: MosquittoBroker) -> None:
    broker.start()
    heard = Heard()
    with listening(broker_settings(broker, "kiosk"), heard):
        assert heard.works
        broker.kill()
        with pytest.raises(LintelError):
            send_notice(broker_settings(broker, "operator"), 0.2)
        broker.start()

        def heard_again() -> bool:
            send_notice(broker_settings(broker, "operator"))
            return heard.count > 0

        assert eventually(heard_again, PATIENCE)


@pytest.mark.parametrize("user", ["kiosk", "stranger"])
def test_who_may_not_send_is_told_so(broker: MosquittoBroker, user: str) -> None:
    broker.start()
    with pytest.raises(LintelError, match=TOPIC):
        send_notice(broker_settings(broker, user))


def test_who_may_not_listen_polls_and_says_so(broker: MosquittoBroker) -> None:
    broker.start()
    heard = Heard()
    with listening(broker_settings(broker, "stranger"), heard):
        assert heard.until(lambda: bool(heard.states))
    # An access list may also let anybody subscribe, and hand on nothing.
    assert heard.count == 0


def test_a_queue_that_is_away_says_so_once_and_is_asked_again(events: EventServer) -> None:
    heard = Heard()
    url = f"{events.endpoint}/123456789012/none-{uuid.uuid4().hex}"
    with listening(FleetSettings(urgent=f"sqs:{url}"), heard):
        assert heard.until(lambda: bool(heard.states))
        assert "queue" in str(heard.states[0])
        events.queue(url.rpartition("/")[2])
        assert heard.works
    assert heard.count == 0


def test_what_was_heard_does_not_stay_in_the_queue(events: EventServer) -> None:
    url = events.queue(uuid.uuid4().hex)
    settings, heard = FleetSettings(urgent=f"sqs:{url}"), Heard()
    for _ in range(3):
        send_notice(settings)
    with listening(settings, heard):
        assert heard.until(lambda: heard.count >= 1)
    assert events.waiting(url) == 0


def test_nobody_can_listen_to_a_topic_that_only_copies() -> None:
    settings = FleetSettings(urgent="sns:arn:aws:sns:us-east-1:123456789012:fleet")
    with pytest.raises(SettingsError, match="queue"), listening(settings, Heard()):
        pass


def test_no_thread_is_left(place: Place) -> None:
    heard = Heard()
    with listening(place.kiosk, heard):
        assert heard.works
    assert not any(thread.name in {"notices", "fleet.urgent_login"} for thread in _alive())


def _alive() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.is_alive()]
