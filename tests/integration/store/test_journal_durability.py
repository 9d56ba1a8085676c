"""The journal between power cuts, full disks and other processes: whole, or repaired and said."""

from __future__ import annotations

import errno
import json
import os
import random
import stat
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import child_process
import pytest
from kept_files import lines
from kept_samples import entry

from kiosk.domain.audit import AuditEntry, SealedEntry
from kiosk.domain.errors import JournalTampered, JournalUnwritable
from kiosk.domain.ports import AuditLog
from kiosk.domain.walltime import milliseconds
from kiosk.store.home import Home
from kiosk.store.journal.head import Head, HeadFile
from kiosk.store.journal.journal import VERIFIED_AT_OPEN_BYTES, Journal
from kiosk.store.journal.verification import MAX_LINE_BYTES, latest, verify_file, walk
from kiosk.store.secrets.keys import FileKey, Purpose

APPENDER = """
    import sys
    from pathlib import Path
    from kept_samples import entry
    from kiosk.store import home as homes
    from kiosk.store.journal.journal import Journal
    from kiosk.store.secrets.keys import FileKey

    homes.PATIENCE_SECONDS = 60.0  # a busy machine may serve the others first
    home = homes.Home(Path(sys.argv[1]))
    journal = Journal(home, FileKey(home))
    for number in range(int(sys.argv[2])):
        journal.append(entry(number))
        print(number, flush=True)
"""

FULL_DISK = """
    import resource, sys
    from pathlib import Path
    from kept_samples import entry
    from kiosk.domain.errors import JournalUnwritable
    from kiosk.store.home import Home
    from kiosk.store.journal.journal import Journal
    from kiosk.store.secrets.keys import FileKey

    home = Home(Path(sys.argv[1]))
    journal = Journal(home, FileKey(home))
    room = home.journal.stat().st_size + 100
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    before = home.journal.read_bytes(), home.head.read_bytes()
    try:
        journal.append(entry(99))
    except JournalUnwritable as error:
        print(error.exit_code, error.problem)
    assert (home.journal.read_bytes(), home.head.read_bytes()) == before
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    journal.append(entry(100))
"""

DIES_TWICE = """
    import os, shutil, sys
    from pathlib import Path
    from kiosk.store.journal import journal
    from kiosk.store.journal.head import HeadFile
    from kiosk.store.home import Home
    from kiosk.store.secrets.keys import FileKey

    STEPS = (
        (journal, "write_all"), (os, "fsync"),
        (HeadFile, "stage"), (HeadFile, "publish"), (HeadFile, "settle"),
    )

    def opened(at, last):
        home, step = Home(at), 0

        def dying(real):
            def call(*args):
                nonlocal step
                step += 1
                if step == last:
                    os._exit(9)
                return real(*args)
            return call

        for owner, name in STEPS:
            setattr(owner, name, dying(getattr(owner, name)))
        journal.Journal(home, FileKey(home))
        os._exit(0)

    def ended(at, last):
        child = os.fork()
        if child == 0:
            try:
                opened(at, last)
            finally:
                os._exit(70)
        return os.waitstatus_to_exitcode(os.wait()[1])

    first, deaths = Path(sys.argv[1]), 0
    for last in range(1, 100):
        at = Path(shutil.copytree(first, f"{first}-{last}"))
        codes = [ended(at, last), ended(at, last), ended(at, 0)]
        assert codes[-1] == 0, (last, codes)
        print(at)
        if codes[0] == 0:
            break
        deaths += 1
    assert deaths > 4, deaths
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home").prepare()
    FileKey(home).create()
    return home


def _journal(home: Home, entries: int = 0) -> Journal:
    journal = Journal(home, FileKey(home))
    for number in range(entries):
        journal.append(entry(number))
    return journal


def _entries(home: Home) -> list[SealedEntry]:
    return [place.entry for place in walk(home, FileKey(home).derive(Purpose.JOURNAL_HEAD))]


def _events(home: Home) -> Counter[str]:
    return Counter(sealed.entry.event for sealed in _entries(home))


# -- an ordinary life ----------------------------------------------------------------------------


def test_an_entry_that_is_too_large_is_not_taken_for_a_full_disk(home: Home) -> None:
    """C15: the error says what is too large, and the next entry is written."""
    journal = Journal(home, FileKey(home))
    before = home.journal.read_bytes()
    with pytest.raises(JournalUnwritable, match="too large: the journal takes 262144") as caught:
        journal.append(AuditEntry("2026-05-04T09:00:00+00:00", "noted", {"text": "x" * 300_000}))
    assert "Shorten" in caught.value.remedy
    assert "disk is full" not in str(caught.value)
    assert home.journal.read_bytes() == before
    journal.append(entry(9))


def test_what_is_appended_is_on_the_disk_in_order(home: Home) -> None:
    journal: AuditLog = _journal(home)
    for number in range(3):
        journal.append(entry(number))
        assert lines(home.journal)[-1] == _entries(home)[-1].line()
    assert [sealed.entry for sealed in _entries(home)] == [entry(number) for number in range(3)]
    assert [json.loads(line)["number"] for line in lines(home.journal)] == [1, 2, 3]
    assert stat.S_IMODE(home.journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.head.stat().st_mode) == 0o600


def test_it_goes_on_after_a_restart(home: Home) -> None:
    _journal(home, 2)
    _journal(home, 1)
    assert len(_entries(home)) == 3
    assert set(_events(home)) == {"decision"}


def test_every_append_is_flushed_before_it_returns(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line first, then the head, then the folder that names the head."""
    journal = _journal(home, 1)
    flushed: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    journal.append(entry(1))
    assert flushed == ["journal.jsonl", "journal.head.new", "home"]


