"""`kiosk models` as people and programs call it."""

from __future__ import annotations

import hashlib
import io
import json
import tomllib
from pathlib import Path

import pytest
from model_samples import manifest_toml, noise, pin, tree
from rich.console import Console
from rich.progress import Progress
from typer.testing import CliRunner, Result

import models.packs.installed
from kiosk.cli import app
from kiosk.cli.models.progress import Bars
from models.packs.parsing import parse

BODY = noise(5_000)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, a shared folder of its own, and a manifest with one small pack."""
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.prefix", str(tmp_path / "prefix"))
    use_manifest(monkeypatch)
    (tmp_path / "home").mkdir()
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "weights.bin").write_bytes(BODY)
    return tmp_path / "home"


def use_manifest(monkeypatch: pytest.MonkeyPatch, extra: str = "") -> None:
    manifest = parse(tomllib.loads(manifest_toml(BODY, "", extra)))
    monkeypatch.setattr(models.packs.installed, "load_manifest", lambda: manifest)


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    return tmp_path / "prefix" / "share" / "lintel" / "models"


def kiosk(*arguments: str | Path, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["models", *map(str, arguments)], input=typed)


def installed(tmp_path: Path, *arguments: str | Path) -> Result:
    return kiosk("install", "sample", "--from", tmp_path / "stick", *arguments)


def test_install_goes_beside_the_installation(tmp_path: Path, shared: Path) -> None:
    result = installed(tmp_path)
    assert result.exit_code == 0
    assert tree(shared) == {"sample/weights.bin": BODY}
    assert result.stdout.startswith(
        "sample: Sample weights\nLicence: CC0-1.0 (commercial use allowed)\nMade by a test.\n"
    )
    assert f"sample is installed in {shared}." in result.stdout
    assert "weights.bin: in place, SHA-256 right" in result.stderr


def test_install_says_what_is_there_already(tmp_path: Path) -> None:
    installed(tmp_path)
    result = kiosk("install", "sample")
    assert result.exit_code == 0
    assert result.stderr == "weights.bin: already there, SHA-256 right\n"


def test_install_into_a_named_folder(tmp_path: Path, shared: Path) -> None:
    assert installed(tmp_path, "--into", tmp_path / "mine").exit_code == 0
    assert tree(tmp_path / "mine") == {"sample/weights.bin": BODY}
    assert not shared.exists()


def test_the_settings_name_pack_and_folder(tmp_path: Path, home: Path) -> None:
    directory = tmp_path / "named"
    (home / "config.toml").write_text(f'[models]\npack = "sample"\ndirectory = "{directory}"\n')
    assert kiosk("install", "--from", tmp_path / "stick").exit_code == 0
    assert tree(directory) == {"sample/weights.bin": BODY}
    assert json.loads(kiosk("verify", "--json").stdout)["directory"] == str(directory)


def test_a_home_with_its_own_pack_is_verified_there(tmp_path: Path, home: Path) -> None:
    installed(tmp_path)
    installed(tmp_path, "--into", home / "models")
    report = json.loads(kiosk("verify", "sample", "--json").stdout)
    assert report["directory"] == str(home / "models")


def test_verify_tells_programs(tmp_path: Path, shared: Path) -> None:
    installed(tmp_path)
    result = kiosk("verify", "sample", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "pack": "sample",
        "directory": str(shared),
        "files": [
            {
                "role": "attack",
                "file": "weights.bin",
                "made_from": None,
                "path": str(shared / "sample" / "weights.bin"),
                "state": "ok",
                "sha256": hashlib.sha256(BODY).hexdigest(),
            }
        ],
        "ok": True,
    }


def test_verify_finds_an_altered_file(tmp_path: Path, shared: Path) -> None:
    installed(tmp_path)
    other = noise(5_000, seed=4)
    (shared / "sample" / "weights.bin").write_bytes(other)
    result = kiosk("verify", "sample", "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["ok"]) == (4, False)
    assert report["files"][0]["state"] == "altered"
    assert report["files"][0]["sha256"] == hashlib.sha256(other).hexdigest()


def test_verify_finds_a_missing_file() -> None:
    result = kiosk("verify", "sample", "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["ok"]) == (4, False)
    assert (report["files"][0]["state"], report["files"][0]["sha256"]) == ("missing", None)


def test_verify_tells_people_what_to_do(tmp_path: Path, shared: Path) -> None:
    installed(tmp_path)
    (shared / "sample" / "weights.bin").write_bytes(BODY[:9])
    result = kiosk("verify", "sample")
    assert result.exit_code == 4
    assert "weights.bin is truncated: 9 bytes instead of 5000" in result.stdout
    assert result.stderr == ("Install the model pack sample. Run `kiosk models install sample`.\n")


@pytest.mark.parametrize("command", ["install", "verify"])
def test_an_unknown_pack_is_wrong_use(command: str) -> None:
    result = kiosk(command, "nobody")
    assert result.exit_code == 2
    assert result.stderr.startswith("kiosk: There is no model pack 'nobody'.")


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    assert kiosk("install", "sample", "--from", tmp_path / "nowhere").exit_code == 2


def test_a_pack_that_cannot_be_had_is_out_of_service() -> None:
    result = kiosk("install", "sample")
    assert result.exit_code == 4
    assert "no source gave weights.bin" in result.stderr
    assert "kiosk models install sample --from DIR" in result.stderr


def test_a_licence_is_not_accepted_by_silence(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_manifest(monkeypatch, "accept_first = true")
    result = installed(tmp_path)
    assert result.exit_code == 3
    assert "Licence: CC0-1.0" in result.stdout
    assert "--accept-licence" in result.stderr
    assert not shared.exists()


def test_a_licence_is_accepted_by_an_option(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_manifest(monkeypatch, "accept_first = true")
    assert installed(tmp_path, "--accept-licence").exit_code == 0
    assert tree(shared) == {"sample/weights.bin": BODY}


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 3), ("\n", 3)])
def test_a_licence_is_accepted_by_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    use_manifest(monkeypatch, "accept_first = true")
    monkeypatch.setattr("kiosk.cli.models.install._somebody_is_there", lambda: True)
    result = kiosk("install", "sample", "--from", tmp_path / "stick", typed=typed)
    assert result.exit_code == code


def test_a_pack_that_is_there_asks_nobody_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_manifest(monkeypatch, "accept_first = true")
    installed(tmp_path, "--accept-licence")
    assert kiosk("install", "sample").exit_code == 0


def test_list_shows_licence_and_what_is_installed(tmp_path: Path, shared: Path) -> None:
    (before,) = json.loads(kiosk("list", "--json").stdout)["packs"]
    installed(tmp_path)
    (after,) = json.loads(kiosk("list", "--json").stdout)["packs"]
    (shared / "sample" / "weights.bin").write_bytes(b"")
    (damaged,) = json.loads(kiosk("list", "--json").stdout)["packs"]
    assert [row["installed"] for row in (before, after, damaged)] == ["no", "yes", "damaged"]
    assert after["licence"] == "CC0-1.0"


def test_list_is_a_table_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    text = kiosk("list").stdout
    for word in ("standard", "(chosen)", "light", "insightface-buffalo_l", "demo-portraits"):
        assert word in text
    assert "non-commercial" in text


def test_list_tells_the_question_that_is_open_about_the_training_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    said = " ".join(kiosk("list").stdout.split())
    for data in ("MS1MV2", "VGGFace2", "CASIA-WebFace"):
        assert data in said
    rows = json.loads(kiosk("list", "--json").stdout)["packs"]
    assert "MS1MV2" in {row["pack"]: row["notice"] for row in rows}["standard"]


def test_list_tells_where_a_calibration_comes_from_and_what_it_does_not_cover(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    said = " ".join(kiosk("list").stdout.split())
    for word in ("Labeled Faces in the Wild", "87,014,758", "wrong names", "Not covered: relat"):
        assert word in said
    rows = json.loads(kiosk("list", "--json").stdout)["packs"]
    told = {row["pack"]: row["calibration"] for row in rows}
    assert told["standard"]["space"] == "sface-128/1"
    assert told["standard"]["points"][-1] == {"fmr": 1e-7, "score": 0.5573}
    assert told["light"]["mean_shift"] == 0.046
    assert told["insightface-buffalo_l"] is None
    assert told["demo-portraits"] is None


@pytest.mark.parametrize("command", ["install", "verify"])
def test_a_pack_of_an_earlier_version_names_the_one_that_took_its_place(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.undo()
    result = kiosk(command, "opencv-sface")
    assert result.exit_code == 2
    assert "the pack standard took its place" in result.stderr


def test_a_terminal_sees_a_bar_and_the_lines() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=100)
    file = pin(BODY)
    with Progress(console=console, auto_refresh=False) as shown:
        bars = Bars(shown)
        bars.started(file, "a [folder]")
        bars.advanced(file, 2_500)
        (task,) = shown.tasks
        assert (task.completed, task.total) == (2_500, 5_000)
        bars.failed(file, "a [folder]", "the network refused")
        assert shown.tasks == []
        bars.started(file, "elsewhere")
        bars.finished(file)
    assert "weights.bin: from a [folder]" in stream.getvalue()
    assert "weights.bin: not from a [folder]: the network refused" in stream.getvalue()
    assert "weights.bin: in place" in stream.getvalue()
