"""`kiosk door`, against the simulated door and against a real Modbus server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.store.open_home import OpenHome

HERE = "--home"


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> None:
    """A kiosk's own, before anybody is enrolled."""
    OpenHome.open(tmp_path).close()


def said(home: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["door", *words, HERE, str(home)])
    return done.exit_code, done.output


def journal(home: Path) -> str:
    return CliRunner().invoke(app, ["audit", "tail", "--json", HERE, str(home)]).output


def test_status_says_what_the_door_reads(tmp_path: Path) -> None:
    code, output = said(tmp_path, "status", "--json")
    assert code == 0
    told = json.loads(output)
    assert (told["condition"], told["lock"], told["leaf"]) == ("secured", "secured", "closed")


def test_a_release_is_written_down_and_seen(tmp_path: Path) -> None:
    code, output = said(tmp_path, "release", "--seconds", "0.3", "--json")
    assert code == 0
    assert json.loads(output)["lock"] == "released"
    assert '"event":"released"' in journal(tmp_path)


def test_the_test_goes_through_every_step(tmp_path: Path) -> None:
    code, output = said(tmp_path, "test", "--seconds", "0.3")
    assert code == 0
    assert [line.split(":")[:2] for line in output.splitlines()] == [
        ["  ok", " secured"],
        ["  ok", " released"],
        ["  ok", " secured again by itself"],
        ["  ok", " leaf"],
    ]
    assert "the lock must be free for 0.3 s now: try it" in output
    assert '"by":"installer"' in journal(tmp_path)


def test_the_test_as_other_programs_read_it(tmp_path: Path) -> None:
    code, output = said(tmp_path, "test", "--seconds", "0.3", "--json")
    told = json.loads(output)
    assert (code, told["worst"], len(told["findings"])) == (0, "ok", 4)


def test_secure_says_that_it_is(tmp_path: Path) -> None:
    code, output = said(tmp_path, "secure", "--json")
    assert (code, json.loads(output)["lock"]) == (0, "secured")


@pytest.mark.parametrize("seconds", ["0", "61", "100", "-1", "nan", "inf"])
def test_a_time_that_is_not_allowed_is_refused(tmp_path: Path, seconds: str) -> None:
    for verb in ("release", "test"):
        code, output = said(tmp_path, verb, "--seconds", seconds)
        assert code == 2
        assert f"--seconds {seconds} is not between 0.1 and 60." in output
        assert "door.max_release_seconds" in output
    assert "released" not in journal(tmp_path)
    assert "installer" not in journal(tmp_path)


def test_a_door_that_is_not_there_is_named_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[door]\ndriver = "modbus"\nfail_mode = "secure"\nlock = "strike"\nanswer_seconds = 0.2\n'
        '[door.modbus]\nhost = "127.0.0.1"\nport = 9\nmode = "coil"\ncoil = 0\n'
    )
    code, output = said(tmp_path, "status")
    assert code == 4
    assert "door.modbus.host" in output
