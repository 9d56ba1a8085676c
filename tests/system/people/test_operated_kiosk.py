"""Operators and a running kiosk: what they order takes effect, over the socket and the broker."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path

import evaluation_data
import pytest
from door_rig import eventually
from kept_home import furnish, verified
from kiosk_process import kiosk
from mjpeg_camera import MjpegCamera
from mosquitto_broker import MosquittoBroker
from mqtt_watcher import Watcher
from operated_kiosk import Anna, over

from kiosk.domain.operators.orders import Verb

pytestmark = [pytest.mark.weights, pytest.mark.data]

PERSON = evaluation_data.people()[0]
QUIET_SECONDS = 3.0
"""Whoever stands there would be let in again within a second."""


@pytest.fixture
def anna(tmp_path: Path) -> Anna:
    return Anna(tmp_path)


def test_faces_are_paused_and_go_on(anna: Anna, camera: MjpegCamera) -> None:
    pictures = evaluation_data.for_enrolment(PERSON)
    enrol = ("--home", anna.home, "--subject", PERSON, "--consent", "form 3")
    assert kiosk("enrol", *enrol, *pictures).code == 0
    with anna.run(camera.url) as running:
        running.wait_for("decision", outcome="granted")
        assert anna.orders(Verb.PAUSE)["state"]["hold"] == "paused"
        paused = len(running.heard)
        time.sleep(QUIET_SECONDS)
        later = running.heard[paused:]
        assert anna.orders(Verb.RELEASE)["outcome"] == "done"
        anna.orders(Verb.RESUME)
        running.wait_for("decision", outcome="granted")
        ended = running.end()
    assert not [said for said in later if said.get("outcome") == "granted"]
    assert (ended.code, ended.err) == (0, "")
    assert verified(anna.home).sealed


def test_a_lockdown_is_obeyed_outlives_a_kill_and_is_lifted(
    anna: Anna, camera: MjpegCamera
) -> None:
    with anna.run(camera.url) as running:
        running.wait_for("ready")
        assert anna.orders(Verb.RELEASE, 30.0)["state"]["condition"] == "released"
        running.wait_for("door", what="released")
        assert anna.orders(Verb.LOCKDOWN)["state"]["condition"] == "locked_down"
        running.wait_for("door", what="secured")
    with anna.run(camera.url) as running:
        running.wait_for("ready")
        assert anna.orders(Verb.STATUS)["state"]["condition"] == "locked_down"
        said = kiosk("operator", "lift", "--as", "anna", "--key", anna.key, "--home", anna.home)
        assert (said.code, said.err) == (0, "")
        assert anna.orders(Verb.STATUS)["state"]["condition"] == "secured"
        assert running.end().code == 0
    assert _ordered(anna.home) == ["release", "lockdown", "lift"]


def test_an_order_through_a_broker(tmp_path: Path, camera: MjpegCamera) -> None:
    broker = MosquittoBroker()
    try:
        anna = Anna(tmp_path, over(broker))
        watcher = Watcher(broker)
        with closing(watcher), anna.run(camera.url) as running:
            running.wait_for("ready")
            assert eventually(lambda: watcher.last("lintel/kiosk/operators") == b"online", 10.0)
            broker.publish("operator", "lintel/door/operator", anna.sealed(Verb.RELEASE, 5.0))
            running.wait_for("door", what="released")
            assert eventually(lambda: watcher.last("lintel/door/operator/ack") is not None, 10.0)
            answer = json.loads(watcher.last("lintel/door/operator/ack") or b"")
            assert answer["outcome"] == "done"
            assert running.end().code == 0
    finally:
        broker.close()


def test_an_order_for_another_kiosk_moves_no_door_of_the_same_name(
    anna: Anna, camera: MjpegCamera, tmp_path: Path
) -> None:
    """B11: one operator, two kiosks that were never given names."""
    other = furnish(tmp_path / "other")
    with anna.run(camera.url) as running:
        running.wait_for("ready")
        meant_for_other = anna.sealed(Verb.RELEASE, 1.0, home=other)
        assert anna.says(meant_for_other)["reason"] == "other_kiosk"
        ended = running.end()
    assert "released" not in [said["what"] for said in ended.of("door")]


def test_a_broker_without_its_certificate_ends_the_start(anna: Anna) -> None:
    settings = anna.home / "config.toml"
    lines = '\n[operators.mqtt]\nhost = "127.0.0.1"\nca_file = "/nowhere/ca.pem"\nuser = "kiosk"\n'
    password = 'password_file = "/nowhere/password"\n'
    settings.write_text(settings.read_text("utf-8") + lines + password, encoding="utf-8")
    source = "images:" + str(next(iter(evaluation_data.walks(PERSON).values()))[0].parent)
    arguments = ("--home", anna.home, "--source", source, "--headless", "--realtime")
    kiosk("run", *arguments).refused(2, "operators.mqtt")


def _ordered(home: Path) -> list[str]:
    """What the journal says that anna has ordered."""
    said = kiosk("audit", "tail", "--home", home, "-n", "100", "--json").out
    entries = [json.loads(line) for line in said.splitlines()]
    orders = [entry["details"] for entry in entries if entry["event"] == "operator"]
    assert all((each["operator"], each["outcome"]) == ("anna", "accepted") for each in orders)
    return [each["verb"] for each in orders]
