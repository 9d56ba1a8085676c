"""A relay that dies while somebody is let in: the picture goes on, and so does the kiosk, later."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
import rig_modbus
import watched_screen
from kiosk_process import Running, Said
from mjpeg_camera import MjpegCamera, jpeg
from rig_modbus import ModbusTcpRig

from kiosk.domain.vision.frame import Pixels

pytestmark = [pytest.mark.weights, pytest.mark.data]

PERSON = evaluation_data.people()[0]
WATCHED = (sys.executable, watched_screen.__file__)
FEW_FRAMES = 5
"""In most of a second; even a machine that does many other things shows more."""


@pytest.fixture
def relay() -> Iterator[ModbusTcpRig]:
    """A real board behind a wire that can hang."""
    rig = ModbusTcpRig(**rig_modbus.FLASH_COIL)
    rig.door.close()  # the kiosk has a driver of its own
    try:
        yield rig
    finally:
        rig.close()


@pytest.fixture
def home(tmp_path: Path, relay: ModbusTcpRig, furnished: Callable[[Path], Path]) -> Path:
    home = furnished(tmp_path / "home")
    (home / "config.toml").write_text(f"""
        [access]
        retry_seconds = 1
        [screen]
        fullscreen = false
        [door]
        driver = "modbus"
        fail_mode = "secure"
        lock = "strike"
        answer_seconds = 1.5
        max_age_seconds = 5     # a release that waited behind a question hangs too
        unknown_seconds = 10
        [door.modbus]
        host = "127.0.0.1"
        port = {relay.proxy.port}
        mode = "flash-coil"
        coil = 0
        flash_address = 512
    """)
    return home


class Entrance:
    """Nobody is there, until somebody comes."""

    def __init__(self, walk: Sequence[Path]) -> None:
        self.somebody_comes = threading.Event()
        self._person = [path.read_bytes() for path in (*walk, *reversed(walk))]
        self._room = [jpeg(_flicker(evaluation_data.picture(walk[0]), seed)) for seed in (1, 2)]

    def __call__(self, number: int) -> bytes:
        shown = self._person if self.somebody_comes.is_set() else self._room
        return shown[number % len(shown)]


def _flicker(like: Pixels, seed: int) -> Pixels:
    """Grey noise of the same size: nobody, seen by a camera that lives."""
    return np.random.default_rng(seed).integers(110, 146, like.shape, np.uint8)


@pytest.fixture
def entrance() -> Entrance:
    return Entrance(next(iter(evaluation_data.walks(PERSON).values())))


@pytest.fixture
def camera(entrance: Entrance) -> Iterator[MjpegCamera]:
    with MjpegCamera(entrance) as camera:
        yield camera


def test_the_picture_goes_on_while_a_release_hangs_and_the_kiosk_when_the_relay_is_back(
    home: Path, relay: ModbusTcpRig, entrance: Entrance, camera: MjpegCamera
) -> None:
    arguments = ("--home", home, "--source", camera.url, "--json")
    with Running("run", *arguments, command=WATCHED) as running:
        running.wait_for("ready")
        relay.proxy.hang()
        entrance.somebody_comes.set()
        running.wait_for("release_ended", answered=False)
        running.wait_for("view", tone="off")
        assert not relay.unlocked
        relay.proxy.mend()
        running.wait_for("recovered", part="door")
        running.wait_for("release_ended", answered=True)
        ended = running.end()
    assert (ended.code, ended.err) == (0, "")
    assert frames_during_first_release(ended.events) > FEW_FRAMES
    assert [fault["part"] for fault in ended.of("fault")] == ["door"]
    assert relay.releases == 1, "what nobody answered was not delivered later"


def frames_during_first_release(events: Sequence[Said]) -> int:
    """How many frames the screen showed between the order and the end of waiting for its answer."""
    names = [said["event"] for said in events]
    during = names[names.index("release_began") : names.index("release_ended")]
    return during.count("frame")