def test_any_text_stays_one_line(home: Home) -> None:
    strange = 'a\nb\r\u2028"quoted"\x00\udcff é'
    _journal(home).append(AuditEntry("2026-05-04T09:00:00+00:00", "fault", {"detail": strange}))
    assert len(home.journal.read_bytes().splitlines()) == 1
    assert _entries(home)[0].entry.details["detail"] == strange


def test_the_journals_key_is_never_shown(home: Home) -> None:
    journal = _journal(home)
    assert FileKey(home).derive(Purpose.JOURNAL_HEAD).hex() not in repr(journal)
    assert "<hidden>" in repr(journal)


# -- crashes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [1, 20, -1])
def test_a_torn_last_line_is_cut_and_that_is_written_down(home: Home, keep: int) -> None:
    _journal(home, 2)
    acknowledged = home.journal.read_bytes()
    torn = acknowledged.splitlines(keepends=True)[0][:keep]
    home.journal.write_bytes(acknowledged + torn)
    _journal(home)
    assert home.journal.read_bytes().startswith(acknowledged)
    repair = _entries(home)[-1].entry
    assert (repair.event, repair.details) == ("journal_repaired", {"cut_bytes": len(torn)})
    assert len(_entries(home)) == 3


def test_zeros_where_a_power_cut_lost_the_data_are_cut(home: Home) -> None:
    _journal(home, 2)
    home.journal.write_bytes(home.journal.read_bytes() + b"\x00" * 300 + b"\n")
    _journal(home)
    assert _entries(home)[-1].entry.details == {"cut_bytes": 301}


def test_a_crash_between_entry_and_head_keeps_the_entry(home: Home) -> None:
    _journal(home, 2)
    head = home.head.read_bytes()
    _journal(home, 1)
    home.head.write_bytes(head)
    _journal(home)
    events = [sealed.entry.event for sealed in _entries(home)]
    assert events == ["decision"] * 3 + ["journal_repaired"]
    assert _entries(home)[-1].entry.details == {"adopted_entry": 3}


@pytest.mark.parametrize("torn", [False, True])
def test_a_crash_of_the_repair_and_another_one_lose_nothing(home: Home, *, torn: bool) -> None:
    """Wherever the repair is when the process dies, twice in a row: the next one opens."""
    _journal(home, 2)
    head = home.head.read_bytes()
    _journal(home, 1)
    home.head.write_bytes(head)
    if torn:
        home.journal.write_bytes(home.journal.read_bytes()[:-9])
    for died in child_process.run(DIES_TWICE, home.path).splitlines():
        events = _events(Home(Path(died)))
        assert events["decision"] == 3 - torn
        assert set(events) <= {"decision", "journal_repaired"}


def test_a_crash_of_another_process_is_repaired_by_the_next_append(home: Home) -> None:
    journal = _journal(home, 2)
    with home.journal.open("ab") as file:
        file.write(b'{"at_utc":"2026')
    journal.append(entry(2))
    events = [sealed.entry.event for sealed in _entries(home)]
    assert events == ["decision", "decision", "journal_repaired", "decision"]


@pytest.mark.parametrize(
    "left",
    [
        ("key.new",),
        ("key.new", "journal.head"),
        ("key.new", "journal.head", "journal.jsonl"),
        ("key", "journal.head"),
    ],
)
def test_a_crash_while_a_home_begins_leaves_it_able_to_begin(
    home: Home, left: tuple[str, ...]
) -> None:
    """Head, journal and key come in this order; the key is put aside first."""
    home.key.with_name("key.new").write_bytes(home.key.read_bytes())
    home.key.with_name("key.new").chmod(0o600)
    for path in home.path.iterdir():
        if path.name not in left:
            path.unlink()
    FileKey(home).create()
    _journal(home, 1)
    assert _events(home) == {"decision": 1}
    assert not home.key.with_name("key.new").exists()


