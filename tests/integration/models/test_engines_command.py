"""`kiosk models verify --engines` with the real engines, and what each engine imports."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import evaluation_data
import pytest
from installed_engines import BOTH_ENGINES, REFERENCE_IS_HERE, needs_reference
from typer.testing import CliRunner, Result

from config.settings import Settings
from kiosk.bench.engines import PORTRAITS
from kiosk.cli import app
from kiosk.diagnostics.parts import engine as doctors_line
from kiosk.domain.finding import Health
from kiosk.domain.vision.face import Found
from kiosk.domain.vision.frame import Frame
from kiosk.wiring.vision import verified_weights
from models.alignment import aligned, grown_crop
from models.engines.record import EngineRecord, read_record
from models.faces.finder import LiteRtStillsFinder
from models.packs.installed import load_manifest, verified, weights_directory

pytestmark = pytest.mark.weights


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a copy of the weights, and no record beside them."""
    loaded = evaluation_data.pack()
    portraits = load_manifest().pack(PORTRAITS)
    folder = weights_directory(None, evaluation_data.PROJECT / "no-home", portraits)
    home = tmp_path / "home"
    verified(portraits, folder)
    for pack in (PORTRAITS, loaded.pack.name):
        shutil.copytree(folder / pack, home / "models" / pack)
    (record_of(home)).unlink(missing_ok=True)
    monkeypatch.setenv("KIOSK_HOME", str(home))
    return home


def record_of(home: Path) -> Path:
    return home / "models" / Settings().models.pack / "engines.json"


def verify(*options: str) -> Result:
    return CliRunner().invoke(app, ["models", "verify", "--engines", *options])


def finding(home: Path, **models: object) -> tuple[Health, str]:
    changed = Settings().models.model_copy(update=models)
    (found,) = doctors_line(home, Settings().model_copy(update={"models": changed}))
    return found.health, found.text


@needs_reference
def test_the_engines_are_equal_here_and_the_faster_one_runs(home: Path) -> None:
    assert finding(home) == (Health.OK, "reference: the engines were not compared here")
    ended = verify("--json")
    assert ended.exit_code == 0, ended.stdout
    said = json.loads(ended.stdout)
    assert said["equal"]
    assert said["compared"]
    assert said["disagreements"] == []
    assert said["frames"] >= 40
    assert len(said["differences"]) == 10
    assert all(each["found"] <= each["allowed"] for each in said["differences"].values())
    times = said["milliseconds"]
    faster = "litert" if times["litert"] < times["reference"] else "reference"
    assert said["auto"] == faster
    assert verified_weights(Settings(), home).pack.engine == faster
    health, text = finding(home)
    assert (health, text.split(":")[0]) == (Health.OK, faster)
    assert finding(home, engine="reference") == (
        Health.OK,
        "reference: models.engine says so",
    )


