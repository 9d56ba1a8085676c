"""A killed kiosk, a full disk, two processes: a change of a scope is there as a whole, or not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import child_process
import pytest
from fleet_people import (
    OTHER,
    SITE,
    Holding,
    crowd,
    die_at_statement,
    holding,
    killed,
    record,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_files import die_at_flush
from kept_samples import AGREED, ANNA, BORIS, CHEN, template

from kiosk.domain.errors import BadInput, StoreError
from kiosk.domain.vision.template import SubjectId
from kiosk.store import kept
from kiosk.store.home import Home
from kiosk.store.journal.head import Head, HeadFile
from kiosk.store.open_home import OpenHome
from kiosk.store.people.members import Members
from kiosk.store.secrets.keys import FileKey

MANY = 600
"""More people than SQLite keeps in memory within one transaction: what is not committed is on
the disk when the kiosk is killed."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Anna is enrolled here; a scope has Boris and Chen."""
    with OpenHome.open(tmp_path / "home") as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED, picture=b"a face")
        change = [record(BORIS, 2, 3), record(CHEN, 4)]
        Members(open_home.references).apply(SITE, b"before", change, {})
        return open_home.home


def _change(open_home: OpenHome) -> object:
    """Boris is gone, Anna and Chen are replaced, a crowd comes."""
    put = [record(ANNA, 5), record(CHEN, 6, 7, content=b"newer"), *crowd(MANY)]
    return Members(open_home.references).apply(SITE, b"after", put, {BORIS: b"gone"})


def _leave(open_home: OpenHome) -> object:
    return Members(open_home.references).leave(SITE)


def _now(home: Home) -> Holding:
    with OpenHome.open(home.path) as open_home:
        return holding(open_home.references, SITE)


def _state(home: Home) -> bytes | None:
    with OpenHome.open(home.path) as open_home:
        return Members(open_home.references).content(SITE)


# -- power cuts ----------------------------------------------------------------------------------

BEFORE = {
    "first": ("DELETE FROM refs", 1),
    "while somebody is erased": ("DELETE FROM subjects", 2),
    "among the people": ("INSERT INTO subjects", MANY // 2),
    "among the references": ("INSERT INTO refs", MANY),
    "among the members": ("INSERT OR REPLACE INTO members", MANY // 2),
    "before the generation": ("UPDATE facts", 1),
    "before the end": ("COMMIT", 1),
}
"""The statement that is not carried out any more, and how many of its like are."""


@pytest.mark.parametrize("moment", BEFORE)
def test_killed_before_the_end_nothing_has_changed(home: Home, moment: str) -> None:
    beginning, count = BEFORE[moment]
    before = _now(home)

    assert killed(partial(_dying, home, beginning, count))
    assert _now(home) == before
    kept.check(home, FileKey(home))


def test_killed_after_the_end_all_of_it_is_there(home: Home) -> None:
    """Only what was removed may be left in the log, which the next opening takes in."""
    assert killed(partial(_dying, home, "PRAGMA wal_checkpoint", 1))
    found = _now(home)
    assert found.scopes == {SITE: b"after"}
    assert len(found.people) == MANY + 2
    assert found.members[SITE][BORIS] == b"gone"
    kept.check(home, FileKey(home))


@pytest.mark.parametrize("work", [_change, _leave])
def test_killed_between_any_two_writes_of_the_head_the_home_opens_again(
    home: Home, work: Callable[[OpenHome], object]
) -> None:
    """The head is flushed twice before the database is changed, and twice after."""
    whole = b"after" if work is _change else None
    found, after, cut = [], 0, True
    while cut:
        after += 1
        cut = killed(partial(_flushing, home, work, after))
        found.append(_state(home))
        kept.check(home, FileKey(home))
    assert found[0] == b"before"
    assert found[-1] == whole
    assert set(found) == {b"before", whole}


def _dying(home: Home, beginning: str, count: int) -> None:
    with OpenHome.open(home.path) as own:
        die_at_statement(own.references, beginning, count)
        _change(own)


def _flushing(home: Home, work: Callable[[OpenHome], object], after: int) -> None:
    with OpenHome.open(home.path) as own:
        die_at_flush(after)
        work(own)


# -- full disks ----------------------------------------------------------------------------------

FULL_DISK = """
    import resource, sys
    from pathlib import Path
    from fleet_people import SITE, crowd, holding
    from kept_samples import BORIS
    from kiosk.domain.errors import StoreError
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.members import Members

    with OpenHome.open(Path(sys.argv[1])) as open_home:
        members, before = Members(open_home.references), holding(open_home.references)
        room = open_home.home.references.stat().st_size + int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        try:
            members.apply(SITE, b"after", crowd(400), {BORIS: b"gone"})
        except StoreError as error:
            print(error.exit_code, error.remedy)
        assert holding(open_home.references) == before
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        assert members.apply(SITE, b"later", crowd(4), {BORIS: b"gone"})
"""


@pytest.mark.parametrize("room", [-60_000, 0, 1_000_000])
def test_a_full_disk_changes_nothing(home: Home, room: int) -> None:
    """A file size limit stands for the full disk: the write fails at the same place."""
    out = child_process.run(FULL_DISK, home.path, room)
    assert out.startswith("4 Nothing that was stored is lost"), out
    found = _now(home)
    assert found.scopes == {SITE: b"later"}
    assert len(found.people) == 6


def test_a_head_that_cannot_be_written_lets_nothing_change(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: HeadFile, _head: Head, _key: bytes) -> None:
        raise OSError(28, "No space left on device")

    before = _now(home)
    with OpenHome.open(home.path) as open_home:
        monkeypatch.setattr(HeadFile, "stage", full)
        for work in (_change, _leave):
            with pytest.raises(StoreError, match="No space left"):
                work(open_home)
        monkeypatch.undo()
        assert holding(open_home.references, SITE) == before
    kept.check(home, FileKey(home))


# -- two processes -------------------------------------------------------------------------------

APPLIER = """
    import sys
    from pathlib import Path
    from fleet_people import record
    from kiosk.domain.vision.template import SubjectId
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.members import Members

    scope = sys.argv[2]
    with OpenHome.open(Path(sys.argv[1])) as open_home:
        members = Members(open_home.references)
        sys.stdin.readline()
        for number in range(1, 11):
            one, other = (SubjectId(f"{scope}-{n}") for n in (number, number - 1))
            members.apply(scope, b"%d" % number, [record(one, number)], {other: b"gone"})
            assert members.content(scope) == b"%d" % number
"""


def test_two_processes_apply_two_scopes_at_once(home: Home) -> None:
    scopes = ("east", "west")
    children = [child_process.start(APPLIER, home.path, scope) for scope in scopes]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        _, err = child.communicate(timeout=120)
        assert child.returncode == 0, err
    found = _now(home)
    assert found.scopes == {SITE: b"before", "east": b"10", "west": b"10"}
    assert set(found.people) == {ANNA, BORIS, CHEN, "east-10", "west-10"}
    assert all(len(found.members[scope]) == 11 for scope in scopes)
    kept.check(home, FileKey(home))


# -- any order -----------------------------------------------------------------------------------

IDS = st.sampled_from([SubjectId(f"s-{number}") for number in range(5)])
SCOPES = st.sampled_from([SITE, OTHER])


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, str, dict[SubjectId, list[int]], set[SubjectId]]:
    """What is done, the scope, who is put with which references, who is gone."""
    what = draw(st.sampled_from(["apply"] * 5 + ["leave", "enrol", "erase"]))
    seeds = st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True)
    put = draw(st.dictionaries(IDS, seeds, max_size=3))
    return what, draw(SCOPES), put, draw(st.sets(IDS, max_size=2))


