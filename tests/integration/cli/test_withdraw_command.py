"""`kiosk people data`, `people withdraw` and `audit receipt`, as programs call them (R33, R34)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kept_files import lines, rewrite
from kept_samples import ANNA, BORIS
from people_changes import settle
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.domain.audit import AuditEntry
from kiosk.people.receipts import receipt_hash
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome

DONE, WRONG_USE, REFUSED = 0, 2, 3


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    path = settle(tmp_path / "home")
    monkeypatch.setenv("KIOSK_HOME", str(path))
    return Home(path)


def kiosk(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def told(*words: str) -> dict[str, Any]:
    """The one object on standard output of a command that succeeds."""
    result = kiosk(*words, "--json")
    assert result.exit_code == DONE, result.output
    (line,) = result.stdout.splitlines()
    return dict(json.loads(line))


def withdrawn(subject: str = ANNA) -> str:
    return str(told("people", "withdraw", subject)["receipt"])


# -- my data -------------------------------------------------------------------------------------


def test_what_is_kept_since_when_until_when_and_for_which_doors() -> None:
    kiosk("people", "allow", ANNA, "--group", "staff")
    data = told("people", "data", ANNA)
    today = datetime.now(UTC).date()
    assert (data["subject"], data["references"], data["doors"]) == (ANNA, 1, ["staff"])
    assert data["enrolled_at"].startswith(today.isoformat())
    assert data["kept_until"] == (today + timedelta(days=365)).isoformat()
    assert data["last_used_on"] is None
    assert (data["has_pin"], data["has_badge"]) == (True, True)
    assert len(data["kept_at"]) == 16


def test_the_last_day_is_the_earlier_of_leaving_and_a_year_unused() -> None:
    kiosk("people", "allow", ANNA, "--until", "2026-12-24")
    assert told("people", "data", ANNA)["kept_until"] == "2026-12-24"


def test_each_use_of_the_door_moves_the_last_day(home: Home) -> None:
    used = datetime.now(UTC) + timedelta(days=40)
    details = {"by": "grant", "outcome": "granted", "subject": BORIS, "seconds": 3.0}
    with OpenHome.open(home.path) as opened:
        opened.journal.append(AuditEntry(used.isoformat(), "released", details))
    assert told("people", "data", BORIS)["last_used_on"] == used.date().isoformat()
    last = (used.date() + timedelta(days=365)).isoformat()
    assert told("people", "data", BORIS)["kept_until"] == last
    assert told("people", "data", ANNA)["last_used_on"] is None


def test_nobody_has_no_data() -> None:
    assert kiosk("people", "data", "s-9", "--json").exit_code == WRONG_USE


# -- withdrawal ----------------------------------------------------------------------------------


def test_a_withdrawal_asks_nothing_and_erases_at_once(home: Home) -> None:
    assert set(told("people", "withdraw", ANNA)) == {"receipt"}
    with OpenHome.open(home.path) as opened:
        assert opened.references.subjects() == [BORIS]


def test_what_becomes_of_faces_in_the_cloud_is_said(home: Home) -> None:
    home.cloud.touch()
    said = kiosk("people", "withdraw", ANNA).stdout
    assert f"`kiosk cloud erase {ANNA} --yes` deletes them now" in said


def test_the_number_is_nowhere_in_the_home(home: Home) -> None:
    number = withdrawn()
    kept = b"".join(each.read_bytes() for each in home.path.iterdir())
    for form in (number, number.replace("-", "")):
        assert form.encode() not in kept


def test_a_withdrawal_of_nobody_leaves_no_receipt(home: Home) -> None:
    before = len(lines(home.journal))
    assert kiosk("people", "withdraw", "s-9", "--json").exit_code == WRONG_USE
    assert len(lines(home.journal)) == before


# -- the receipt ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [str, str.lower, lambda n: n.replace("-", ""), lambda n: f" {n.replace('-', ' ')}\n"],
    ids=["printed", "small", "in one word", "with spaces"],
)
def test_a_receipt_is_found_in_any_spelling_and_names_nobody(spelling: Any) -> None:  # noqa: ANN401
    found = told("audit", "receipt", spelling(withdrawn()))
    assert (found["found"], found["erased"], found["verified"]) == (True, True, True)
    assert found["seal_checked"]
    assert ANNA not in json.dumps(found)
    assert datetime.now(UTC) - datetime.fromisoformat(found["at"]) < timedelta(hours=1)


@pytest.mark.parametrize("number", ["2222-2222-2222-2222", "", "' OR 1=1 --", "x" * 5000])
def test_another_number_is_not_found(number: str) -> None:
    withdrawn()
    result = kiosk("audit", "receipt", "--json", "--", number)
    assert result.exit_code == REFUSED
    said = json.loads(result.stdout)
    assert (said["found"], said["verified"]) == (False, True)


def test_a_receipt_outlives_a_second_enrolment_and_its_erasure() -> None:
    number = withdrawn()
    assert told("audit", "receipt", number)["erased"]
    kiosk("people", "erase", BORIS, "--yes")
    assert told("audit", "receipt", number)["erased"]


def test_a_changed_journal_attests_no_receipt(home: Home) -> None:
    number = withdrawn()
    kept = lines(home.journal)
    rewrite(home.journal, [*kept[:2], kept[2].replace(ANNA, "s-8888"), *kept[3:]])
    result = kiosk("audit", "receipt", number, "--json")
    assert result.exit_code == REFUSED
    assert json.loads(result.stdout)["verified"] is False


def test_a_receipt_whose_erasure_was_cut_off_says_so(home: Home) -> None:
    """As after a power cut between the two."""
    number = withdrawn()
    with OpenHome.open(home.path) as opened:
        last = json.loads(lines(home.journal)[-2])
        assert last["event"] == "withdrawn"
        details = last["details"] | {"subject": BORIS}
        details["receipt"] = receipt_hash("3333-3333-3333-3333")
        opened.journal.append(AuditEntry(last["at_utc"], "withdrawn", details))
    assert not told("audit", "receipt", "3333-3333-3333-3333")["erased"]
    assert told("audit", "receipt", number)["erased"]


@contextmanager
def reader(home: Home) -> Iterator[None]:
    """Another process that reads: the database's log cannot be emptied meanwhile."""
    other = sqlite3.connect(home.references)
    try:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM subjects").fetchone()
        yield
    finally:
        other.close()


def test_whoever_is_erased_with_traces_left_gets_their_receipt_all_the_same(home: Home) -> None:
    with reader(home):
        number = withdrawn()
    found = told("audit", "receipt", number)
    assert not found["erased"], "encrypted traces are left"
    with OpenHome.open(home.path) as opened:
        assert opened.references.subjects() == [BORIS]
