"""B8: an older copy of one thing that is kept does not fit the others, and nothing comes back."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from chosen import every_nth
from kept_files import alter, ask, die_at_flush, lines
from kept_samples import AGREED, ANNA, BORIS, SPACE, entry, template
from older_home import age

from kiosk.app.console import with_command
from kiosk.domain.errors import (
    JournalTampered,
    LintelError,
    Refused,
    StoreCorrupt,
    StoreError,
    StoreReplaced,
)
from kiosk.journal.events.people import Erased
from kiosk.store import kept, ties
from kiosk.store.home import Home
from kiosk.store.journal.head import Head, HeadFile
from kiosk.store.journal.renewal import renew
from kiosk.store.open_home import OpenHome
from kiosk.store.people.presence import PresenceFile
from kiosk.store.people.references import References
from kiosk.store.secrets.admin_pin import AdminPin
from kiosk.store.secrets.keys import FileKey, Purpose
from kiosk.store.ties import Ties

FILES = ("references.db", "presence", "admin")
PIN = "471180"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two people, a lockdown, an admin PIN, and a journal."""
    with OpenHome.open(tmp_path / "home") as open_home:
        open_home.references.enrol(ANNA, [template(1), template(2)], AGREED)
        open_home.references.enrol(BORIS, [template(3)], AGREED)
        PresenceFile(open_home.home, FileKey(open_home.home)).save({"holds": ["locked_down"]})
        AdminPin(open_home.home, FileKey(open_home.home)).set(PIN)
        open_home.journal.append(entry(1))
        return open_home.home


def _copy(home: Home, name: str) -> Path:
    aside = home.path.parent / f"older-{name}"
    shutil.copy2(home.path / name, aside)
    return aside


def _go_on(home: Home) -> None:
    """Anna is erased, the lockdown lifted, a PIN guessed at."""
    with OpenHome.open(home.path) as open_home:
        open_home.recorder.note(Erased(ANNA, 2))
        open_home.references.erase(ANNA)
        PresenceFile(home, FileKey(home)).save({"holds": []})
        AdminPin(home, FileKey(home)).check("111111")


def _events(home: Home) -> list[str]:
    return [json.loads(line)["event"] for line in lines(home.journal)]


# -- older copies --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_an_older_copy_is_refused_by_name(home: Home, name: str) -> None:
    older = _copy(home, name)
    _go_on(home)
    shutil.copy2(older, home.path / name)
    for look in (lambda: OpenHome.open(home.path), lambda: kept.check(home, FileKey(home))):
        with pytest.raises(StoreReplaced, match=f"{name} is not what this kiosk kept") as caught:
            look()
    assert "kiosk audit accept" in with_command(caught.value.remedy)


@pytest.mark.parametrize("name", FILES)
def test_what_was_taken_away_is_missed_by_name(home: Home, name: str) -> None:
    (home.path / name).unlink()
    with pytest.raises(StoreReplaced, match=f"{name} is gone"):
        OpenHome.open(home.path)
    assert not (home.path / name).exists()
    with pytest.raises(StoreReplaced, match=f"{name} is gone"):
        kept.check(home, FileKey(home))


def test_a_single_row_does_not_come_back(home: Home) -> None:
    """Subject and references of somebody who was erased, as they were."""
    older = _copy(home, "references.db")
    _go_on(home)
    for table, marks in (("subjects", "?, ?, ?"), ("refs", "?, ?, ?, ?")):
        for row in ask(older, f"SELECT * FROM {table} WHERE subject = ?", ANNA):  # noqa: S608
            alter(home.references, f"INSERT INTO {table} VALUES ({marks})", *row)  # noqa: S608
    with pytest.raises(StoreReplaced, match=r"references\.db is not what"):
        OpenHome.open(home.path)


def test_an_older_profile_does_not_come_back(home: Home) -> None:
    older = _copy(home, "references.db")
    with OpenHome.open(home.path) as open_home:
        open_home.references.amend(BORIS, lambda profile: replace(profile, given_name="Boris"))
    ((profile,),) = ask(older, "SELECT profile FROM subjects WHERE subject = ?", BORIS)
    alter(home.references, "UPDATE subjects SET profile = ? WHERE subject = ?", profile, BORIS)
    with pytest.raises(StoreReplaced):
        OpenHome.open(home.path)