class Model:
    """What a home must hold, as dicts."""

    def __init__(self) -> None:
        self.people: dict[SubjectId, frozenset[str]] = {}
        self.members: dict[SubjectId, tuple[str, bytes]] = {}
        self.scopes: dict[str, bytes] = {}

    def apply(
        self, scope: str, content: bytes, put: dict[SubjectId, list[int]], gone: set[SubjectId]
    ) -> bool:
        """Whether it is allowed; only then anything changes."""
        named = {*put, *gone}
        theirs = {who for who in named & self.people.keys() if who in self.members}
        if put.keys() & gone or any(self.members[who][0] != scope for who in theirs):
            return False
        self.scopes[scope] = content
        self.members |= dict.fromkeys(named, (scope, content))
        for subject in gone:
            self.people.pop(subject, None)
        self.people |= {who: frozenset(f"{who}/{n}" for n in seeds) for who, seeds in put.items()}
        return True

    def leave(self, scope: str) -> None:
        for subject in [who for who, (theirs, _) in self.members.items() if theirs == scope]:
            self.members.pop(subject)
            self.people.pop(subject, None)
        self.scopes.pop(scope, None)

    def holding(self) -> Holding:
        of = {
            scope: {who: said for who, (theirs, said) in self.members.items() if theirs == scope}
            for scope in (SITE, OTHER)
        }
        return Holding(self.people, of, self.scopes)  # type: ignore[arg-type] # ids are texts


@settings(max_examples=15)
@given(st.lists(changes(), min_size=1, max_size=6))
def test_any_order_of_changes_leaves_what_a_dict_would_hold(
    steps: list[tuple[str, str, dict[SubjectId, list[int]], set[SubjectId]]],
) -> None:
    model = Model()
    with TemporaryDirectory() as folder, OpenHome.open(Path(folder) / "home") as open_home:
        for number, step in enumerate(steps):
            _carry_out(open_home, model, number, *step)
            assert holding(open_home.references, SITE, OTHER) == model.holding()
        kept.check(open_home.home, FileKey(open_home.home))


def _carry_out(
    open_home: OpenHome,
    model: Model,
    number: int,
    what: str,
    scope: str,
    put: dict[SubjectId, list[int]],
    gone: set[SubjectId],
) -> None:
    references, content = open_home.references, b"%d" % number
    members = Members(references)
    if what == "apply":
        records = [record(who, *seeds, content=content) for who, seeds in put.items()]
        if model.apply(scope, content, put, gone):
            assert members.apply(scope, content, records, dict.fromkeys(gone, content))
        else:
            with pytest.raises(BadInput):
                members.apply(scope, content, records, dict.fromkeys(gone, content))
    elif what == "leave":
        members.leave(scope)
        model.leave(scope)
    for subject in sorted(gone):
        if what == "enrol" and subject not in {*model.people, *model.members}:
            model.people[subject] = frozenset(references.enrol(subject, [template(1)], AGREED))
        if what == "erase" and subject in model.people:
            model.people.pop(subject)
            references.erase(subject)
