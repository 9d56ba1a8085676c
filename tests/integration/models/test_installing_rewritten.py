"""Rewritten files: made at installation from their originals, and pinned like any other file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx_samples
import pytest
from model_samples import Recorder, noise, pack_of, pin, tree
from onnx_samples import node
from typer.testing import CliRunner, Result

import models.packs.installed
from kiosk.app.console import with_command
from kiosk.cli import app
from kiosk.domain.errors import ModelError
from models.packs.installed import InstalledPack, verified
from models.packs.installing import install
from models.packs.manifest import Manifest, Pack, PackFile
from models.packs.origins import HttpsSource
from models.rewriting.rewrites import rewritten

KERNEL = np.ones((2, 3, 1, 1), np.float32)
CONVOLUTION = node("Conv", ["input", "k"], "output")
ORIGINAL = onnx_samples.model([CONVOLUTION], {"k": KERNEL}, (1, 3, 4, 4), (1, 2, 4, 4))
MADE = rewritten("onnx-to-tflite", ORIGINAL, "weights.onnx")
OTHER = noise(3_000, seed=3)
NOWHERE = HttpsSource("https://127.0.0.1:1/weights.onnx")


def sample(made: bytes = MADE) -> Pack:
    """A pack whose second file is made from its first."""
    original = pin(ORIGINAL, NOWHERE, name="weights.onnx")
    return pack_of(
        original, _made_from(original, made), pin(OTHER, name="other.bin", role="landmarks")
    )


def _made_from(original: PackFile, data: bytes) -> PackFile:
    made = pin(data, name="weights.tflite")
    return replace(made, made_from=original.name, rewrite="onnx-to-tflite")


PACK = sample()
WHOLE = {
    "sample/other.bin": OTHER,
    "sample/weights.onnx": ORIGINAL,
    "sample/weights.tflite": MADE,
}


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A memory stick with the originals."""
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "weights.onnx").write_bytes(ORIGINAL)
    (folder / "other.bin").write_bytes(OTHER)
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models"


def test_originals_are_enough(stick: Path, target: Path) -> None:
    recorder = Recorder()
    install(PACK, target, stick, recorder)
    assert tree(target) == WHOLE
    assert recorder.lines[2:4] == [
        ("started", "weights.tflite", "weights.onnx, by the rewrite onnx-to-tflite"),
        ("finished", "weights.tflite"),
    ]


def test_an_older_installation_is_completed_without_any_source(stick: Path, target: Path) -> None:
    install(PACK, target, stick, Recorder())
    (target / "sample" / "weights.tflite").unlink()
    recorder = Recorder()
    install(PACK, target, None, recorder)
    assert tree(target) == WHOLE
    assert [line[0] for line in recorder.lines] == ["kept", "started", "finished", "kept"]


@pytest.mark.parametrize("wrong", [b"", MADE[:-1], MADE + b"x", noise(len(MADE))])
def test_a_damaged_file_is_made_again(stick: Path, target: Path, wrong: bytes) -> None:
    install(PACK, target, stick, Recorder())
    (target / "sample" / "weights.tflite").write_bytes(wrong)
    install(PACK, target, None, Recorder())
    assert tree(target) == WHOLE


def test_a_leftover_of_an_interrupted_installation(stick: Path, target: Path) -> None:
    (target / "sample").mkdir(parents=True)
    (target / "sample" / ".weights.tflite.part").write_bytes(MADE[:100])
    install(PACK, target, stick, Recorder())
    assert tree(target) == WHOLE


@pytest.mark.parametrize("pinned", [noise(len(MADE)), MADE + b"x", MADE[:-1]])
def test_a_rewrite_that_gives_other_bytes(stick: Path, target: Path, pinned: bytes) -> None:
    recorder = Recorder()
    with pytest.raises(ModelError) as caught:
        install(sample(pinned), target, stick, recorder)
    assert caught.value.problem == (
        "The rewriting did not give the bytes that are pinned: weights.tflite from weights.onnx."
    )
    assert "Install Lintel again" in caught.value.remedy
    assert len(recorder.reasons) == 1
    assert tree(target).keys() == {"sample/weights.onnx", "sample/other.bin"}


