"""The marks of the start-up that `kiosk run --json` tells programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from kiosk.app.age import seconds_since_start
from kiosk.app.reporter import Reporter


def test_a_mark_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter(json=True)
    for mark in ("preview", "ready", "preview", "ready"):
        reporter.reached(mark)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in told] == ["preview", "ready"]
    assert all(0.0 <= event["after_seconds"] <= seconds_since_start() + 0.01 for event in told)


def test_people_are_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    Reporter(json=False).reached("ready")
    assert capsys.readouterr().out == ""


def test_the_age_counts_from_the_start_of_the_process_imports_included() -> None:
    code = "import sys; sys.stdin.read(); from kiosk.app.age import seconds_since_start as s\n"
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", code + "print(s())"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    ) as child:
        waited = time.monotonic() - started
        told, _ = child.communicate("")
    lived = time.monotonic() - started
    assert waited - 0.05 <= float(told) <= lived + 0.05
