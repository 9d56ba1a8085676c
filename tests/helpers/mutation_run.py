"""Runs the domain's tests against copies of the domain with a lie in each; a program of its own.

Reads a list of trials as JSON from standard input and writes their outcomes to standard output.
Everything that a trial needs is imported once; each trial is then a fork of this process, so that
it starts in no time. Two run at once. The working tree is only ever read.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import numpy as np  # noqa: F401 - imported once, for every trial
import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "unit" / "domain"
AT_ONCE = 2
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Trial:
    """One copy of the domain and the tests that it must face."""

    module: str
    old: str
    new: str
    tests: tuple[str, ...]


def outcomes(trials: list[Trial]) -> list[int]:
    """Each trial's exit code of pytest: 0 nothing was found, 1 a test failed, else it broke."""
    waiting = list(enumerate(trials))
    running: dict[int, int] = {}
    codes = [-1] * len(trials)
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            index, trial = waiting.pop(0)
            running[_forked(trial)] = index
        pid, status = os.wait()
        codes[running.pop(pid)] = os.waitstatus_to_exitcode(status)
    return codes


def _forked(trial: Trial) -> int:
    """The process id of a child that faces the tests and ends with their exit code."""
    pid = os.fork()
    if pid == 0:
        os._exit(_face(trial))
    return pid


def _face(trial: Trial) -> int:
    signal.alarm(PATIENCE_SECONDS)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        _copy(tree, trial)
        os.chdir(tree)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        sys.path.insert(0, str(tree))
        codes = (int(pytest.main(_arguments(tree, name))) for name in trial.tests)
        return next((code for code in codes if code), 0)


def _copy(tree: Path, trial: Trial) -> None:
    package = tree / "kiosk"
    package.mkdir()
    shutil.copy(ROOT / "kiosk" / "__init__.py", package)
    shutil.copytree(
        ROOT / "kiosk" / "domain", package / "domain", ignore=shutil.ignore_patterns("__pycache__")
    )
    file = package / "domain" / f"{trial.module}.py"
    file.write_text(file.read_text(encoding="utf-8").replace(trial.old, trial.new), "utf-8")
    (tree / "pytest.ini").write_text("[pytest]\n", "utf-8")


def _arguments(tree: Path, name: str) -> list[str]:
    return [
        "-xq",
        "--assert=plain",
        "--tb=no",
        "-c",
        str(tree / "pytest.ini"),
        f"--rootdir={tree}",
        "--import-mode=importlib",
        "-pno:cacheprovider",
        "--noconftest",
        str(TESTS / f"test_{name}.py"),
    ]


def main() -> None:
    """Standard input to standard output."""
    hypothesis.settings.register_profile(
        "mutants",
        max_examples=20,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )
    hypothesis.settings.load_profile("mutants")
    trials = [Trial(**given) for given in json.load(sys.stdin)]
    json.dump(outcomes(trials), sys.stdout)


if __name__ == "__main__":
    main()
