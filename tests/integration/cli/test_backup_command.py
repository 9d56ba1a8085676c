"""`kiosk backup`, `kiosk restore` and `kiosk keys rotate`: passphrases, answers, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from kept_home import Kept, furnish
from kept_samples import ANNA, BORIS
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.store.home import Home
from kiosk.store.instance_lock import instance_lock
from kiosk.store.open_home import OpenHome
from kiosk.store.whole import archive

WORDS = "four words nobody guesses"


@pytest.fixture(autouse=True)
def _cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scrypt with next to no memory: what it costs is not what these tests are about."""
    monkeypatch.setattr(archive, "COST", 2)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "words").write_text(f"{WORDS}\nand a second line\n")
    return furnish(tmp_path / "home")


def _kiosk(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def _backup(home: Path, *more: str | Path) -> Result:
    to = home.parent / "backup"
    return _kiosk("backup", "--home", home, "--to", to, *more)


def _restore(home: Path, *more: str | Path) -> Result:
    words = ("--passphrase-file", home.parent / "words")
    return _kiosk("restore", "--home", home, "--from", home.parent / "backup", *words, *more)


def _made(home: Path) -> Path:
    assert _backup(home, "--passphrase-file", home.parent / "words").exit_code == 0
    return home


def test_what_is_told_to_programs(home: Path) -> None:
    made = _backup(home, "--passphrase-file", home.parent / "words", "--json")
    said = json.loads(made.stdout)
    assert (made.exit_code, said["people"], said["file"]) == (0, 2, str(home.parent / "backup"))
    looked = json.loads(_restore(home, "--dry-run", "--json").stdout)
    assert (looked["restored"], looked["into"], looked["erased_again"]) == (False, "same", [])
    done = json.loads(_restore(home, "--yes", "--json").stdout)
    assert (done["restored"], done["people"], done["entry"]) == (True, 2, said["entry"])


def test_what_is_told_to_people(home: Path) -> None:
    made = _backup(home, "--passphrase-file", home.parent / "words")
    assert "holds 2 people" in made.stdout
    with OpenHome.open(home) as open_home:
        open_home.references.erase(ANNA)
    assert "with 2 people verifies." in _restore(home, "--dry-run").stdout
    assert "is in" in _restore(home, "--yes").stdout
    with OpenHome.open(home) as open_home:
        assert open_home.references.subjects() == [ANNA, BORIS], "nobody wrote down that she went"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("", "is empty"),
        ("short", "at least 12 characters"),
        ("eleven char\nand a longer second line", "at least 12 characters"),
    ],
)
def test_a_passphrase_that_protects_nothing_is_refused(
    home: Path, words: str, problem: str
) -> None:
    (home.parent / "words").write_text(words)
    result = _backup(home, "--passphrase-file", home.parent / "words")
    assert result.exit_code == 2
    assert problem in result.stderr
    assert not (home.parent / "backup").exists()


def test_without_a_terminal_a_passphrase_comes_from_a_file(home: Path) -> None:
    result = _backup(home)
    assert result.exit_code == 2
    assert "--passphrase-file" in result.stderr
    missing = _backup(home, "--passphrase-file", home.parent / "none")
    assert "cannot be read" in missing.stderr
    assert not (home.parent / "backup").exists()


def test_another_passphrase_is_exit_code_three(home: Path) -> None:
    _made(home)
    (home.parent / "words").write_text("four other words again")
    before = Kept.of(home)
    result = _restore(home, "--yes")
    assert result.exit_code == 3
    assert "another passphrase" in result.stderr
    assert before.added_to()


def test_a_kiosk_is_replaced_only_with_yes(home: Path) -> None:
    before = Kept.of(_made(home))
    result = _restore(home)
    assert result.exit_code == 2
    assert "The option is `--yes`." in result.stderr
    assert before.added_to()


def test_a_backup_is_never_written_over(home: Path) -> None:
    content = (_made(home).parent / "backup").read_bytes()
    result = _backup(home, "--passphrase-file", home.parent / "words")
    assert (result.exit_code, "there already" in result.stderr) == (2, True)
    assert (home.parent / "backup").read_bytes() == content


def test_beside_a_running_kiosk_a_backup_is_made_and_nothing_else(home: Path) -> None:
    with instance_lock(Home(home)):
        _made(home)
        for result in (_restore(home, "--yes"), _kiosk("keys", "rotate", "--home", home)):
            assert result.exit_code == 3
            assert "A kiosk runs here" in result.stderr


def test_rotating_is_told(home: Path) -> None:
    assert "in a file of the home" in _kiosk("keys", "rotate", "--home", home).stdout
    result = _kiosk("keys", "rotate", "--home", home, "--json")
    assert json.loads(result.stdout) == {"rotated": True, "credential": None}


@pytest.mark.parametrize(
    ("options", "code", "problem"),
    [
        (("--plain", "--credential", "lintel-key"), 2, "say different things"),
        (("--credential", "../key"), 2, "cannot be a credential's name"),
        (("--credential", "lintel-key"), 4, "was not handed to this program"),
    ],
)
def test_a_rotation_that_cannot_be_done_changes_nothing(
    home: Path, options: tuple[str, ...], code: int, problem: str
) -> None:
    before = Kept.of(home)
    result = _kiosk("keys", "rotate", "--home", home, *options)
    assert (result.exit_code, problem in result.stderr) == (code, True)
    assert before.added_to()