def test_a_row_that_went_is_missed(home: Home) -> None:
    alter(home.references, "DELETE FROM refs WHERE subject = ?", BORIS)
    with pytest.raises(StoreReplaced):
        OpenHome.open(home.path)


def test_a_running_kiosk_notices_a_row_that_comes_back(home: Home) -> None:
    older = _copy(home, "references.db")
    with OpenHome.open(home.path) as open_home:
        open_home.references.erase(ANNA)
        for row in ask(older, "SELECT * FROM subjects WHERE subject = ?", ANNA):
            alter(home.references, "INSERT INTO subjects VALUES (?, ?, ?)", *row)
        with pytest.raises(StoreReplaced):
            open_home.references.show(ANNA)
        with pytest.raises(StoreReplaced):
            open_home.references.load(SPACE)


def test_a_running_kiosk_notices_an_older_sealed_file(home: Home) -> None:
    older = _copy(home, "presence")
    presence = PresenceFile(home, FileKey(home))
    presence.save({"holds": []})
    shutil.copy2(older, home.presence)
    with pytest.raises(StoreReplaced, match="presence"):
        presence.load()


def test_two_processes_change_in_turn_and_both_go_on(home: Home) -> None:
    with OpenHome.open(home.path) as one, OpenHome.open(home.path) as two:
        one.references.erase(ANNA)
        two.references.amend(BORIS, lambda profile: replace(profile, given_name="Boris"))
        assert [each.subject for each in one.references.load(SPACE)] == [BORIS]
        two.references.enrol(ANNA, [template(1)], AGREED)
        assert one.references.given_name(BORIS) == "Boris"
    kept.check(home, FileKey(home))


# -- the journal itself --------------------------------------------------------------------------


def test_the_journal_cannot_be_replaced_by_setting_the_database_aside(home: Home) -> None:
    """The attack of issue 7: no step of it opens, and nothing verifies afterwards."""
    aside = home.path.parent / "aside.db"
    home.references.rename(aside)
    home.journal.unlink()
    home.head.unlink()
    with pytest.raises(JournalTampered, match="is gone"):
        OpenHome.open(home.path)
    assert not home.journal.exists()
    aside.rename(home.references)
    with pytest.raises(JournalTampered, match="is gone"):
        OpenHome.open(home.path)


@pytest.mark.parametrize("name", FILES)
def test_a_journal_made_with_everything_set_aside_does_not_fit_afterwards(
    home: Home, name: str
) -> None:
    """The same, with the way back taken in between: what is put back is not what was kept."""
    aside = {each: home.path.parent / f"aside-{each}" for each in FILES}
    for each, place in aside.items():
        (home.path / each).rename(place)
    home.journal.unlink()
    home.head.unlink()
    renew(home, FileKey(home))
    OpenHome.open(home.path).close()
    aside[name].replace(home.path / name)
    with pytest.raises(StoreReplaced, match=name):
        kept.check(home, FileKey(home))
    with pytest.raises(StoreReplaced, match=name):
        OpenHome.open(home.path)


def test_an_older_journal_with_its_head_does_not_fit_the_rest(home: Home) -> None:
    journal, head = _copy(home, "journal.jsonl"), _copy(home, "journal.head")
    _go_on(home)
    shutil.copy2(journal, home.journal)
    shutil.copy2(head, home.head)
    with pytest.raises(StoreReplaced):
        OpenHome.open(home.path)


def test_a_head_without_the_key_ties_nothing(home: Home) -> None:
    read = HeadFile(home.head).read(None)
    assert read is not None
    forged = {name: ["-"] for name in FILES}
    raw = json.loads(home.head.read_bytes())
    home.head.write_text(json.dumps(raw | {"kept": forged}))
    with pytest.raises(JournalTampered, match="seal"):
        OpenHome.open(home.path)


