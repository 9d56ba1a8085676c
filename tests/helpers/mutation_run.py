"""Runs the domain's tests against copies of the domain with a lie in each; a program of its own.

Reads a list of trials as JSON from standard input and writes their outcomes to standard output.
Everything that a trial needs is imported once; each trial is then a fork of this process, so that
it starts in no time. Two run at once. The working tree is only ever read.
"""

from __future__ import annotations

import compileall
import json
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from unittest import TestCase

import hypothesis
import numpy as np  # noqa: F401 - imported once, for every trial
import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "unit" / "domain"
AT_ONCE = 2
PATIENCE_SECONDS = 120
FELL_OVER = 70
"""The exit code of a trial that never got to its tests; 1 would count as a lie that was found."""


@dataclass(frozen=True)
class Trial:
    """One copy of the domain and the tests that it must face."""

    module: str
    old: str
    new: str
    tests: tuple[str, ...]


def outcomes(truth: Path, trials: list[Trial]) -> list[int]:
    """Each trial's exit code of pytest: 0 nothing was found, 1 a test failed, else it broke."""
    waiting = list(enumerate(trials))
    running: dict[int, int] = {}
    codes = [-1] * len(trials)
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            index, trial = waiting.pop(0)
            running[_forked(truth, trial)] = index
        pid, status = os.wait()
        codes[running.pop(pid)] = os.waitstatus_to_exitcode(status)
    return codes


def _forked(truth: Path, trial: Trial) -> int:
    """The process id of a child that faces the tests and ends with their exit code."""
    pid = os.fork()
    if pid == 0:
        code = FELL_OVER
        try:
            code = _face(truth, trial)
        finally:
            os._exit(code)
    return pid


def _face(truth: Path, trial: Trial) -> int:
    signal.alarm(PATIENCE_SECONDS)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        _copy(truth, tree, trial)
        os.chdir(tree)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        sys.path.insert(0, str(tree))
        codes = (int(pytest.main(_arguments(tree, name), [QuickFirst()])) for name in trial.tests)
        return next((code for code in codes if code), 0)


class QuickFirst:
    """Lets plain examples face a lie before properties, which try many: one failure will do."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Properties and machines last, each in the order of their file."""
        items.sort(key=_tries_many)


def _tries_many(item: pytest.Item) -> bool:
    kind = getattr(item, "cls", None) or object
    return hypothesis.is_hypothesis_test(getattr(item, "obj", None)) or issubclass(kind, TestCase)


def _compiled(tree: Path) -> Path:
    """The domain as it is, with what it compiles to, so that no trial has to do that again."""
    package = tree / "kiosk"
    package.mkdir()
    shutil.copy(ROOT / "kiosk" / "__init__.py", package)
    here = ROOT / "kiosk" / "domain"
    shutil.copytree(here, package / "domain", ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(package, quiet=2)
    return tree


def _copy(truth: Path, tree: Path, trial: Trial) -> None:
    """The truth, and one lie in it, which is compiled anew."""
    stale = shutil.ignore_patterns(f"{Path(trial.module).name}.*.pyc")
    shutil.copytree(truth / "kiosk", tree / "kiosk", ignore=stale)
    file = tree / "kiosk" / "domain" / f"{trial.module}.py"
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
        "-pno:unraisableexception",  # collects garbage at each end, which is most of a short trial
        "--noconftest",
        str(next(TESTS.rglob(f"test_{name}.py"))),
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
    with tempfile.TemporaryDirectory() as folder:
        json.dump(outcomes(_compiled(Path(folder)), trials), sys.stdout)


if __name__ == "__main__":
    main()