def test_a_rewritten_file_is_never_copied(stick: Path, target: Path) -> None:
    """Whatever lies on the stick under its name: it is made, or it is not there."""
    (stick / "weights.tflite").write_bytes(MADE)
    (stick / "weights.onnx").unlink()
    recorder = Recorder()
    with pytest.raises(ModelError) as caught:
        install(replace(PACK, files=PACK.files[:2]), target, stick, recorder)
    assert caught.value.problem == (
        "The model pack sample is not complete: no source gave weights.onnx."
    )
    assert "kiosk models install sample --from" in with_command(caught.value.remedy)
    assert recorder.reasons[-1].startswith("weights.onnx is not installed")
    assert tree(target) == {}


def test_an_original_that_no_rewrite_knows(stick: Path, target: Path) -> None:
    step = node("Softmax", ["input"], "output")
    data = onnx_samples.model([step], {}, (1, 3, 4, 4), (1, 3, 4, 4))
    (stick / "weights.onnx").write_bytes(data)
    original = pin(data, name="weights.onnx")
    recorder = Recorder()
    with pytest.raises(ModelError, match="rewriting did not give"):
        install(pack_of(original, _made_from(original, MADE)), target, stick, recorder)
    assert recorder.reasons == ["weights.onnx cannot be rewritten: its node Softmax is unknown."]


# -- engines ---------------------------------------------------------------------------------------


def test_each_engine_needs_its_own_files(stick: Path, target: Path) -> None:
    install(PACK, target, stick, Recorder())
    folder = target / "sample"
    lite, reference = PACK.for_engine("litert"), PACK.for_engine("reference")
    assert verified(lite, target)["attack"] == folder / "weights.tflite"
    assert verified(reference, target)["attack"] == folder / "weights.onnx"
    assert verified(PACK, target)["attack"] == folder / "weights.onnx"
    (folder / "weights.onnx").write_bytes(b"")
    assert verified(lite, target).keys() == {"attack", "landmarks"}
    with pytest.raises(ModelError, match=r"weights\.onnx is truncated"):
        verified(reference, target)
    (folder / "weights.tflite").unlink()
    with pytest.raises(ModelError, match=r"weights\.tflite is missing"):
        verified(lite, target)


def test_a_pack_without_its_rewritten_file_is_incomplete(stick: Path, target: Path) -> None:
    install(PACK, target, stick, Recorder())
    made = target / "sample" / "weights.tflite"
    made.unlink()
    assert InstalledPack.in_folder(PACK, target).condition == "incomplete"
    made.write_bytes(noise(len(MADE)))
    assert InstalledPack.in_folder(PACK, target).condition == "damaged"


# -- the command ----------------------------------------------------------------------------------


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of packs of an installation whose manifest has only the sample."""
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.prefix", str(tmp_path / "prefix"))
    manifest = Manifest({"sample": PACK})
    monkeypatch.setattr(models.packs.installed, "load_manifest", lambda: manifest)
    return tmp_path / "prefix" / "share" / "lintel" / "models"


def kiosk(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["models", *map(str, arguments)])


def test_the_commands_show_rewritten_files(stick: Path, shared: Path) -> None:
    result = kiosk("install", "sample", "--from", stick)
    assert result.exit_code == 0
    assert "weights.tflite: from weights.onnx, by the rewrite onnx-to-tflite …" in result.stderr
    report = json.loads(kiosk("verify", "sample", "--json").stdout)
    made = [(file["file"], file["made_from"], file["state"]) for file in report["files"]]
    assert made[:2] == [("weights.onnx", None, "ok"), ("weights.tflite", "weights.onnx", "ok")]
    (shared / "sample" / "weights.tflite").unlink()
    result = kiosk("verify", "sample")
    assert result.exit_code == 4
    assert "weights.tflite is missing; it is made from weights.onnx" in result.stdout
    assert "kiosk models install sample" in result.stderr
    [row] = json.loads(kiosk("list", "--json").stdout)["packs"]
    assert row["installed"] == "incomplete"
    assert kiosk("install", "sample").exit_code == 0
    assert tree(shared) == WHOLE