# -- homes of the program before -----------------------------------------------------------------


def test_an_older_home_is_tied_by_its_first_opening_and_the_journal_says_so(home: Home) -> None:
    age(home)
    before = len(_events(home))
    with OpenHome.open(home.path) as open_home:
        assert [each.subject for each in open_home.references.load(SPACE)] == [ANNA, ANNA, BORIS]
    assert _events(home)[before:] == ["kept_tied"]
    assert set(Ties(home, FileKey(home)).all() or ()) == set(FILES)
    OpenHome.open(home.path).close()
    assert _events(home)[before:] == ["kept_tied"]


def test_looking_at_an_older_home_ties_nothing(home: Home) -> None:
    age(home)
    before = {path.name: path.read_bytes() for path in home.path.iterdir()}
    kept.check(home, FileKey(home))
    assert PresenceFile(home, FileKey(home)).load() == {"holds": ["locked_down"]}
    assert {path.name: path.read_bytes() for path in home.path.iterdir()} == before


def test_what_was_tied_does_not_pass_for_older(home: Home) -> None:
    """Journal and head from before the update, with the database of now: no first opening."""
    twin = Home(home.path.parent / "twin")
    shutil.copytree(home.path, twin.path)
    age(twin)
    _go_on(home)
    shutil.copy2(twin.journal, home.journal)
    shutil.copy2(twin.head, home.head)
    with pytest.raises(StoreReplaced, match=r"references\.db"):
        OpenHome.open(home.path)
    alter(home.references, "PRAGMA user_version = 2")
    with pytest.raises((StoreReplaced, StoreCorrupt)), OpenHome.open(home.path) as open_home:
        open_home.references.load(SPACE)


def test_a_database_from_before_the_update_does_not_fit_a_head_of_after(home: Home) -> None:
    twin = Home(home.path.parent / "twin")
    shutil.copytree(home.path, twin.path)
    age(twin)
    shutil.copy2(twin.references, home.references)
    with pytest.raises(StoreReplaced):
        OpenHome.open(home.path)


# -- the way back --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_a_backup_that_was_put_back_on_purpose_is_accepted_and_written_down(
    home: Home, name: str
) -> None:
    older = _copy(home, name)
    _go_on(home)
    shutil.copy2(older, home.path / name)
    names, _ = kept.accept(home, FileKey(home))
    assert names == [name]
    OpenHome.open(home.path).close()
    details = [json.loads(line) for line in lines(home.journal)]
    (accepted,) = [each["details"] for each in details if each["event"] == "kept_accepted"]
    assert accepted == {"names": [name]}


def test_who_was_erased_stays_erased_when_a_backup_is_accepted(home: Home) -> None:
    older = _copy(home, "references.db")
    _go_on(home)
    shutil.copy2(older, home.references)
    assert kept.accept(home, FileKey(home)) == (["references.db"], [ANNA])
    with OpenHome.open(home.path) as open_home:
        assert [each.subject for each in open_home.references.load(SPACE)] == [BORIS]
    assert _events(home)[-2:] == ["kept_accepted", "erased"]


def test_where_everything_fits_there_is_nothing_to_accept(home: Home) -> None:
    with pytest.raises(Refused, match="kept last"):
        kept.accept(home, FileKey(home))


def test_a_journal_that_does_not_verify_accepts_nothing(home: Home) -> None:
    home.journal.write_bytes(home.journal.read_bytes()[:-20])
    home.presence.unlink()
    with pytest.raises(JournalTampered):
        kept.accept(home, FileKey(home))


# -- power cuts ----------------------------------------------------------------------------------

CHANGES: dict[str, Callable[[OpenHome], object]] = {
    "enrol": lambda open_home: open_home.references.enrol("s-9", [template(9)], AGREED),  # type: ignore[arg-type] # an id
    "erase": lambda open_home: open_home.references.erase(ANNA),
    "presence": lambda open_home: PresenceFile(open_home.home, FileKey(open_home.home)).save(
        {"a": 1}
    ),
    "admin": lambda open_home: AdminPin(open_home.home, FileKey(open_home.home)).check("222222"),
}


