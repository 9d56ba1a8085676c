"""A wrong key, a damaged database, a journal that was tampered with: nothing goes on over it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet
from another_user import STRANGER, as_root
from kept_files import lines, rewrite
from kept_home import Kept, furnish
from kept_samples import ANNA
from kiosk_process import Ended, kiosk
from model_samples import tree
from video_files import write_folder

Damage = Callable[[Path], None]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return furnish(tmp_path / "home", entries=6)


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "frames", 2)


def commands(home: Path, frames: Path) -> dict[str, Sequence[str | Path]]:
    """Every command that opens a home to change something in it."""
    return {
        "run": ("run", "--home", home, "--source", f"images:{frames}", "--headless", "--json"),
        "enrol": ("enrol", "--home", home, "--subject", "s-2", "--consent", "form 3", frames),
        "erase": ("people", "erase", ANNA, "--yes", "--home", home),
    }


ALL = [
    pytest.param("run", marks=pytest.mark.weights),
    pytest.param("enrol", marks=pytest.mark.weights),
    pytest.param("erase"),
]


def each_by_run_and_one_by_all(cases: Sequence[ParameterSet]) -> list[ParameterSet]:
    """Every case at `kiosk run`; the first at every other command too."""
    running = [
        pytest.param("run", *case.values, marks=pytest.mark.weights, id=f"run, {case.id}")
        for case in cases
    ]
    (first, *_) = cases
    others = [
        pytest.param("enrol", *first.values, marks=pytest.mark.weights, id=f"enrol, {first.id}"),
        pytest.param("erase", *first.values, id=f"erase, {first.id}"),
    ]
    return running + others


def tried(command: str, home: Path, frames: Path) -> Ended:
    """Try a command; whatever lay in the home must lie there still, byte for byte.

    Looking at a database makes SQLite leave its two working files, with nothing in the log.
    """
    before = tree(home)
    ended = kiosk(*commands(home, frames)[command])
    after = dict(tree(home))
    if "references.db-wal" not in before:
        assert after.pop("references.db-wal", b"") == b""
        after.pop("references.db-shm", None)
    assert after == before
    return ended


# -- the key -------------------------------------------------------------------------------------


def gone(home: Path) -> None:
    (home / "key").unlink()


def anothers(home: Path) -> None:
    (home / "key").write_bytes(b"k" * 32)


def too_short(home: Path) -> None:
    (home / "key").write_bytes(b"k" * 31)


def readable_by_others(home: Path) -> None:
    (home / "key").chmod(0o644)


def a_link(home: Path) -> None:
    (home / "key").rename(home.with_name("stolen"))
    (home / "key").symlink_to(home.with_name("stolen"))


BAD_KEYS = [
    pytest.param(gone, "is missing", id="gone"),
    pytest.param(too_short, "does not hold 32 bytes", id="too short"),
    pytest.param(readable_by_others, "0644", id="readable by others"),
    pytest.param(a_link, "cannot be read", id="a link"),
]


@pytest.mark.parametrize(("command", "damage", "named"), each_by_run_and_one_by_all(BAD_KEYS))
def test_a_bad_key(home: Path, frames: Path, command: str, damage: Damage, named: str) -> None:
    damage(home)
    tried(command, home, frames).refused(4, str(home / "key"), named)


@pytest.mark.parametrize("command", ALL)
def test_the_key_of_another_kiosk(home: Path, frames: Path, command: str) -> None:
    """Its seal fits neither journal nor database; the journal is asked first."""
    anothers(home)
    tried(command, home, frames).refused(3, str(home / "journal.head"))


@pytest.mark.parametrize("command", ALL)
def test_the_database_of_another_kiosk(
    home: Path, frames: Path, command: str, tmp_path: Path
) -> None:
    other = furnish(tmp_path / "other")
    (home / "references.db").write_bytes((other / "references.db").read_bytes())
    tried(command, home, frames).refused(4, str(home / "references.db"), "belong together")


# -- the database --------------------------------------------------------------------------------


def cut(home: Path) -> None:
    path = home / "references.db"
    path.write_bytes(path.read_bytes()[:-4096])


def scribbled(home: Path) -> None:
    path = home / "references.db"
    data = bytearray(path.read_bytes())
    data[8192:16384] = b"\xa5" * 8192
    path.write_bytes(data)


def no_database(home: Path) -> None:
    (home / "references.db").write_bytes(b"this was a database once" * 400)


def newer(home: Path) -> None:
    with closing(sqlite3.connect(home / "references.db")) as database:
        database.execute("PRAGMA user_version = 9")


def somebody_elses(home: Path) -> None:
    with closing(sqlite3.connect(home / "references.db")) as database:
        database.execute("PRAGMA application_id = 7")


BAD_DATABASES = [
    pytest.param(newer, "version 9", id="newer"),
    pytest.param(cut, "damaged", id="cut"),
    pytest.param(scribbled, "damaged", id="scribbled over"),
    pytest.param(no_database, "damaged", id="no database"),
    pytest.param(somebody_elses, "not a database of this kiosk", id="somebody else's"),
]


@pytest.mark.parametrize(("command", "damage", "named"), each_by_run_and_one_by_all(BAD_DATABASES))
def test_a_bad_database(home: Path, frames: Path, command: str, damage: Damage, named: str) -> None:
    damage(home)
    ended = tried(command, home, frames)
    ended.refused(4, str(home / "references.db"), named, "left as it is")


@pytest.mark.weights
@pytest.mark.parametrize("command", ["run", "enrol"])
def test_a_record_that_was_moved_to_another_subject(home: Path, frames: Path, command: str) -> None:
    with closing(sqlite3.connect(home / "references.db", isolation_level=None)) as database:
        (blob,) = database.execute(
            "SELECT template FROM refs WHERE subject != ?", (ANNA,)
        ).fetchone()
        database.execute("UPDATE refs SET template = ? WHERE subject = ?", (blob, ANNA))
    before = Kept.of(home)
    ended = kiosk(*commands(home, frames)[command])
    ended.refused(4, "changed or moved")
    assert before.added_to()


# -- the journal ---------------------------------------------------------------------------------


def changed(home: Path) -> None:
    kept = lines(home / "journal.jsonl")
    kept[2] = kept[2].replace('"granted":', '"grantee":')
    rewrite(home / "journal.jsonl", kept)


def missing(home: Path) -> None:
    kept = lines(home / "journal.jsonl")
    rewrite(home / "journal.jsonl", [*kept[:3], *kept[4:]])


def swapped(home: Path) -> None:
    kept = lines(home / "journal.jsonl")
    rewrite(home / "journal.jsonl", [*kept[:2], kept[3], kept[2], *kept[4:]])


def shorter(home: Path) -> None:
    rewrite(home / "journal.jsonl", lines(home / "journal.jsonl")[:-1])


def empty(home: Path) -> None:
    (home / "journal.jsonl").write_bytes(b"")


def without_its_head(home: Path) -> None:
    (home / "journal.head").unlink()


def taken_away(home: Path) -> None:
    (home / "journal.jsonl").unlink()
    (home / "journal.head").unlink()


TAMPERING = [
    pytest.param(changed, "Audit entry 3", id="changed"),
    pytest.param(missing, "Audit entry 4", id="missing"),
    pytest.param(swapped, "Audit entry 3", id="swapped"),
    pytest.param(shorter, "udit entry 7", id="shorter"),
    pytest.param(empty, "", id="empty"),
    pytest.param(without_its_head, "journal.head", id="without its head"),
    pytest.param(taken_away, "is gone, but people are enrolled", id="taken away"),
]


@pytest.mark.parametrize(
    ("command", "damage", "named"),
    each_by_run_and_one_by_all(TAMPERING),
)
def test_a_journal_that_was_tampered_with(
    home: Path, frames: Path, command: str, damage: Damage, named: str
) -> None:
    """Nobody is let in, enrolled or erased; what is left stays for the inquiry."""
    damage(home)
    before = tree(home)
    ended = kiosk(*commands(home, frames)[command])
    ended.refused(3, named, "kiosk audit renew")
    assert tree(home) == before


@pytest.mark.parametrize(("damage", "named"), TAMPERING)
def test_verifying_names_the_first_entry_that_does_not_fit(
    home: Path, damage: Damage, named: str
) -> None:
    """R65."""
    damage(home)
    before = tree(home)
    ended = kiosk("audit", "verify", "--home", home, "--json")
    ended.refused(3, named)
    assert ended.said["verified"] is False
    assert named in ended.said["problem"]
    assert tree(home) == before


@pytest.mark.parametrize("damage", [changed, taken_away])
def test_the_way_back_is_the_one_that_the_remedy_names(home: Path, damage: Damage) -> None:
    damage(home)
    kiosk("people", "erase", ANNA, "--yes", "--home", home).refused(3, "kiosk audit renew")
    assert kiosk("audit", "renew", "--yes", "--home", home).code == 0
    ended = kiosk("audit", "verify", "--home", home, "--json")
    assert (ended.code, ended.said["verified"]) == (0, True)
    assert kiosk("people", "list", "--home", home, "--json").said["people"]


# -- the folder ----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "enrol"])
@pytest.mark.weights
def test_a_home_that_is_a_file(tmp_path: Path, frames: Path, command: str) -> None:
    file = tmp_path / "file"
    file.write_text("no folder", encoding="utf-8")
    ended = kiosk(*commands(file, frames)[command])
    ended.refused(2, str(file))
    assert file.read_text(encoding="utf-8") == "no folder"


def open_to_others(home: Path) -> None:
    home.chmod(0o777)


def settings_of_others(home: Path) -> None:
    (home / "config.toml").write_text('[operators.keys]\nmallory = "00"\n', encoding="utf-8")
    (home / "config.toml").chmod(0o666)


def settings_from_somebody_else(home: Path) -> None:
    (home / "config.toml").write_text('[operators.keys]\nmallory = "00"\n', encoding="utf-8")
    os.chown(home / "config.toml", STRANGER, STRANGER)


def home_of_somebody_else(home: Path) -> None:
    os.chown(home, STRANGER, STRANGER)


def planted_link(home: Path) -> None:
    (home / "keeping").symlink_to(home.parent / "elsewhere")


@pytest.mark.weights
@pytest.mark.parametrize(
    ("attack", "named"),
    [
        (open_to_others, "others may change"),
        (settings_of_others, "others may change"),
        (planted_link, "keeping is a link"),
        pytest.param(settings_from_somebody_else, "belongs to another user", marks=as_root),
        pytest.param(home_of_somebody_else, "belongs to another user", marks=as_root),
    ],
)
def test_a_home_that_others_could_have_changed(
    home: Path, frames: Path, attack: Damage, named: str
) -> None:
    """B9: nothing of it is obeyed, and nothing is made elsewhere."""
    attack(home)
    ended = tried("run", home, frames)
    ended.refused(2, named, str(home))
    assert not (home.parent / "elsewhere").exists()
