"""A backup restored: into an empty home, over its own kiosk, and where the key is lost."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from doomed_change import killed_after, killed_at_step, seconds_of
from kept_files import leaks, lines, raw
from kept_home import verified
from kept_samples import AGREED, ANNA, BORIS, CHEN, SPACE, template
from older_home import age

from kiosk.cloud.ids import make_key
from kiosk.domain.enrolment.invitation import Invitation, InvitationState
from kiosk.domain.errors import BadInput, JournalTampered, LintelError, Refused
from kiosk.journal.events.people import Enrolled, Erased
from kiosk.store import kept
from kiosk.store.home import Home, write_whole
from kiosk.store.instance_lock import instance_lock
from kiosk.store.open_home import OpenHome
from kiosk.store.people.invitations import Invitations
from kiosk.store.people.last_use import LastUseFile
from kiosk.store.people.presence import PresenceFile
from kiosk.store.secrets.admin_pin import AdminPin
from kiosk.store.secrets.keys import FileKey, kiosk_id
from kiosk.store.whole.archive import opened, written
from kiosk.store.whole.backup import BackupManifest, back_up, last_backup
from kiosk.store.whole.restore import Restored, RestoreTarget, restore
from kiosk.store.whole.rotation import rotate
from kiosk.store.whole.workshop import workshop

WORDS, PIN = b"four words nobody guesses", "471180"
KILLS, MANY_KILLS = 10, 150


def _same(content: bytes) -> bytes:
    """Of homes without a fleet; those with one are in test_restored_fleet.py."""
    return content


@pytest.fixture
def backup(home: Home, tmp_path: Path) -> Path:
    path = tmp_path / "backup"
    back_up(home, path, WORDS, _same)
    return path


def _restore(home: Home, backup: Path, *, over: bool = False, look: bool = False) -> Restored:
    return restore(home, backup, WORDS, _same, over=over, only_look=look)


def _subjects(home: Home) -> list[str]:
    with OpenHome.open(home.path) as open_home:
        open_home.references.load(SPACE)
        found = list(open_home.references.subjects())
    kept.check(home, FileKey(home))
    assert verified(home.path).sealed
    assert not {path.name for path in home.path.iterdir()} & {"exchange", "exchange.new"}
    return [str(subject) for subject in found]


def _erase(home: Home, *subjects: str) -> None:
    with OpenHome.open(home.path) as open_home:
        for subject in open_home.references.subjects():
            if subject in subjects:
                open_home.recorder.note(Erased(subject, 1))
                open_home.references.erase(subject)


def _read(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(entry)
    assert file is not None
    return file.read()


def _events(home: Home) -> list[str]:
    return [json.loads(line)["event"] for line in lines(home.journal)]


# -- into an empty home --------------------------------------------------------------------------


def test_everything_comes_back_in_an_empty_home(home: Home, backup: Path, tmp_path: Path) -> None:
    new = Home(tmp_path / "new")
    done = _restore(new, backup)
    assert (done.target, done.manifest.people, done.erased_again) == (RestoreTarget.EMPTY, 2, ())
    assert _subjects(new) == [ANNA, BORIS]
    key = FileKey(new)
    assert kiosk_id(key) == kiosk_id(FileKey(home))
    assert PresenceFile(new, key).load() == {"holds": ["locked_down"]}
    assert AdminPin(new, key).check(PIN).right
    with OpenHome.open(new.path) as open_home:
        assert open_home.references.given_name(ANNA) == "Anna"
        assert open_home.references.picture(BORIS) == b"a face"


@pytest.mark.parametrize("own", [None, bytes(32)], ids=["none", "one of its own"])
def test_the_key_of_ids_in_the_cloud_comes_back_where_there_is_none(
    home: Home, tmp_path: Path, own: bytes | None
) -> None:
    make_key(home.cloud_ids)
    made = tmp_path / "with-ids"
    back_up(home, made, WORDS, _same)
    assert home.cloud_ids.read_bytes() not in made.read_bytes()
    new = Home(tmp_path / "new")
    if own is not None:
        write_whole(new.prepare().cloud_ids, own)
    _restore(new, made)
    assert new.cloud_ids.read_bytes() == (own or home.cloud_ids.read_bytes())
    assert new.cloud_ids.stat().st_mode & 0o777 == 0o600


def test_its_journal_goes_on_and_says_what_was_restored(
    home: Home, backup: Path, tmp_path: Path
) -> None:
    new, before = Home(tmp_path / "new"), lines(home.journal)
    _restore(new, backup)
    assert lines(new.journal)[: len(before)] == before
    last = json.loads(lines(new.journal)[len(before)])
    assert last["event"] == "backup_restored"
    assert last["details"]["last_entry"] == len(before)


def test_a_restored_home_has_a_key_of_its_own(home: Home, backup: Path, tmp_path: Path) -> None:
    new = Home(tmp_path / "new")
    _restore(new, backup)
    assert new.key.read_bytes()[:32] != home.key.read_bytes()[:32]
    assert new.key.stat().st_mode & 0o777 == 0o600


def test_nothing_in_a_backup_can_be_read(home: Home, backup: Path) -> None:
    content = backup.read_bytes()
    assert not leaks(home.key.read_bytes(), content)
    for secret in (b"Anna", b"a face", b"store_created", ANNA.encode(), b"journal.jsonl"):
        assert secret not in content


def test_a_backup_leaves_no_traces_in_the_home(home: Home, backup: Path) -> None:
    assert backup.exists()
    assert not home.workshop.exists()
    assert b"Anna" not in raw(home.path)


def test_a_backup_beside_a_running_kiosk(home: Home, tmp_path: Path) -> None:
    with OpenHome.open(home.path) as running, instance_lock(home):
        back_up(home, tmp_path / "backup", WORDS, _same)
        running.references.enrol(CHEN, [template(9)], AGREED)
        running.recorder.note(Erased(ANNA, 1))
        running.references.erase(ANNA)
    new = Home(tmp_path / "new")
    _restore(new, tmp_path / "backup")
    assert _subjects(new) == [ANNA, BORIS]


def test_it_is_known_when_a_backup_was_made_last(home: Home, backup: Path) -> None:
    said = last_backup(home, FileKey(home)).load()
    assert said is not None
    age = datetime.now(UTC) - datetime.fromisoformat(said["at"])
    assert age.total_seconds() < 600
    assert "backup_made" in _events(home)
    assert backup.exists()


# -- over its own kiosk --------------------------------------------------------------------------


def test_a_kiosk_that_is_there_is_not_replaced_unasked(home: Home, backup: Path) -> None:
    before = raw(home.path)
    with pytest.raises(BadInput, match="There is a kiosk"):
        _restore(home, backup)
    assert raw(home.path) == before


def test_whoever_was_erased_since_stays_erased(home: Home, backup: Path) -> None:
    _erase(home, ANNA)
    done = _restore(home, backup, over=True)
    assert (done.target, done.erased_again) == (RestoreTarget.SAME, (ANNA,))
    assert _subjects(home) == [BORIS]
    assert _events(home)[-2:] == ["backup_restored", "erased"]


def test_what_was_erased_does_not_come_back_for_having_enrolled_again(
    home: Home, backup: Path
) -> None:
    """The backup has what Anna had erased; what she has enrolled since is not in it."""
    _erase(home, ANNA)
    with OpenHome.open(home.path) as open_home:
        open_home.recorder.note(Enrolled(ANNA, 1, "", different_person=False))
        open_home.references.enrol(ANNA, [template(7)], AGREED)
    done = _restore(home, backup, over=True)
    assert (done.erased_again, done.left_out) == ((ANNA,), (ANNA,))
    assert _subjects(home) == [BORIS]


def test_whoever_enrolled_again_before_the_backup_is_in_it(home: Home, tmp_path: Path) -> None:
    _erase(home, ANNA)
    with OpenHome.open(home.path) as open_home:
        open_home.recorder.note(Enrolled(ANNA, 1, "", different_person=False))
        open_home.references.enrol(ANNA, [template(7)], AGREED)
    back_up(home, tmp_path / "backup", WORDS, _same)
    for target in (home, Home(tmp_path / "new")):
        assert _restore(target, tmp_path / "backup", over=True).erased_again == ()
        assert _subjects(target) == [ANNA, BORIS]


def test_nobody_forges_an_enrolment_over_an_erasure_without_the_key(
    home: Home, backup: Path
) -> None:
    """The key is lost, and somebody has written on in the journal: it erases more, never less."""
    _erase(home, ANNA)
    with OpenHome.open(home.path) as open_home:
        open_home.recorder.note(Enrolled(ANNA, 1, "", different_person=False))
    home.key.unlink()
    assert _restore(home, backup, over=True).erased_again == (ANNA,)


def test_whoever_was_enrolled_since_is_named_and_goes(home: Home, backup: Path) -> None:
    with OpenHome.open(home.path) as open_home:
        open_home.references.enrol(CHEN, [template(9)], AGREED)
    assert _restore(home, backup, look=True).left_out == (CHEN,)
    assert _subjects(home) == [ANNA, BORIS, CHEN]
    assert _restore(home, backup, over=True).left_out == (CHEN,)
    assert _subjects(home) == [ANNA, BORIS]
    assert _events(home)[-1] == "erased"


def test_what_is_newer_here_stays(home: Home, backup: Path) -> None:
    """A backup lifts no lockdown, resets no attempts, and shortens nobody's stay."""
    key = FileKey(home)
    PresenceFile(home, key).save({"holds": ["paused"]})
    AdminPin(home, key).set("935274")
    today = {ANNA: date(2026, 11, 27)}
    LastUseFile(home, key).merge(today, [ANNA, BORIS])
    before = lines(home.journal)
    _restore(home, backup, over=True)
    assert PresenceFile(home, key).load() == {"holds": ["paused"]}
    assert AdminPin(home, key).check("935274").right
    assert LastUseFile(home, key).load() == today
    assert lines(home.journal)[: len(before)] == before


