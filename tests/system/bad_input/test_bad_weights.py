"""Weights that are missing, truncated or altered: nothing starts, and the remedy is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import evaluation_data
import pytest
from kept_home import Kept, furnish
from kiosk_process import kiosk
from video_files import write_folder

pytestmark = pytest.mark.weights

FILES = ("face_landmarker.task", "face_recognition_sface_2021dec.tflite", "fr_liveness.tflite")


def missing(file: Path) -> None:
    file.unlink()


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def altered(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def grown(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\0")


DAMAGES = [missing, truncated, empty, altered, grown]


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A copy of the default pack."""
    installed = evaluation_data.pack().files["attack"].parent
    return Path(shutil.copytree(installed, tmp_path / "packs" / "standard")).parent


@pytest.fixture
def home(tmp_path: Path, packs: Path) -> Path:
    """A home that uses that copy."""
    home = furnish(tmp_path / "home")
    (home / "config.toml").write_text(
        f'[models]\ndirectory = "{packs}"\nengine = "litert"\n', encoding="utf-8"
    )
    return home


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_kiosk_does_not_start(
    home: Path, packs: Path, damage: Callable[[Path], None], tmp_path: Path
) -> None:
    for name in FILES[:1] if damage is not missing else FILES:
        shutil.copytree(packs, tmp_path / "whole", dirs_exist_ok=True)
        damage(packs / "standard" / name)
        before = Kept.of(home)
        frames = write_folder(tmp_path / "frames", 2)
        ended = kiosk("run", "--home", home, "--source", f"images:{frames}", "--headless")
        ended.refused(4, str(packs / "standard" / name), "kiosk models install standard --into")
        assert ended.out == ""
        assert before.untouched()
        shutil.copytree(tmp_path / "whole", packs, dirs_exist_ok=True)


@pytest.mark.parametrize("damage", [missing, altered])
def test_nobody_is_enrolled(
    home: Path, packs: Path, damage: Callable[[Path], None], tmp_path: Path
) -> None:
    damage(packs / "standard" / FILES[1])
    before = Kept.of(home)
    frames = write_folder(tmp_path / "frames", 1)
    ended = kiosk("enrol", "--home", home, "--subject", "s-1", "--consent", "form 3", frames)
    ended.refused(4, FILES[1], "kiosk models install standard")
    assert before.untouched()


@pytest.mark.parametrize("damage", DAMAGES)
def test_verifying_names_the_file(home: Path, packs: Path, damage: Callable[[Path], None]) -> None:
    for name in ("fr_liveness.onnx", *FILES[1:]):
        whole = (packs / "standard" / name).read_bytes()
        damage(packs / "standard" / name)
        ended = kiosk("models", "verify", "--home", home)
        assert ended.code == 4
        assert "kiosk models install standard" in ended.err
        bad = [line for line in ended.out.splitlines() if not line.startswith("ok")]
        assert len(bad) == 1
        assert name in bad[0]
        (packs / "standard" / name).write_bytes(whole)


def test_a_pack_that_no_version_knows(home: Path, tmp_path: Path) -> None:
    (home / "config.toml").write_text('[models]\npack = "nobodys"\n', encoding="utf-8")
    before = Kept.of(home)
    frames = write_folder(tmp_path / "frames", 1)
    ended = kiosk("run", "--home", home, "--source", f"images:{frames}", "--headless")
    ended.refused(4, "nobodys")
    assert before.untouched()
