"""The maintainer's tool: what it prints is what the manifest pins."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import rewrite_weights

from models.packs.installed import load_manifest, shared_directory

LIVENESS = load_manifest().pack("standard").file("attack", "litert")


@pytest.mark.weights
def test_the_installed_originals(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    if not (shared_directory() / "light").is_dir():
        pytest.skip("The model pack light is not installed.")
    assert rewrite_weights.main([str(shared_directory()), "--into", str(tmp_path / "made")]) == 0
    shown = capsys.readouterr().out
    assert "standard/fr_liveness.tflite, as pinned" in shown
    assert "standard/face_recognition_sface_2021dec.tflite, as pinned" in shown
    assert f'bytes = {LIVENESS.bytes}\nsha256 = "{LIVENESS.sha256}"' in shown
    made = (tmp_path / "made" / LIVENESS.name).read_bytes()
    assert hashlib.sha256(made).hexdigest() == LIVENESS.sha256


def test_originals_that_are_missing_or_another(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "fr_liveness.onnx").write_bytes(b"another")
    assert rewrite_weights.main([str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "standard/fr_liveness.tflite: fr_liveness.onnx is no valid protobuf message" in said
    assert "light/MobileFaceNet-prelu.tflite: [Errno 2] No such file" in said