@pytest.mark.parametrize("left", [("key", "journal.jsonl"), ("key",)])
def test_a_key_without_a_head_is_no_new_home(home: Home, left: tuple[str, ...]) -> None:
    """Whoever takes journal and head away gets no new ones."""
    for path in home.path.iterdir():
        if path.name not in left:
            path.unlink()
    FileKey(home).create()
    with pytest.raises(JournalTampered, match="gone, but this kiosk's key is there"):
        _journal(home)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("killed", [4, pytest.param(20, marks=pytest.mark.long)])
def test_killed_appenders_leave_a_journal_that_verifies(home: Home, killed: int) -> None:
    chance = random.Random(7)  # noqa: S311 - where to kill, not a secret
    told = 0
    for _ in range(killed):
        child = child_process.start(APPENDER, home.path, 100_000)
        assert child.stdout is not None
        told += sum(bool(child.stdout.readline()) for _ in range(chance.randint(1, 20)))
        threading.Event().wait(chance.random() * 0.002)
        told += len(child_process.kill(child))
    _journal(home)
    events = _events(home)
    assert events["decision"] >= told
    assert events["decision"] - told <= killed
    assert set(events) <= {"decision", "journal_repaired"}


# -- a disk that takes no more -------------------------------------------------------------------


def test_a_full_disk_leaves_no_half_line(home: Home) -> None:
    """A file size limit stands for the full disk: part of the line is written, then no more."""
    _journal(home, 3)
    out = child_process.run(FULL_DISK, home.path)
    assert out.startswith("4 ")
    assert "cannot be written" in out
    assert [sealed.entry for sealed in _entries(home)][-1] == entry(100)
    assert _events(home) == {"decision": 4}


def _fails(*_: object) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def _break_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HeadFile, "stage", _fails)


def _break_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HeadFile, "publish", _fails)


def _break_first_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = os.fsync, iter([True])

    def fsync(descriptor: int) -> None:
        if next(calls, False):
            _fails()
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("breaking", [_break_head, _break_rename, _break_first_flush])
def test_an_entry_that_cannot_be_made_durable_is_taken_back(
    home: Home, monkeypatch: pytest.MonkeyPatch, breaking: Callable[[pytest.MonkeyPatch], None]
) -> None:
    journal = _journal(home, 2)
    before = home.journal.read_bytes()
    with monkeypatch.context() as broken:
        breaking(broken)
        with pytest.raises(JournalUnwritable, match="Input/output error") as caught:
            journal.append(entry(2))
    assert "no entry that was acknowledged is lost" in caught.value.remedy
    assert home.journal.read_bytes() == before
    journal.append(entry(3))
    assert [sealed.entry for sealed in _entries(home)] == [entry(0), entry(1), entry(3)]


