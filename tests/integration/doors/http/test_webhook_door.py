"""A receiver of signed commands: signed, expiring, once; and TLS, which both kinds share."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import shelly_relay
import webhook_receiver
from door_rig import RULES, eventually, order
from http_peer import HttpPeer
from hypothesis import given
from hypothesis import strategies as st
from rig_http import ANSWER_SECONDS, WebhookRig
from tls_peer import serving, whole

from hardware.door.http.answer import parsed
from hardware.door.http.config import ShellyConfig, WebhookConfig
from hardware.door.http.door import HttpDoor
from hardware.door.http.webhook import _read
from kiosk.domain.door.protocol import DoorReading, Leaf, Lock
from kiosk.domain.errors import DoorTimeout, DoorUnusable, SettingsError
from kiosk.pipeline.clock import SystemClock


@pytest.fixture
def rig() -> Iterator[WebhookRig]:
    made = WebhookRig()
    try:
        yield made
    finally:
        made.close()


def door(rig: WebhookRig, **changes: object) -> HttpDoor:
    """A driver for the same receiver with other settings."""
    wire = dataclasses.replace(rig.wire(), **changes)  # type: ignore[arg-type] # by name
    return HttpDoor(wire, RULES, SystemClock(), ANSWER_SECONDS)


# -- commands ------------------------------------------------------------------------------------


def test_a_command_says_all_that_a_receiver_needs(rig: WebhookRig) -> None:
    rig.door.release(order(7.0, push_seconds=2.0))
    command = json.loads(rig.proxy.sent[-1].partition(b"\r\n\r\n")[2])
    assert (command["verb"], command["door"]) == ("release", webhook_receiver.DOOR)
    assert (command["seconds"], command["push_seconds"]) == (7.0, 2.0)
    assert command["expires_at"] - command["issued_at"] == pytest.approx(ANSWER_SECONDS, abs=0.01)
    assert rig.peer.memory.get("pushes") == 1


def test_a_receiver_that_wakes_up_late_obeys_nothing(rig: WebhookRig) -> None:
    """It read the command in time and acts on it too late: by then it has expired."""
    os.kill(rig.peer.process.pid, signal.SIGSTOP)
    with pytest.raises(DoorTimeout):
        rig.door.release(order())
    time.sleep(ANSWER_SECONDS / 2)
    os.kill(rig.peer.process.pid, signal.SIGCONT)
    assert eventually(lambda: rig.door.status().lock is Lock.SECURED)
    assert not eventually(lambda: rig.unlocked, within=0.5)
    assert rig.releases == 0


def test_a_receiver_that_says_the_command_is_old_blames_the_clocks(rig: WebhookRig) -> None:
    class Slow(SystemClock):
        def utc(self) -> datetime:
            return super().utc().replace(year=2020)

    late = HttpDoor(rig.wire(), RULES, Slow(), ANSWER_SECONDS)
    with pytest.raises(DoorUnusable, match="clocks"):
        late.release(order())
    assert rig.releases == 0


def test_a_receiver_that_was_restarted_obeys_nothing_of_before(rig: WebhookRig) -> None:
    """It has forgotten which ids it saw, and somebody who listened says the command again."""
    rig.door.release(order())
    said = rig.proxy.sent[-1]
    rig.peer.kill()
    rig.mend()
    rig.proxy.target_port = rig.peer.port
    assert b" 410 " in rig.proxy.replay(said)
    assert rig.releases == 1


def test_a_release_that_somebody_held_back_is_void_once_the_kiosk_has_secured(
    rig: WebhookRig,
) -> None:
    """It went elsewhere, and comes while it has not expired yet."""
    elsewhere = WebhookRig()
    try:
        elsewhere.door.release(order())
        rig.door.secure()
        assert b" 410 " in rig.proxy.replay(elsewhere.proxy.sent[-1])
        assert rig.releases == 0
    finally:
        elsewhere.close()


def test_another_door_of_the_same_receiver_is_not_moved(rig: WebhookRig) -> None:
    with pytest.raises(DoorUnusable):
        door(rig, door="cellar").release(order())
    assert rig.releases == 0


def test_a_wrong_address_is_named(rig: WebhookRig) -> None:
    with pytest.raises(DoorUnusable, match=r"door\.http\.key_file|door\.http\.release_url"):
        door(rig, release_url=f"{rig.address}/secure").release(order())
    assert rig.releases == 0


@pytest.mark.parametrize("length", [0, 31])
def test_a_key_that_is_too_short_is_refused(rig: WebhookRig, length: int) -> None:
    with pytest.raises(SettingsError, match=r"door\.http\.key_file.*32"):
        door(rig, key_file=rig.secret(bytes(length), "short"))


# -- answers -------------------------------------------------------------------------------------


def test_an_answer_says_what_is_fitted() -> None:
    said = {
        "lock": "released",
        "leaf": "open",
        "tampered": True,
        "exit_asked": True,
        "fire": True,
        "neighbour_secured": False,
    }
    assert _read({"lock": "secured"}) == DoorReading()
    assert _read(said) == DoorReading(
        lock=Lock.RELEASED,
        leaf=Leaf.OPEN,
        tampered=True,
        exit_asked=True,
        fire=True,
        neighbour_secured=False,
    )


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"lock": True},
        {"lock": "open"},
        {"lock": "secured", "leaf": None},
        {"lock": "secured", "fire": 1},
        {"lock": "secured", "tampered": None},
        {"lock": "secured", "neighbour_secured": "yes"},
        {"lock": ["secured"]},
    ],
)
def test_an_answer_that_says_something_else_says_nothing(said: dict[str, object]) -> None:
    with pytest.raises(DoorTimeout):
        _read(said)


@given(st.binary(max_size=200))
def test_garbage_is_no_answer(body: bytes) -> None:
    try:
        _read(parsed(body, "The receiver"))
    except DoorTimeout:
        return
    pytest.fail("garbage was taken for an answer")


@pytest.mark.parametrize("body", [b"[" * 60000, b"1", b"[]", b'"lock"', b"\xff", b"{", b"NaN"])
def test_what_is_no_object_is_no_answer(body: bytes) -> None:
    with pytest.raises(DoorTimeout):
        parsed(body, "The receiver")


# -- TLS -----------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of 127.0.0.1, vouched for by itself; key and all in one file."""
    with serving(b"", tmp_path, whole):
        return tmp_path / "peer.pem"


