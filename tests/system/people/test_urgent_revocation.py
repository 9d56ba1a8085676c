"""Somebody is revoked: a kiosk that runs and polls seldom hears so at once, and refuses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import evaluation_data
import pytest
from chosen import few_first
from event_server import KEYS, EventServer
from fleet_door import FleetDoor
from kiosk_process import environment, kiosk
from mjpeg_camera import MjpegCamera
from mosquitto_broker import MosquittoBroker

pytestmark = [pytest.mark.weights, pytest.mark.data, pytest.mark.timeout(300)]

PERSON = evaluation_data.people()[0]
TOPIC = "site/look"
RIGHTS = f"user kiosk\ntopic read {TOPIC}\n\nuser operator\ntopic write {TOPIC}\n"
Channel = tuple[str, dict[str, str]]
"""Lines of a kiosk's section of the fleet, and the environment of an admin."""


@pytest.fixture(params=few_first(["mqtt", "sqs"], 1))
def channel(request: pytest.FixtureRequest) -> Iterator[Channel]:
    if request.param == "mqtt":
        with closing(MosquittoBroker(access_list=RIGHTS)) as broker:
            address = f"mqtts://127.0.0.1:{broker.port}/{TOPIC}"
            login = f'{{ca_file = "{broker.ca_file}", user = "kiosk", '
            login += f'password_file = "{broker.password_file("kiosk")}"}}'
            env = {
                "KIOSK_FLEET__URGENT": address,
                "KIOSK_FLEET__URGENT_LOGIN__CA_FILE": str(broker.ca_file),
                "KIOSK_FLEET__URGENT_LOGIN__USER": "operator",
                "KIOSK_FLEET__URGENT_LOGIN__PASSWORD_FILE": str(broker.password_file("operator")),
            }
            yield f'urgent = "{address}"\nurgent_login = {login}\n', env
        return
    with closing(EventServer()) as events:
        queue = events.queue("door")
        keys = {"AWS_ACCESS_KEY_ID": KEYS[0], "AWS_SECRET_ACCESS_KEY": KEYS[1]}
        yield f'urgent = "sqs:{queue}"\n', {"KIOSK_FLEET__URGENT": f"sqs:{queue}", **keys}


def test_the_revoked_person_is_refused_at_once(
    tmp_path: Path, furnished: Callable[[Path], Path], camera: MjpegCamera, channel: Channel
) -> None:
    door = FleetDoor(tmp_path, furnished(tmp_path / "home"), PERSON)
    lines, env = channel
    keys = {name: it for name, it in env.items() if name.startswith("AWS_")}
    with door.run(camera.url, lines, **keys) as running:
        assert running.wait_for("decision")["outcome"] == "granted"
        door.admins("people", "suspend", PERSON, env=env)
        running.wait_for("decision", outcome="refused", reason="not_valid")
        door.admins("people", "erase", PERSON, "--yes", env=env)
        running.wait_for("decision", outcome="refused", reason="not_recognised")
        assert running.end().code == 0
    assert door.told("urgent_channel")[0]["works"] is True


def test_a_channel_that_is_away_stops_nothing(
    tmp_path: Path, furnished: Callable[[Path], Path], camera: MjpegCamera
) -> None:
    """The publisher publishes with a warning, the kiosk polls; neither ends."""
    door = FleetDoor(tmp_path, furnished(tmp_path / "home"), PERSON)
    nowhere = "mqtt://127.0.0.1:1/look"
    with door.run(camera.url, f'urgent = "{nowhere}"\n') as running:
        assert running.wait_for("decision")["outcome"] == "granted"
        place = ("--store", door.store, "--keys", door.keys)
        env = environment(KIOSK_FLEET__URGENT=nowhere)
        suspended = kiosk("people", "suspend", PERSON, *place, env=env)
        assert (suspended.code, "not told at once" in suspended.err) == (0, True)
        told = kiosk("fleet", "publish", *place, "--urgent", "mqtt://127.0.0.1")
        told.refused(2, "urgent channel")
        assert running.end().code == 0
    assert door.told("urgent_channel")[0]["works"] is False
