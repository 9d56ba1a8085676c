"""How soon somebody who is suspended is refused at a door that hears it over the urgent channel.

A real broker, a kiosk that polls every ten minutes, a person of the recordings who stays before its
camera, and an admin's commands, each a process of its own. Times count from the command's start.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import evaluation_data
from fleet_door import FleetDoor
from kept_home import furnish
from kiosk_process import Running, kiosk
from mjpeg_camera import MjpegCamera
from mosquitto_broker import MosquittoBroker

PERSON = evaluation_data.people()[0]
TOPIC = "site/look"
RIGHTS = f"user kiosk\ntopic read {TOPIC}\n\nuser operator\ntopic write {TOPIC}\n"


def main() -> None:
    """Suspend and resume the person so often; print how long it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=10)
    times = parser.parse_args().times
    walk = next(iter(evaluation_data.walks(PERSON).values()))
    shown = [path.read_bytes() for path in (*walk, *reversed(walk))]
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(MosquittoBroker(access_list=RIGHTS)) as broker,
        MjpegCamera(lambda number: shown[number % len(shown)]) as camera,
    ):
        door = FleetDoor(Path(folder), _home(Path(folder) / "known"), PERSON)
        lines, env = _channel(broker)
        with door.run(camera.url, lines) as running:
            running.wait_for("decision", outcome="granted")
            took = [_suspended(door, running, env) for _ in range(times)]
            running.end()
    for name, seconds in zip(
        ("published", "applied", "refused"), zip(*took, strict=True), strict=True
    ):
        print(f"{name}: median {statistics.median(seconds):.2f} s, at most {max(seconds):.2f} s")


def _home(path: Path) -> Path:
    furnish(path)
    who = ("--home", path, "--subject", PERSON, "--consent", "form 3")
    assert kiosk("enrol", *who, *evaluation_data.for_enrolment(PERSON)).code == 0
    return path


def _channel(broker: MosquittoBroker) -> tuple[str, dict[str, str]]:
    """Lines of the kiosk's section of the fleet, and the environment of an admin."""
    address = f"mqtts://127.0.0.1:{broker.port}/{TOPIC}"
    word = broker.password_file("kiosk")
    login = f'{{ca_file = "{broker.ca_file}", user = "kiosk", password_file = "{word}"}}'
    return f'urgent = "{address}"\nurgent_login = {login}\n', {
        "KIOSK_FLEET__URGENT": address,
        "KIOSK_FLEET__URGENT_LOGIN__CA_FILE": str(broker.ca_file),
        "KIOSK_FLEET__URGENT_LOGIN__USER": "operator",
        "KIOSK_FLEET__URGENT_LOGIN__PASSWORD_FILE": str(broker.password_file("operator")),
    }


def _suspended(door: FleetDoor, running: Running, env: dict[str, str]) -> tuple[float, ...]:
    """Seconds until it was published, applied, and the person refused; they are let in again."""
    began, clock = time.monotonic(), datetime.now(UTC)
    door.admins("people", "suspend", PERSON, env=env)
    published = time.monotonic() - began
    running.wait_for("decision", outcome="refused", reason="not_valid")
    refused = time.monotonic() - began
    applied = (_last_applied(door) - clock).total_seconds()
    door.admins("people", "resume", PERSON, env=env)
    running.wait_for("decision", outcome="granted")
    return published, applied, refused


def _last_applied(door: FleetDoor) -> datetime:
    lines = (door.home / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    applied = [entry for entry in entries if entry["event"] == "fleet_applied"]
    return datetime.fromisoformat(applied[-1]["at_utc"])


main()
