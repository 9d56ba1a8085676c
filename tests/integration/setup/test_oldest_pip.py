"""The real locks, installed by the oldest pip that is supported: that of Debian 12.

The only test that fetches packages; it asks whatever index this machine's pip asks.
"""

from __future__ import annotations

import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path

import extra_packages
import pytest
import runtime_environment
from makefile_says import install_locked

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

ROOT = Path(__file__).resolve().parents[3]
OLDEST = (
    "pip==23.0.1 --hash=sha256:236bcb61156d76c4b8a05821b988c7b8c35bf0da28a4b614e8d6ab5212c25c6f\n"
)
NOT_COMPARED = {"__pycache__", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "kiosk.pth"}
"""What differs with who installed it, and how."""

Finished = subprocess.CompletedProcess[str]


class Old:
    """An environment with the oldest pip."""

    def __init__(self, folder: Path) -> None:
        venv.EnvBuilder(with_pip=True).create(folder / "environment")
        self.python = folder / "environment" / "bin" / "python"
        lock = folder / "pip.lock"
        lock.write_text(OLDEST)
        done = self.pip("install", *install_locked(), lock)
        if done.returncode:
            pytest.skip(f"pip 23.0.1 cannot be had: {done.stderr.strip().splitlines()[-1:]}")

    def pip(self, *arguments: str | Path) -> Finished:
        return self.runs("-m", "pip", *arguments)

    def runs(self, *arguments: str | Path) -> Finished:
        command: Sequence[str | Path] = (self.python, "-P", *arguments)
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def installs(self, lock: Path) -> None:
        done = self.pip("install", *install_locked(), lock)
        assert done.returncode == 0, done.stderr
        checked = self.pip("check")
        assert checked.returncode == 0, checked.stdout
        assert "pip 23.0.1" in self.pip("--version").stdout


def files(python: Path) -> set[str]:
    """All that is installed, but for what differs with who installed it, and for pip itself."""
    (packages,) = (python.parents[1] / "lib").glob("python*/site-packages")
    found = (path.relative_to(packages) for path in packages.rglob("*") if not path.is_dir())
    return {
        str(path)
        for path in found
        if not NOT_COMPARED & {*path.parts} and not path.parts[0].startswith(("pip", "_distutils"))
    }


def test_the_locks_are_installed_whole(tmp_path: Path, runtime: Path) -> None:
    old = Old(tmp_path)
    old.installs(ROOT / "requirements.lock")
    assert runtime_environment.installed(old.python) == runtime_environment.installed(runtime)
    assert files(old.python) == files(runtime), "what the tests run in is what is installed"
    for extra in extra_packages.known():
        (tmp_path / extra).write_text(runtime_environment.picked(extra))
        old.installs(tmp_path / extra)
    imported = old.runs("-c", "from insightface.model_zoo.arcface_onnx import ArcFaceONNX")
    assert imported.returncode == 0, imported.stderr
    old.installs(ROOT / "requirements-dev.lock")
