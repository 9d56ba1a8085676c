"""What is found in a home: its rights, key, journal and admin PIN. Nothing is made by looking."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kept_home import furnish
from typer.testing import CliRunner

from config.sections.journal import JournalSettings
from config.sections.vision.match import MatchSettings
from config.settings import Settings
from kiosk.app.console import with_command
from kiosk.cli import app
from kiosk.diagnostics import home as kept
from kiosk.diagnostics.checks import examine
from kiosk.domain.errors import BadInput
from kiosk.domain.finding import Finding, Health
from kiosk.journal.events.running import Started
from kiosk.store.home import Home
from kiosk.store.journal.anchor import AnchorFile, Anchors
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.admin_pin import AdminPin
from kiosk.store.secrets.keys import FileKey, kiosk_id
from kiosk.store.whole.backup import back_up
from kiosk.store.whole.rotation import rotate


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return furnish(tmp_path / "home")


def brief(findings: Iterable[Finding]) -> list[tuple[str, Health]]:
    return [(finding.name, finding.health) for finding in findings]


def looked_at(path: Path, config: Path | None = None) -> list[tuple[str, Health]]:
    """Everything that is kept, as the table has it."""
    return brief(
        examine(
            [
                ("home", lambda: kept.home(path, config)),
                ("key", lambda: kept.key(path)),
                ("journal", lambda: kept.journal(path)),
                ("admin PIN", lambda: kept.admin_pin(path)),
            ]
        )
    )


GOOD = [("home", Health.OK), ("key", Health.OK), ("kiosk", Health.OK), ("journal", Health.OK)]
NO_PIN = ("admin PIN", Health.WARN)


def test_where_the_key_is_kept(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lintel-key").write_bytes(b"k" * 32)
    (tmp_path / "lintel-key").chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (key, *_) = kept.key(home)
    assert key.health is Health.WARN
    assert with_command(key.remedy).endswith("`kiosk keys rotate --credential lintel-key`.")
    rotate(Home(home), "lintel-key")
    (key, *_) = kept.key(home)
    assert (key.health, key.text.split("; ")[-1]) == (
        Health.OK,
        "sealed with the credential lintel-key",
    )


def test_when_a_backup_was_made_last(home: Path, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    (none,) = kept.backup(home, now)
    assert (none.health, none.text) == (Health.WARN, "none was made yet")
    back_up(Home(home), tmp_path / "backup", b"four words nobody guesses", lambda it: it)
    (fresh,) = kept.backup(home, now)
    assert (fresh.health, fresh.text) == (Health.OK, "made less than a day ago")
    (old,) = kept.backup(home, datetime.now(UTC) + timedelta(days=40))
    assert (old.health, old.text) == (Health.WARN, "made 40 days ago")
    assert "kiosk backup" in with_command(old.remedy)


def test_nobody_is_told_to_back_up_nobody(tmp_path: Path) -> None:
    OpenHome.open(tmp_path / "home").close()
    assert list(kept.backup(tmp_path / "home", datetime.now(UTC))) == []
    assert list(kept.backup(tmp_path / "none", datetime.now(UTC))) == []


def test_a_damaged_database_that_was_put_aside_is_told(home: Path) -> None:
    (home / "references.db.20261128T100000Z.aside").touch(0o600)
    aside, _ = kept.backup(home, datetime.now(UTC))
    assert aside.health is Health.WARN
    assert "put aside" in aside.text
    assert "kiosk restore" in with_command(aside.remedy)


def test_a_home_in_good_order(home: Path) -> None:
    assert looked_at(home) == [*GOOD, NO_PIN]
    AdminPin(Home(home), FileKey(Home(home))).set("402958")
    assert looked_at(home) == [*GOOD, ("admin PIN", Health.OK)]
    key, kiosk = kept.key(home)
    assert key.text == "opens what is kept; people enrolled: 2; it lies in a file of the home"
    assert kiosk.text == f"its id is {kiosk_id(FileKey(Home(home)))}, in every order"


@pytest.mark.parametrize(
    ("target", "health", "text"),
    [
        (5e-3, Health.OK, "people enrolled: 2 of at most 10,025"),
        (1e-6, Health.WARN, "2 people are enrolled, of at most 2"),
        (5e-7, Health.BAD, "2 people are enrolled, and 1 can be compared"),
    ],
)
def test_what_is_left_of_the_room(home: Path, target: float, health: Health, text: str) -> None:
    (found,) = kept.room(home, Settings(match=MatchSettings(target_fpir=target)))
    assert (found.name, found.health) == ("room", health)
    assert found.text.startswith(text)
    assert ("raise match.target_fpir" in found.remedy) == (health is not Health.OK)


def test_a_home_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    path = tmp_path / "none"
    assert looked_at(path) == [("home", Health.WARN), ("key", Health.WARN), NO_PIN]
    assert not path.exists()


def test_an_empty_home_stays_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.mkdir(mode=0o700)
    assert looked_at(path) == [("home", Health.OK), ("key", Health.WARN), NO_PIN]
    assert list(path.iterdir()) == []


def test_nobody_enrolled_is_a_warning(tmp_path: Path) -> None:
    OpenHome.open(tmp_path / "home").close()
    assert brief(kept.key(tmp_path / "home")) == [
        ("key", Health.OK),
        ("kiosk", Health.OK),
        ("people", Health.WARN),
    ]


@pytest.mark.parametrize(
    ("mode", "health"),
    [
        (0o700, Health.OK),
        (0o710, Health.WARN),
        (0o755, Health.WARN),
        (0o770, Health.BAD),
        (0o707, Health.BAD),
    ],
)
def test_a_home_that_others_may_enter(home: Path, mode: int, health: Health) -> None:
    home.chmod(mode)
    (finding,) = kept.home(home, None)
    assert finding.health is health
    assert (f"chmod 700 {home}" in finding.remedy) is (health is not Health.OK)


@pytest.mark.parametrize(
    ("name", "mode", "health"),
    [
        ("journal.jsonl", 0o640, Health.WARN),
        ("references.db", 0o604, Health.WARN),
        ("presence", 0o620, Health.BAD),
        ("config.toml", 0o644, Health.OK),
        ("config.toml", 0o646, Health.BAD),
    ],
)
def test_a_file_of_the_home_that_others_may_use(
    home: Path, name: str, mode: int, health: Health
) -> None:
    (home / name).touch()
    (home / name).chmod(mode)
    assert brief(kept.home(home, None)) == [("home", health)]


def test_settings_that_others_may_change_wherever_they_lie(home: Path, tmp_path: Path) -> None:
    config = tmp_path / "elsewhere.toml"
    config.touch()
    config.chmod(0o666)
    (finding,) = kept.home(home, config)
    assert finding.health is Health.BAD
    assert str(config) in finding.remedy


def test_a_home_of_another_user(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept.os, "geteuid", lambda: home.stat().st_uid + 1)
    assert brief(kept.home(home, None)) == [("home", Health.BAD)]


def test_a_key_that_others_can_read_is_bad(home: Path) -> None:
    (home / "key").chmod(0o644)
    found = looked_at(home)
    assert ("key", Health.BAD) in found
    assert ("admin PIN", Health.BAD) in found


def test_a_key_that_is_gone_is_bad_and_is_not_replaced(home: Path) -> None:
    (home / "key").unlink()
    assert ("key", Health.BAD) in looked_at(home)
    assert not (home / "key").exists()


def test_a_key_of_another_home_is_bad(home: Path, tmp_path: Path) -> None:
    other = furnish(tmp_path / "other")
    (home / "key").write_bytes((other / "key").read_bytes())
    assert ("key", Health.BAD) in looked_at(home)


def test_a_journal_that_was_cut_is_bad(home: Path) -> None:
    lines = (home / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (home / "journal.jsonl").write_bytes(b"".join(lines[:-1]))
    assert ("journal", Health.BAD) in looked_at(home)


# -- the table never breaks ----------------------------------------------------------------------


def test_what_cannot_be_looked_at_is_bad_and_the_others_are_looked_at_too() -> None:
    def refused() -> Iterable[Finding]:
        raise BadInput("There is no such thing.", "Name another.")

    def broken() -> Iterable[Finding]:
        yield Finding("half", Health.OK, "a half")
        raise ValueError("Grace")

    def sound() -> Iterable[Finding]:
        return [Finding("last", Health.OK, "fine")]

    first, half, rest, last = examine([("one", refused), ("two", broken), ("three", sound)])
    assert first == Finding("one", Health.BAD, "There is no such thing.", "Name another.")
    assert (half.name, last.name) == ("half", "last")
    assert (rest.name, rest.health) == ("two", Health.BAD)
    assert "ValueError" in rest.text
    assert "Grace" not in rest.text


@pytest.mark.parametrize(("health", "code"), [(Health.OK, 0), (Health.WARN, 1), (Health.BAD, 4)])
def test_the_exit_code_is_that_of_the_worst(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, health: Health, code: int
) -> None:
    rows = [Finding("one", Health.OK, "fine"), Finding("two", health, "so", "Do.")]
    monkeypatch.setattr("kiosk.diagnostics.checks.of_kiosk", lambda *_: [("rows", lambda: rows)])
    done = CliRunner().invoke(app, ["doctor", "--home", str(tmp_path)])
    assert done.exit_code == code


def anchored(path: Path, folder: Path) -> tuple[Settings, AnchorFile]:
    file = folder / "anchor"
    settings = Settings(journal=JournalSettings(anchor_file=file))
    return settings, AnchorFile(file, Anchors(Home(path), FileKey(Home(path))))


def test_an_anchor_that_is_not_there_or_lies_beside_the_home_is_to_be_looked_at(
    home: Path, tmp_path: Path
) -> None:
    assert list(kept.anchor(home, Settings())) == []
    settings, file = anchored(home, tmp_path)
    (absent,) = kept.anchor(home, settings)
    assert (absent.health, absent.text) == (Health.WARN, f"There is no anchor {file.path}")
    file.keep()
    (beside,) = kept.anchor(home, settings)
    assert (beside.health, "lies where the home lies" in beside.text) == (Health.WARN, True)


def test_an_anchor_on_other_media_that_fits_is_in_order(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, file = anchored(home, tmp_path)
    file.keep()
    own = Path.stat
    other = os.stat_result((0o40700, 1, own(home).st_dev + 1, *own(home)[3:]))
    monkeypatch.setattr(
        Path, "stat", lambda path, **more: other if path == home else own(path, **more)
    )
    (found,) = kept.anchor(home, settings)
    assert (found.name, found.health) == ("anchor", Health.OK)


def test_an_anchor_that_names_more_than_the_journal_has_is_bad(home: Path, tmp_path: Path) -> None:
    settings, file = anchored(home, tmp_path)
    shutil.copytree(home, tmp_path / "copy")
    with OpenHome.open(home) as open_home:
        open_home.recorder.note(Started("device:0", "compact"))
    file.keep()
    shutil.rmtree(home)
    (tmp_path / "copy").rename(home)
    (found,) = examine([("anchor", lambda: kept.anchor(home, settings))])
    assert (found.health, "older copy" in found.text) == (Health.BAD, True)
