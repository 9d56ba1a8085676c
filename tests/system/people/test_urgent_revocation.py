"""Somebody is revoked: a kiosk that runs and polls seldom hears so at once, and refuses them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import evaluation_data
import pytest
from event_server import KEYS, EventServer
from kiosk_process import Running, environment, kiosk
from mjpeg_camera import MjpegCamera
from mosquitto_broker import MosquittoBroker

from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.trust.keyring import Keyring
from kiosk.store.home import now_utc
from kiosk.store.open_home import OpenHome

pytestmark = [pytest.mark.weights, pytest.mark.data, pytest.mark.timeout(300)]

PERSON = evaluation_data.people()[0]
TOPIC = "site/look"
RIGHTS = f"user kiosk\ntopic read {TOPIC}\n\nuser operator\ntopic write {TOPIC}\n"
SELDOM = """
[access]
granted_hold_seconds = 1
refused_hold_seconds = 1
retry_seconds = 1

[fleet]
poll_seconds = 600
"""
Channel = tuple[str, dict[str, str]]
"""Lines of a kiosk's section of the fleet, and the environment of an admin."""


class Door:
    """One kiosk of a fleet in a folder, with a person whom admins have shared with it."""

    def __init__(self, folder: Path, known: Path) -> None:
        self.home, self.keys = folder / "door", folder / "keys"
        self.store = f"folder:{folder / 'store'}"
        self.admins("fleet", "init", "--admins", "1", "--threshold", "1")
        self.admins("fleet", "scope", "add", "harbour", "--door", "front")
        where = ("--store", self.store, "--root", self.keys / "root.json")
        enrolled = kiosk("device", "enrol", "--home", self.home, *where, "--json")
        device = str(enrolled.said["fingerprint"])
        self.admins("fleet", "approve", device, "--scope", "harbour")
        with OpenHome.open(known) as open_home:
            profile = open_home.references.show(SubjectId(PERSON))
            everybody = open_home.references.load(profile.spaces[0])
        mine = tuple(each for each in everybody if each.subject == PERSON)
        admin = FleetAdmin(FolderStore(folder / "store"), Keyring(self.keys), now_utc)
        admin.say("harbour", [FleetPerson(SubjectId(PERSON), profile.profile, mine)])
        admin.publish()

    def admins(self, *words: str | Path, env: dict[str, str] | None = None) -> dict[str, Any]:
        place = ("--store", self.store, "--keys", self.keys, "--json")
        ended = kiosk(*words, *place, env=environment(**(env or {})))
        assert (ended.code, [line for line in ended.err.splitlines() if "told" in line]) == (0, [])
        said: dict[str, Any] = json.loads(ended.out)
        return said

    def run(self, source: str, lines: str, **env: str) -> Running:
        (self.home / "config.toml").write_text(SELDOM + lines, encoding="utf-8")
        arguments = ("run", "--home", self.home, "--source", source, "--headless", "--json")
        return Running(*arguments, env=environment(**env))

    def told(self, event: str) -> list[dict[str, Any]]:
        """What the journal has of an event."""
        lines = (self.home / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        return [entry["details"] for entry in entries if entry["event"] == event]


@pytest.fixture(params=["mqtt", "sqs"])
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
    door = Door(tmp_path, furnished(tmp_path / "home"))
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
    door = Door(tmp_path, furnished(tmp_path / "home"))
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
