"""`kiosk audit` as people and programs call it."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from kept_files import lines, rewrite
from kept_samples import AGREED, ANNA, BORIS, entry, template
from kiosk_process import COMMAND, environment
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.domain.audit import AuditEntry, Value
from kiosk.journal.events.operators import HelpCalled
from kiosk.journal.events.running import Started
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome

DONE, WRONG_USE, REFUSED = 0, 2, 3


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Somebody is enrolled; 1 + 30 entries stand in the journal."""
    path = tmp_path / "home"
    monkeypatch.setenv("KIOSK_HOME", str(path))
    monkeypatch.setenv("COLUMNS", "160")
    with OpenHome.open(path) as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED, "Anneliese")
        for number in range(30):
            open_home.journal.append(entry(number))
    return Home(path)


def audit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["audit", *map(str, arguments)])


def _tamper(home: Home) -> None:
    kept = lines(home.journal)
    rewrite(home.journal, [*kept[:4], kept[4].replace('"pad":0.5', '"pad":0.9'), *kept[5:]])


def test_a_sound_journal_verifies() -> None:
    result = audit("verify")
    assert result.exit_code == DONE
    assert "Entries that verify: 31. The last is of 2026-05-04T09:00:29+00:00." in result.output
    assert "sealed with this kiosk's key" in result.output


def test_verifying_answers_programs(home: Home) -> None:
    result = audit("verify", "--home", home.path, "--json")
    assert result.exit_code == DONE
    assert json.loads(result.stdout) == {
        "verified": True,
        "entries": 31,
        "last_at": "2026-05-04T09:00:29+00:00",
        "seal_checked": True,
    }


def test_a_changed_entry_is_named_and_refused(home: Home) -> None:
    _tamper(home)
    result = audit("verify")
    assert result.exit_code == REFUSED
    assert "Audit entry 5 was changed." in result.stderr
    assert "kiosk audit renew" in result.stderr


def test_a_changed_entry_is_told_to_programs(home: Home) -> None:
    _tamper(home)
    result = audit("verify", "--json")
    assert result.exit_code == REFUSED
    told = json.loads(result.stdout)
    assert told == {
        "verified": False,
        "problem": "Audit entry 5 was changed.",
        "seal_checked": True,
    }


def test_without_the_key_it_says_that_the_seal_was_not_checked(home: Home) -> None:
    home.key.unlink()
    result = audit("verify")
    assert result.exit_code == DONE
    assert "seal of the journal's end was not checked" in result.output
    assert "missing" in result.output
    assert json.loads(audit("verify", "--json").stdout)["seal_checked"] is False
    assert "was not checked" in audit("tail").stderr
    assert "was not checked" in audit("export", "-").stderr
    assert not home.key.exists()


def test_where_nothing_is_kept_nothing_is_made(tmp_path: Path) -> None:
    for command in (["verify"], ["tail"], ["export", "-"], ["renew", "--yes"]):
        result = audit(*command, "--home", tmp_path / "nowhere")
        assert result.exit_code == WRONG_USE
    assert not (tmp_path / "nowhere").exists()


def test_the_last_entries_are_told_in_plain_words(home: Home) -> None:
    with OpenHome.open(home.path) as open_home:
        granted: dict[str, Value] = {"outcome": "granted", "subject": ANNA, "score": 0.8123}
        refused: dict[str, Value] = {"outcome": "refused", "reason": "presentation_attack"}
        for details in (granted, refused):
            open_home.journal.append(
                AuditEntry("2026-05-04T09:00:00.000+00:00", "decision", details)
            )
    result = audit("tail", "-n", "2")
    assert result.exit_code == DONE
    assert f"{ANNA} was let in." in result.stdout
    assert "it did not look like a living face" in result.stdout
    assert "0.8123" not in result.stdout
    assert " 31 " not in result.stdout


def test_the_last_entries_are_told_to_programs(home: Home) -> None:
    result = audit("tail", "-n", "3", "--json")
    assert [json.loads(line)["number"] for line in result.stdout.splitlines()] == [29, 30, 31]
    assert result.stdout.splitlines() == lines(home.journal)[-3:]
    assert len(audit("tail", "--json").stdout.splitlines()) == 20
    assert audit("tail", "-n", "0").exit_code == WRONG_USE


