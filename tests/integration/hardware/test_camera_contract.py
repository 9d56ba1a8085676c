"""What the `Camera` port promises, held against every adapter and the simulator."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from drawn_portraits import drawn
from mjpeg_camera import MjpegCamera
from video_files import write_folder, write_video

from hardware.camera.opening import open_camera
from hardware.camera.replay import Paced
from hardware.camera.source import parse
from hardware.sim.camera import WalkUpCamera
from hardware.sim.scene import Figure, Scene, still
from kiosk.domain.errors import CameraLost, EndOfSource
from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Frame

FRAMES = 6
PATIENCE = 10.0
Make = Callable[[], Camera]


def _walk() -> WalkUpCamera:
    figure = Figure(portrait=drawn(), size=still(0.4))
    scene = Scene(
        name="stand",
        figures=(figure,),
        approach_seconds=0.0,
        stand_seconds=(FRAMES - 0.5) / 30,
        away_seconds=0.0,
    )
    return WalkUpCamera([scene])


def _replays(folder: Path) -> dict[str, Make]:
    video = write_video(folder / "video.avi", FRAMES, fps=30.0)
    images = write_folder(folder / "images", FRAMES)
    specs = {"file": parse(f"file:{video}"), "images": parse(f"images:{images}?fps=30")}
    made: dict[str, Make] = {"walk-up": _walk, "walk-up paced": lambda: Paced(_walk())}
    for name, source in specs.items():
        made[name] = lambda source=source: open_camera(source)  # type: ignore[misc] - bound now
        made[f"{name} paced"] = lambda source=source: open_camera(  # type: ignore[misc] - same
            source, realtime=True
        )
    return made


REPLAYS = ["file", "images", "walk-up"]
PACED = [f"{name} paced" for name in REPLAYS]


@pytest.fixture(params=[*REPLAYS, *PACED])
def replay(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    return _replays(tmp_path)[request.param]


@pytest.fixture(params=[*REPLAYS, *PACED, "stream"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    if request.param != "stream":
        yield _replays(tmp_path)[request.param]
        return
    with MjpegCamera() as network:
        yield lambda: open_camera(parse(network.url))


def read(camera: Camera, count: int) -> list[Frame]:
    return [camera.read(PATIENCE) for _ in range(count)]


def test_frames_are_colour_pictures_of_their_own(make: Make) -> None:
    camera = make()
    first, second = read(camera, 2)
    for frame in (first, second):
        assert frame.pixels.dtype == np.uint8
        assert frame.pixels.ndim == 3
        assert frame.pixels.shape[2] == 3
        assert frame.pixels.flags.c_contiguous
    assert not np.shares_memory(first.pixels, second.pixels)
    camera.close()


def test_frames_come_in_order_of_time_and_number(make: Make) -> None:
    camera = make()
    found = read(camera, FRAMES)
    assert found[0].index == 0
    assert all(a.index < b.index for a, b in pairwise(found))
    assert all(a.captured_at < b.captured_at for a, b in pairwise(found))
    camera.close()


def test_a_closed_camera_is_lost_and_may_be_closed_again(make: Make) -> None:
    camera = make()
    camera.read(PATIENCE)
    camera.close()
    camera.close()
    with pytest.raises(CameraLost):
        camera.read(PATIENCE)


def test_a_camera_may_be_closed_before_it_was_read(make: Make) -> None:
    camera = make()
    camera.close()
    with pytest.raises(CameraLost):
        camera.read(PATIENCE)


def test_two_openings_do_not_know_each_other(make: Make) -> None:
    first, second = make(), make()
    first.read(PATIENCE)
    first.close()
    assert second.read(PATIENCE).index == 0
    second.close()


def test_a_replay_gives_every_frame_and_then_ends_for_good(replay: Make) -> None:
    camera = replay()
    assert [frame.index for frame in read(camera, FRAMES)] == list(range(FRAMES))
    for _ in range(2):
        with pytest.raises(EndOfSource):
            camera.read(PATIENCE)
    camera.close()


def test_an_unpaced_replay_has_the_time_of_the_recording(tmp_path: Path) -> None:
    for name in REPLAYS:
        camera = _replays(tmp_path)[name]()
        times = [frame.captured_at for frame in read(camera, FRAMES)]
        camera.close()
        assert times == pytest.approx([i / 30 for i in range(FRAMES)], abs=0.002)


def test_closing_ends_a_read_that_waits(tmp_path: Path) -> None:
    images = write_folder(tmp_path / "images", 2)
    with MjpegCamera() as network:
        network.stall()
        waiting = [
            open_camera(parse(network.url)),
            open_camera(parse(f"images:{images}?fps=1"), realtime=True),
        ]
        waiting[1].read(PATIENCE)
        for camera in waiting:
            assert _ends_by_closing(camera)


def _ends_by_closing(camera: Camera) -> bool:
    ended = threading.Event()

    def wait() -> None:
        try:
            camera.read(3600.0)
        except CameraLost:
            ended.set()

    reader = threading.Thread(target=wait, daemon=True)
    reader.start()
    early = ended.wait(0.05)
    camera.close()
    return ended.wait(PATIENCE) and not early
