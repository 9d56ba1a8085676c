"""The marks of the start-up that `kiosk run --json` tells programs."""

from __future__ import annotations

import json
import os
import sys
import time

import pytest

from kiosk.app.age import BEGUN_ANEW, begin_anew, seconds_since_start
from kiosk.app.reporter import Reporter


def test_a_mark_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter(json=True)
    for mark in ("preview", "ready", "preview", "ready"):
        reporter.reached(mark)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in told] == ["preview", "ready"]
    assert all(0.0 <= event["after_seconds"] <= seconds_since_start() + 0.01 for event in told)


def test_a_program_that_begins_anew_in_its_process_counts_from_then_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As after new settings of a fleet: the process is older than the program."""
    begun: list[tuple[str, list[str]]] = []
    monkeypatch.setenv(BEGUN_ANEW, "0")
    monkeypatch.setattr(os, "execv", lambda *command: begun.append(command))
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    begin_anew()
    assert begun == [(sys.executable, sys.orig_argv)]
    assert 0.0 <= seconds_since_start() <= time.clock_gettime(time.CLOCK_BOOTTIME) - before


def test_people_are_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    Reporter(json=False).reached("ready")
    assert capsys.readouterr().out == ""