def test_an_export_is_the_journal_line_for_line(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "copy.jsonl"
    result = audit("export", file)
    assert result.exit_code == DONE
    assert "31 entries copied" in result.stderr
    assert file.read_bytes() == home.journal.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_export_as_a_table_holds_every_entry(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "copy.csv"
    assert audit("export", file).exit_code == DONE
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert [row["number"] for row in rows] == [str(number) for number in range(1, 32)]
    assert json.loads(rows[-1]["details"]) == entry(29).details
    assert rows[-1]["hash"] == json.loads(lines(home.journal)[-1])["hash"]


def test_an_export_goes_to_the_output() -> None:
    result = audit("export", "-", "--format", "csv")
    assert result.exit_code == DONE
    assert len(list(csv.reader(io.StringIO(result.stdout)))) == 32


def test_an_export_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("mine")
    result = audit("export", file)
    assert result.exit_code == WRONG_USE
    assert "File exists" in result.stderr
    assert file.read_text() == "mine"


def test_an_export_copies_what_verifies_and_refuses_the_rest(home: Home, tmp_path: Path) -> None:
    kept = lines(home.journal)
    _tamper(home)
    file = tmp_path / "copy.jsonl"
    result = audit("export", file)
    assert result.exit_code == REFUSED
    assert "Audit entry 5 was changed" in result.stderr
    assert lines(file) == kept[:4]


def test_an_export_to_a_full_disk_says_so() -> None:
    """/dev/full is there already, so it stands for any file that cannot be made."""
    result = audit("export", "/dev/full")
    assert result.exit_code == WRONG_USE
    assert "cannot be written" in result.stderr


def test_renewing_takes_a_yes_and_a_reason(home: Home) -> None:
    assert audit("renew").exit_code == WRONG_USE
    assert audit("renew", "--yes").exit_code == REFUSED
    _tamper(home)
    tampered = home.journal.read_bytes()
    assert audit("renew").exit_code == WRONG_USE
    result = audit("renew", "--yes")
    assert result.exit_code == DONE
    assert ".aside" in result.stdout
    assert audit("verify").exit_code == DONE
    (aside,) = home.path.glob("journal.jsonl.*.aside")
    assert aside.read_bytes() == tampered
    assert "did not verify: Audit entry 5 was changed." in audit("tail").stdout


def test_nothing_kept_about_a_person_but_the_id_is_in_the_journal() -> None:
    out = audit("export", "-").stdout + audit("tail", "-n", "100").stdout
    assert "Anneliese" not in out
    assert AGREED.text not in out


# -- since when, and from now on -----------------------------------------------------------------


def test_since_a_moment() -> None:
    """Of May 2026 there are thirty entries, a second apart; the one before is of today."""
    numbers = [json.loads(line)["number"] for line in _since("2026-05-04T09:00:25+00:00")]
    assert numbers[-5:] == [27, 28, 29, 30, 31]
    assert len(_since("2026-05-04")) >= 30
    assert len(_since("2026-05-04", "-n", "2")) == 2
    assert audit("tail", "--since", "yesterday").exit_code == WRONG_USE


def _since(text: str, *more: str) -> list[str]:
    result = audit("tail", "--json", "--since", text, *more)
    assert result.exit_code == DONE, result.output
    return list(result.stdout.splitlines())


def test_times_are_local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        shown = audit("tail", "-n", "1").stdout
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "2026-05-04 14:30:29" in shown
    assert "time (IST)" in shown


def test_following_shows_what_is_written_until_it_is_ended(home: Home) -> None:
    command = [*COMMAND, "audit", "tail", "-f", "-n", "1", "--home", str(home.path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment()
    ) as following:
        assert following.stdout is not None
        assert following.stdout.readline().startswith("31  ")
        with OpenHome.open(home.path) as open_home:
            open_home.recorder.note(Started("device:0", "compact"))
            open_home.recorder.note(HelpCalled())
        assert "The kiosk started." in following.stdout.readline()
        assert "called for help" in following.stdout.readline()
        following.send_signal(signal.SIGINT)
        assert following.wait(30) == 0


# -- what is kept beside it ----------------------------------------------------------------------


def test_an_older_database_does_not_verify_until_it_is_accepted(home: Home) -> None:
    older = home.references.read_bytes()
    with OpenHome.open(home.path) as open_home:
        open_home.references.enrol(BORIS, [template(1)], AGREED)
    home.references.write_bytes(older)
    refused = audit("verify", "--json")
    assert refused.exit_code == REFUSED
    assert json.loads(refused.stdout)["verified"] is False
    assert "references.db is not what this kiosk kept last" in refused.stderr
    assert audit("accept").exit_code == WRONG_USE
    accepted = audit("accept", "--yes")
    assert accepted.exit_code == DONE
    assert "references.db" in accepted.stdout
    assert audit("verify").exit_code == DONE
    assert audit("accept", "--yes").exit_code == REFUSED
    assert "was accepted: references.db" in audit("tail").stdout
