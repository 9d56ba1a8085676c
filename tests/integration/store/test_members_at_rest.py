"""B8 for a fleet's people: no older, changed or removed record passes, and older homes open."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fleet_people import OTHER, SITE, holding, killed, record
from kept_files import alter, ask, die_at_flush
from kept_samples import AGREED, ANNA, BORIS, CHEN, SPACE, template
from older_home import age

from kiosk.domain.errors import StoreCorrupt, StoreReplaced
from kiosk.store import kept
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.store.people.members import Members
from kiosk.store.people.references import References
from kiosk.store.secrets.keys import FileKey, Purpose

TABLES = {"scopes": "scope", "members": "subject"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Anna is enrolled here; a scope has Boris, and has erased Chen."""
    with OpenHome.open(tmp_path / "home") as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED)
        change = [record(BORIS, 2, content=b"proof")]
        Members(open_home.references).apply(SITE, b"state", change, {CHEN: b"gone"})
        return open_home.home


def _refused(home: Home) -> None:
    for look in (lambda: OpenHome.open(home.path), lambda: kept.check(home, FileKey(home))):
        with pytest.raises(StoreReplaced, match=r"references\.db is not what this kiosk kept"):
            look()


def _older(home: Home) -> Path:
    """A copy of the database, before the next change of the scope."""
    aside = home.path.parent / "older.db"
    shutil.copy2(home.references, aside)
    with OpenHome.open(home.path) as open_home:
        members = Members(open_home.references)
        members.apply(SITE, b"newer", [record(CHEN, 4)], {BORIS: b"gone"})
    return aside


# -- the roll ------------------------------------------------------------------------------------

