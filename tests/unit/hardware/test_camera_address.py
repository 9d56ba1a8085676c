"""Addresses of cameras: a password is never shown, however the address is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.camera.network.address import Login, shown, understand, with_credentials
from hardware.camera.source import StreamSource, parse
from kiosk.domain.errors import SettingsError, SourceError

SECRET = "S3c"  # a part of each password here
BAD = [
    "rtsp://door:S3c/retX@127.0.0.1:9/s",
    "rtsp://door:S3c#retX@127.0.0.1:9/s",
    "rtsp://door:S3c?retX@127.0.0.1:9/s",
    "rtsp://door:S3c@retX@127.0.0.1:9/s",
    "rtsp://door:S3c:retX@127.0.0.1:9/s",
    "rtsp://door:S3c retX@127.0.0.1:9/s",
    "rtsp://door:S3c\\retX@127.0.0.1:9x/s",
    "rtsp://door:S3cretX/s",
    "rtsp://door:S3cretX",
    "rtps://door:S3c/retX@127.0.0.1/s",
    "rtps://127.0.0.1/s?pwd=S3cretX",
    "rtps://127.0.0.1/user=door&password=S3cretX&channel=1",
    "http://[::1/?pwd=S3cretX",
    "http://cam/?next=a@b&pwd=S3cretX",
    "http://cam/a?pwd=S3cretX#there",
    "door:S3cretX@127.0.0.1",
    "door:S3cretX",
    "device:rtsp://door:S3cretX@127.0.0.1/s",
    "rtsp:door:S3cretX@127.0.0.1/s",
    "rtsp:/door:S3cretX@127.0.0.1/s",
    "S3cretX@127.0.0.1",
    "file://door:S3cretX@127.0.0.1/s",
    "images://door:S3c/retX@127.0.0.1/s",
]
GOOD = [
    "rtsp://door:S3cretX@cam/s",
    "rtsp://door:S3c%2FretX@cam/s",
    "http://cam/s?user=door&pwd=S3cretX",
    "rtsp://cam/user=door&password=S3cretX&channel=1.sdp",
    "rtsp://S3cretX@cam/s",
]


@pytest.mark.parametrize("spec", BAD)
def test_an_address_that_is_refused_shows_no_part_of_its_password(spec: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(spec)
    assert SECRET not in str(caught.value) + repr(caught.value)
    assert "retX" not in str(caught.value) + repr(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("spec", GOOD)
def test_an_address_that_is_taken_shows_no_part_of_its_password(spec: str) -> None:
    source = parse(spec)
    assert isinstance(source, StreamSource)
    for text in (str(source), repr(source), repr(source.address), str(source.address)):
        assert SECRET not in text
    assert "cam" in str(source)


@pytest.mark.parametrize("spec", BAD[:3])
def test_the_hint_says_how_to_write_it(spec: str) -> None:
    with pytest.raises(SourceError, match=r"%2F.*%23.*%3F.*camera\.credentials_file"):
        parse(spec)


def test_a_login_is_decoded() -> None:
    assert understand("rtsp://a%40b:x%2Fy%3A@cam/s").login == Login("a@b", "x/y:")


def test_an_address_of_version_6() -> None:
    address = understand("https://[::1]:8443/v?x=1")
    assert (address.host, address.port, address.target) == ("::1", 8443, "/v?x=1")
    assert address.plain == "https://[::1]:8443/v?x=1"


def test_what_is_no_secret_is_shown() -> None:
    assert shown("rtps://ann:hunter2@cam/1") == "'rtps://***@cam/1'"
    assert shown("webcam:0") == "'webcam:0'"
    assert shown("file:/data/a@b.mp4") == "'file:/data/a@b.mp4'"


def secret(path: Path, held: bytes) -> Path:
    path.write_bytes(held)
    path.chmod(0o600)
    return path


def test_a_login_out_of_a_file(tmp_path: Path) -> None:
    path = secret(tmp_path / "camera", "ann:a:b/c é\n".encode())
    assert with_credentials(understand("rtsp://cam/"), path).login == Login("ann", "a:b/c é")


@pytest.mark.parametrize("held", [b"hunter2", b":hunter2", b"ann\nhunter2", b"\xff:hunter2"])
def test_a_file_that_holds_no_login_is_named_and_not_shown(tmp_path: Path, held: bytes) -> None:
    path = secret(tmp_path / "camera", held)
    with pytest.raises(SettingsError, match=r"camera\.credentials_file") as caught:
        with_credentials(understand("rtsp://cam/"), path)
    assert "hunter2" not in str(caught.value)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = secret(tmp_path / "camera", b"ann:hunter2")
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="can be used by others"):
        with_credentials(understand("rtsp://cam/"), path)


def test_two_logins_are_refused(tmp_path: Path) -> None:
    path = secret(tmp_path / "camera", b"ann:hunter2")
    with pytest.raises(SettingsError, match="another"):
        with_credentials(understand("rtsp://bob:x@cam/"), path)