def test_a_head_that_may_not_survive_is_not_acknowledged(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entry and head agree, whichever of them a power cut then keeps."""
    journal = _journal(home, 2)
    old_head = home.head.read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr(HeadFile, "settle", _fails)
        with pytest.raises(JournalUnwritable):
            journal.append(entry(2))
    assert len(_entries(home)) == 3
    home.head.write_bytes(old_head)
    _journal(home)
    assert _events(home) == {"decision": 3, "journal_repaired": 1}


@pytest.mark.parametrize(
    "details", [{"detail": "x" * MAX_LINE_BYTES}, {"detail": object()}, {"detail": b"bytes"}]
)
def test_an_entry_that_is_none_is_refused_whole(home: Home, details: dict[str, object]) -> None:
    journal = _journal(home, 1)
    before = home.journal.read_bytes()
    with pytest.raises(JournalUnwritable, match=r"too large|plain values"):
        journal.append(AuditEntry("2026-05-04T09:00:00+00:00", "fault", details))  # type: ignore[arg-type] # on purpose
    assert home.journal.read_bytes() == before
    journal.append(entry(1))
    assert len(_entries(home)) == 2


def test_a_journal_that_is_a_link_or_a_folder_is_not_written(home: Home) -> None:
    home.journal.rename(home.path / "elsewhere")
    home.journal.symlink_to(home.path / "elsewhere")
    with pytest.raises(JournalUnwritable):
        _journal(home)
    home.journal.unlink()
    home.journal.mkdir()
    with pytest.raises(JournalUnwritable):
        _journal(home)


def test_a_journal_that_somebody_else_holds_is_unwritable_in_time(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, other = _journal(home, 1), _journal(home)
    monkeypatch.setattr("kiosk.store.home.PATIENCE_SECONDS", 0.02)
    with other._alone(), pytest.raises(JournalUnwritable, match="timed out"):
        journal.append(entry(1))
    journal.append(entry(1))
    assert len(_entries(home)) == 2


# -- several at once -----------------------------------------------------------------------------


def test_two_processes_and_three_threads_append_in_turn(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.store.home.PATIENCE_SECONDS", 60.0)
    journal = _journal(home)
    children = [child_process.start(APPENDER, home.path, 60) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda: [journal.append(entry(n)) for n in range(30)])
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for child in children:
        _, err = child.communicate(timeout=60)
        assert child.returncode == 0, err
    assert _events(home) == {"decision": 2 * 60 + 3 * 30}


def test_an_auditor_reads_while_the_kiosk_appends(home: Home) -> None:
    _journal(home, 1)
    child = child_process.start(APPENDER, home.path, 100_000)
    assert child.stdout is not None
    try:
        counts = []
        for _ in range(20):
            child.stdout.readline()
            counts.append(verify_file(home, None).count)
    finally:
        child_process.kill(child)
    assert counts == sorted(counts)
    assert counts[-1] > 20


def test_an_entry_that_comes_while_an_auditor_opens_is_no_tampering(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, real = _journal(home, 1), HeadFile.read
    coming = iter([2, 3])

    def read(file: HeadFile, key: bytes | None) -> Head | None:
        """Two entries are written at each of the auditor's first two looks at the head."""
        found = real(file, key)
        if key is None and next(coming, None):
            journal.append(entry(2))
            journal.append(entry(3))
        return found

    monkeypatch.setattr(HeadFile, "read", read)
    assert verify_file(home, None).count == 5


# -- a long journal ------------------------------------------------------------------------------


@pytest.fixture
def long_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Longer than what is verified at opening, of lines long and short."""
    journal = _journal(home)
    with monkeypatch.context() as quick:
        quick.setattr(os, "fsync", lambda _: None)
        size = 0
        for number in range(100_000):
            text = "y" * (200_000 if number % 10 == 9 else 50)
            at = entry(number).at_utc
            journal.append(AuditEntry(at, "fault", {"detail": text, "count": number}))
            size += len(text)
            if size > VERIFIED_AT_OPEN_BYTES * 1.5:
                break
    return home


def test_a_long_journal_opens_at_its_end_and_verifies_whole(long_home: Home) -> None:
    _journal(long_home, 1)
    key = FileKey(long_home).derive(Purpose.JOURNAL_HEAD)
    found = verify_file(long_home, key)
    assert found.count == len(lines(long_home.journal))
    assert found.last_at_utc == entry(0).at_utc
    assert found.sealed


def test_the_latest_entries_are_found_from_the_end(long_home: Home) -> None:
    everything = _entries(long_home)
    key = FileKey(long_home).derive(Purpose.JOURNAL_HEAD)
    for count in (1, 2, 15, len(everything), len(everything) + 5):
        assert latest(long_home, key, count) == tuple(everything[-count:])


def test_an_old_change_in_a_long_journal_is_found_by_verifying_whole(long_home: Home) -> None:
    """Opening looks at the end only, and says so; the whole is verified by the command."""
    content = long_home.journal.read_bytes()
    long_home.journal.write_bytes(content.replace(b"yyyy", b"yyzy", 1))
    Journal(long_home, FileKey(long_home))
    with pytest.raises(JournalTampered, match="entry 1 was changed"):
        verify_file(long_home, None)
    assert latest(long_home, None, 3)


# -- the floor of time ---------------------------------------------------------------------------

LATE = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_the_latest_time_outlives_a_restart_and_an_earlier_entry(home: Home) -> None:
    journal = _journal(home)
    journal.append(AuditEntry(LATE.isoformat(), "started", {}))
    journal.append(entry(1))
    assert _journal(home).latest_ms() == milliseconds(LATE)


def test_an_orders_own_time_counts_too(home: Home) -> None:
    """The operator's clock may be ahead by as much as is allowed."""
    issued = milliseconds(LATE) + 1900
    _journal(home).append(AuditEntry(LATE.isoformat(), "operator", {"issued_at": issued}))
    assert _journal(home).latest_ms() == issued


def test_a_later_time_is_given_up_only_by_saying_so(home: Home) -> None:
    """A clock that ran ahead must not bar operators for ever; the journal says who gave in."""
    _journal(home).append(AuditEntry("2040-01-01T00:00:00+00:00", "started", {}))
    journal = Journal(home, FileKey(home), lambda: LATE)
    journal.accept_clock()
    assert journal.latest_ms() == milliseconds(LATE)
    last = _entries(home)[-1].entry
    assert (last.event, last.details) == (
        "clock_accepted",
        {"latest_was": "2040-01-01T00:00:00+00:00"},
    )
    assert verify_file(home, None).count == 2


def test_the_latest_time_is_sealed(home: Home) -> None:
    _journal(home).append(AuditEntry(LATE.isoformat(), "started", {}))
    raw = json.loads(home.head.read_bytes())
    home.head.write_text(json.dumps(raw | {"latest_ms": 0}))
    with pytest.raises(JournalTampered, match="seal"):
        _journal(home)
