"""The main job, as `make demo` runs it and where: nothing is staged, everything can go wrong."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from kiosk_process import hurry

from models.packs.installed import State, inspect, load_manifest, weights_directory


def _installed(pack_name: str) -> bool:
    pack = load_manifest().pack(pack_name)
    directory = weights_directory(None, Path("nowhere"), pack)
    return all(state.state is State.OK for state in inspect(pack, directory))


@pytest.mark.weights
@pytest.mark.timeout(400)
@pytest.mark.flaky(reruns=2)  # its first part is played in real time, as before a camera
def test_one_door_lets_in_the_enrolled_person_alone_and_a_fleet_whoever_it_should(
    tmp_path: Path, runtime: Path
) -> None:
    if not (_installed("standard") and _installed("demo-portraits")):
        pytest.skip("weights or portraits are not installed; run `make setup`")
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with subprocess.Popen(
        [runtime, "-P", "-m", "kiosk", "demo", "--json", "--out", str(tmp_path / "pictures")],
        env=environment | {"QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demonstration:
        hurry(demonstration)
        out, complaints = demonstration.communicate(timeout=390)
    said = json.loads(out)
    rows = (*said["door"]["scenes"], *said["fleet"]["steps"])
    assert [row for row in rows if not row["as_it_should"]] == []
    assert demonstration.returncode == 0, complaints
    assert said["as_it_should"]
    assert said["skipped"] == []
    doors = {scene["scene"]: scene["seen"] for scene in said["door"]["scenes"]}
    assert doors.pop("the enrolled person") == "released"
    assert list(doors.values()) == ["shut"] * 7
    assert [(step["where"], step["seen"]) for step in said["fleet"]["steps"]] == [
        ("first kiosk", ["enrolled"]),
        ("second kiosk", ["refused: not recognised"]),
        ("second kiosk", ["1 person known"]),
        ("second kiosk", ["granted: matched"]),
        ("admins", ["applied at the second"]),
        ("second kiosk", ["refused: not valid"]),
    ]
    pictures = {picture.stem for picture in (tmp_path / "pictures").glob("*.png")}
    assert said["pictures"] == len(pictures)
    assert "the-enrolled-person-granted" in pictures
    assert "too-dark-too-dark" in pictures
    assert "camera-covered-out-of-service" in pictures
    assert "two-at-once-one-at-a-time" in pictures
    assert "fleet-1-first-kiosk-enrolled" in pictures
    assert "fleet-4-second-kiosk-granted" in pictures
    assert "fleet-6-second-kiosk-not-valid" in pictures
    left = [path for path in tmp_path.iterdir() if path.name != "pictures"]
    assert left == [], "nothing of the demonstration's kiosks is kept"
