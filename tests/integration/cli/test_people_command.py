"""`kiosk people` as people and programs call it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from kept_files import alter, leaks, lines, raw
from kept_samples import AGREED, ANNA, BORIS, CHEN, SPACE, template
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.domain.errors import JournalUnwritable, StoreError
from kiosk.store.home import Home
from kiosk.store.journal.journal import Journal
from kiosk.store.kept import accept
from kiosk.store.open_home import OpenHome
from kiosk.store.people.references import References
from kiosk.store.secrets.keys import FileKey

DONE, WRONG_USE, REFUSED, OUT_OF_SERVICE = 0, 2, 3, 4


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    path = tmp_path / "home"
    monkeypatch.setenv("KIOSK_HOME", str(path))
    monkeypatch.setenv("COLUMNS", "160")
    with OpenHome.open(path) as open_home:
        open_home.references.enrol(ANNA, [template(1), template(2)], AGREED, "Anneliese")
        open_home.references.enrol(BORIS, [template(3)], AGREED)
    return Home(path)


def people(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["people", *map(str, arguments)])


def _last_event(home: Home) -> dict[str, object]:
    return dict(json.loads(lines(home.journal)[-1]))


def test_everybody_is_listed() -> None:
    result = people("list")
    assert result.exit_code == DONE
    assert ANNA in result.stdout
    assert "Anneliese" in result.stdout
    assert "2 enrolled." in result.stdout


def test_everybody_is_listed_for_programs(home: Home) -> None:
    listed = json.loads(people("list", "--home", home.path, "--json").stdout)["people"]
    assert [(someone["subject"], someone["references"]) for someone in listed] == [
        (ANNA, 2),
        (BORIS, 1),
    ]
    assert listed[0]["given_name"] == "Anneliese"
    assert listed[1]["given_name"] is None
    datetime.fromisoformat(listed[0]["enrolled_at"])


def test_a_subject_is_shown_with_what_they_agreed_to() -> None:
    told = json.loads(people("show", ANNA, "--json").stdout)
    assert told["consent_text"] == AGREED.text
    assert told["consent_sha256"] == AGREED.text_sha256
    assert told["spaces"] == SPACE
    assert AGREED.text in people("show", ANNA).stdout
    assert "given name: -" in people("show", BORIS).stdout


def test_no_template_is_ever_printed() -> None:
    """R78: there is no way to get faces, or numbers of faces, out."""
    out = "".join(people(*c).output for c in (["list"], ["show", ANNA], ["show", ANNA, "--json"]))
    for number in template(1).vector[:20]:
        assert str(number)[:7] not in out


def test_an_erased_subject_is_gone_and_a_receipt_is_given(home: Home) -> None:
    result = people("erase", ANNA, "--yes", "--json")
    assert result.exit_code == DONE
    receipt = json.loads(result.stdout)
    assert (receipt["subject"], receipt["references"]) == (ANNA, 2)
    assert datetime.fromisoformat(receipt["erased_at"]).tzinfo is not None
    event = _last_event(home)
    assert event["event"] == "erased"
    assert event["details"] == {"subject": ANNA, "references": 2}
    assert people("show", ANNA).exit_code == WRONG_USE
    assert not leaks(ANNA.encode(), home.references.read_bytes())


def test_the_receipt_for_people_says_what_stays() -> None:
    result = people("erase", BORIS, "--yes")
    assert "1 references" in result.stdout
    assert "The journal keeps the id and this erasure." in result.stdout


def test_erasing_takes_a_yes(home: Home) -> None:
    before = raw(home.path)
    result = people("erase", ANNA)
    assert result.exit_code == WRONG_USE
    assert "--yes" in result.stderr
    assert raw(home.path) == before


@pytest.mark.parametrize("answer", ["", "n\n", "\n", "maybe\n", "yesterday\n"])
def test_whoever_does_not_say_yes_erases_nobody(home: Home, answer: str) -> None:
    before = raw(home.path)
    result = CliRunner().invoke(app, ["people", "erase", ANNA], input=answer)
    assert result.exit_code == WRONG_USE
    assert f"Erase {ANNA} for good" in result.stderr
    assert raw(home.path) == before


@pytest.mark.parametrize("answer", ["y\n", "YES\n"])
def test_whoever_says_yes_erases(answer: str) -> None:
    result = CliRunner().invoke(app, ["people", "erase", ANNA], input=answer)
    assert result.exit_code == DONE
    assert people("show", ANNA).exit_code == WRONG_USE


@pytest.mark.parametrize("command", [["show", CHEN], ["erase", CHEN, "--yes"]])
def test_an_unknown_subject_is_wrong_use_and_no_event(home: Home, command: list[str]) -> None:
    before = lines(home.journal)
    result = people(*command)
    assert result.exit_code == WRONG_USE
    assert f"{CHEN} is not enrolled" in result.stderr
    assert lines(home.journal) == before


def test_what_is_no_id_is_wrong_use() -> None:
    for command in (["show", "Anna Smith"], ["erase", "a@b.org", "--yes"]):
        result = people(*command)
        assert result.exit_code == WRONG_USE
        assert "cannot be a subject's id" in result.stderr


def test_an_erasure_that_cannot_be_written_down_is_not_carried_out(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritable(*_: object) -> None:
        raise JournalUnwritable("The journal cannot be written.", "See the disk.")

    monkeypatch.setattr(Journal, "append", unwritable)
    assert people("erase", ANNA, "--yes").exit_code == OUT_OF_SERVICE
    monkeypatch.undo()
    with OpenHome.open(home.path) as open_home:
        assert open_home.references.count(ANNA) == 2


def test_an_erasure_that_fails_is_written_down_as_failed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise StoreError("The database cannot be used.", "See the disk.")

    monkeypatch.setattr(References, "erase", full)
    assert people("erase", ANNA, "--yes").exit_code == OUT_OF_SERVICE
    assert _last_event(home)["event"] == "erasure_failed"


def test_nobody_is_erased_while_the_journal_does_not_verify(home: Home) -> None:
    home.journal.write_bytes(home.journal.read_bytes()[:-30])
    assert people("erase", ANNA, "--yes").exit_code == REFUSED
    home.journal.unlink()
    assert people("list").exit_code == DONE


def test_somebody_whose_record_is_damaged_can_be_erased(home: Home) -> None:
    alter(home.references, "UPDATE subjects SET profile = x'00' WHERE subject = ?", ANNA)
    assert people("list").exit_code == OUT_OF_SERVICE
    refused = people("erase", ANNA, "--yes")
    assert refused.exit_code == OUT_OF_SERVICE
    assert ANNA in refused.stderr
    assert "kiosk audit accept" in refused.stderr
    accept(home, FileKey(home))
    assert people("erase", ANNA, "--yes").exit_code == DONE
    assert people("list").exit_code == DONE


def test_where_nothing_is_kept_nothing_is_made(tmp_path: Path) -> None:
    for command in (["list"], ["show", ANNA], ["erase", ANNA, "--yes"]):
        assert people(*command, "--home", tmp_path / "nowhere").exit_code == WRONG_USE
    assert not (tmp_path / "nowhere").exists()


def test_a_home_where_nobody_was_enrolled_yet_is_empty(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    assert json.loads(people("list", "--home", fresh, "--json").stdout) == {"people": []}
    assert people("show", ANNA, "--home", fresh).exit_code == WRONG_USE
    assert list(fresh.iterdir()) == []


def test_a_wrong_configuration_is_told(tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text("[door]\nnonsense = 1\n")
    result = people("list", "--config", config)
    assert result.exit_code == WRONG_USE
    assert "nonsense" in result.stderr