@needs_reference
def test_engines_that_disagree_are_named_and_the_reference_is_taken(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a wrong build would: faces are a little beside where they are."""
    monkeypatch.setattr("kiosk.bench.engines.FPS", 5.0)
    right = LiteRtStillsFinder.find

    def wrong(self: LiteRtStillsFinder, frame: Frame) -> Found:
        found = right(self, frame)
        for face in found:
            face.mesh[:] += 1.5
        return found

    monkeypatch.setattr(LiteRtStillsFinder, "find", wrong)
    ended = verify()
    assert ended.exit_code == 4
    assert "Disagreement: landmarks, searched: 2.1" in ended.stdout
    assert 'models.engine = "auto" runs reference: the engines disagree.' in ended.stdout
    assert "landmarks, searched" in ended.stdout
    assert verified_weights(Settings(), home).pack.engine == "reference"
    health, text = finding(home)
    assert health is Health.WARN
    assert text.startswith("reference: the engines disagree: landmarks, searched: 2.1")
    assert finding(home, engine="litert")[0] is Health.WARN


def test_a_folder_that_takes_no_record(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.bench.engines.FPS", 5.0)
    record_of(home).mkdir()
    ended = verify()
    assert ended.exit_code == 4
    assert "The result could not be kept in" in ended.stderr
    unproven = "reference: the engines were not compared here"
    alone = "litert: the reference engine is not installed"
    assert f"runs {unproven if REFERENCE_IS_HERE else alone}." in ended.stdout


def test_portraits_that_are_not_installed(home: Path) -> None:
    shutil.rmtree(home / "models" / PORTRAITS)
    (home / "models" / PORTRAITS).mkdir()
    ended = verify()
    assert ended.exit_code == 4
    assert "grace_hopper.jpg is missing" in ended.stderr
    assert f"kiosk models install {PORTRAITS}" in ended.stderr


class TestWithoutMediaPipe:
    """As on an aarch64 board; that the real one has no wheel is proven by its locks."""

    @pytest.fixture(autouse=True)
    def absent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        find = sys.modules["importlib.util"].find_spec
        monkeypatch.setattr(
            "models.engines.installed.util.find_spec",
            lambda name: None if name == "mediapipe" else find(name),
        )

    def test_litert_is_checked_against_pinned_values(self, home: Path) -> None:
        ended = verify()
        assert ended.exit_code == 0, ended.stdout
        assert "there is nothing to compare it with" in ended.stdout
        assert "All values are as pinned." in ended.stdout
        record = read_record(record_of(home))
        assert isinstance(record, EngineRecord)
        assert record.equal
        assert verified_weights(Settings(), home).pack.engine == "litert"
        health, text = finding(home)
        assert health is Health.OK
        assert text.startswith("litert: the reference engine is not installed; its values are")

    def test_a_wrong_build_is_found(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("models.faces.region.GROWN", 1.2)
        monkeypatch.setattr("models.faces.detector.GROWN", 1.2)
        ended = verify("--json")
        said: Mapping[str, Any] = json.loads(ended.stdout)
        assert ended.exit_code == 4
        assert not said["equal"]
        assert not said["compared"]
        assert any("landmarks off by" in text for text in said["disagreements"])
        assert finding(home)[0] is Health.WARN

    def test_a_network_that_computes_something_else_is_found(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Templates of mirror images, and an attack detection that sees only a part."""
        monkeypatch.setattr(
            "models.embedding.aligned", lambda pixels, mesh: aligned(pixels, mesh)[:, ::-1]
        )
        monkeypatch.setattr(
            "models.attack.grown_crop",
            lambda pixels, box, _, size: grown_crop(pixels, box, 1, size),
        )
        ended = verify("--json")
        assert ended.exit_code == 4
        said: Mapping[str, Any] = json.loads(ended.stdout)
        for named in ("template", "attack detection score"):
            assert sum(f": {named} off by" in text for text in said["disagreements"]) == 2
        assert finding(home)[0] is Health.WARN

    def test_the_reference_engine_is_refused_by_name(self, home: Path) -> None:
        del home
        ended = CliRunner().invoke(
            app, ["run", "--headless"], env={"KIOSK_MODELS__ENGINE": "reference"}
        )
        assert ended.exit_code == 4
        assert "The engine reference needs mediapipe, not installed" in ended.stderr


LOAD = """
import sys
from pathlib import Path
from config.settings import Settings
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.wiring.vision import load_enroller, verified_weights
from hardware.camera.still import read_still
from models.loading import face_finders
settings, home = Settings(), Path(sys.argv[1])
loaded = verified_weights(settings, home)
for finder in face_finders(loaded.pack, loaded.files):
    picture = read_still(Path(sys.argv[2]), 10_000_000)
    assert len(finder.find(Frame(picture, Instant(1.0), 0))) == 1
    finder.close()
load_enroller(settings, loaded).close()
named = ("mediapipe", "onnxruntime", "ai_edge_litert")
print(loaded.pack.engine, *(name for name in named if name in sys.modules))
"""


@pytest.mark.parametrize("engine", BOTH_ENGINES)
def test_what_is_not_chosen_is_not_imported(home: Path, engine: str) -> None:
    portrait = home / "models" / PORTRAITS / "grace_hopper.jpg"
    ended = subprocess.run(
        [sys.executable, "-P", "-c", LOAD, str(home), str(portrait)],
        env={**os.environ, "KIOSK_MODELS__ENGINE": engine},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    ran, *imported = ended.stdout.split()
    assert ran == engine
    if engine == "litert":
        assert imported == ["ai_edge_litert"]
    else:
        assert "mediapipe" in imported
        assert "ai_edge_litert" not in imported
