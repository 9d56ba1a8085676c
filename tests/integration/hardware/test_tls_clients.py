"""Every TLS client of ours refuses what must not be believed, before it says a word.

Cameras have their own: see `test_network_cameras`.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from certificates import BAD, Shown, bad, good
from door_rig import RULES, eventually
from model_samples import noise, pin
from operator_desk import OperatorDesk

from hardware.door.http.config import ShellyConfig, WebhookConfig
from hardware.door.http.door import HttpDoor
from hardware.door.mqtt.door import MqttDoor
from hardware.operators.mqtt import MqttChannel, OperatorConfig
from hardware.transport.mqtt.broker import MqttConfig, TidySocket
from hardware.trust import trusting
from kiosk.domain.errors import DoorError, ModelError
from kiosk.domain.ports import Door
from kiosk.pipeline.clock import SystemClock
from models.packs.atomic_file import Partial
from models.packs.https import NetworkTimeouts, download


class Peer:
    """Shows a certificate, and writes down whatever is said to it behind that."""

    def __init__(self, shown: Shown) -> None:
        self._context = shown.context()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.greeted = 0
        self.heard = b""
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._server.accept()
            except OSError:
                return
            plain.settimeout(1.0)
            with plain, contextlib.suppress(OSError):
                self.greeted += 1
                with self._context.wrap_socket(plain, server_side=True) as line:
                    self.heard += line.recv(4096)


@pytest.fixture
def met() -> Iterator[Callable[[Shown], Peer]]:
    made: list[Peer] = []

    def make(shown: Shown) -> Peer:
        made.append(Peer(shown))
        return made[-1]

    yield make
    for peer in made:
        peer.close()


def secret(folder: Path, held: bytes = b"p" * 32) -> Path:
    path = folder / "secret"
    path.touch(0o600)
    path.write_bytes(held)
    return path


def shelly(port: int, ca_file: Path | None, folder: Path) -> Door:
    url = f"https://127.0.0.1:{port}"
    wire = ShellyConfig(url=url, password_file=secret(folder), ca_file=ca_file)
    return HttpDoor(wire, RULES, SystemClock(), 3.0)


def webhook(port: int, ca_file: Path | None, folder: Path) -> Door:
    url = f"https://127.0.0.1:{port}/"
    wire = WebhookConfig(
        release_url=url,
        secure_url=url,
        status_url=url,
        key_file=secret(folder),
        door="front",
        ca_file=ca_file,
    )
    return HttpDoor(wire, RULES, SystemClock(), 3.0)


def mqtt(port: int, ca_file: Path | None, folder: Path) -> Door:
    wire = MqttConfig(
        host="127.0.0.1",
        port=port,
        ca_file=ca_file,
        user="kiosk",
        password_file=secret(folder),
    )
    return MqttDoor(wire, RULES, SystemClock(), answer_seconds=3.0)


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("make", [shelly, webhook, mqtt])
def test_a_door_that_is_not_believed_hears_nothing(
    tmp_path: Path,
    met: Callable[[Shown], Peer],
    make: Callable[[int, Path | None, Path], Door],
    kind: str,
) -> None:
    shown = bad(tmp_path, kind)
    peer = met(shown)
    door = make(peer.port, shown.ca_file, tmp_path)

    def refuses() -> bool:
        with contextlib.suppress(DoorError):
            door.status()
            pytest.fail("it believed")
        return peer.greeted > 0

    assert eventually(refuses, 10.0)
    door.close()
    assert peer.heard == b""


@pytest.mark.parametrize("make", [shelly, webhook, mqtt])
def test_a_door_that_is_believed_hears_something(
    tmp_path: Path,
    met: Callable[[Shown], Peer],
    make: Callable[[int, Path | None, Path], Door],
) -> None:
    shown = good(tmp_path)
    peer = met(shown)
    door = make(peer.port, shown.ca_file, tmp_path)

    def said() -> bool:
        with contextlib.suppress(DoorError):
            door.status()
        return peer.heard != b""

    assert eventually(said, 10.0)
    door.close()


@pytest.mark.parametrize("kind", BAD)
def test_a_broker_of_operators_that_is_not_believed_hears_nothing(
    tmp_path: Path, met: Callable[[Shown], Peer], kind: str
) -> None:
    shown = bad(tmp_path, kind)
    peer = met(shown)
    gate = OperatorDesk(tmp_path)
    wire = OperatorConfig(
        host="127.0.0.1",
        port=peer.port,
        ca_file=shown.ca_file,
        user="kiosk",
        password_file=secret(tmp_path),
    )
    channel = MqttChannel(wire, gate.hear, gate.tell, SystemClock())
    try:
        assert eventually(lambda: peer.greeted > 0, 10.0)
        assert gate.wait_told(1)
    finally:
        channel.close()
    assert peer.heard == b""


@pytest.mark.parametrize("kind", BAD)
def test_an_address_of_weights_that_is_not_believed_hears_nothing(
    tmp_path: Path,
    met: Callable[[Shown], Peer],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    shown = bad(tmp_path, kind)
    peer = met(shown)
    monkeypatch.setenv("SSL_CERT_FILE", str(shown.ca_file))
    monkeypatch.setenv("no_proxy", "*")
    patience = NetworkTimeouts(answer_seconds=10.0)
    with (
        Partial(pin(noise(1000)), tmp_path / "weights.bin") as partial,
        pytest.raises(ModelError, match="certificate verify failed"),
    ):
        download(f"https://127.0.0.1:{peer.port}/x", partial, patience)
    assert peer.greeted
    assert peer.heard == b""


@pytest.mark.parametrize("make", [shelly, webhook])
def test_the_environment_vouches_for_no_door(
    tmp_path: Path,
    met: Callable[[Shown], Peer],
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[int, Path | None, Path], Door],
) -> None:
    shown = good(tmp_path)
    peer = met(shown)
    monkeypatch.setenv("SSL_CERT_FILE", str(shown.ca_file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    door = make(peer.port, None, tmp_path)
    with pytest.raises(DoorError, match=r"door\.http\.ca_file"):
        door.status()
    door.close()
    assert peer.heard == b""


def test_the_keys_of_a_line_are_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    context = trusting(None, "camera.ca_file")
    assert context.keylog_filename is None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.cert_store_stats()["x509_ca"] or Path("/usr/lib/ssl/certs").is_dir()


def test_a_line_that_its_peer_resets_before_tls_is_closed() -> None:
    """Python makes an SSL socket of it, reads from that, and drops it as it is."""
    context = ssl.create_default_context()
    context.sslsocket_class = TidySocket
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = socket.create_connection(server.getsockname())
        peer, _ = server.accept()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
    assert select.select([line], [], [], 5.0)[0]
    file = line.fileno()
    with pytest.raises(ConnectionError):
        context.wrap_socket(line, do_handshake_on_connect=False, server_hostname="localhost")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(file)
