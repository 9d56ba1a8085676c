"""Cameras that are absent, black or frozen, and torn recordings: said, never passed over."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from pathlib import Path

import numpy as np
import pytest
from certificates import BAD, Shown, bad
from chosen import few_first
from kept_home import Kept, furnish, verified
from kiosk_process import Running, kiosk
from mjpeg_camera import MjpegCamera, jpeg
from video_files import cut_off, numbered, write_folder, write_video

from hardware.camera.codec import cv2
from kiosk.store.home import Home
from kiosk.store.journal.verification import latest

pytestmark = pytest.mark.weights

FRAMES = 45
"""Three seconds at the usual rate of a folder."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return furnish(tmp_path / "home")


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("camera", "'camera'"),
        ("usb:0", "'usb:0'"),
        ("device:front", "'device:front'"),
        ("device:-1", "'device:-1'"),
        ("file:nowhere.mp4", "'file:nowhere.mp4'"),
        ("images:nowhere", "'images:nowhere'"),
        ("images:{empty}", "without pictures"),
        ("images:{full}?fps=0", "fps=0"),
        ("images:{full}?rate=5", "rate=5"),
        ("http://", "names no host"),
        ("", "no known kind"),
    ],
)
def test_a_source_that_cannot_be_understood(
    home: Path, tmp_path: Path, source: str, named: str
) -> None:
    (tmp_path / "empty").mkdir()
    full = write_folder(tmp_path / "full", 1)
    spec = source.format(empty=tmp_path / "empty", full=full)
    before = Kept.of(home)
    if not spec:
        (home / "config.toml").write_text('[camera]\nsource = ""\n', encoding="utf-8")
        before = Kept.of(home)
    kiosk("run", "--home", home, "--source", spec, "--headless").refused(2, named)
    assert before.untouched()


def test_a_password_in_a_source_is_never_repeated(home: Path) -> None:
    ended = kiosk("run", "--home", home, "--source", "rtps://ann:hunter2@cam/1", "--headless")
    ended.refused(2, "cam/1")
    assert "hunter2" not in ended.err


def test_an_absent_camera(home: Path) -> None:
    before = Kept.of(home)
    ended = kiosk("run", "--home", home, "--source", "device:9", "--headless", "--json")
    ended.refused(4, "device:9", "/dev/video")
    assert before.added_to()
    assert "device:9" in str(_last_detail(home, "problem"))


def test_an_absent_network_camera_does_not_tell_its_password(home: Path) -> None:
    before = Kept.of(home)
    url = "http://ann:hunter2@127.0.0.1:9/stream"
    ended = kiosk("run", "--home", home, "--source", url, "--headless", "--json")
    ended.refused(4, "http://127.0.0.1:9/stream")
    assert "hunter2" not in ended.err + ended.out
    assert b"hunter2" not in (home / "journal.jsonl").read_bytes()
    assert before.added_to()


def _last_detail(home: Path, key: str) -> object:
    (last,) = latest(Home(home), None, 1)
    return last.entry.details.get(key)


def test_a_window_waits_for_an_absent_camera_and_says_out_of_service(home: Path) -> None:
    """R90: whoever stands there sees that the kiosk does not work; it may be plugged in later."""
    with Running("run", "--home", home, "--source", "device:9", "--json") as running:
        fault = running.wait_for("fault")
        ended = running.end()
    assert fault["part"] == "camera"
    assert "device:9" in fault["detail"]
    assert fault["at_seconds"] >= 0.0
    assert ended.code == 0
    assert _last_detail(home, "problem") is None


