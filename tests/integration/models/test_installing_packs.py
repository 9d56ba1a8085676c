"""Installing a pack: order of sources, what is kept, what a failure leaves behind."""

from __future__ import annotations

import fcntl
import os
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import tls_peer
from model_samples import Recorder, noise, pack_of, pin, tree

from kiosk.app.console import with_command
from kiosk.domain.errors import ModelError
from models.packs.installed import verified
from models.packs.installing import install
from models.packs.origins import HttpsSource

WEIGHTS = noise(200_000)
OTHER = noise(3_000, seed=3)
NOWHERE = HttpsSource("https://127.0.0.1:1/weights.bin")


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A memory stick with both files."""
    folder = tmp_path / "stick"
    (folder / "sample").mkdir(parents=True)
    (folder / "sample" / "weights.bin").write_bytes(WEIGHTS)
    (folder / "other.bin").write_bytes(OTHER)
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "models"


PACK = pack_of(pin(WEIGHTS, NOWHERE), pin(OTHER, NOWHERE, name="other.bin", role="landmarks"))


def test_a_folder_is_asked_first_and_is_enough(stick: Path, target: Path) -> None:
    recorder = Recorder()
    install(PACK, target, stick, recorder)
    assert verified(PACK, target).keys() == {"attack", "landmarks"}
    assert [line[0] for line in recorder.lines] == ["started", "finished"] * 2
    assert recorder.bytes_seen[-1] == len(OTHER)


def test_files_that_are_right_are_not_fetched_again(stick: Path, target: Path) -> None:
    install(PACK, target, stick, Recorder())
    weights = target / "sample" / "weights.bin"
    before = _written(weights)
    recorder = Recorder()
    install(PACK, target, None, recorder)
    assert recorder.lines == [("kept", "weights.bin"), ("kept", "other.bin")]
    assert _written(weights) == before


def _written(file: Path) -> tuple[int, int, int]:
    """Which file it is, and when it was last written; reading it may change its time of access."""
    stat = file.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns


@pytest.mark.parametrize("wrong", [b"", WEIGHTS[:-1], WEIGHTS + b"x", noise(200_000, seed=5)])
def test_a_damaged_file_is_replaced(stick: Path, target: Path, wrong: bytes) -> None:
    (target / "sample").mkdir(parents=True)
    (target / "sample" / "weights.bin").write_bytes(wrong)
    install(PACK, target, stick, Recorder())
    assert verified(PACK, target)


def test_a_folder_with_wrong_bytes_is_no_source(stick: Path, target: Path) -> None:
    (stick / "sample" / "weights.bin").write_bytes(noise(200_000, seed=5))
    recorder = Recorder()
    with pytest.raises(ModelError, match=r"is not complete: no source gave weights\.bin"):
        install(PACK, target, stick, recorder)
    assert recorder.reasons == [
        "its SHA-256 differs from the pinned one",
        "the network refused: Connection refused",
    ]
    assert tree(target) == {"sample/other.bin": OTHER}


def test_wrong_bytes_of_one_source_are_not_continued_by_the_next(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weights.bin").write_bytes(noise(100_000, seed=5))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "peer.pem"))
    monkeypatch.setenv("no_proxy", "*")
    with tls_peer.serving(WEIGHTS, tmp_path, tls_peer.whole) as peer:
        install(pack_of(pin(WEIGHTS, HttpsSource(peer.url))), target, tmp_path, Recorder())
    assert peer.ranges == [None]
    assert tree(target) == {"sample/weights.bin": WEIGHTS}


def test_what_a_power_cut_left_does_not_disturb_a_folder(stick: Path, target: Path) -> None:
    (target / "sample").mkdir(parents=True)
    (target / "sample" / ".weights.bin.part").write_bytes(WEIGHTS[:100])
    install(PACK, target, stick, Recorder())
    assert tree(target) == {"sample/weights.bin": WEIGHTS, "sample/other.bin": OTHER}


def test_an_installation_goes_on_where_it_stopped(stick: Path, target: Path) -> None:
    (stick / "other.bin").unlink()
    with pytest.raises(ModelError, match=r"no source gave other\.bin"):
        install(PACK, target, stick, Recorder())
    (stick / "other.bin").write_bytes(OTHER)
    recorder = Recorder()
    install(PACK, target, stick, recorder)
    assert [line[0] for line in recorder.lines] == ["kept", "started", "finished"]


def test_a_failure_leaves_no_folder_that_looks_like_a_pack(target: Path) -> None:
    with pytest.raises(ModelError) as caught:
        install(PACK, target, None, Recorder())
    assert not (target / "sample").exists()
    assert "kiosk models install sample --from DIR" in with_command(caught.value.remedy)


def test_a_pack_that_is_never_downloaded_says_so(target: Path) -> None:
    recorder = Recorder()
    with pytest.raises(ModelError) as caught:
        install(pack_of(pin(WEIGHTS)), target, None, recorder)
    assert caught.value.remedy.startswith("This pack is never downloaded")
    assert recorder.lines == []


def test_something_that_is_no_file_on_the_stick(stick: Path, target: Path) -> None:
    (stick / "other.bin").unlink()
    os.mkfifo(stick / "other.bin")
    recorder = Recorder()
    with pytest.raises(ModelError):
        install(PACK, target, stick, recorder)
    assert recorder.reasons[0] == "the file is not in it"


@pytest.fixture
def small_disk(stick: Path) -> Iterator[Path]:
    """A full stick, and from then on no file of this process may grow beyond 64 KiB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, before[1]))
    yield stick
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_ends_it_with_nothing_half_written(small_disk: Path, target: Path) -> None:
    recorder = Recorder()
    with pytest.raises(ModelError, match="does not take the model files: File too large"):
        install(PACK, target, small_disk, recorder)
    assert tree(target) == {}
    assert recorder.reasons == []  # another source would not make the disk larger


def test_a_folder_that_cannot_be_made(stick: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ModelError, match="does not take the model files: Not a directory"):
        install(PACK, tmp_path / "file" / "models", stick, Recorder())


def test_a_folder_in_the_place_of_a_file_is_left_alone(stick: Path, target: Path) -> None:
    (target / "sample" / "weights.bin" / "precious").mkdir(parents=True)
    with pytest.raises(ModelError, match="does not take the model files"):
        install(PACK, target, stick, Recorder())
    assert (target / "sample" / "weights.bin" / "precious").is_dir()
    assert tree(target) == {}


def test_two_installations_at_once_take_turns(stick: Path, target: Path) -> None:
    target.mkdir(parents=True)
    holder = os.open(target, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    second = Waiting()
    thread = threading.Thread(target=install, args=(PACK, target, stick, second))
    thread.start()
    assert second.waits.wait(30)
    assert tree(target) == {}
    os.close(holder)
    thread.join(30)
    assert verified(PACK, target)


class Waiting(Recorder):
    """Says when it waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = threading.Event()

    def waiting(self, directory: Path) -> None:
        super().waiting(directory)
        self.waits.set()
