"""The marks of the start-up that `kiosk run --json` tells programs."""

from __future__ import annotations

import json

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
