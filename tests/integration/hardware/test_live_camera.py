from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from mjpeg_camera import MjpegCamera, number_of

from hardware.camera.opening import open_camera
from hardware.camera.request import CameraRequest
from hardware.camera.source import parse
from kiosk.domain.errors import CameraLost
from kiosk.domain.ports import Camera

PATIENCE = 10.0
SOON = 10.0
"""Far longer than what is waited for, far shorter than a device that hangs would take."""


@pytest.fixture
def network() -> Iterator[MjpegCamera]:
    with MjpegCamera() as camera:
        yield camera


def read_on(camera: Camera, timeout: float) -> None:
    """Read what is still on its way; ends by the camera's own error."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        camera.read(timeout)


def test_living_frames_come_newest_first_and_once(network: MjpegCamera) -> None:
    camera = open_camera(parse(network.url), CameraRequest(warmup_frames=0))
    found = [camera.read(PATIENCE) for _ in range(8)]
    numbers = [number_of(frame.pixels) for frame in found]
    assert all(a < b for a, b in pairwise(numbers))
    assert numbers == [frame.index for frame in found]
    camera.close()


def test_a_reader_that_was_away_gets_the_newest_frame(network: MjpegCamera) -> None:
    camera = open_camera(parse(network.url), CameraRequest(warmup_frames=0))
    first = camera.read(PATIENCE)
    served = network.served
    while network.served < served + 8:
        time.sleep(0.02)
    assert camera.read(PATIENCE).index >= first.index + 5
    camera.close()


def test_frames_are_stamped_when_they_come(network: MjpegCamera) -> None:
    camera = open_camera(parse(network.url), CameraRequest(warmup_frames=0))
    camera.read(PATIENCE)
    before = time.monotonic()
    frames = [camera.read(PATIENCE) for _ in range(2)]
    assert before - 0.5 < frames[0].captured_at < frames[1].captured_at <= time.monotonic()
    camera.close()


def test_warm_up_frames_are_thrown_away(network: MjpegCamera) -> None:
    camera = open_camera(parse(network.url), CameraRequest(warmup_frames=7))
    frame = camera.read(PATIENCE)
    assert number_of(frame.pixels) == frame.index + 7
    camera.close()


def test_a_stalled_camera_is_lost_when_it_was_promised(network: MjpegCamera) -> None:
    camera = open_camera(parse(network.url))
    camera.read(PATIENCE)
    network.stall()
    began = time.monotonic()
    with pytest.raises(CameraLost, match=r"no frames for 0\.3 s"):
        read_on(camera, 0.3)
    assert time.monotonic() - began < SOON
    camera.close()


def test_closing_a_stalled_camera_does_not_hang(network: MjpegCamera) -> None:
    camera = open_camera(parse(network.url))
    camera.read(PATIENCE)
    network.stall()
    began = time.monotonic()
    camera.close()
    assert time.monotonic() - began < SOON


def test_waiting_for_a_stalled_camera_costs_nothing(network: MjpegCamera) -> None:
    camera = open_camera(parse(network.url))
    camera.read(PATIENCE)
    network.stall()
    spent, began = time.process_time(), time.monotonic()
    with pytest.raises(CameraLost):
        read_on(camera, 0.3)
    assert time.process_time() - spent < 0.5 * (time.monotonic() - began)
    camera.close()


def test_a_camera_that_is_unplugged_and_comes_back(network: MjpegCamera) -> None:
    camera = open_camera(parse(network.url))
    camera.read(PATIENCE)
    network.go_away()
    with pytest.raises(CameraLost, match="stopped"):
        read_on(camera, PATIENCE)
    camera.close()
    with pytest.raises(CameraLost, match="cannot be opened"):
        open_camera(parse(network.url)).read(PATIENCE)
    network.come_back()
    again = open_camera(parse(network.url))
    assert again.read(PATIENCE).index == 0
    again.close()


def test_an_address_that_answers_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        began = time.monotonic()
        camera = open_camera(parse(url), CameraRequest(open_seconds=0.5))
        with pytest.raises(CameraLost):
            camera.read(0.3)
        camera.close()
        assert time.monotonic() - began < SOON


def test_an_address_that_sends_no_pictures() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>router</h1>")

        thread = threading.Thread(target=answer)
        thread.start()
        camera = open_camera(parse(f"http://127.0.0.1:{server.getsockname()[1]}/x"))
        with pytest.raises(CameraLost, match="cannot be opened"):
            camera.read(PATIENCE)
        camera.close()
        thread.join()


def test_an_absent_device_is_named_with_what_to_look_for() -> None:
    camera = open_camera(parse("device:97"))
    with pytest.raises(CameraLost) as caught:
        camera.read(PATIENCE)
    assert "device:97" in caught.value.problem
    assert "/dev/video" in caught.value.remedy
    assert "group `video`" in caught.value.remedy
    camera.close()


def test_a_streams_password_is_neither_raised_nor_printed(
    network: MjpegCamera, capfd: pytest.CaptureFixture[str]
) -> None:
    url = network.url.replace("//", "//admin:hunter2@")
    network.go_away()
    camera = open_camera(parse(url))
    with pytest.raises(CameraLost) as caught:
        camera.read(PATIENCE)
    camera.close()
    printed = capfd.readouterr()
    assert "hunter2" not in str(caught.value) + repr(caught.value) + printed.out + printed.err


ENDING = """
import contextlib, sys, time
from hardware.camera.opening import open_camera
from hardware.camera.source import parse
from kiosk.domain.errors import CameraLost

class SlowToGo:
    def __del__(self, sleep=time.sleep):
        sleep(2.5)

slow = SlowToGo()
camera = open_camera(parse(sys.argv[1]))
camera.read(10)
print("read", flush=True)
sys.stdin.readline()
with contextlib.suppress(CameraLost):
    while True:
        camera.read(0.3)
if sys.argv[2] == "close":
    camera.close()
"""


def test_a_process_that_ends_with_a_stalled_camera_ends_in_order(network: MjpegCamera) -> None:
    """A thread that leaves OpenCV while the interpreter goes would abort it, its work done."""
    root = Path(__file__).parents[3]
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", ENDING, network.url, how],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={"PYTHONPATH": str(root)},
                    text=True,
                )
            )
            for how in ("close", "leave")
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "read\n"
        network.stall()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [process.wait(30) for process in processes] == [0, 0]
