"""The people service where something breaks: the journal, the database, the power; and two at once.

The journal is first: what it cannot have does not happen, and what it has and did not happen can
be done again.
"""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import child_process
import pytest
from kept_files import lines
from kept_home import rows, verified
from kept_samples import ANNA, BORIS, CHEN
from people_changes import CHANGES, TERMS, by_gates, newcomer, sample, settle

from kiosk.domain.errors import BadInput, JournalUnwritable, StoreError, SubjectExists
from kiosk.domain.people.enrolment import EnrolmentOutcome
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.template import SubjectId
from kiosk.people.service import PeopleService
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.store.people.roll import Roll

CRASH = """
    import os, sys
    from pathlib import Path
    from kiosk.store.people.roll import Roll
    from kiosk.store.open_home import OpenHome
    from kiosk.people.service import PeopleService
    from people_changes import CHANGES

    with OpenHome.open(Path(sys.argv[1])) as open_home:
        Roll.commit = lambda *_: os._exit(9)
        CHANGES[sys.argv[2]](PeopleService(open_home))
"""
"""The power fails after the journal has the change, and before the database has it."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return settle(tmp_path / "home")


def entries(home: Path) -> list[tuple[str, dict[str, Any]]]:
    """All but the steps of enrolments, which have tests of their own."""
    read = [json.loads(line) for line in lines(Home(home).journal)]
    told = [entry for entry in read if entry["event"] != "enrolment_step"]
    return [(entry["event"], entry["details"]) for entry in told]


def disk_full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def unusable(*_: object) -> None:
    raise StoreError("The database cannot be used.", "See the disk.")


@pytest.mark.parametrize("event", CHANGES)
def test_what_the_journal_cannot_have_does_not_happen(
    home: Path, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    before, known = rows(home), entries(home)
    with OpenHome.open(home) as open_home:
        people = PeopleService(open_home)
        monkeypatch.setattr("kiosk.store.journal.journal.write_all", disk_full)
        with pytest.raises(JournalUnwritable):
            CHANGES[event](people)
        assert rows(home) == before
        monkeypatch.undo()
        assert entries(home) == known
        CHANGES[event](people)
    assert rows(home) != before
    assert verified(home).sealed


@pytest.mark.parametrize("event", CHANGES)
def test_what_the_database_cannot_have_is_recorded_as_failed(
    home: Path, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    before, known = rows(home), len(entries(home))
    monkeypatch.setattr(Roll, "commit", unusable)
    with OpenHome.open(home) as open_home, pytest.raises(StoreError):
        CHANGES[event](PeopleService(open_home))
    assert rows(home) == before
    (first, _), (last, details) = entries(home)[known:]
    failures = {"enrolment": "enrolment_refused", "erased": "erasure_failed"}
    assert (first, last) == (event, failures.get(event, "change_failed"))
    assert details["problem"] == "The database cannot be used."
    if last == "change_failed":
        assert (details["tried"], details["subject"]) == (event, ANNA)


@pytest.mark.parametrize("event", ["enrolment", "erased", "pin_set"])
def test_a_crash_between_journal_and_database_can_be_repeated(home: Path, event: str) -> None:
    before, known = rows(home), len(entries(home))
    child = child_process.start(CRASH, home, event)
    _, err = child.communicate(timeout=200)
    assert child.returncode == 9, err
    assert rows(home) == before
    assert [each for each, _ in entries(home)[known:]] == [event]
    with OpenHome.open(home) as open_home:
        CHANGES[event](PeopleService(open_home))
    assert rows(home) != before
    assert verified(home).sealed


# -- two at once -----------------------------------------------------------------------------------


def together(*calls: Callable[[], object]) -> list[object]:
    """Each result, or error, of calls that begin at the same moment in threads of their own."""
    start = threading.Barrier(len(calls))

    def call(work: Callable[[], object]) -> object:
        start.wait(timeout=100)
        try:
            return work()
        except BadInput as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def test_two_who_enrol_one_person_make_one_person(home: Path) -> None:
    """Under two ids: whoever is second is found to be the first."""
    with OpenHome.open(home) as open_home:
        people = PeopleService(open_home)
        first, second = (
            lambda who=who: people.enrol(newcomer(who), TERMS, by_gates([sample(30)])).references
            for who in (CHEN, SubjectId("s-1004"))
        )
        assert sorted(map(str, together(first, second))) == ["0", "1"]
        assert len(people.people()) == 3
    events = [event for event, _ in entries(home)[-3:]]
    assert events == ["enrolment", "enrolled", "enrolment_refused"]


def test_two_who_take_one_id_do_not_both_have_it(home: Path) -> None:
    with OpenHome.open(home) as open_home:
        people = PeopleService(open_home)
        first, second = (
            lambda seed=seed: people.enrol(newcomer(), TERMS, by_gates([sample(seed)])).references
            for seed in (30, 40)
        )
        results = together(first, second)
        assert sum(isinstance(each, SubjectExists) for each in results) == 1
        assert people.person(CHEN).references == 1
    assert [event for event, _ in entries(home)[-2:]] == ["enrolment", "enrolled"]


def test_two_who_give_out_one_card_number_give_it_once(home: Path) -> None:
    with OpenHome.open(home) as open_home:
        people = PeopleService(open_home)
        first, second = (
            lambda who=who: people.allow(who, {"credential": 77}) for who in (ANNA, BORIS)
        )
        results = together(first, second)
        assert sum(isinstance(each, BadInput) for each in results) == 1
        numbers = [person.profile.rules.credential for person in people.people()]
    assert sorted(map(str, numbers)) == ["77", "None"]


def test_an_id_that_another_process_took_meanwhile_is_recorded_as_refused(home: Path) -> None:
    with OpenHome.open(home) as one, OpenHome.open(home) as two:

        def slowly(gallery: Gallery) -> EnrolmentOutcome:
            PeopleService(two).enrol(newcomer(), TERMS, by_gates([sample(40)]))
            return by_gates([sample(30)])(gallery)

        with pytest.raises(SubjectExists):
            PeopleService(one).enrol(newcomer(), TERMS, slowly)
        assert PeopleService(one).person(CHEN).references == 1
    assert [event for event, _ in entries(home)[-4:]] == [
        "enrolment",
        "enrolled",
        "enrolment",
        "enrolment_refused",
    ]
