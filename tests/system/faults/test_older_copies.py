"""B8: what was put back into a home, or taken out of it, is named by `kiosk run`; nothing opens."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_files import alter, ask
from kept_home import furnish
from kept_samples import ANNA
from kiosk_process import Ended, kiosk
from model_samples import tree
from video_files import write_folder

from kiosk.journal.events.people import Erased
from kiosk.store.open_home import OpenHome
from kiosk.store.people.presence import PresenceFile
from kiosk.store.secrets.keys import FileKey

pytestmark = pytest.mark.weights

Attack = Callable[[Path, Path], None]


def a_database(home: Path, older: Path) -> None:
    """Who was erased is in it."""
    shutil.copy2(older / "references.db", home)


def a_presence(home: Path, older: Path) -> None:
    """The lockdown is not in it."""
    shutil.copy2(older / "presence", home)


def a_row(home: Path, older: Path) -> None:
    """Of the person who was erased."""
    for table, marks in (("subjects", "?, ?, ?"), ("refs", "?, ?, ?, ?")):
        for row in ask(older / "references.db", f"SELECT * FROM {table} WHERE subject = ?", ANNA):  # noqa: S608
            alter(home / "references.db", f"INSERT INTO {table} VALUES ({marks})", *row)  # noqa: S608


@pytest.mark.parametrize(
    ("attack", "named"),
    [(a_database, "references.db"), (a_presence, "presence"), (a_row, "references.db")],
)
def test_an_older_copy_of_one_thing(tmp_path: Path, attack: Attack, named: str) -> None:
    """Somebody was erased and a lockdown ordered, and an older copy undoes it."""
    home = furnish(tmp_path / "home")
    with OpenHome.open(home) as open_home:
        PresenceFile(open_home.home, FileKey(open_home.home)).save({"holds": []})
    older = Path(shutil.copytree(home, tmp_path / "older"))
    with OpenHome.open(home) as open_home:
        open_home.recorder.note(Erased(ANNA, 1))
        open_home.references.erase(ANNA)
        PresenceFile(open_home.home, FileKey(open_home.home)).save({"holds": ["locked_down"]})
    attack(home, older)
    refused(tmp_path, home, 4, f"{named} is not what this kiosk kept last")


def test_a_journal_does_not_begin_anew_while_the_database_is_set_aside(tmp_path: Path) -> None:
    """Neither the start without any of them goes on, nor the one with people back."""
    home = furnish(tmp_path / "home", entries=40)
    aside = shutil.move(home / "references.db", tmp_path / "aside.db")
    (home / "journal.jsonl").unlink()
    (home / "journal.head").unlink()
    run(tmp_path, home).refused(3, "journal.jsonl is gone", "this kiosk's key is there")
    shutil.copy2(aside, home / "references.db")
    run(tmp_path, home).refused(3, "journal.jsonl is gone", "people are enrolled")
    assert not (home / "journal.jsonl").exists()
    verified = kiosk("audit", "verify", "--home", home, "--json")
    assert (verified.code, verified.said["verified"]) == (3, False)


def run(folder: Path, home: Path) -> Ended:
    frames = write_folder(folder / "frames", 2)
    return kiosk("run", "--home", home, "--source", f"images:{frames}", "--headless", "--json")


def refused(folder: Path, home: Path, code: int, named: str) -> None:
    before = {name: data for name, data in tree(home).items() if "references.db-" not in name}
    run(folder, home).refused(code, named, "kiosk audit accept")
    after = {name: data for name, data in tree(home).items() if "references.db-" not in name}
    assert after == before
