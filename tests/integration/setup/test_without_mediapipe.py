"""An installation without MediaPipe, as on an aarch64 board: only the reference engine is missing.

The environment holds what the lock installs there, in the versions of this machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import evaluation_data
import pytest
import runtime_environment
from locks import applying

from kiosk.bench.engines import PORTRAITS
from models.packs.installed import load_manifest, verified, weights_directory

IMPORTS_ALL = """
import importlib, pkgutil, sys
EXTRA = (  # those of the extras cloud, s3 and mqtt
    "kiosk.aws.",
    "kiosk.cloud.client",
    "kiosk.cloud.metadata.dynamodb",
    "kiosk.cloud.monitoring",
    "kiosk.cloud.outbox.sqs",
    "kiosk.cloud.peer",
    "kiosk.cloud.prefill",
    "kiosk.wiring.cloud",
    "kiosk.fleet.stores.s3",
    "kiosk.fleet.stores.kms",
    "kiosk.fleet.urgent.queue",
    "kiosk.wiring.notices.broker",
)
sys.modules["onnxruntime"] = None  # installed on a board, and needed by no more than some packs
for name in ("kiosk", "models", "config", "hardware.camera", "hardware.sim"):
    for found in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}."):
        if not found.name.startswith(EXTRA):
            importlib.import_module(found.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""

Runs = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the packages of a board."""
    packages = applying("requirements.lock", f"3.{sys.version_info.minor}", "aarch64")
    folder = tmp_path_factory.mktemp("board") / "environment"
    return runtime_environment.make(folder, {*packages, "pip"})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with weights of its own, since a comparison is recorded beside them."""
    home = tmp_path_factory.mktemp("home")
    loaded, portraits = evaluation_data.pack(), load_manifest().pack(PORTRAITS)
    folder = weights_directory(None, evaluation_data.PROJECT / "no-home", portraits)
    verified(portraits, folder)
    for pack in (PORTRAITS, loaded.pack.name):
        shutil.copytree(folder / pack, home / "models" / pack)
        (home / "models" / pack / "engines.json").unlink(missing_ok=True)
    return home


@pytest.fixture(scope="module")
def kiosk(board: Path, home: Path) -> Runs:
    """Runs a command of the kiosk there."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [board, "-P", "-m", "kiosk", *arguments],
            env={**os.environ, "KIOSK_HOME": str(home), **environment},
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def engine_row(doctor: str) -> tuple[str, str]:
    """Health and text of the engine in a doctor's report."""
    [row] = [row for row in json.loads(doctor)["findings"] if row["name"] == "engine"]
    return row["health"], row["text"]


def test_every_module_is_imported_without_mediapipe_and_onnxruntime(board: Path) -> None:
    done = subprocess.run(
        [board, "-P", "-c", IMPORTS_ALL], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not {"mediapipe", "ai_edge_litert", "insightface"} & set(done.stdout.split())


@pytest.mark.weights
def test_files_are_verified_and_the_doctor_names_the_engine_that_there_is(kiosk: Runs) -> None:
    assert kiosk("models", "verify").returncode == 0
    health, text = engine_row(kiosk("doctor", "--json").stdout)
    assert health == "ok"
    assert text.startswith("litert: the reference engine is not installed")


@pytest.mark.weights
def test_litert_is_checked_against_pinned_values(kiosk: Runs) -> None:
    done = kiosk("models", "verify", "--engines", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["equal"]
    assert said["auto"] == "litert"
    _, text = engine_row(kiosk("doctor", "--json").stdout)
    assert "its values are those pinned" in text


@pytest.mark.weights
def test_a_reference_that_is_not_there_is_named_with_what_to_do(kiosk: Runs, home: Path) -> None:
    wanted = {"KIOSK_MODELS__ENGINE": "reference"}
    health, text = engine_row(kiosk("doctor", "--json", **wanted).stdout)
    assert health == "bad"
    assert "mediapipe" in text
    done = kiosk("run", "--headless", "--source", f"images:{home}/models/{PORTRAITS}", **wanted)
    assert done.returncode == 4
    assert "needs mediapipe" in done.stderr
    assert "models.engine" in done.stderr


@pytest.mark.long
@pytest.mark.data
@pytest.mark.weights
def test_who_is_enrolled_is_let_in_and_another_is_not(kiosk: Runs) -> None:
    """Replayed by the frames' own time, so that a busy machine decides the same."""
    enrolled, other, *_ = evaluation_data.people()
    photographs = evaluation_data.for_enrolment(enrolled)
    done = kiosk("enrol", "--subject", enrolled, "--consent", "form 3", *photographs)
    assert done.returncode == 0, done.stderr
    granted = {person: releases(kiosk, person) for person in (enrolled, other)}
    assert granted == {enrolled: 1, other: 0}


def releases(kiosk: Runs, person: str) -> int:
    """How often the door is released for a recorded walk."""
    walk = next(iter(evaluation_data.walks(person).values()))
    done = kiosk("run", "--source", f"images:{walk[0].parent}", "--headless", "--json")
    assert done.returncode == 0, done.stderr
    [summary] = [
        said for line in done.stdout.splitlines() if "door_releases" in (said := json.loads(line))
    ]
    released: int = summary["door_releases"]
    return released
