"""`kiosk operator`: a key is made, an order is signed, and the answer is told by words and code."""

from __future__ import annotations

import json
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from operator_desk import OperatorDesk
from typer.testing import CliRunner, Result

from hardware.operators.local import LocalChannel
from kiosk.cli import app
from kiosk.domain.operators.orders import OrderAnswer, OrderOutcome, Verb
from kiosk.store.home import Home
from kiosk.store.secrets.keys import FileKey, kiosk_id


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = Home(tmp_path / "home").prepare()
    FileKey(made).create()
    return made.path


@pytest.fixture
def office(tmp_path: Path, home: Path) -> OperatorDesk:
    return OperatorDesk(tmp_path, kiosk=kiosk_id(FileKey(Home(home))))


@pytest.fixture
def channel(home: Path, office: OperatorDesk) -> Iterator[LocalChannel]:
    made = LocalChannel(home, office.hear, office.tell)
    assert office.wait_told(1)
    yield made
    made.close()


def kiosk(*words: str) -> Result:
    return CliRunner().invoke(app, ["operator", *words])


def give(office: OperatorDesk, home: Path, *words: str) -> Result:
    return kiosk(*words, "--as", "anna", "--key", str(office.key), "--home", str(home))


def test_a_key_is_made_and_the_settings_line_is_shown(tmp_path: Path) -> None:
    out = tmp_path / "boris.key"
    done = kiosk("key", "boris", "--out", str(out))
    assert done.exit_code == 0
    assert list(tomllib.loads(done.stdout)["operators"]["keys"]) == ["boris"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert kiosk("key", "boris", "--out", str(out)).exit_code == 2
    assert kiosk("key", "b b", "--out", str(tmp_path / "b")).exit_code == 2
    told = json.loads(kiosk("key", "carl", "--out", str(tmp_path / "c"), "--json").stdout)
    assert set(told) == {"operator", "public_key", "file"}


@pytest.mark.usefixtures("channel")
@pytest.mark.parametrize("verb", Verb)
def test_every_verb_has_its_command(office: OperatorDesk, home: Path, verb: Verb) -> None:
    done = give(office, home, verb.value.replace("_", "-"))
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"{verb.value}: done\ncondition: secured\n"
    assert [order.verb for order in office.obeyed] == [verb]


@pytest.mark.usefixtures("channel")
def test_arguments_go_along(office: OperatorDesk, home: Path) -> None:
    give(office, home, "release", "--seconds", "7.5")
    give(office, home, "reset-passback", "--subject", "s-1001")
    assert [(order.seconds, order.subject) for order in office.obeyed] == [
        (7.5, None),
        (None, "s-1001"),
    ]


@pytest.mark.usefixtures("channel")
def test_json_says_what_the_kiosk_said(office: OperatorDesk, home: Path) -> None:
    done = give(office, home, "status", "--json")
    said = json.loads(done.stdout)
    assert said == {
        "id": office.obeyed[0].id,
        "outcome": "done",
        "reason": "",
        "state": {"condition": "secured"},
    }


@pytest.mark.usefixtures("channel")
def test_a_refusal_and_a_failure_have_codes(office: OperatorDesk, home: Path) -> None:
    refused = give(office, home, "release", "--seconds", "61")
    assert (refused.exit_code, refused.stdout) == (3, "release: refused: malformed\n")
    office.answer = OrderAnswer(OrderOutcome.FAILED, "The door did not answer.")
    failed = give(office, home, "release")
    assert (failed.exit_code, failed.stdout) == (4, "release: failed: The door did not answer.\n")


@pytest.mark.usefixtures("channel")
def test_another_doors_settings_order_another_door(office: OperatorDesk, home: Path) -> None:
    (home / "config.toml").write_text('[operators]\ndoor = "cellar"\n')
    done = give(office, home, "release")
    assert (done.exit_code, done.stdout) == (3, "release: refused: other_door\n")
    assert office.obeyed == []


@pytest.mark.usefixtures("channel")
def test_somebody_elses_name_is_refused(office: OperatorDesk, home: Path) -> None:
    done = kiosk("status", "--as", "boris", "--key", str(office.key), "--home", str(home))
    assert (done.exit_code, done.stdout) == (3, "status: refused: unknown_operator\n")


def test_without_a_kiosk(office: OperatorDesk, home: Path) -> None:
    done = give(office, home, "status")
    assert done.exit_code == 4
    assert "No kiosk listens" in done.stderr


def test_without_a_key(home: Path, tmp_path: Path) -> None:
    done = kiosk("status", "--as", "anna", "--key", str(tmp_path / "no"), "--home", str(home))
    assert done.exit_code == 2
    assert "--key" in done.stderr


@pytest.mark.usefixtures("channel")
def test_a_subject_that_cannot_be_is_refused_here(office: OperatorDesk, home: Path) -> None:
    assert give(office, home, "reset-passback", "--subject", "a b").exit_code == 2
    assert office.obeyed == []


def test_an_order_for_another_kiosk_is_refused_though_the_doors_share_a_name(
    office: OperatorDesk, home: Path, tmp_path: Path
) -> None:
    """B11: the same operator's key, the same door name, and yet another kiosk."""
    other = Home(tmp_path / "other").prepare()
    FileKey(other).create()
    channel = LocalChannel(other.path, office.hear, office.tell)
    try:
        assert office.wait_told(1)
        done = give(office, other.path, "release")
        assert (done.exit_code, done.stdout) == (3, "release: refused: other_kiosk\n")
        assert office.obeyed == []
    finally:
        channel.close()
    assert give(office, home, "release").exit_code == 4  # nobody listens there
