"""`kiosk bench` as people and programs call it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from evaluation_data import pack
from kiosk_process import environment, kiosk
from typer.testing import CliRunner, Result

from config.settings import Settings
from hardware.camera.codec import cv2
from kiosk.bench.children import UNWIRED
from kiosk.bench.homes import enrol_person
from kiosk.bench.person import PORTRAITS, Walker, person_of
from kiosk.cli import app
from kiosk.domain.errors import BadInput, ModelError
from models.packs.installed import load_manifest, shared_directory, verified

DONE, WRONG_USE, OUT_OF_SERVICE = 0, 2, 4
WALKS = 8
"""A walk takes a second and a half, whatever else the machine does: some may be too short."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing is."""
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path / "home"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture of nobody."""
    path = tmp_path / "pictures" / "1.png"
    path.parent.mkdir()
    path.write_bytes(cv2.imencode(".png", cv2.getGaussianKernel(64, 9) * 255)[1].tobytes())
    return path


def bench(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["bench", *map(str, arguments)])


def refused(result: Result, problem: str) -> None:
    assert result.exit_code == WRONG_USE
    assert problem in result.stderr
    assert result.stdout == ""


def test_a_live_camera_is_refused() -> None:
    refused(bench("--source", "device:0"), "device:0 is a live camera")


def test_a_recording_of_nobody_known_is_refused(picture: Path) -> None:
    refused(bench("--source", f"images:{picture.parent}"), "It is not given who is enrolled")


def test_a_photograph_that_is_not_there_is_refused(tmp_path: Path) -> None:
    refused(bench("--enrol", tmp_path / "nobody.jpg"), "nobody.jpg does not exist")


def test_an_unknown_part_is_refused(picture: Path) -> None:
    refused(bench("--part", "everything", "--enrol", picture), "There is no part 'everything'")


@pytest.mark.weights
def test_a_photograph_of_nobody_is_refused(picture: Path) -> None:
    pack()
    refused(bench("--enrol", picture, "--quick"), "became a reference: no_face")


@pytest.mark.weights
def test_a_recording_that_is_too_short_is_refused(picture: Path) -> None:
    loaded = pack()
    person = person_of(Settings(), picture.parent, f"images:{picture.parent}", [picture])
    with pytest.raises(BadInput, match="has 1 frames, fewer than a decision takes"):
        person.walk(Settings(), loaded)


def test_missing_portraits_are_out_of_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_MODELS__DIRECTORY", str(tmp_path / "nowhere"))
    result = bench("--quick")
    assert result.exit_code == OUT_OF_SERVICE
    assert f"kiosk models install {PORTRAITS}" in result.stderr


def test_a_start_shows_links_and_no_copies(tmp_path: Path, picture: Path) -> None:
    other = picture.with_name("2.png")
    other.write_bytes(picture.read_bytes())
    folder = tmp_path / "shown"
    folder.mkdir()
    person = Walker((picture,), (picture, other))
    assert person.start_source(folder) == f"images:{folder}?fps=15"
    links = sorted(folder.iterdir())
    assert all(link.is_symlink() for link in links)
    assert [link.resolve().name for link in links[:3]] == ["1.png", "2.png", "1.png"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[socket.socket, Path]]:
    """A real door's address, and the settings of a kiosk that hangs on it."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.0)
        port = door.getsockname()[1]
        settings = tmp_path / "site.toml"
        settings.write_text(f"""
            [door]
            driver = "modbus"
            fail_mode = "secure"
            lock = "strike"
            modbus = {{ host = "127.0.0.1", port = {port}, mode = "coil", coil = 0 }}
            [operators]
            mqtt = {{ host = "127.0.0.1", port = {port}, allow_insecure = true }}
        """)
        yield door, settings


@pytest.fixture
def portraits() -> None:
    """The portraits of the demonstration; skips the test where they are not installed."""
    try:
        verified(load_manifest().pack(PORTRAITS), shared_directory())
    except ModelError as error:
        pytest.skip(str(error))