@pytest.fixture
def encrypted(certificate: Path) -> Iterator[HttpPeer]:
    peer = shelly_relay.shelly_relay(certificate)
    yield peer
    peer.close()


def shelly(peer: HttpPeer, tmp_path: Path, ca_file: Path | None, scheme: str = "https") -> HttpDoor:
    secret = tmp_path / "password"
    secret.touch(0o600)
    secret.write_bytes(shelly_relay.PASSWORD)
    url = f"{scheme}://127.0.0.1:{peer.port}"
    wire = ShellyConfig(url=url, password_file=secret, ca_file=ca_file)
    return HttpDoor(wire, RULES, SystemClock(), 1.5)


def test_a_device_whose_certificate_is_vouched_for_is_obeyed(
    encrypted: HttpPeer, certificate: Path, tmp_path: Path
) -> None:
    made = shelly(encrypted, tmp_path, certificate)
    made.release(order())
    assert encrypted.memory.is_on()
    made.close()
    assert not encrypted.memory.is_on()


@pytest.mark.parametrize("known", [True, False], ids=["another", "the system's"])
def test_a_device_with_another_certificate_hears_nothing(
    encrypted: HttpPeer, tmp_path: Path, *, known: bool
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with serving(b"", other, whole):
        made = shelly(encrypted, tmp_path, other / "peer.pem" if known else None)
    for verb in (lambda: made.release(order()), made.secure, made.status):
        with pytest.raises(DoorUnusable, match=r"door\.http\.ca_file"):
            verb()
    assert encrypted.memory.get("releases") == 0


def test_a_device_without_tls_is_not_spoken_to_in_plain_words(
    rig: WebhookRig, certificate: Path
) -> None:
    wire: WebhookConfig = dataclasses.replace(
        rig.wire(),
        **{
            f"{verb}_url": f"https://127.0.0.1:{rig.proxy.port}/{verb}"
            for verb in ("release", "secure", "status")
        },
        ca_file=certificate,
    )
    made = HttpDoor(wire, RULES, SystemClock(), ANSWER_SECONDS)
    with pytest.raises(DoorTimeout):
        made.release(order())
    assert not [said for said in rig.proxy.sent if b"Lintel" in said]
