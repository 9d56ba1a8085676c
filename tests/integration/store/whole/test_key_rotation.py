"""A new master key: everything opens with it, nothing with the old one; a crash leaves either."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import pytest
from doomed_change import killed_after, killed_at_step, seconds_of
from kept_files import ask, lines, raw
from kept_home import verified
from kept_samples import AGREED, ANNA, BORIS, SPACE, template

from kiosk.domain.errors import Refused, StoreError, StoreKeyError
from kiosk.domain.vision.template import SubjectId
from kiosk.store import kept
from kiosk.store.home import Home
from kiosk.store.instance_lock import instance_lock
from kiosk.store.journal.anchor import Anchors
from kiosk.store.open_home import OpenHome
from kiosk.store.people.badges import Badges
from kiosk.store.people.members import Members
from kiosk.store.people.presence import PresenceFile
from kiosk.store.people.references import References
from kiosk.store.secrets.admin_pin import AdminPin
from kiosk.store.secrets.keys import FileKey, Purpose, kiosk_id
from kiosk.store.secrets.master_key import LASTING
from kiosk.store.whole.resealing import PURPOSES
from kiosk.store.whole.rotation import rotate

PIN = "471180"
KILLS, MANY_KILLS = 12, 150


def _is_whole(home: Home) -> None:
    """Everything opens, fits its journal, and is as it was."""
    with OpenHome.open(home.path) as open_home:
        assert [len(open_home.references.load(SPACE)), *open_home.references.subjects()] == [
            3,
            ANNA,
            BORIS,
        ]
        assert open_home.references.given_name(ANNA) == "Anna"
        assert open_home.references.picture(BORIS) == b"a face"
        assert PresenceFile(home, FileKey(home)).load() == {"holds": ["locked_down"]}
        assert AdminPin(home, FileKey(home)).check(PIN).right
    kept.check(home, FileKey(home))
    assert verified(home.path).sealed
    names = {path.name for path in home.path.iterdir()}
    assert not names & {"exchange", "exchange.new", "workshop"}


def test_everything_opens_with_the_new_key_alone(home: Home) -> None:
    before, old = home.key.read_bytes(), FileKey(home).master()
    rotate(home, None)
    _is_whole(home)
    assert home.key.read_bytes()[:32] != before
    assert home.key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StoreKeyError):
        References(home, old)


def test_the_old_key_is_nowhere_any_more(home: Home) -> None:
    """Nor any key that an old copy of the disk could be opened with."""
    old = FileKey(home).master()
    rotate(home, None)
    everything = raw(home.path) + home.key.read_bytes()
    assert old.master not in everything
    for purpose in set(Purpose) - set(LASTING):
        assert old.derive(purpose) not in everything


def test_old_and_new_copies_do_not_mix(home: Home) -> None:
    copies = {name: (home.path / name).read_bytes() for name in ("presence", "references.db")}
    rotate(home, None)
    for name, content in copies.items():
        now = (home.path / name).read_bytes()
        (home.path / name).write_bytes(content)
        with pytest.raises(StoreError):
            OpenHome.open(home.path)
        (home.path / name).write_bytes(now)
    _is_whole(home)


def test_badges_id_and_anchor_stay_as_they_are(home: Home) -> None:
    ident, anchor = kiosk_id(FileKey(home)), Anchors(home, FileKey(home)).now()
    with OpenHome.open(home.path) as open_home:
        badges = Badges(open_home.references, FileKey(home))
        serial, text = badges.draw(ANNA)
        badges.issue(ANNA, serial)
    for _ in range(2):
        rotate(home, None)
    assert kiosk_id(FileKey(home)) == ident
    assert Anchors(home, FileKey(home)).check(anchor, "stick").kiosk == ident
    with OpenHome.open(home.path) as open_home:
        assert Badges(open_home.references, FileKey(home)).holder(text) == ANNA


def test_what_a_fleet_says_is_sealed_anew_too(home: Home) -> None:
    with OpenHome.open(home.path) as open_home:
        Members(open_home.references).apply("harbour", b"far", [], {SubjectId("s-9"): b"gone"})
    rotate(home, None)
    with OpenHome.open(home.path) as open_home:
        members = Members(open_home.references)
        assert members.scopes() == {"harbour": b"far"}
        assert members.of("harbour") == {SubjectId("s-9"): b"gone"}


def test_it_is_in_the_journal(home: Home) -> None:
    rotate(home, None)
    last = json.loads(lines(home.journal)[-1])
    assert (last["event"], last["details"]) == ("key_rotated", {"credential": None})


def test_a_running_kiosk_keeps_its_key(home: Home) -> None:
    before = home.key.read_bytes()
    with instance_lock(home), pytest.raises(Refused, match="A kiosk runs here"):
        rotate(home, None)
    assert home.key.read_bytes() == before


def test_nothing_is_exchanged_under_somebody_who_has_it_open(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite would remove the new database's log in the end, taking it for the old one's."""
    monkeypatch.setattr("kiosk.store.people.database.BUSY_SECONDS", 0.05)
    before = home.key.read_bytes()
    with OpenHome.open(home.path) as other:
        with pytest.raises(StoreError, match="in use by another process"):
            rotate(home, None)
        assert home.key.read_bytes() == before
        other.references.enrol(SubjectId("s-3"), [template(4)], AGREED)
    rotate(home, None)
    with OpenHome.open(home.path) as again:
        assert len(again.references.subjects()) == 3


