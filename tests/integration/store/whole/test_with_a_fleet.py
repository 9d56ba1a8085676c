"""A kiosk of a fleet after damage or a backup: its fleet's people come by sync, and none older."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doomed_change import killed_at_step
from kept_files import alter, ask, lines
from kept_home import verified
from kept_samples import AGREED, ANNA, SPACE, template
from small_fleet import HARBOUR, Kiosk, SmallFleet, everything, gone, person, put_back

from kiosk.app.whole_run import _opened
from kiosk.domain.errors import FleetRefused, Refused, StoreCorrupt, StoreReplaced, StoreTooNew
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.applying.state import read_again
from kiosk.journal.events.people import Erased
from kiosk.store import kept
from kiosk.store.home import Home
from kiosk.store.instance_lock import instance_lock
from kiosk.store.open_home import OpenHome
from kiosk.store.people.database import SCHEMA_VERSION
from kiosk.store.people.invitations import Invitations
from kiosk.store.secrets.keys import FileKey
from kiosk.store.whole.backup import back_up
from kiosk.store.whole.copies import copies_of
from kiosk.store.whole.rebuilding import begin_anew
from kiosk.store.whole.restore import restore
from kiosk.store.whole.rotation import rotate

WORDS = b"four words nobody guesses"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as fleet:
        yield fleet


@pytest.fixture
def kiosk(fleet: SmallFleet) -> Kiosk:
    """Two people of the fleet, and Anna, whom this kiosk alone has."""
    kiosk = fleet.kiosk("one")
    fleet.told(person("ben"), person("eve"))
    kiosk.sync()
    kiosk.open_home.references.enrol(ANNA, [template(1, dimensions=32)], AGREED, "Anna")
    return kiosk


def _closed(kiosk: Kiosk) -> Home:
    kiosk.open_home.close()
    return kiosk.open_home.home


def _again(kiosk: Kiosk) -> Kiosk:
    """The kiosk as after a start of `kiosk run`."""
    kiosk.open_home = _opened(kiosk.path)
    kiosk.anew()
    return kiosk


def _noise(path: Path) -> None:
    path.write_bytes(b"noise" * 20_000)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def _torn(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[8192:24_576] = b"\xa5" * 16_384
    path.write_bytes(content)


def _altered(path: Path) -> None:
    alter(path, "UPDATE subjects SET wrapped_key = zeroblob(60) WHERE subject = 'ben'")


DAMAGE = [_noise, _cut, _torn, _altered]


# -- a damaged database --------------------------------------------------------------------------


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_people_of_the_fleet_come_back_by_the_next_sync(
    kiosk: Kiosk, damage: Callable[[Path], None]
) -> None:
    home = _closed(kiosk)
    damage(home.references)
    again = _again(kiosk)
    assert again.people() == {}, "nobody before they were verified"
    again.sync()
    assert again.names() == {"ben 1", "eve 1"}
    kept.check(home, FileKey(home))
    assert verified(home.path).sealed


def test_the_damaged_one_is_put_aside_and_that_is_in_the_journal(kiosk: Kiosk) -> None:
    home = _closed(kiosk)
    _noise(home.references)
    damaged = home.references.read_bytes()
    _again(kiosk)
    (aside,) = copies_of(home.references)
    assert aside.read_bytes() == damaged
    (entry,) = [it for it in map(json.loads, lines(home.journal)) if it["event"] == "store_rebuilt"]
    assert entry["details"]["set_aside"] == aside.name


def test_it_goes_with_the_next_erasure(fleet: SmallFleet, kiosk: Kiosk) -> None:
    home = _closed(kiosk)
    _noise(home.references)
    _again(kiosk).sync()
    assert list(copies_of(home.references))
    fleet.told(gone("eve"))
    kiosk.sync()
    assert list(copies_of(home.references)) == []
    assert kiosk.names() == {"ben 1"}


def test_an_older_history_is_refused_also_by_an_empty_database(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    """All of the store as it was before Eve was erased, with what the kiosk had fetched removed."""
    before = everything(fleet.store)
    fleet.told(gone("eve"))
    kiosk.sync()
    home = _closed(kiosk)
    _noise(home.references)
    shutil.rmtree(home.fleet_cache)
    put_back(fleet.store, before, list(everything(fleet.store)))
    again = _again(kiosk)
    with pytest.raises(FleetRefused, match="not in the store any more"):
        again.sync()
    assert again.people() == {}


def test_a_newer_database_is_not_begun_anew(kiosk: Kiosk) -> None:
    home = _closed(kiosk)
    alter(home.references, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = home.references.read_bytes()
    with pytest.raises(StoreTooNew):
        _opened(home.path)
    assert home.references.read_bytes() == before


def test_an_older_copy_is_not_taken_for_damage(kiosk: Kiosk) -> None:
    home = _closed(kiosk)
    older = home.references.read_bytes()
    with OpenHome.open(home.path) as open_home:
        open_home.references.erase(ANNA)
    home.references.write_bytes(older)
    with pytest.raises(StoreReplaced):
        _opened(home.path)
    assert home.references.read_bytes() == older


def test_a_kiosk_without_a_fleet_keeps_its_damaged_database(tmp_path: Path) -> None:
    with OpenHome.open(tmp_path / "home") as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED)
        home = open_home.home
    _noise(home.references)
    before = home.references.read_bytes()
    with pytest.raises(StoreCorrupt) as caught:
        _opened(home.path)
    assert "Restore a backup" in caught.value.remedy
    assert home.references.read_bytes() == before
    assert list(copies_of(home.references)) == []


def test_not_under_a_kiosk_that_runs(kiosk: Kiosk) -> None:
    home = _closed(kiosk)
    before = home.references.read_bytes()
    with instance_lock(home), pytest.raises(Refused):
        begin_anew(home, "It is damaged.", read_again)
    assert home.references.read_bytes() == before


def test_what_was_applied_is_kept_beside_the_database_through_a_rotation(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    home = _closed(kiosk)
    rotate(home, None)
    before = everything(fleet.store)
    fleet.told(gone("eve"))
    _again(kiosk).sync()
    _closed(kiosk)
    rotate(home, None)
    _noise(home.references)
    shutil.rmtree(home.fleet_cache)
    put_back(fleet.store, before, list(everything(fleet.store)))
    with pytest.raises(FleetRefused):
        _again(kiosk).sync()


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.long)])
def test_killed_at_its_steps_the_next_start_begins_anew(
    kiosk: Kiosk, tmp_path: Path, every: int
) -> None:
    home = _closed(kiosk)
    _noise(home.references)
    step = 1 - every
    while True:
        step += every
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(home.path, copy)
        ended = not killed_at_step(lambda: _opened(copy).close(), step)  # noqa: B023 - called at once
        _opened(copy).close()
        kept.check(Home(copy), FileKey(Home(copy)))
        assert verified(copy).sealed
        assert len(list(copies_of(Home(copy).references))) == 1
        if ended:
            break
    assert step > 20


# -- backups -------------------------------------------------------------------------------------


@pytest.fixture
def backup(kiosk: Kiosk, tmp_path: Path) -> Path:
    path = tmp_path / "backup"
    back_up(kiosk.open_home.home, path, WORDS, read_again)
    return path


def test_a_backup_has_no_people_of_a_fleet(kiosk: Kiosk, backup: Path, tmp_path: Path) -> None:
    new = Home(tmp_path / "new")
    assert restore(new, backup, WORDS, read_again).manifest.people == 1
    with OpenHome.open(new.path) as open_home:
        assert open_home.references.subjects() == [ANNA]
    assert ask(new.references, "SELECT count(*) FROM refs") == [(1,)]
    assert ask(new.references, "SELECT count(*) FROM members") == [(0,)]
    assert kiosk.people()


def test_a_restored_kiosk_syncs_from_where_the_fleet_is(
    fleet: SmallFleet, kiosk: Kiosk, backup: Path, tmp_path: Path
) -> None:
    fleet.told(gone("eve"), person("ida"))
    home = _closed(kiosk)
    shutil.rmtree(home.path)
    restore(home, backup, WORDS, read_again)
    again = _again(kiosk)
    assert again.names() == {"Anna"}
    again.sync()
    assert again.names() == {"Anna", "ben 1", "ida 1"}
    assert tmp_path.exists()


def test_nor_does_it_take_what_is_older_than_the_backup(
    fleet: SmallFleet, kiosk: Kiosk, tmp_path: Path
) -> None:
    before = everything(fleet.store)
    fleet.told(gone("eve"))
    kiosk.sync()
    back_up(kiosk.open_home.home, tmp_path / "backup", WORDS, read_again)
    home = _closed(kiosk)
    shutil.rmtree(home.path)
    restore(home, tmp_path / "backup", WORDS, read_again)
    put_back(fleet.store, before, list(everything(fleet.store)))
    with pytest.raises(FleetRefused):
        _again(kiosk).sync()


def test_over_its_own_kiosk_nothing_of_the_fleet_goes_back(
    fleet: SmallFleet, kiosk: Kiosk, backup: Path
) -> None:
    """Eve was erased by the fleet since, Ben here alone: neither comes back."""
    before = everything(fleet.store)
    fleet.told(gone("eve"))
    kiosk.sync()
    kiosk.open_home.recorder.note(Erased("ben", 2))
    kiosk.open_home.references.erase(SubjectId("ben"))
    home = _closed(kiosk)
    restore(home, backup, WORDS, read_again, over=True)
    assert _again(kiosk).names() == {"Anna"}
    kiosk.sync()
    assert kiosk.names() == {"Anna"}
    shutil.rmtree(home.fleet_cache)
    put_back(fleet.store, before, list(everything(fleet.store)))
    _again(kiosk)
    with pytest.raises(FleetRefused):
        kiosk.sync()


def test_a_damaged_database_and_a_backup_of_those_whom_the_kiosk_alone_has(
    kiosk: Kiosk, backup: Path
) -> None:
    home = _closed(kiosk)
    _noise(home.references)
    _again(kiosk).sync()
    _closed(kiosk)
    restore(home, backup, WORDS, read_again, over=True)
    _again(kiosk).sync()
    assert kiosk.names() == {"Anna", "ben 1", "eve 1"}
    assert Invitations(kiosk.open_home.references).all() == []
    assert kiosk.members.scope_of(SubjectId("ben")) == HARBOUR
    assert len(kiosk.open_home.references.load(SPACE)) == 5
