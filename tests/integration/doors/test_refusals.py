"""A device that is there and refuses: how often the keeper of a door and its driver ask it.

Time is a clock of the test's own, so that the figures do not depend on the machine. What answers is
a real server that refuses everything and counts; or nobody, on a port that refuses connections.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from door_rig import RULES, Fault, eventually
from hand_clock import HandClock
from mosquitto_broker import MosquittoBroker
from rig_osdp import OsdpRig

from hardware.door.http.config import ShellyConfig, WebhookConfig
from hardware.door.http.door import HttpDoor
from hardware.door.mqtt.door import MqttDoor
from hardware.door.osdp.controller import pause_after
from hardware.transport.mqtt import line as mqtt_line
from hardware.transport.mqtt.broker import MqttConfig
from kiosk.domain.door.model import By, PassageRules
from kiosk.domain.door.protocol import ReleaseOrder
from kiosk.domain.errors import DoorError, DoorUnusable
from kiosk.domain.ports import Door
from kiosk.domain.vision.frame import Instant
from kiosk.door.controller import DoorController
from kiosk.pipeline.clock import SystemClock

pytestmark = pytest.mark.usefixtures("real_time")

SHORT_PAUSES = (0.0101, 0.0202, 0.0404, 0.0808)
DIGEST = 'Digest qop="auth", realm="relay", nonce="64a1", algorithm=SHA-256'
BASIC = 'Basic realm="shelly1"'


class Refuser:
    """Answers everything with one status, and counts."""

    def __init__(self, status: int, challenge: str) -> None:
        self.asked = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked += 1
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                self.send_response(status)
                if challenge:
                    self.send_header("WWW-Authenticate", challenge)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST  # noqa: N815 - the server's own name

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def refuser() -> Iterator[Callable[[int, str], Refuser]]:
    made: list[Refuser] = []

    def make(status: int, challenge: str = "") -> Refuser:
        made.append(Refuser(status, challenge))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    path.write_bytes(b"a password, or a key, of more than 32 bytes")
    return path


def shelly(url: str, secret: Path, clock: HandClock) -> Door:
    return HttpDoor(ShellyConfig(url=url, password_file=secret), RULES, clock, 5.0)


def webhook(url: str, secret: Path, clock: HandClock) -> Door:
    urls = {f"{verb}_url": f"{url}/{verb}" for verb in ("release", "secure", "status")}
    wire = WebhookConfig(**urls, key_file=secret, door="front")  # type: ignore[arg-type] # urls
    return HttpDoor(wire, RULES, clock, 5.0)


def kept(door: Door, clock: HandClock, seconds: float) -> list[DoorError]:
    """Keep a door as the effects loop does, ten times a second; what was raised."""
    controller = DoorController(door, PassageRules(), clock, lambda *_: None)
    raised: list[DoorError] = []
    for _ in range(round(seconds * 10)):
        try:
            (controller.recover if raised else controller.tend)()
        except DoorError as error:
            raised.append(error)
        clock.pass_(0.1)
    return raised


@pytest.mark.parametrize(
    ("make", "status", "challenge", "named"),
    [
        pytest.param(shelly, 401, DIGEST, "door.http.password_file", id="shelly, password"),
        pytest.param(shelly, 403, "", "HTTP 403", id="shelly, forbidden"),
        pytest.param(shelly, 404, "", "first generation", id="shelly of the first generation"),
        pytest.param(shelly, 401, BASIC, "second generation", id="the same, with a password"),
        pytest.param(shelly, 500, "", "HTTP 500", id="shelly, in trouble"),
        pytest.param(webhook, 401, "", "signature", id="webhook, key"),
        pytest.param(webhook, 403, "", "signature", id="webhook, forbidden"),
        pytest.param(webhook, 404, "", "HTTP 404", id="webhook, elsewhere"),
        pytest.param(webhook, 500, "", "HTTP 500", id="webhook, in trouble"),
        pytest.param(webhook, 429, "", "HTTP 429", id="webhook, too often"),
    ],
)
def test_at_most_two_requests_a_second(
    refuser: Callable[[int, str], Refuser],
    secret: Path,
    make: Callable[[str, Path, HandClock], Door],
    status: int,
    challenge: str,
    named: str,
) -> None:
    peer, clock = refuser(status, challenge), HandClock()
    door = make(peer.url, secret, clock)
    raised = kept(door, clock, 10.0)
    assert peer.asked <= 20
    assert named in str(raised[-1])
    if isinstance(raised[-1], DoorUnusable):
        before = peer.asked
        kept_on = DoorController(door, PassageRules(), clock, lambda *_: None)
        for _ in range(600):
            clock.pass_(0.1)
            try:
                kept_on.recover()
            except DoorError:
                continue
        assert peer.asked - before <= 24, "and less and less often"


def test_a_release_is_not_held_back(refuser: Callable[[int, str], Refuser], secret: Path) -> None:
    """Somebody stands there: it is tried, and fails, now."""
    peer, clock = refuser(401, DIGEST), HandClock()
    controller = DoorController(
        shelly(peer.url, secret, clock), PassageRules(), clock, lambda *_: None
    )
    with pytest.raises(DoorUnusable):
        controller.recover()
    before = peer.asked
    with pytest.raises(DoorUnusable):
        controller.release(ReleaseOrder(3.0, Instant(clock.at)), By.GRANT)
    assert peer.asked > before


def test_a_port_that_refuses_connections_is_dialled_twice_a_second(secret: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        clock, dialled = HandClock(), []
        door = webhook(url, secret, clock)
        secure, status = door.secure, door.status
        door.secure = lambda: (dialled.append(1), secure())[1]  # type: ignore[method-assign]
        door.status = lambda: (dialled.append(1), status())[1]  # type: ignore[method-assign]
        raised = kept(door, clock, 10.0)
    assert len(dialled) <= 20
    assert "did not answer" in str(raised[-1])


def test_a_broker_that_refuses_us_is_dialled_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Real mosquitto, wrong password; how long the line means to wait, made short for the test."""
    pauses: list[float] = []

    class Noting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if timeout is not None and timeout in SHORT_PAUSES:
                pauses.append(timeout)
            return super().wait(timeout)

    with closing(MosquittoBroker()) as broker:
        wrong = broker.password_file("watcher")
        monkeypatch.setattr(mqtt_line, "_LONG_PAUSE_SECONDS", SHORT_PAUSES[0])
        monkeypatch.setattr(mqtt_line, "_LONGEST_PAUSE_SECONDS", SHORT_PAUSES[-1])
        monkeypatch.setattr(mqtt_line.threading, "Event", Noting)
        wire = MqttConfig(
            host="127.0.0.1",
            port=broker.port,
            ca_file=broker.ca_file,
            user="kiosk",
            password_file=wrong,
        )
        door = MqttDoor(wire, RULES, SystemClock(), 5.0)
        try:
            assert eventually(lambda: len(pauses) >= 5, within=30.0)
            with pytest.raises(DoorUnusable, match=r"door\.mqtt\.user"):
                door.status()
        finally:
            door.close()
    assert pauses[:5] == [*SHORT_PAUSES, SHORT_PAUSES[-1], SHORT_PAUSES[-1]][:5]


def serves(door: Door) -> bool:
    try:
        door.status()
    except DoorError:
        return False
    return True


def test_a_device_with_another_key_is_greeted_less_and_less_often() -> None:
    assert [pause_after(refusals) for refusals in range(1, 7)] == [1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    rig = OsdpRig()
    try:
        door, paused = rig.door, []
        door._back_off = lambda: paused.append(door._refusals)  # type: ignore[method-assign]
        rig.break_(Fault.WRONG_KEY)
        assert eventually(lambda: paused[:3] == [1, 2, 3], within=30.0)
        rig.mend()
        assert eventually(lambda: serves(door), within=30.0)
        rig.break_(Fault.CUT)
        assert eventually(lambda: door._refusals == 0, within=30.0), "and begins anew"
    finally:
        rig.close()