def test_a_damaged_record_stops_it_before_anything_changes(home: Home) -> None:
    with OpenHome.open(home.path) as open_home:
        rows = open_home.references._database
        rows.execute("UPDATE subjects SET wrapped_key = zeroblob(60)")
    kept.accept(home, FileKey(home))
    before = home.key.read_bytes()
    with pytest.raises(StoreError, match="changed or moved"):
        rotate(home, None)
    assert home.key.read_bytes() == before
    kept.check(home, FileKey(home))


def test_an_unfinished_exchange_opens_nothing(home: Home) -> None:
    key = FileKey(home)
    home.exchange.mkdir()
    with pytest.raises(StoreError, match="was interrupted"):
        key.derive(Purpose.REFERENCES)


# -- killed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", [11, pytest.param(1, marks=pytest.mark.long)])
def test_killed_at_its_steps_it_leaves_one_key_or_the_other(
    home: Home, tmp_path: Path, every: int
) -> None:
    step, keys = 1 - every, set()
    while True:
        step += every
        copy = Home(tmp_path / "copy")
        shutil.rmtree(copy.path, ignore_errors=True)
        shutil.copytree(home.path, copy.path)
        ended = not killed_at_step(lambda: rotate(copy, None), step)  # noqa: B023 - called at once
        _is_whole(copy)
        keys.add(copy.key.read_bytes() == home.key.read_bytes())
        if ended:
            break
    assert keys == {True, False}
    assert step > 40  # it has so many at least


@pytest.mark.parametrize(
    "kills", [KILLS, pytest.param(MANY_KILLS, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
)
def test_killed_at_any_moment_again_and_again_it_stays_whole(home: Home, kills: int) -> None:
    chance = random.Random(11)  # noqa: S311 - moments to kill at
    longest = seconds_of(lambda: rotate(home, None)) * 1.2
    killed = 0
    for _ in range(kills):
        killed += killed_after(lambda: rotate(home, None), longest, chance)
        _is_whole(home)
    assert killed
    assert os.path.lexists(home.key)


def test_every_sealed_file_has_its_purpose(home: Home) -> None:
    """One that is added later is sealed anew, too, or this fails."""
    assert set(PURPOSES) == {path.name for path in home.sealed}
    assert len(set(PURPOSES.values())) == len(PURPOSES)
    assert not set(PURPOSES.values()) & set(LASTING)


def test_every_table_with_a_key_of_the_master_is_sealed_anew(home: Home) -> None:
    """One that a later schema adds has to be, too."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    assert [name for (name,) in ask(home.references, tables)] == [
        "facts",
        "invitations",
        "members",
        "pictures",
        "refs",
        "scopes",
        "subjects",
    ]


@pytest.mark.parametrize("module", ["resealing", "rotation"])
def test_a_full_disk_keeps_the_old_key(
    home: Home, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = home.key.read_bytes()
    with monkeypatch.context() as full_disk:
        full_disk.setattr(f"kiosk.store.whole.{module}.write_whole", full)
        with pytest.raises(StoreError, match="No space left"):
            rotate(home, None)
    assert home.key.read_bytes() == before
    _is_whole(home)
