"""The journal loses its oldest entries without breaking its chain, whenever it is killed (R33)."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_files import die_at_flush, lines, rewrite
from kept_samples import entry

from kiosk.domain.errors import JournalTampered, JournalUnwritable, Refused, StoreError
from kiosk.store.home import Home
from kiosk.store.journal.head import HeadFile
from kiosk.store.journal.journal import Journal
from kiosk.store.journal.renewal import renew
from kiosk.store.journal.verification import VerifiedEntry, latest, verify_file, walk
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey, Purpose

BEFORE, GOING = 40, 25


@pytest.fixture
def home(tmp_path: Path) -> Home:
    with OpenHome.open(tmp_path / "home") as opened:
        for number in range(BEFORE - 1):
            opened.journal.append(entry(number))
        return opened.home


def seal_key(home: Home) -> bytes:
    return FileKey(home).derive(Purpose.JOURNAL_HEAD)


def place(home: Home, number: int = GOING) -> VerifiedEntry:
    return next(each for each in walk(home, seal_key(home)) if each.entry.number == number)


def shortened(home: Home, number: int = GOING) -> Journal:
    journal = Journal(home, FileKey(home))
    journal.shorten(place(home, number))
    return journal


def numbers(home: Home, key: bytes | None = None) -> list[int]:
    return [each.entry.number for each in walk(home, key)]


def test_what_is_left_verifies_with_the_key_and_without(home: Home) -> None:
    shortened(home)
    left = list(range(GOING + 1, BEFORE + 1))
    assert numbers(home) == numbers(home, seal_key(home)) == left
    found = verify_file(home, seal_key(home))
    assert (found.count, found.first) == (BEFORE - GOING, GOING + 1)
    assert [json.loads(line)["number"] for line in lines(home.journal)] == left


def test_nothing_of_what_went_is_left_on_disk(home: Home) -> None:
    gone = lines(home.journal)[:GOING]
    shortened(home)
    kept = b"".join(each.read_bytes() for each in home.path.iterdir())
    assert not [line for line in gone if json.loads(line)["hash"].encode() in kept][:-1]
    assert json.loads(gone[-1])["hash"].encode() in kept, "the beginning continues it"


def test_it_goes_on_and_is_shortened_again(home: Home) -> None:
    journal = shortened(home)
    journal.append(entry(77))
    shortened(home, GOING + 5)
    Journal(home, FileKey(home)).append(entry(78))
    assert numbers(home, seal_key(home)) == list(range(GOING + 6, BEFORE + 3))
    assert [each.number for each in latest(home, seal_key(home), 3)] == [40, 41, 42]
    assert len(latest(home, seal_key(home), 500)) == BEFORE + 2 - GOING - 5


def test_one_that_was_open_before_goes_on_in_the_new_file(home: Home) -> None:
    open_before = Journal(home, FileKey(home))
    shortened(home)
    open_before.append(entry(77))
    assert numbers(home, seal_key(home))[-1] == BEFORE + 1


def test_what_is_written_meanwhile_is_not_lost(home: Home) -> None:
    journal, other = Journal(home, FileKey(home)), Journal(home, FileKey(home))
    journal.shorten(place(home), pause=lambda: other.append(entry(77)))
    assert numbers(home, seal_key(home)) == list(range(GOING + 1, BEFORE + 2))


def test_a_reader_of_before_reads_to_its_end(home: Home) -> None:
    reading = walk(home, seal_key(home))
    first = next(reading)
    shortened(home)
    assert [first.entry.number, *(each.entry.number for each in reading)] == [*range(1, BEFORE + 1)]


def test_the_last_entry_stays(home: Home) -> None:
    with pytest.raises(Refused):
        shortened(home, BEFORE)
    assert numbers(home, seal_key(home))[0] == 1


# -- kill -9 at each flush -----------------------------------------------------------------------


@pytest.mark.parametrize("after", range(1, 12))
@pytest.mark.parametrize("reads_first", [True, False], ids=["read first", "written first"])
def test_killed_at_any_flush_all_entries_are_there_or_those_that_are_left(
    home: Home, after: int, *, reads_first: bool
) -> None:
    last, child = place(home), os.fork()
    if not child:
        die_at_flush(after)
        Journal(home, FileKey(home)).shorten(last)
        os._exit(0)
    os.waitpid(child, 0)
    if reads_first:
        assert numbers(home, seal_key(home))[0] in {1, GOING + 1}
        assert numbers(home)[-1] == BEFORE
    with OpenHome.open(home.path) as again:
        again.journal.append(entry(88))
    assert numbers(home, seal_key(home)) in (
        list(range(1, BEFORE + 2)),
        list(range(GOING + 1, BEFORE + 2)),
    )
    shortened(home, GOING + 2)
    assert numbers(home, seal_key(home))[0] == GOING + 3


def _interrupted(home: Home) -> None:
    """As killed between the head and the exchange of the files."""
    last, child = place(home), os.fork()
    if not child:
        Path.replace = _no_exchange(Path.replace)  # type: ignore[method-assign]
        Journal(home, FileKey(home)).shorten(last)
        os._exit(0)
    os.waitpid(child, 0)
    head = HeadFile(home.head).read(seal_key(home))
    assert head is not None
    assert head.cut > 0
    assert len(lines(home.journal)) == BEFORE


def _no_exchange(real: Callable[..., Path]) -> Callable[..., Path]:
    def replace(path: Path, target: Path) -> Path:
        if target.name == "journal.jsonl":
            os.kill(os.getpid(), signal.SIGKILL)
        return real(path, target)

    return replace


def test_an_exchange_that_was_cut_off_is_finished_without_trusting_the_copy(home: Home) -> None:
    _interrupted(home)
    (home.path / "journal.jsonl.new").write_bytes(b"not what was copied\n")
    assert numbers(home, seal_key(home)) == list(range(GOING + 1, BEFORE + 1))
    with OpenHome.open(home.path):
        pass
    assert numbers(home, seal_key(home)) == list(range(GOING + 1, BEFORE + 1))
    assert not (home.path / "journal.jsonl.new").exists()


# -- attacks -------------------------------------------------------------------------------------


def test_entries_that_went_do_not_come_back(home: Home) -> None:
    older = home.journal.read_bytes()
    shortened(home)
    home.journal.write_bytes(older)
    with pytest.raises(JournalTampered):
        OpenHome.open(home.path)
    with pytest.raises(JournalTampered):
        numbers(home, seal_key(home))


def test_nobody_else_can_move_the_beginning(home: Home) -> None:
    shortened(home)
    rewrite(home.journal, lines(home.journal)[3:])
    with pytest.raises(JournalTampered):
        numbers(home)
    raw = json.loads(home.head.read_text())
    kept = json.loads(lines(home.journal)[0])
    raw["begins"] |= {"number": kept["number"] - 1, "hash": kept["previous"]}
    raw["end"]["size"] = home.journal.stat().st_size
    home.head.write_text(json.dumps(raw))
    with pytest.raises(JournalTampered, match="seal"):
        numbers(home, seal_key(home))


def test_a_full_disk_changes_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    last, journal = place(home), Journal(home, FileKey(home))
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(JournalUnwritable):
            journal.shorten(last)
    assert numbers(home, seal_key(home)) == list(range(1, BEFORE + 1))
    assert not (home.path / "journal.jsonl.new").exists()
    journal.append(entry(99))


def test_an_older_program_does_not_take_it_for_another_kiosks(home: Home) -> None:
    """It finds no number where it looks for one, and leaves all as it is."""
    assert "number" in json.loads(home.head.read_text())
    shortened(home)
    raw = json.loads(home.head.read_text())
    assert "number" not in raw
    assert raw["format"] == 3


def test_a_head_of_a_newer_program_is_no_tampering(home: Home) -> None:
    shortened(home)
    home.head.write_text(json.dumps(json.loads(home.head.read_text()) | {"format": 4}))
    with pytest.raises(StoreError, match="version 4"):
        OpenHome.open(home.path)


def test_a_journal_that_was_shortened_can_be_renewed(home: Home) -> None:
    shortened(home)
    rewrite(home.journal, [line.replace('"pad":0.5', '"pad":0.9') for line in lines(home.journal)])
    renew(home, FileKey(home))
    assert numbers(home, seal_key(home)) == [1]


def test_an_older_home_before_the_beginning_is_refused(home: Home, tmp_path: Path) -> None:
    shutil.copytree(home.path, tmp_path / "older")
    shortened(home)
    for name in ("journal.jsonl",):
        shutil.copy2(tmp_path / "older" / name, home.path / name)
    with pytest.raises(JournalTampered):
        OpenHome.open(home.path)