@pytest.mark.parametrize("after", every_nth(range(1, 9), 3))
@pytest.mark.parametrize("change", CHANGES)
def test_killed_between_any_two_writes_the_home_opens_again(
    home: Home, change: str, after: int
) -> None:
    """A child dies at its nth flush to the disk; whatever was there opens, old or new."""
    with OpenHome.open(home.path) as open_home:
        child = os.fork()
        if not child:
            die_at_flush(after)
            CHANGES[change](open_home)
            os._exit(0)
        os.waitpid(child, 0)
    with OpenHome.open(home.path) as again:
        again.references.load(SPACE)
        CHANGES["presence"](again)
    kept.check(home, FileKey(home))


@pytest.mark.parametrize("after", every_nth(range(1, 12), 3))
def test_killed_while_an_older_home_is_tied_it_opens_again(home: Home, after: int) -> None:
    age(home)
    child = os.fork()
    if not child:
        die_at_flush(after)
        OpenHome.open(home.path)
        os._exit(0)
    os.waitpid(child, 0)
    with OpenHome.open(home.path) as again:
        assert len(again.references.load(SPACE)) == 3
    kept.check(home, FileKey(home))


@pytest.mark.parametrize("after", every_nth(range(1, 16), 3))
def test_killed_while_a_home_is_made_it_opens_again(tmp_path: Path, after: int) -> None:
    child = os.fork()
    if not child:
        die_at_flush(after)
        OpenHome.open(tmp_path / "new")
        os._exit(0)
    os.waitpid(child, 0)
    with OpenHome.open(tmp_path / "new") as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED)


def test_what_a_crash_left_open_is_settled_by_the_next_opening(home: Home) -> None:
    """The window in which an older state would pass is shut."""
    older, tied = _copy(home, "presence"), Ties(home, FileKey(home))
    before = tied.known("presence")
    PresenceFile(home, FileKey(home)).save({"holds": []})
    tied.tie({"presence": (*before, *tied.known("presence"))})
    OpenHome.open(home.path).close()
    assert len(tied.known("presence")) == 1
    shutil.copy2(older, home.presence)
    with pytest.raises(StoreReplaced):
        OpenHome.open(home.path)


def test_a_head_that_cannot_be_written_lets_nothing_change(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: HeadFile, _head: Head, _key: bytes) -> None:
        raise OSError(28, "No space left on device")

    with closing(References(home, FileKey(home))) as references:
        monkeypatch.setattr(HeadFile, "stage", full)
        with pytest.raises(StoreError, match="No space left"):
            references.erase(ANNA)
        with pytest.raises(LintelError, match="No space left"):
            PresenceFile(home, FileKey(home)).save({"holds": []})
        monkeypatch.undo()
        assert references.count(ANNA) == 2
    assert PresenceFile(home, FileKey(home)).load() == {"holds": ["locked_down"]}
    kept.check(home, FileKey(home))


def test_states_are_sealed_with_the_heads_own_key(home: Home) -> None:
    assert ties.ABSENT not in (Ties(home, FileKey(home)).known("presence"))
    head = HeadFile(home.head).read(FileKey(home).derive(Purpose.JOURNAL_HEAD))
    assert head is not None
    assert set(head.kept or ()) == set(FILES)


def test_a_change_that_ends_late_undoes_no_change_of_another_process(home: Home) -> None:
    """Between a change and its last word another process may have begun the next one."""
    tied, name = Ties(home, FileKey(home)), "presence"
    (one,) = tied.known(name)
    with tied.change(name, one, "two"), tied.change(name, "two", "three"):
        pass
    assert tied.known(name) == ("three",)


def test_a_change_of_what_was_exchanged_meanwhile_is_refused(home: Home) -> None:
    """As by somebody who had the file open while a backup was restored."""
    tied, name = Ties(home, FileKey(home)), "references.db"
    before = tied.known(name)
    with pytest.raises(StoreReplaced, match="is not what"), tied.change(name, "1.00", "2.00"):
        pytest.fail("it was begun")
    assert tied.known(name) == before
