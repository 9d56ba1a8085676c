"""A full disk, a killed writer, a second process: what was stored stays, nothing is half there."""

from __future__ import annotations

import errno
import os
import random
import threading
from collections import Counter
from pathlib import Path

import child_process
import pytest
from kept_samples import AGREED, ANNA, BORIS, SPACE, template

from kiosk.domain.errors import OutOfServiceError, StoreError
from kiosk.domain.vision.template import SubjectId
from kiosk.store.home import Home
from kiosk.store.journal.verification import walk
from kiosk.store.open_home import OpenHome
from kiosk.store.people.references import References
from kiosk.store.secrets.keys import FileKey, Purpose

FULL_DISK = """
    import resource, sys
    from pathlib import Path
    from kept_samples import AGREED, SPACE, template
    from kiosk.domain.errors import StoreError
    from kiosk.domain.vision.template import SubjectId
    from kiosk.store.open_home import OpenHome

    many = [template(number) for number in range(40)]
    with OpenHome.open(Path(sys.argv[1])) as open_home:
        room = open_home.home.references.stat().st_size + int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        before = open_home.references.generation()
        try:
            open_home.references.enrol(SubjectId("late"), many, AGREED)
        except StoreError as error:
            print(error.exit_code, error.remedy)
        assert open_home.references.generation() == before
        assert len(open_home.references.load(SPACE)) == 2
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        open_home.references.enrol(SubjectId("later"), many[:3], AGREED)
"""

WRITER = """
    import sys
    from pathlib import Path
    from kept_samples import AGREED, template
    from kiosk.domain.vision.template import SubjectId
    from kiosk.journal.events.people import Enrolled
    from kiosk.store.open_home import OpenHome

    few = [template(number) for number in range(7)]
    with OpenHome.open(Path(sys.argv[1])) as open_home:
        for number in range(1000):
            subject = SubjectId(f"{sys.argv[2]}-{number}")
            open_home.recorder.note(Enrolled(subject, 1, "", different_person=False))
            open_home.references.enrol(subject, few, AGREED)
            print(subject, flush=True)
            if number % 3 == 2:
                open_home.references.erase(subject)
                print("-" + subject, flush=True)
"""


OPENER = """
    import sys
    from pathlib import Path
    from kiosk.journal.events.running import Started
    from kiosk.store.open_home import OpenHome

    sys.stdin.readline()
    with OpenHome.open(Path(sys.argv[1])) as open_home:
        open_home.recorder.note(Started("device:0", "compact"))
"""


def test_four_first_starts_at_once_make_one_kiosk(tmp_path: Path) -> None:
    """One key, one journal, one database, whoever comes first."""
    children = [child_process.start(OPENER, tmp_path / "home") for _ in range(4)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        _, err = child.communicate(timeout=60)
        assert child.returncode == 0, err
    with OpenHome.open(tmp_path / "home") as open_home:
        key = FileKey(open_home.home).derive(Purpose.JOURNAL_HEAD)
        events = Counter(place.entry.entry.event for place in walk(open_home.home, key))
    assert events == {"started": 4, "store_created": 1}


def test_a_disk_that_takes_no_database_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr("kiosk.store.people.database.write_whole", full)
        with pytest.raises(StoreError, match="No space left"):
            OpenHome.open(tmp_path / "home")
    with OpenHome.open(tmp_path / "home") as open_home:
        assert len(open_home.references) == 0
        assert "<hidden>" in repr(open_home.references)


@pytest.mark.parametrize("room", [-60_000, 0, 20_000])
def test_a_full_disk_loses_nothing_and_half_stores_nobody(tmp_path: Path, room: int) -> None:
    """A file size limit stands for the full disk: the write fails at the same place."""
    path = tmp_path / "home"
    with OpenHome.open(path) as open_home:
        open_home.references.enrol(ANNA, [template(1), template(2)], AGREED)
    out = child_process.run(FULL_DISK, path, room)
    assert out.startswith("4 Nothing that was stored is lost"), out
    with OpenHome.open(path) as open_home:
        counts = Counter(reference.subject for reference in open_home.references.load(SPACE))
    assert counts == {ANNA: 2, "later": 3}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("killed", [4, pytest.param(20, marks=pytest.mark.long)])
def test_killed_writers_leave_no_torn_generation(tmp_path: Path, killed: int) -> None:
    """Killed with no warning, at any moment: all that was acknowledged is there, whole."""
    path = tmp_path / "home"
    chance = random.Random(20)  # noqa: S311 - where to kill, not a secret
    present: set[str] = set()
    for round_ in range(killed):
        told = _killed_writer(path, f"r{round_}", chance)
        present |= {subject for subject in told if not subject.startswith("-")}
        present -= {subject.removeprefix("-") for subject in told if subject.startswith("-")}
        with OpenHome.open(path) as open_home:
            counts = Counter(reference.subject for reference in open_home.references.load(SPACE))
            enrolled = {someone.subject for someone in open_home.references.people()}
        assert set(counts.values()) <= {7}
        assert enrolled == set(counts)
        untold = enrolled ^ {SubjectId(subject) for subject in present}
        assert len(untold) <= 1
        present = set(enrolled)
    assert len(present) > killed


def _killed_writer(path: Path, name: str, chance: random.Random) -> list[str]:
    """What a writer acknowledged before it was killed."""
    child = child_process.start(WRITER, path, name)
    assert child.stdout is not None
    told = [child.stdout.readline().strip() for _ in range(chance.randint(1, 12))]
    threading.Event().wait(chance.random() * 0.004)
    return [line for line in (*told, *child_process.kill(child)) if line]


def test_a_running_kiosk_reads_while_an_admin_enrols(tmp_path: Path) -> None:
    path = tmp_path / "home"
    with OpenHome.open(path) as running:
        seen = running.references.generation()
        child = child_process.start(WRITER, path, "admin")
        assert child.stdout is not None
        try:
            for _ in range(10):
                child.stdout.readline()
                counts = Counter(r.subject for r in running.references.load(SPACE))
                assert set(counts.values()) == {7} or not counts
        finally:
            child_process.kill(child)
        assert running.references.generation() >= seen + 10


def test_threads_share_one_store(tmp_path: Path) -> None:
    with OpenHome.open(tmp_path / "home") as open_home:
        store, failures = open_home.references, []

        def work(name: str) -> None:
            try:
                for number in range(10):
                    store.enrol(SubjectId(f"{name}-{number}"), [template(number)], AGREED)
                    store.load(SPACE)
            except OutOfServiceError as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert len(store) == 30


def test_a_store_that_another_process_holds_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.store.people.database.BUSY_SECONDS", 0.05)
    with OpenHome.open(tmp_path / "home") as one, OpenHome.open(tmp_path / "home") as two:
        held = pytest.raises(StoreError, match="in use by another process")
        with one.references.writing(ANNA), held:
            two.references.enrol(BORIS, [template(1)], AGREED)
        two.references.enrol(BORIS, [template(1)], AGREED)


def test_closing_twice_is_allowed(tmp_path: Path) -> None:
    with OpenHome.open(tmp_path / "home") as open_home:
        open_home.close()
    again = References(Home(tmp_path / "home"), FileKey(Home(tmp_path / "home")))
    assert again.load(SPACE) == []
    assert again.created is False
    again.close()
    with pytest.raises(StoreError):
        again.load(SPACE)
