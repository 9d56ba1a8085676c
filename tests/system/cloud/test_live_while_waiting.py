"""The whole command with its window, while Rekognition does not answer: the picture goes on."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import evaluation_data
import mjpeg_camera
import pytest
import watched_screen
from cloud_door import CloudDoor
from cloud_scenes import SHE, searches_fail
from kiosk_process import Running, Said, environment
from mjpeg_camera import MjpegCamera
from real_kiosk import FilmedModels
from rekognition_peer import PeerInTest

from kiosk.cloud.peer.faults import PeerFault
from kiosk.domain.vision.template import Template

pytestmark = [
    pytest.mark.data,
    pytest.mark.weights,
    pytest.mark.long,
    pytest.mark.usefixtures("mended"),
]

FPS = 30.0
FEW_FRAMES = 10
"""Shown while the answer is awaited; even a machine that does many other things shows more."""


@pytest.fixture
def door(
    models: FilmedModels,
    peer: PeerInTest,
    references: Mapping[str, Sequence[Template]],
    tmp_path: Path,
) -> CloudDoor:
    door = CloudDoor(tmp_path / "home", models, peer)
    door.enrol(SHE, references[SHE])
    door.index(SHE)
    door.write_settings()
    return door


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Iterator[MjpegCamera]:
    monkeypatch.setattr(mjpeg_camera, "FPS", FPS)
    walk = next(iter(evaluation_data.walks(SHE).values()))
    shown = [path.read_bytes() for path in (*walk, *reversed(walk))]
    with MjpegCamera(lambda number: shown[(number // 2) % len(shown)]) as camera:
        yield camera


def test_the_picture_goes_on_and_the_next_visit_is_decided(
    door: CloudDoor, peer: PeerInTest, camera: MjpegCamera
) -> None:
    """R51: a black hole, a decision as declared, and a recovery without a restart."""
    searches_fail(peer, PeerFault.BLACK_HOLE)
    command = (sys.executable, watched_screen.__file__)
    arguments = ("--home", door.home, "--source", camera.url, "--json")
    with Running("run", *arguments, command=command, env=environment(**peer.environment)) as kiosk:
        kiosk.wait_for("ready")
        kiosk.wait_for("decision", reason="not_compared")
        peer.mend()
        kiosk.wait_for("release_ended", answered=True)
        ended = kiosk.end()
    assert (ended.code, ended.err) == (0, "")
    assert [said["part"] for said in ended.of("recovered")] == ["matcher"]
    assert shown_before_the_decision(ended.events) > FEW_FRAMES


def shown_before_the_decision(events: Sequence[Said]) -> int:
    names = [said["event"] for said in events]
    return names[names.index("ready") : names.index("decision")].count("frame")
