"""The main job, as `make demo` runs it and where: nothing is staged, everything can go wrong."""

from __future__ import annotations

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
@pytest.mark.timeout(240)
def test_the_demonstration_lets_in_the_enrolled_person_alone(tmp_path: Path, runtime: Path) -> None:
    if not (_installed("standard") and _installed("demo-portraits")):
        pytest.skip("weights or portraits are not installed; run `make setup`")
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with subprocess.Popen(
        [runtime, "-P", "-m", "kiosk", "demo", "--out", str(tmp_path / "pictures")],
        env=environment
        | {"QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(tmp_path), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demonstration:
        hurry(demonstration)
        shown, _ = demonstration.communicate(timeout=230)
    assert demonstration.returncode == 0, shown
    rows = {
        cells[0].strip(): cells
        for line in shown.splitlines()
        if len(cells := line.strip("│").split("│")) == 6
    }
    assert rows["the enrolled person"][4].strip() == "released"
    others = [name for name in rows if name != "the enrolled person"]
    assert len(others) == 7
    assert all(rows[name][4].strip() == "shut" for name in others)
    pictures = {picture.stem for picture in (tmp_path / "pictures").glob("*.png")}
    assert "the-enrolled-person-granted" in pictures
    assert "too-dark-too-dark" in pictures
    assert "camera-covered-out-of-service" in pictures
    assert "two-at-once-one-at-a-time" in pictures
    left = [path for path in tmp_path.iterdir() if path.name != "pictures"]
    assert left == [], "nothing of the demonstration's kiosk is kept"
