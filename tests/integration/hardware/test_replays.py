from __future__ import annotations

import os
import resource
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from scripted_camera import END, ScriptedCamera, frames, noise
from video_files import CODECS, HEIGHT, WIDTH, cut_off, number_in, write_folder, write_video

from hardware.camera.opening import open_camera
from hardware.camera.recording import FileReplay
from hardware.camera.replay import FolderReplay, Paced
from hardware.camera.source import FolderSource, parse
from hardware.camera.video import Picture
from kiosk.domain.errors import CameraLost, EndOfSource, ImageError, SourceError
from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Frame


def played(camera: Camera) -> list[Frame]:
    found = []
    try:
        while True:
            found.append(camera.read(1.0))
    except EndOfSource:
        camera.close()
        return found


@pytest.mark.parametrize("suffix", CODECS)
def test_every_frame_of_a_video_with_its_own_time(tmp_path: Path, suffix: str) -> None:
    path = write_video(tmp_path / f"video{suffix}", 20, fps=12.5)
    found = played(FileReplay(path))
    assert [number_in(frame.pixels) for frame in found] == list(range(20))
    assert [frame.index for frame in found] == list(range(20))
    times = [frame.captured_at for frame in found]
    assert times == pytest.approx([i / 12.5 for i in range(20)], abs=0.002)


@pytest.mark.parametrize("suffix", [".avi", ".mkv"])
@pytest.mark.parametrize("share", [0.3, 0.55, 0.8])
def test_a_video_that_breaks_off_in_a_frame_ends_with_the_last_whole_one(
    tmp_path: Path, suffix: str, share: float
) -> None:
    path = cut_off(write_video(tmp_path / f"video{suffix}", 20), share)
    found = played(FileReplay(path))
    assert 20 * share - 3 <= len(found) <= 20 * share + 1
    assert [number_in(frame.pixels) for frame in found] == list(range(len(found)))
    whole = played(FileReplay(tmp_path / f"video{suffix}"))[len(found) - 1]
    assert np.array_equal(found[-1].pixels, whole.pixels)


@pytest.mark.parametrize(
    "content", [b"", b"no video", b"\x00" * 5000], ids=["empty", "text", "zeros"]
)
def test_a_file_that_is_no_video_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "holiday.mp4"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"holiday\.mp4"):
        open_camera(parse(f"file:{path}"))


def test_a_video_without_its_index_is_named_and_only_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = cut_off(write_video(tmp_path / "video.mp4", 20), 0.6)
    with pytest.raises(SourceError, match="repaired"):
        FileReplay(path)
    assert capfd.readouterr() == ("", "")


def test_a_video_of_which_no_frame_is_whole_is_named(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "video.avi", 1)
    data = whole.read_bytes()
    with pytest.raises(SourceError, match="video-cut"):
        FileReplay(cut_off(whole, (data.index(b"00dc") + 200) / len(data)))


def test_time_goes_on_though_the_file_says_otherwise(tmp_path: Path) -> None:
    replay = FileReplay(write_video(tmp_path / "video.avi", 3, fps=10.0))
    first = replay.read(1.0)
    stuck = replay._after(first, Picture(first.pixels, 0.0, fresh=False))
    assert stuck.captured_at == pytest.approx(0.1)
    jumped = replay._after(stuck, Picture(first.pixels, None, fresh=False))
    assert jumped.captured_at == pytest.approx(0.2)
    replay.close()


def test_a_folder_at_its_rate_in_natural_order(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "frames", 12)
    found = played(open_camera(parse(f"images:{folder}?fps=8")))
    assert [number_in(frame.pixels) for frame in found] == list(range(12))
    assert [frame.captured_at for frame in found] == [i / 8 for i in range(12)]


def test_pictures_may_differ_in_size_and_kind(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), np.full((30, 40, 3), 9, np.uint8))
    cv2.imwrite(str(tmp_path / "2.jpg"), np.full((60, 20), 9, np.uint8))
    cv2.imwrite(str(tmp_path / "3.png"), np.full((10, 10, 4), 9, np.uint8))
    found = played(open_camera(parse(f"images:{tmp_path}")))
    shapes = [frame.pixels.shape for frame in found]
    assert shapes == [(30, 40, 3), (60, 20, 3), (10, 10, 3)]


@pytest.mark.parametrize("content", [b"", b"no picture"], ids=["empty", "text"])
def test_a_picture_that_cannot_be_read_is_named_and_the_rest_can_be_read(
    tmp_path: Path, content: bytes
) -> None:
    folder = write_folder(tmp_path / "frames", 3)
    (folder / "frame1.png").write_bytes(content)
    camera = FolderReplay(FolderSource(folder).images(), 15.0)
    camera.read(1.0)
    with pytest.raises(ImageError, match=r"frame1\.png"):
        camera.read(1.0)
    assert camera.read(1.0).index == 2


def test_a_truncated_picture_is_refused_not_half_shown(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "frames", 1)
    path = folder / "frame0.png"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ImageError):
        FolderReplay([path], 15.0).read(1.0)


def test_a_picture_that_went_away_is_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "frames", 2)
    camera = open_camera(parse(f"images:{folder}"))
    (folder / "frame0.png").unlink()
    with pytest.raises(ImageError, match=r"frame0\.png"):
        camera.read(1.0)


def test_the_same_recording_plays_the_same_twice(tmp_path: Path) -> None:
    path = write_video(tmp_path / "video.mp4", 10)
    first, second = (played(open_camera(parse(f"file:{path}"))) for _ in range(2))
    assert [f.captured_at for f in first] == [f.captured_at for f in second]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first, second, strict=True))
    assert first[0].pixels.shape == (HEIGHT, WIDTH, 3)