def test_open_invitations_end_with_it(home: Home, tmp_path: Path) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    made = Invitation("00ff", CHEN, at, at, None, "en", (), None)
    with OpenHome.open(home.path) as open_home:
        Invitations(open_home.references).add(made)
    back_up(home, tmp_path / "backup", WORDS, _same)
    _restore(home, tmp_path / "backup", over=True)
    with OpenHome.open(home.path) as open_home:
        (found,) = Invitations(open_home.references).all()
    assert found.state is InvitationState.REVOKED


def test_a_backup_from_before_a_rotation(home: Home, backup: Path) -> None:
    rotate(home, None)
    _erase(home, BORIS)
    _restore(home, backup, over=True)
    assert _subjects(home) == [ANNA]


@pytest.mark.parametrize("damage", ["gone", "noise", "empty", "older"])
def test_a_damaged_database_is_replaced(home: Home, backup: Path, damage: str) -> None:
    older = home.references.read_bytes()
    _erase(home, ANNA)
    match damage:
        case "gone":
            home.references.unlink()
        case "older":
            home.references.write_bytes(older)
        case _:
            home.references.write_bytes(b"" if damage == "empty" else b"noise" * 5000)
    assert _restore(home, backup, over=True).erased_again == (ANNA,)
    assert _subjects(home) == [BORIS]


