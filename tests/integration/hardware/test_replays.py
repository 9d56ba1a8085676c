from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from scripted_camera import END, ScriptedCamera, frames, noise
from video_files import CODECS, HEIGHT, WIDTH, cut_off, number_in, write_folder, write_video

from hardware.camera.replay import FileReplay, FolderReplay, Paced
from hardware.camera.source import FolderSource, open_camera, parse
from hardware.camera.video import Picture
from kiosk.domain.errors import CameraLost, EndOfSource, ImageError, SourceError
from kiosk.domain.frame import Frame
from kiosk.domain.ports import Camera


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


def test_a_silence_in_a_recording_is_a_lost_camera_and_the_frame_comes_later() -> None:
    inner = ScriptedCamera(*frames([noise(1), noise(2)], fps=0.1), END)
    camera = Paced(inner, Instants(100.0, 100.0, 100.0, 110.0))
    camera.read(0.01)
    with pytest.raises(CameraLost, match="no frame"):
        camera.read(0.01)
    assert camera.read(0.01).index == 1
    with pytest.raises(EndOfSource):
        camera.read(0.01)
