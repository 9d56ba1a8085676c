"""A local device, played by a stand-in for `cv2.VideoCapture` that obeys V4L2's manners."""

from __future__ import annotations

import threading
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from hardware.camera import live, opencv
from hardware.camera.live import LiveCamera, Pace
from hardware.camera.opencv import DeviceFeed
from hardware.camera.request import CameraRequest
from hardware.camera.source import DeviceSource
from kiosk.domain.errors import CameraLost

PATIENCE = 10.0
PICTURE = np.full((4, 4, 3), 50, np.uint8)
Answer = tuple[bool, object]


class Device:
    """Answers reads from a script, then blocks as an unplugged device does."""

    def __init__(self, *answers: Answer | Exception, opens: bool = True) -> None:
        self.answers = list(answers)
        self.opens = opens
        self.asked: list[tuple[int, float]] = []
        self.unplug = threading.Event()
        self.released = threading.Event()
        self.reads = 0

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self.opens

    def set(self, what: int, value: float) -> bool:
        self.asked.append((what, value))
        return True

    def read(self) -> Answer:
        self.reads += 1
        if not self.answers:
            self.unplug.wait(PATIENCE)
            return False, None
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def release(self) -> None:
        self.released.set()


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Callable[..., LiveCamera]:
    def make(device: Device, width: int = 640, warmup: int = 0) -> LiveCamera:
        monkeypatch.setattr(opencv.cv2, "VideoCapture", lambda *_: device)
        feed = DeviceFeed(DeviceSource(0), CameraRequest(width, 480, 30))
        return LiveCamera(feed, "device:0", Pace(warmup, 1.0))

    return make


def test_size_and_rate_are_asked_for(plug: Callable[..., LiveCamera]) -> None:
    device = Device((True, PICTURE))
    camera = plug(device)
    camera.read(PATIENCE)
    assert device.asked[:3] == [
        (cv2.CAP_PROP_FRAME_WIDTH, 640),
        (cv2.CAP_PROP_FRAME_HEIGHT, 480),
        (cv2.CAP_PROP_FPS, 30),
    ]
    device.unplug.set()
    camera.close()
    assert device.released.wait(PATIENCE)


def test_large_pictures_are_asked_for_compressed_and_before_their_size(
    plug: Callable[..., LiveCamera],
) -> None:
    device = Device((True, PICTURE))
    camera = plug(device, width=1280)
    camera.read(PATIENCE)
    assert device.asked[0][0] == cv2.CAP_PROP_FOURCC
    device.unplug.set()
    camera.close()


def test_a_torn_frame_now_and_then_is_no_loss(plug: Callable[..., LiveCamera]) -> None:
    torn: list[Answer] = [(False, None)] * live.MISSES_ALLOWED
    device = Device(*torn, (True, PICTURE), *torn, (True, PICTURE))
    camera = plug(device)
    camera.read(PATIENCE)
    camera.read(PATIENCE)
    device.unplug.set()
    camera.close()


def test_a_device_that_only_fails_is_lost_and_close_device(plug: Callable[..., LiveCamera]) -> None:
    device = Device(*[(False, None)] * 100)
    camera = plug(device)
    with pytest.raises(CameraLost, match=r"device:0 stopped"):
        camera.read(PATIENCE)
    assert device.released.wait(PATIENCE)
    assert device.reads == live.MISSES_ALLOWED + 1
    camera.close()


def test_a_device_that_hangs_is_lost_in_time_and_closing_does_not_hang(
    plug: Callable[..., LiveCamera],
) -> None:
    device = Device((True, PICTURE))
    camera = plug(device)
    camera.read(PATIENCE)
    with pytest.raises(CameraLost, match="no frames"):
        camera.read(0.05)
    camera.close()
    assert not device.released.is_set()
    device.unplug.set()
    assert device.released.wait(PATIENCE)


def test_a_foreign_error_becomes_a_loss(plug: Callable[..., LiveCamera]) -> None:
    device = Device(cv2.error("driver said no"))
    camera = plug(device)
    with pytest.raises(CameraLost, match="failed"):
        camera.read(PATIENCE)
    assert device.released.wait(PATIENCE)
    camera.close()


def test_a_device_that_cannot_be_opened_is_close_device(plug: Callable[..., LiveCamera]) -> None:
    device = Device(opens=False)
    camera = plug(device)
    with pytest.raises(CameraLost, match="cannot be opened"):
        camera.read(PATIENCE)
    assert device.released.wait(PATIENCE)
    camera.close()


def test_a_picture_that_is_too_large_is_named(plug: Callable[..., LiveCamera]) -> None:
    huge = np.broadcast_to(np.uint8(0), (8000, 8000, 3))
    device = Device((True, huge))
    camera = plug(device)
    with pytest.raises(CameraLost, match="8000x8000"):
        camera.read(PATIENCE)
    assert device.released.wait(PATIENCE)
    camera.close()


def test_a_device_is_opened_by_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    device = Device(opens=False)
    monkeypatch.setattr(opencv.cv2, "VideoCapture", lambda *args: asked.append(args) or device)
    feed = DeviceFeed(DeviceSource("/dev/v4l/by-id/cam"), CameraRequest())
    camera = LiveCamera(feed, "cam", Pace(0, 1.0))
    with pytest.raises(CameraLost, match="by-id/cam cannot be opened"):
        camera.read(PATIENCE)
    camera.close()
    assert asked == [("/dev/v4l/by-id/cam", cv2.CAP_V4L2)]