def test_a_journal_that_does_not_verify_is_not_gone_on_with(home: Home, backup: Path) -> None:
    content = home.journal.read_bytes()
    home.journal.write_bytes(content.replace(b'"count":1', b'"count":7'))
    with pytest.raises(JournalTampered):
        _restore(home, backup, over=True)
    assert home.journal.read_bytes() == content.replace(b'"count":1', b'"count":7')


def test_another_kiosk_is_not_replaced(backup: Path, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    OpenHome.open(other.path).close()
    before = raw(other.path)
    with pytest.raises(Refused, match="another one"):
        _restore(other, backup, over=True)
    assert raw(other.path) == before


def test_a_running_kiosk_is_not_replaced(home: Home, backup: Path) -> None:
    with instance_lock(home):
        with pytest.raises(Refused, match="A kiosk runs here"):
            _restore(home, backup, over=True)
        assert _restore(home, backup, look=True).target is RestoreTarget.SAME


# -- without its key -----------------------------------------------------------------------------


def test_where_the_key_is_lost_all_comes_from_the_backup(home: Home, backup: Path) -> None:
    """The journal that is there proves its chain, and so who was erased; it is kept aside."""
    _erase(home, ANNA)
    last, ident = lines(home.journal), kiosk_id(FileKey(home))
    home.key.unlink()
    done = _restore(home, backup, over=True)
    assert (done.target, done.erased_again) == (RestoreTarget.KEYLESS, (ANNA,))
    assert _subjects(home) == [BORIS]
    assert kiosk_id(FileKey(home)) == ident
    assert done.set_aside is not None
    assert lines(home.path / done.set_aside) == last


# -- what is refused -----------------------------------------------------------------------------


def test_another_passphrase_restores_nothing(backup: Path, tmp_path: Path) -> None:
    new = Home(tmp_path / "new")
    with pytest.raises(Refused, match="another passphrase"):
        restore(new, backup, b"four other words", _same)
    assert not any(path.exists() for path in new.kept)
    assert not new.workshop.exists()


def test_a_cut_backup_restores_nothing(backup: Path, tmp_path: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-100])
    new = Home(tmp_path / "new")
    with pytest.raises(Refused):
        _restore(new, backup)
    assert not any(path.exists() for path in new.kept)


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "config.toml", "exchange/key"])
def test_a_backup_with_something_else_restores_nothing(tmp_path: Path, name: str) -> None:
    backup, new = tmp_path / "forged", Home(tmp_path / "new")
    with written(backup, WORDS) as made:
        made.add(name, b"anything")
    with pytest.raises(Refused, match="belongs in none"):
        _restore(new, backup)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["forged", "new"]
    assert not any(path.exists() for path in new.kept)


