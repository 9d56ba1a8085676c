from __future__ import annotations

from pathlib import Path

import pytest

from hardware.camera.source import (
    DeviceSource,
    FileSource,
    FolderSource,
    Replay,
    StreamSource,
    natural,
    parse,
)
from kiosk.domain.errors import SourceError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures whose names sort wrongly as text, and what is no picture."""
    for name in ("f10.jpg", "f2.jpg", "F1.JPG", "notes.txt", ".f0.jpg"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "f3.jpg").mkdir()
    return tmp_path


def test_a_device_by_its_number() -> None:
    assert parse("device:0") == DeviceSource(0)
    assert parse(" DEVICE:12 ") == DeviceSource(12)


@pytest.mark.parametrize(
    "path",
    [
        "/dev/video0",
        "/dev/v4l/by-id/usb-Example_Cam-video-index0",
        "/dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0",
    ],
)
def test_a_device_by_its_path(path: str) -> None:
    assert parse(f"device:{path}") == parse(path) == DeviceSource(path)
    assert str(parse(path)) == f"device:{path}"


@pytest.mark.parametrize(
    "path",
    ["/dev/sda", "/dev/v4l/by-id/../../sda", "/etc/passwd", "/dev/video", "/dev/v4l/by-id/", "x/y"],
)
def test_a_path_that_is_no_video_device_is_refused(path: str) -> None:
    with pytest.raises(SourceError, match="by-id"):
        parse(f"device:{path}")


def test_a_video_file(tmp_path: Path) -> None:
    path = tmp_path / "a:b?.mp4"
    path.write_bytes(b"x")
    assert parse(f"file:{path}") == FileSource(path)


def test_a_folder_with_and_without_a_rate(folder: Path) -> None:
    assert parse(f"images:{folder}") == FolderSource(folder, 15.0)
    assert parse(f"images:{folder}?fps=7.5") == FolderSource(folder, 7.5)


def test_a_folder_is_played_in_natural_order(folder: Path) -> None:
    names = [path.name for path in FolderSource(folder).images()]
    assert names == ["F1.JPG", "f2.jpg", "f10.jpg"]


def test_natural_order_of_mixed_names() -> None:
    names = ["b", "a10", "10", "a", "2", "a2b10", "a2b9", "02"]
    assert sorted(names, key=natural) == ["2", "02", "10", "a", "a2b9", "a2b10", "a10", "b"]


@pytest.mark.parametrize("url", ["rtsp://cam/1", "http://cam:8080/v", "https://cam/v", "RTSP://c/"])
def test_a_stream_keeps_its_address(url: str) -> None:
    source = parse(url)
    assert isinstance(source, StreamSource)
    assert source.address.plain.lower() == url.lower()


def test_a_streams_password_and_query_are_never_shown() -> None:
    source = parse("rtsp://admin:hunter2@cam/1?token=abc")
    for text in (str(source), repr(source), f"{source!r:>9}"):
        assert "hunter2" not in text
        assert "abc" not in text
        assert "admin" not in text
        assert "rtsp://cam/1" in text


def test_a_source_is_shown_as_it_was_written(folder: Path) -> None:
    for spec in ("device:3", f"file:{folder / 'f2.jpg'}", f"images:{folder}?fps=7.5"):
        assert str(parse(spec)) == spec


def test_replays_are_told_from_live_cameras(folder: Path) -> None:
    assert isinstance(parse(f"images:{folder}"), Replay)
    assert not isinstance(parse("device:0"), Replay)
    assert not isinstance(parse("rtsp://cam/1"), Replay)


@pytest.mark.parametrize(
    ("spec", "problem", "remedy"),
    [
        ("", "''", "device:0"),
        ("0", "'0'", "device:0"),
        ("webcam:0", "'webcam:0'", "rtsps://host/path"),
        ("device:", "'device:'", "device:0"),
        ("device:-1", "'device:-1'", "/dev/video"),
        ("device:x", "'device:x'", "/dev/video"),
        ("device:0001", "'device:0001'", "/dev/video"),
        ("device:²", "'device:²'", "/dev/video"),
        ("file:", "'file:'", "video"),
        ("file:/no/such/file.mp4", "/no/such/file.mp4", "video"),
        ("file:.", "'file:.'", "images:DIR"),
        ("images:", "'images:'", "folder"),
        ("images:/no/such/folder", "/no/such/folder", "folder"),
        ("rtsp://", "'rtsp://'", "host"),
        ("rtsp:cam", "'rtsp:cam'", "host"),
        ("http://[bad/", "'http://***'", "%2F"),
        ("file://admin:hunter2@cam", "***@cam", "video"),
    ],
)
def test_a_bad_source_is_named_with_what_would_be_right(
    spec: str, problem: str, remedy: str
) -> None:
    with pytest.raises(SourceError) as caught:
        parse(spec)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "options", ["", "fps", "fps=", "fps=0", "fps=0.9", "fps=241", "fps=-5", "fps=nan", "rate=15"]
)
def test_a_bad_rate_is_refused(folder: Path, options: str) -> None:
    with pytest.raises(SourceError, match="fps=15") as caught:
        parse(f"images:{folder}?{options}")
    assert f"'{options}'" in caught.value.problem


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"x")
    with pytest.raises(SourceError, match="without pictures"):
        parse(f"images:{tmp_path}")
