"""A disk that is full: the door stays shut, nobody is half enrolled, the journal is whole.

The kernel plays the disk: no file of the child may grow beyond a limit. Afterwards the limit is
gone, as when somebody has made room.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import evaluation_data
import pytest
from kept_home import Kept, furnish, rows, verified
from kiosk_process import WATCHED, Ended, Running
from video_files import write_folder

from kiosk.store.open_home import OpenHome

pytestmark = pytest.mark.weights

PERSON = evaluation_data.people()[0]
ENTRIES = 600
"""So many make the journal larger than every other file: only it meets the limit."""

ONE_ENTRY = 500
"""Bytes in which `started` finds room, and nothing else after it."""


def journal_bytes(home: Path) -> int:
    return (home / "journal.jsonl").stat().st_size


@pytest.fixture
def home(tmp_path: Path, furnished: Callable[..., Path]) -> Path:
    home = furnished(tmp_path / "home", ENTRIES, enrolled=False)
    largest = max(file.stat().st_size for file in home.iterdir())
    assert journal_bytes(home) == largest
    return home


@pytest.fixture
def enrolled(tmp_path: Path, furnished: Callable[..., Path]) -> Path:
    return furnished(tmp_path / "home", ENTRIES)


def watched(home: Path, source: Path, room: int, *way: str) -> Ended:
    """Run with so many bytes of room for the journal."""
    arguments = ("run", "--home", home, "--source", f"images:{source}", "--json", *way)
    limit = journal_bytes(home) + room
    with Running(*arguments, command=WATCHED, largest_file=limit) as running:
        return running.ended()


def test_no_room_at_all_at_the_start(home: Path, tmp_path: Path) -> None:
    before = Kept.of(home)
    ended = watched(home, write_folder(tmp_path / "frames", 2), 0, "--headless")
    ended.refused(4, str(home / "journal.jsonl"), "disk is full")
    assert (home / "journal.jsonl").read_bytes() == before.files["journal.jsonl"]
    assert before.added_to()


@pytest.mark.data
@pytest.mark.parametrize("way", [("--headless",), ("--headless", "--realtime"), ()])
def test_room_for_the_start_but_not_for_a_decision(enrolled: Path, way: tuple[str, ...]) -> None:
    """The very person who would be let in stands before a door that stays shut."""
    before = Kept.of(enrolled)
    source = next(iter(evaluation_data.walks(PERSON).values()))[0].parent
    ended = watched(enrolled, source, ONE_ENTRY, *way)
    assert [said["what"] for said in ended.of("door") if said["what"] == "released"] == []
    assert [said for said in ended.of("decision") if said["outcome"] == "granted"] == []
    # In real time a busy machine may still load its models when the recorded person leaves.
    reasons = {"fault"} if way == ("--headless",) else {"fault", "left"}
    assert ended.of("decision")[0]["reason"] in reasons
    assert ended.of("summary")[0]["door_releases"] == 0
    ended.refused(4, str(enrolled / "journal.jsonl"), "disk is full")
    assert before.added_to()
    assert verified(enrolled).count == _entries(before) + 1


def _entries(kept: Kept) -> int:
    return kept.files["journal.jsonl"].count(b"\n")


@pytest.mark.data
def test_the_same_person_is_let_in_once_there_is_room_again(enrolled: Path) -> None:
    source = next(iter(evaluation_data.walks(PERSON).values()))[0].parent
    watched(enrolled, source, ONE_ENTRY, "--headless")
    ended = watched(enrolled, source, 100_000, "--headless")
    assert ended.code == 0
    assert ended.of("decision")[0]["outcome"] == "granted"
    assert verified(enrolled).sealed


@pytest.mark.data
@pytest.mark.parametrize("room", [0, 300, 600])
def test_nobody_is_half_enrolled(home: Path, room: int) -> None:
    """Room for no entry, for the first of two, for both but for nothing else."""
    before = Kept.of(home)
    pictures = evaluation_data.for_enrolment(PERSON)
    arguments = ("--home", home, "--subject", PERSON, "--consent", "form 3", "--json")
    limit = journal_bytes(home) + room
    with Running("enrol", *arguments, *pictures, largest_file=limit) as running:
        ended = running.ended()
    assert "Traceback" not in ended.err
    with OpenHome.open(home) as open_home:
        people = {person.subject: person.references for person in open_home.references.people()}
    assert people.get(PERSON, len(pictures)) == len(pictures)
    if ended.code != 0:
        ended.refused(4, str(home))
    if PERSON not in people:
        assert rows(home) == before.stored
    assert verified(home).sealed


@pytest.mark.data
def test_a_database_that_cannot_grow(tmp_path: Path) -> None:
    home = furnish(tmp_path / "home")
    before = Kept.of(home)
    pictures = evaluation_data.for_enrolment(PERSON)
    arguments = ("--home", home, "--subject", PERSON, "--consent", "form 3", "--json")
    limit = (home / "references.db").stat().st_size // 4
    with Running("enrol", *arguments, *pictures, largest_file=limit) as running:
        ended = running.ended()
    ended.refused(4, str(home / "references.db"), "disk is full")
    assert before.added_to()
