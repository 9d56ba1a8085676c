"""A list of candidates is in the journal before anybody sees it, without who is on it (R18)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from kept_files import lines
from kept_samples import ANNA, SPACE, template
from people_changes import settle
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.domain.access.policy import Calibration, OperatingPoint
from kiosk.domain.errors import JournalUnwritable
from kiosk.people.candidates.listing import listed
from kiosk.store.journal.journal import Journal
from kiosk.store.open_home import OpenHome

SCALE = Calibration(SPACE, (OperatingPoint(0.01, 0.3), OperatingPoint(0.001, 0.6)))


def test_the_journal_has_who_asked_and_how_many_they_saw(open_home: OpenHome) -> None:
    (found,) = listed(open_home, template(10), SCALE, one_in=100, count=5, user=1000)
    assert (found.might_be, found.one_in) == (ANNA, 1000)
    entry = json.loads(lines(open_home.home.journal)[-1])
    assert entry["event"] == "candidates_listed"
    assert entry["details"] == {"user": 1000, "shown": 1}


def test_nobody_is_listed_where_it_cannot_be_written(
    open_home: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise JournalUnwritable("The disk is full.")

    monkeypatch.setattr(Journal, "append", full)
    with pytest.raises(JournalUnwritable):
        listed(open_home, template(10), SCALE, one_in=100, count=5, user=1000)


def test_a_pipe_is_not_waited_for_and_a_name_moves_no_cursor(tmp_path: Path) -> None:
    home, pipe = settle(tmp_path / "home"), tmp_path / "a\x1b[2J.jpg"
    os.mkfifo(pipe)
    asked = ["people", "candidates", str(pipe), "--home", str(home)]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 2
    assert "is no file" in result.output
    assert "\x1b" not in result.output


@pytest.mark.parametrize("option", [("--one-in", "99"), ("--count", "0"), ("--count", "21")])
def test_the_bar_and_the_list_have_their_bounds(option: tuple[str, str]) -> None:
    result = CliRunner().invoke(app, ["people", "candidates", "a.jpg", *option])
    assert result.exit_code == 2