def test_parts_of_two_backups_do_not_fit_together(home: Home, tmp_path: Path) -> None:
    """Made by somebody who has the passphrase, and the key within."""
    back_up(home, tmp_path / "one", WORDS, _same)
    _erase(home, ANNA)
    back_up(home, tmp_path / "two", WORDS, _same)
    parts: list[dict[str, bytes]] = []
    for name in ("one", "two"):
        with opened(tmp_path / name, WORDS) as tar:
            parts.append({each.name: _read(tar, each) for each in tar})
    with written(tmp_path / "mixed", WORDS) as made:
        for name, content in (parts[1] | {"references.db": parts[0]["references.db"]}).items():
            made.add(name, content)
    with pytest.raises(Refused, match="does not fit together"):
        _restore(Home(tmp_path / "new"), tmp_path / "mixed")


def test_a_newer_backup_says_so() -> None:
    said = {"format": 2, "made_at": "2027-01-01", "kiosk": "0", "people": 0, "entry": 0}
    with pytest.raises(Refused, match="newer program"):
        BackupManifest.decode(json.dumps(said).encode())


def test_looking_changes_nothing(home: Home, backup: Path, tmp_path: Path) -> None:
    _erase(home, ANNA)
    before = raw(home.path)
    assert _restore(home, backup, look=True).erased_again == (ANNA,)
    assert raw(home.path) == before
    new = Home(tmp_path / "new")
    assert _restore(new, backup, look=True).target is RestoreTarget.EMPTY
    assert not any(path.exists() for path in new.kept)


def test_two_backups_at_once_are_refused(home: Home, tmp_path: Path) -> None:
    with workshop(home), pytest.raises(Refused, match="Another process"):
        back_up(home, tmp_path / "backup", WORDS, _same)
    assert not (tmp_path / "backup").exists()


def test_a_full_disk_makes_no_backup(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    before = kept.states_now(home, FileKey(home))
    with monkeypatch.context() as full_disk:
        full_disk.setattr("kiosk.store.whole.archive.os.fsync", full)
        with pytest.raises(LintelError):
            back_up(home, tmp_path / "backup", WORDS, _same)
    assert not (tmp_path / "backup").exists()
    assert kept.states_now(home, FileKey(home)) == before


# -- killed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", [19, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("over", [True, False])
def test_killed_at_its_steps_it_restores_all_or_nothing(
    home: Home, backup: Path, tmp_path: Path, every: int, *, over: bool
) -> None:
    with OpenHome.open(home.path) as open_home:
        open_home.references.enrol(CHEN, [template(9)], AGREED)
    _erase(home, ANNA)
    found, step = set(), 1 - every
    while True:
        step += every
        copy = Home(tmp_path / "copy")
        shutil.rmtree(copy.path, ignore_errors=True)
        if over:
            shutil.copytree(home.path, copy.path)
        ended = not killed_at_step(lambda: _restore(copy, backup, over=over), step)  # noqa: B023 - called at once
        found.add(tuple(_subjects(copy)))
        if ended:
            break
    assert found == ({(BORIS, CHEN), (BORIS,)} if over else {(), (ANNA, BORIS)})


@pytest.mark.parametrize(
    "kills", [KILLS, pytest.param(MANY_KILLS, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
)
def test_killed_at_any_moment_again_and_again_nobody_is_lost(
    home: Home, backup: Path, kills: int
) -> None:
    _erase(home, ANNA)

    def change() -> Restored:
        return _restore(home, backup, over=True)

    chance = random.Random(7)  # noqa: S311 - moments to kill at
    longest, killed = seconds_of(change) * 1.2, 0
    for _ in range(kills):
        killed += killed_after(change, longest, chance)
        assert _subjects(home) == [BORIS]
        with closing(sqlite3.connect(home.references)) as rows:
            assert rows.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert killed


@pytest.mark.parametrize("version", [3, 4])
def test_over_a_home_of_an_older_program(home: Home, backup: Path, version: int) -> None:
    age(home, version)
    _restore(home, backup, over=True)
    assert _subjects(home) == [ANNA, BORIS]


def test_a_full_disk_restores_nothing(
    home: Home, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = kept.states_now(home, FileKey(home))
    for module in ("unpacking", "resealing", "held.HeadFile.stage"):
        place = f"kiosk.store.whole.{module}"
        with monkeypatch.context() as full_disk:
            full_disk.setattr(place if "." in module else f"{place}.write_whole", full)
            with pytest.raises(LintelError, match="No space left"):
                _restore(home, backup, over=True)
        assert kept.states_now(home, FileKey(home)) == before
        new = Home(tmp_path / "new")
        assert not any(path.exists() for path in new.kept)
    assert _subjects(home) == [ANNA, BORIS]
