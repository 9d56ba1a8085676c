"""Unit tests are pure: they start no thread and no process, and do not sleep.

What needs one is an integration test. Two files ask a program about the tree as it stands.
"""

from __future__ import annotations

import subprocess
import threading
import time
from typing import NoReturn

import pytest

ASKING = {
    "test_architecture": "import-linter, whether the contracts hold",
    "test_project": "git, which files are the project's",
}


@pytest.fixture(autouse=True)
def alone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts a thread or a process, or sleeps, fails."""
    if request.path.stem in ASKING:
        return
    monkeypatch.setattr(threading.Thread, "start", _refused)
    monkeypatch.setattr(time, "sleep", _refused)
    monkeypatch.setattr(subprocess.Popen, "__init__", _refused)


def _refused(*_: object, **__: object) -> NoReturn:
    pytest.fail("a unit test starts no thread and no process, and does not sleep")