@pytest.mark.weights
@pytest.mark.usefixtures("portraits")
def test_walks_are_measured_and_no_real_door_hears_of_them(
    home: Path, site: tuple[socket.socket, Path], runtime: Path
) -> None:
    """Where `make demo` set everything up: without the library of the site's driver."""
    door, settings = site
    enrol_person(Settings(), pack(), home, person_of(Settings(), home, None, ()))
    for _ in range(WALKS):
        ended = kiosk(
            *("bench", "--quick", "--part", "walks", "--config", settings, "--json"),
            command=(str(runtime), "-P", "-m", "kiosk"),
            env=environment(KIOSK_HOME=str(home), **UNWIRED),
        )
        assert ended.code == DONE, ended.err
        assert ended.said["walks"] == 1
        with pytest.raises(BlockingIOError):
            door.accept()
        if ended.said["releases"]:
            break
    assert ended.said["releases"] == 1
    assert ended.said["capture_to_release_ms"]["p95"] > 0.0


@pytest.mark.long
@pytest.mark.weights
@pytest.mark.usefixtures("portraits")
def test_everything_is_measured_and_no_real_door_hears_of_it(
    home: Path, site: tuple[socket.socket, Path], runtime: Path
) -> None:
    door, settings = site
    ended = kiosk(
        *("bench", "--quick", "--json", "--config", settings),
        command=(str(runtime), "-P", "-m", "kiosk"),
        env=environment(KIOSK_HOME=str(home)),
        patience=1800.0,
    )
    assert ended.code == DONE, ended.err
    with pytest.raises(BlockingIOError):
        door.accept()
    told: dict[str, Any] = ended.said
    assert all(told["stage_ms"][s]["median"] > 0 for s in ("find", "attack", "match", "carry_out"))
    assert list(told["enrolling_ms"]) == ["door", "notice", "pictures", "my_data"]
    assert all(each["mean"] > 0.0 for each in told["enrolling_ms"].values())
    assert told["walks"]["walks"] == 1
    if told["walks"]["releases"]:  # a busy machine may be too slow for one who stands there shortly
        assert told["capture_to_release_ms"]["p95"] > 0.0
        assert told["first_face_to_release_seconds"]["median"] > 0.4
    assert told["frames_per_second"]["with_window"] > 0.0
    assert list(told["doors"]) == ["good", "slow", "dead"]
    assert told["doors"]["dead"]["releases"] == 0
    assert any(each["preview"] > 0.0 for each in told["doors"].values())  # a busy machine shows few
    assert all(each["vision"] > 0.0 for each in told["doors"].values())
    assert told["start_seconds"]["preview"]["median"] > 0.0
    assert told["start_seconds"]["ready"]["median"] > 0.0
    assert told["memory"]["references"] == 1_000
    assert told["memory"]["peak_mb"] > 100.0
    assert set(told["search_ms"]) == {"1000", "10000"}
    assert not home.exists(), "measuring keeps nothing"


@pytest.mark.long
@pytest.mark.weights
@pytest.mark.usefixtures("portraits")
def test_a_fleet_is_measured_and_nothing_of_it_stays(
    home: Path, tmp_path: Path, runtime: Path
) -> None:
    """Where only the kiosk's own packages are: a fleet in a folder needs no other."""
    shared = tmp_path / "shared"
    shared.mkdir()
    ended = kiosk(
        *("bench", "--quick", "--part", "fleet", "--store", f"folder:{shared}", "--json"),
        command=(str(runtime), "-P", "-m", "kiosk"),
        env=environment(KIOSK_HOME=str(home)),
        patience=900.0,
    )
    assert ended.code == DONE, ended.err
    told: dict[str, Any] = ended.said
    assert told["references"] == told["fresh"]["references"] == 1_000
    assert told["fresh"]["ready_seconds"] > 0.0
    assert told["fresh"]["idle_poll"]["requests"] == 1
    assert 100.0 < told["fresh"]["memory"]["before_mb"] <= told["fresh"]["memory"]["peak_mb"]
    assert told["running"]["before"]["frames_per_second"] > 0.0
    assert told["delta"]["until_known_seconds"]["median"] > 0.0
    assert told["import"]["photographs"] == 4
    assert not list(shared.iterdir())
    assert not home.exists(), "measuring keeps nothing"