TAMPERED: dict[str, tuple[str, ...]] = {
    "state changed": ("UPDATE scopes SET content = x'00'",),
    "state gone": ("DELETE FROM scopes",),
    "state of another": ("INSERT INTO scopes SELECT ?, content FROM scopes", OTHER),
    "state renamed": ("UPDATE scopes SET scope = ?", OTHER),
    "member changed": ("UPDATE members SET content = x'00' WHERE subject = ?", BORIS),
    "member gone": ("DELETE FROM members WHERE subject = ?", BORIS),
    "tombstone gone": ("DELETE FROM members WHERE subject = ?", CHEN),
    "member moved": ("UPDATE members SET scope = ? WHERE subject = ?", OTHER, BORIS),
    "member renamed": ("UPDATE members SET subject = ? WHERE subject = ?", ANNA, BORIS),
    "person gone": ("DELETE FROM refs WHERE subject = ?", BORIS),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_record_that_is_not_what_was_kept_is_noticed(home: Home, how: str) -> None:
    alter(home.references, *TAMPERED[how])
    _refused(home)


@pytest.mark.parametrize("table", TABLES)
def test_an_older_record_does_not_come_back(home: Home, table: str) -> None:
    older, column = _older(home), TABLES[table]
    for name, content in ask(older, f"SELECT {column}, content FROM {table}"):  # noqa: S608
        alter(
            home.references,
            f"UPDATE {table} SET content = ? WHERE {column} = ?",  # noqa: S608
            content,
            name,
        )
    _refused(home)


def test_a_person_whom_the_scope_erased_does_not_come_back(home: Home) -> None:
    older = _older(home)
    for table, marks in (("subjects", "?, ?, ?"), ("refs", "?, ?, ?, ?")):
        for row in ask(older, f"SELECT * FROM {table} WHERE subject = ?", BORIS):  # noqa: S608
            alter(home.references, f"INSERT INTO {table} VALUES ({marks})", *row)  # noqa: S608
    _refused(home)


def test_an_older_copy_of_the_file_is_refused(home: Home) -> None:
    shutil.copy2(_older(home), home.references)
    _refused(home)


def test_a_running_kiosk_notices_a_tombstone_that_went(home: Home) -> None:
    with OpenHome.open(home.path) as open_home:
        alter(home.references, *TAMPERED["tombstone gone"])
        with pytest.raises(StoreReplaced):
            Members(open_home.references).apply(SITE, b"newer", [record(CHEN, 4)], {})
        with pytest.raises(StoreReplaced):
            open_home.references.load(SPACE)


LOOKS: dict[str, tuple[Callable[[Members], object], str]] = {
    "state renamed": (lambda members: members.content(OTHER), f"scope {OTHER}"),
    "state of another": (lambda members: members.scopes(), f"scope {OTHER}"),
    "member moved": (lambda members: members.of(OTHER), f"member {BORIS}"),
    "member renamed": (lambda members: members.of(SITE), f"member {ANNA}"),
}


@pytest.mark.parametrize("how", LOOKS)
def test_what_was_moved_and_accepted_still_opens_in_no_other_place(home: Home, how: str) -> None:
    alter(home.references, *TAMPERED[how])
    kept.accept(home, FileKey(home))
    look, match = LOOKS[how]
    with OpenHome.open(home.path) as open_home:
        members = Members(open_home.references)
        with pytest.raises(StoreCorrupt, match=f"{match} was changed or moved"):
            look(members)
        members.leave(OTHER)
        members.leave(SITE)
        assert not members.scopes()


def test_each_record_is_sealed_with_the_master_key_in_its_own_place(home: Home) -> None:
    """The format: what lies on a disk today must open in ten years."""
    master = AESGCM(FileKey(home).derive(Purpose.REFERENCES))
    ((state,),) = ask(home.references, "SELECT content FROM scopes")
    ((member,),) = ask(home.references, "SELECT content FROM members WHERE subject = ?", BORIS)
    for sealed, plain, place in (
        (state, b"state", f"lintel/1\0scope\0{SITE}"),
        (member, b"proof", f"lintel/1\0member\0{BORIS}\0{SITE}"),
    ):
        assert isinstance(sealed, bytes)
        assert master.decrypt(sealed[:12], sealed[12:], place.encode()) == plain
        for wrong in (place + "x", place.replace(SITE, OTHER), place.rpartition("\0")[0]):
            with pytest.raises(InvalidTag):
                master.decrypt(sealed[:12], sealed[12:], wrong.encode())


# -- homes of the programs before ----------------------------------------------------------------


@pytest.fixture(params=[1, 2, 3, 4])
def older_home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """Anna and Boris, who are enrolled there."""
    with OpenHome.open(tmp_path / "older") as open_home:
        for number, subject in enumerate((ANNA, BORIS)):
            open_home.references.enrol(subject, [template(number)], AGREED)
    age(open_home.home, request.param)
    return open_home.home


def test_an_older_home_has_members_after_its_first_opening(older_home: Home) -> None:
    with OpenHome.open(older_home.path) as open_home:
        members = Members(open_home.references)
        assert not members.scopes()
        assert members.apply(SITE, b"1", [record(BORIS, 5)], {CHEN: b"gone"})
        before = holding(open_home.references)
    assert set(before.people) == {ANNA, BORIS}
    assert ask(older_home.references, "PRAGMA user_version") == [(5,)]
    with OpenHome.open(older_home.path) as again:
        assert holding(again.references) == before
    kept.check(older_home, FileKey(older_home))


def test_an_older_home_is_laid_out_as_a_new_one(older_home: Home, tmp_path: Path) -> None:
    OpenHome.open(older_home.path).close()
    OpenHome.open(tmp_path / "new").close()
    query = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    assert ask(older_home.references, query) == ask(Home(tmp_path / "new").references, query)


def test_looking_at_an_older_home_changes_nothing(older_home: Home) -> None:
    before = older_home.references.read_bytes()
    kept.check(older_home, FileKey(older_home))
    references = References(older_home, FileKey(older_home))
    assert len(references.load(SPACE)) == 2
    references.close()
    assert older_home.references.read_bytes() == before


@pytest.mark.parametrize("after", range(1, 6))
def test_killed_while_an_older_home_is_brought_up_to_date_it_opens_again(
    older_home: Home, after: int
) -> None:
    def opening() -> None:
        die_at_flush(after)
        OpenHome.open(older_home.path).close()

    killed(opening)
    with OpenHome.open(older_home.path) as again:
        assert len(again.references.load(SPACE)) == 2
        Members(again.references).apply(SITE, b"1", [record(CHEN, 5)], {})
    kept.check(older_home, FileKey(older_home))