@pytest.mark.parametrize("light", ["black", "frozen"])
def test_a_recording_that_is_black_or_frozen(home: Path, tmp_path: Path, light: str) -> None:
    before = Kept.of(home)
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(FRAMES):
        dark = np.random.default_rng(number).integers(0, 9, (120, 160, 3), np.uint8)
        pixels = dark if light == "black" else numbered(7)
        assert cv2.imwrite(str(folder / f"{number}.png"), pixels)
    ended = kiosk("run", "--home", home, "--source", f"images:{folder}", "--headless", "--json")
    assert (ended.code, ended.err) == (0, "")
    (fault,) = ended.of("fault")
    assert fault["part"] == "camera"
    assert {"black": "black", "frozen": "not changed"}[light] in fault["detail"]
    assert fault["at_seconds"] == pytest.approx(1.5, abs=0.1)
    assert ended.of("decision") == []
    assert ended.of("summary")[0]["frames"] == FRAMES
    assert before.added_to()


def test_a_video_that_ends_in_the_middle_of_a_frame(home: Path, tmp_path: Path) -> None:
    whole = write_video(tmp_path / "walk.avi", 12)
    torn = cut_off(whole, 0.6)
    ended = kiosk("run", "--home", home, "--source", f"file:{torn}", "--headless", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert 0 < ended.of("summary")[0]["frames"] < 12
    assert verified(home).sealed


def test_a_file_that_is_no_video(home: Path, tmp_path: Path) -> None:
    before = Kept.of(home)
    notes = tmp_path / "notes.mp4"
    notes.write_text("not a video " * 100, encoding="utf-8")
    ended = kiosk("run", "--home", home, "--source", f"file:{notes}", "--headless", "--json")
    ended.refused(2, str(notes))
    assert before.added_to()


@pytest.mark.parametrize("way", [("--headless",), ("--headless", "--realtime"), ()])
def test_a_picture_among_the_frames_that_is_none(
    home: Path, tmp_path: Path, way: tuple[str, ...]
) -> None:
    before = Kept.of(home)
    folder = write_folder(tmp_path / "frames", 4)
    torn = folder / "frame2.png"
    torn.write_bytes(torn.read_bytes()[:40])
    ended = kiosk("run", "--home", home, "--source", f"images:{folder}", "--json", *way)
    ended.refused(2, str(torn))
    assert before.added_to()
    assert str(torn) in str(_last_detail(home, "problem"))


def test_a_network_camera_with_pictures_of_8000_by_8000(home: Path) -> None:
    """B11: the kiosk refuses them by the size that they say of themselves."""
    huge = jpeg(np.zeros((8000, 8000, 3), np.uint8))
    with MjpegCamera(lambda _: huge) as camera:
        ended = kiosk("run", "--home", home, "--source", camera.url, "--headless", "--json")
    ended.refused(4, "16,777,216 pixels")


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("scheme", few_first(["https", "rtsps"], 1))
def test_a_network_camera_that_is_not_believed_shows_nobody(
    home: Path, tmp_path: Path, kind: str, scheme: str
) -> None:
    """Whoever is in a camera's place is not looked at, whatever the environment says."""
    shown = bad(tmp_path / "tls", kind)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_show, args=(server, shown, heard))
        thread.start()
        ended = kiosk(
            *("run", "--home", home, "--headless", "--json", "--source"),
            f"{scheme}://ann:hunter2@127.0.0.1:{server.getsockname()[1]}/cam",
            env=os.environ
            | {
                "KIOSK_CAMERA__CA_FILE": str(shown.ca_file),
                "OPENCV_FFMPEG_CAPTURE_OPTIONS": "tls_verify;0",
                "SSL_CERT_FILE": str(shown.certificate),
            },
        )
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    ended.refused(4, "not accepted", "camera.ca_file")
    assert heard == []
    assert "hunter2" not in ended.err + ended.out
    assert "not accepted" in str(_last_detail(home, "problem"))


def _show(server: socket.socket, shown: Shown, heard: list[bytes]) -> None:
    """Greet whoever comes with the certificate, and note what they say to whom they believe."""
    context = shown.context()
    with contextlib.suppress(OSError):
        while True:
            line, _ = server.accept()
            line.settimeout(2.0)
            with (
                line,
                contextlib.suppress(OSError),
                context.wrap_socket(line, server_side=True) as secure,
            ):
                heard.append(secure.recv(4096))