class Instants:
    """Real seconds as a test wants them."""

    def __init__(self, *values: float) -> None:
        self._values = list(values)

    def __call__(self) -> float:
        return self._values.pop(0) if len(self._values) > 1 else self._values[0]


def test_a_paced_replay_waits_for_each_frame_and_stamps_real_time(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "frames", 5)
    found = played(open_camera(parse(f"images:{folder}?fps=50"), realtime=True))
    gaps = [b.captured_at - a.captured_at for a, b in pairwise(found)]
    assert len(found) == 5
    assert found[-1].captured_at - found[0].captured_at >= 4 / 50 - 0.005
    assert all(gap > 0.0 for gap in gaps)
    assert found[0].captured_at > 1.0


def test_a_late_reader_gets_the_next_frame_at_once_and_loses_none() -> None:
    inner = ScriptedCamera(*frames([noise(1), noise(2), noise(3)], fps=10.0), END)
    late = Instants(100.0, 100.0, 107.0)
    assert [frame.index for frame in played(Paced(inner, late))] == [0, 1, 2]


def test_what_follows_a_late_frame_is_as_late_and_plays_no_faster() -> None:
    inner = ScriptedCamera(*frames([noise(1), noise(2), noise(3)], fps=10.0), END)
    camera = Paced(inner, Instants(100.0, 100.0, 107.0, 107.0, 107.0))
    camera.read(0.01)
    assert camera.read(0.01).captured_at == 107.0
    with pytest.raises(CameraLost, match=r"no frame for 0\.01 s"):
        camera.read(0.01)


def test_a_silence_in_a_recording_is_a_lost_camera_and_the_frame_comes_later() -> None:
    inner = ScriptedCamera(*frames([noise(1), noise(2)], fps=0.1), END)
    camera = Paced(inner, Instants(100.0, 100.0, 100.0, 110.0))
    camera.read(0.01)
    with pytest.raises(CameraLost, match="no frame"):
        camera.read(0.01)
    assert camera.read(0.01).index == 1
    with pytest.raises(EndOfSource):
        camera.read(0.01)


def ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True)  # noqa: S607 - Debian's


def test_a_name_with_a_colon_is_no_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_video(tmp_path / "2026-05-01T12:30:00.mp4", 4)
    write_video(tmp_path / "http:x.mp4", 4)
    monkeypatch.chdir(tmp_path)
    for name in ("2026-05-01T12:30:00.mp4", "http:x.mp4", str(tmp_path / "http:x.mp4")):
        assert len(played(open_camera(parse(f"file:{name}")))) == 4


@pytest.mark.parametrize("suffix", [".avi", ".mp4"])
def test_a_recording_of_huge_pictures_is_refused_by_their_announced_size(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"huge{suffix}"
    codec = ["-c:v", "mjpeg" if suffix == ".avi" else "libx264", "-preset", "ultrafast"]
    ffmpeg("-f", "lavfi", "-i", "color=gray:s=8000x8000:r=5", "-frames:v", "2", *codec, str(path))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SourceError, match="16,777,216 pixels"):
        open_camera(parse(f"file:{path}"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


HUGE = """
import resource, sys
from pathlib import Path
from kiosk.wiring.camera import open_camera
from config.settings import Settings
from hardware.camera.source import parse
from hardware.camera.still import read_still
from kiosk.domain.errors import ImageError

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
folder = Path(sys.argv[1])
for read in (
    lambda: read_still(folder / "huge.jpg", 50_000_000),
    lambda: open_camera(
        Settings(), parse(f"images:{folder}"), realtime=False
    ).read(1.0),
):
    try:
        read()
    except ImageError as error:
        print(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_huge_picture_in_a_folder_and_a_huge_photograph_are_refused(tmp_path: Path) -> None:
    """In a process that loads OpenCV as a kiosk does: by way of the models."""
    path = tmp_path / "huge.jpg"
    ffmpeg("-f", "lavfi", "-i", "color=gray:s=8000x8000", "-frames:v", "1", str(path))
    environment = os.environ | {"OPENCV_IO_MAX_IMAGE_PIXELS": "9999999999"}
    command = [sys.executable, "-c", HUGE, str(tmp_path)]
    root = Path(__file__).parents[3]
    ended = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    photograph, picture, grown = ended.stdout.splitlines()
    assert "50 megapixels" in photograph
    assert "16,777,216 pixels" in picture
    assert int(grown) < 150_000


def test_a_recording_is_played_upright_as_it_says(tmp_path: Path) -> None:
    plain, turned = tmp_path / "plain.mp4", tmp_path / "turned.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48:r=5", "-frames:v", "2", str(plain))
    ffmpeg("-i", str(plain), "-c", "copy", "-metadata:s:v:0", "rotate=90", str(turned))
    upright = played(FileReplay(plain))[0].pixels
    assert np.array_equal(played(FileReplay(turned))[0].pixels, np.rot90(upright))


def test_only_a_code_that_sends_changes_proves_that_a_picture_is_new(tmp_path: Path) -> None:
    still = ["-f", "lavfi", "-i", "color=gray:s=64x48:r=5", "-frames:v", "5"]
    ffmpeg(*still, "-c:v", "libx264", str(tmp_path / "changes.mp4"))
    ffmpeg(*still, "-c:v", "mjpeg", str(tmp_path / "wholes.avi"))
    assert all(frame.fresh for frame in played(FileReplay(tmp_path / "changes.mp4")))
    assert not any(frame.fresh for frame in played(FileReplay(tmp_path / "wholes.avi")))
