"""A home of an older program is brought up to date as a whole; a copy is kept, but not for long."""

from __future__ import annotations

import os
import random
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from chosen import few_first
from doomed_change import killed_after, killed_at_step, seconds_of
from kept_files import alter, ask, leaks
from kept_samples import AGREED, ANNA, BORIS, SPACE, template
from older_home import age

from kiosk.domain.errors import StoreCorrupt, StoreError, StoreReplaced
from kiosk.domain.vision.template import SubjectId
from kiosk.store import kept
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.store.people.database import SCHEMA_VERSION
from kiosk.store.people.members import Members
from kiosk.store.people.references import References
from kiosk.store.secrets.keys import FileKey
from kiosk.store.whole.copies import LONGEST, copies_of

KILLS, MANY_KILLS = 10, 150


@pytest.fixture(params=[2, 3, 4])
def older(home: Home, request: pytest.FixtureRequest) -> Home:
    age(home, request.param)
    return home


def _version(path: Path) -> object:
    return ask(path, "PRAGMA user_version")[0][0]


def _is_whole(home: Home) -> None:
    with OpenHome.open(home.path) as open_home:
        assert len(open_home.references.load(SPACE)) == 3
        assert open_home.references.subjects() == [ANNA, BORIS]
        assert open_home.references.given_name(ANNA) == "Anna"
    kept.check(home, FileKey(home))
    assert _version(home.references) == SCHEMA_VERSION


def test_it_is_brought_up_to_date_and_a_copy_is_kept(older: Home) -> None:
    version = _version(older.references)
    _is_whole(older)
    (copy,) = copies_of(older.references)
    assert (copy.name, _version(copy)) == (f"references.db.v{version}", version)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert ask(copy, "SELECT count(*) FROM refs") == [(3,)]
    assert not leaks(template(1).vector.tobytes(), copy.read_bytes())


def test_a_home_of_today_has_no_copy(home: Home) -> None:
    _is_whole(home)
    assert list(copies_of(home.references)) == []


@pytest.mark.parametrize("version", [3, 4])
def test_the_older_program_can_go_back_to_the_copy(home: Home, version: int) -> None:
    """After a change it is accepted, which is written down, as any backup is."""
    age(home, version)
    _is_whole(home)
    (copy,) = copies_of(home.references)
    shutil.copy2(copy, home.references)
    _is_whole(home)
    with OpenHome.open(home.path) as open_home:
        open_home.references.enrol(SubjectId("s-9"), [template(9)], AGREED)
    shutil.copy2(copy, home.references)
    with pytest.raises(StoreReplaced):
        OpenHome.open(home.path)
    kept.accept(home, FileKey(home))
    _is_whole(home)


def test_the_copy_does_not_outlive_an_erasure(older: Home) -> None:
    with OpenHome.open(older.path) as open_home:
        assert list(copies_of(older.references))
        open_home.references.erase(ANNA)
    assert list(copies_of(older.references)) == []


def test_nor_an_erasure_by_the_fleet(older: Home) -> None:
    with OpenHome.open(older.path) as open_home:
        Members(open_home.references).apply("harbour", b"", [], {ANNA: b"gone"})
    assert list(copies_of(older.references)) == []


@pytest.mark.parametrize("wrong", [LONGEST + timedelta(seconds=9), timedelta(days=-2)])
def test_nor_a_week_nor_a_clock_that_was_wrong(older: Home, wrong: timedelta) -> None:
    OpenHome.open(older.path).close()
    (copy,) = copies_of(older.references)
    now = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
    OpenHome.open(older.path, lambda: now + timedelta(days=6)).close()
    assert copy.exists()
    OpenHome.open(older.path, lambda: now + wrong).close()
    assert not copy.exists()


def test_without_room_for_the_copy_nothing_changes(
    older: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = _version(older.references)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setattr("kiosk.store.whole.copies.write_whole", full)
        with pytest.raises(StoreError, match="No space left"):
            OpenHome.open(older.path)
    assert _version(older.references) == version
    _is_whole(older)


def test_a_newer_database_is_left_as_it_is(home: Home) -> None:
    alter(home.references, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = home.references.read_bytes()
    with pytest.raises(StoreCorrupt, match=f"of version {SCHEMA_VERSION + 1}") as caught:
        OpenHome.open(home.path)
    assert "newer program" in caught.value.remedy
    assert home.references.read_bytes() == before


def test_a_second_process_finds_it_done(older: Home) -> None:
    with OpenHome.open(older.path) as one, OpenHome.open(older.path) as two:
        two.references.enrol(SubjectId("s-9"), [template(9)], AGREED)
        assert len(one.references.subjects()) == 3
    with closing(References(older, FileKey(older))) as again:
        assert len(again.subjects()) == 3


# -- killed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", few_first([12, 1], 1))
def test_killed_at_its_steps_it_is_done_by_the_next_start(
    older: Home, tmp_path: Path, every: int
) -> None:
    step = 1 - every
    while True:
        step += every
        copy = Home(tmp_path / "copy")
        shutil.rmtree(copy.path, ignore_errors=True)
        shutil.copytree(older.path, copy.path)
        ended = not killed_at_step(lambda: OpenHome.open(copy.path).close(), step)  # noqa: B023 - called at once
        _is_whole(copy)
        if ended:
            break
    assert step > every


@pytest.mark.parametrize(
    "kills", [KILLS, pytest.param(MANY_KILLS, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
)
def test_killed_at_any_moment_nobody_is_lost(older: Home, tmp_path: Path, kills: int) -> None:
    chance = random.Random(5)  # noqa: S311 - moments to kill at
    copy = Home(tmp_path / "copy")
    shutil.copytree(older.path, copy.path)
    longest, killed = seconds_of(lambda: OpenHome.open(copy.path).close()) * 1.2, 0
    for _ in range(kills):
        shutil.rmtree(copy.path)
        shutil.copytree(older.path, copy.path)
        killed += killed_after(lambda: OpenHome.open(copy.path).close(), longest, chance)
        _is_whole(copy)
    assert killed
    assert os.path.lexists(copy.references)
