"""SIGTERM at any moment: it ends in time, the door is secured, nothing is half-written."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import evaluation_data
import pytest
from kept_home import Kept, rows, verified
from kept_samples import ANNA, BORIS
from kiosk_process import WATCHED, Ended, Running, environment
from video_files import write_folder

from kiosk.store.open_home import OpenHome

pytestmark = pytest.mark.weights

IN_TIME = 10.0
ENDED_BY_SIGTERM = (0, -signal.SIGTERM)
"""In order; or at once where nothing was to be put in order yet."""
PERSON = evaluation_data.people()[0]
ROUNDS = 6


@pytest.fixture
def home(tmp_path: Path, furnished: Callable[..., Path]) -> Path:
    return furnished(tmp_path / "home", enrolled=False)


@pytest.fixture
def crowded(tmp_path: Path, furnished: Callable[..., Path]) -> Path:
    """A home in which somebody real is enrolled too."""
    return furnished(tmp_path / "home")


@pytest.fixture
def standing(tmp_path: Path) -> Path:
    """That person stands before the camera for a long time: their recording to and fro."""
    frames = next(iter(evaluation_data.walks(PERSON).values()))
    folder = tmp_path / "standing"
    folder.mkdir()
    for number, frame in enumerate([*frames, *reversed(frames)] * ROUNDS):
        (folder / f"{number}.jpg").symlink_to(frame)
    return folder


def run(home: Path, source: Path, *way: str) -> Running:
    arguments = ("run", "--home", home, "--source", f"images:{source}", "--json", *way)
    return Running(*arguments, command=WATCHED)


def sound(before: Kept) -> None:
    """People as they were, the journal whole, and the home opens again."""
    assert before.added_to()
    with OpenHome.open(before.home) as open_home:
        assert {ANNA, BORIS} <= {person.subject for person in open_home.references.people()}
    assert verified(before.home).sealed


def secured(ended: Ended) -> None:
    """The door was told to lock, and was locked when the kiosk let it go."""
    doors = [said["what"] for said in ended.of("door")]
    assert doors[-1] == "closed"
    assert doors.count("released") == doors.count("secured") == 1
    assert ended.of("left") == [{"event": "left", "unlocked": False}]


@pytest.mark.parametrize("way", [("--headless", "--realtime"), ()], ids=["headless", "windowed"])
@pytest.mark.parametrize("after_seconds", [0.02, 0.3, 0.6, 1.0, 1.6])
def test_while_it_starts(
    home: Path, tmp_path: Path, way: Sequence[str], after_seconds: float
) -> None:
    before = Kept.of(home)
    with run(home, write_folder(tmp_path / "frames", 20), *way) as running:
        time.sleep(after_seconds)
        ended = running.end(timeout=IN_TIME)
    assert ended.code in ENDED_BY_SIGTERM
    assert "Traceback" not in ended.err
    assert all(said["unlocked"] is False for said in ended.of("left"))
    sound(before)


@pytest.mark.data
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_in_the_midst_of_a_replay(crowded: Path, standing: Path, number: signal.Signals) -> None:
    before = Kept.of(crowded)
    with run(crowded, standing, "--headless") as running:
        running.wait_for("decision", outcome="granted")
        ended = running.end(number, timeout=IN_TIME)
    assert (ended.code, ended.err) == (0, "")
    assert 0 < ended.of("summary")[0]["frames"] < len(list(standing.iterdir()))
    secured(ended)
    sound(before)


@pytest.mark.data
@pytest.mark.parametrize("way", [("--headless", "--realtime"), ()], ids=["headless", "windowed"])
def test_while_the_door_is_released(crowded: Path, standing: Path, way: Sequence[str]) -> None:
    """The release would last 60 s: it is the end of the kiosk that ends it."""
    before = Kept.of(crowded)
    (crowded / "config.toml").write_text("[door]\nrelease_seconds = 60\n", encoding="utf-8")
    with run(crowded, standing, *way) as running:
        running.wait_for("door", what="released")
        ended = running.end(timeout=IN_TIME)
    assert (ended.code, ended.of("summary")[0]["door_releases"]) == (0, 1)
    secured(ended)
    sound(before)


@pytest.mark.data
def test_a_second_signal_does_not_break_the_ending(crowded: Path, standing: Path) -> None:
    before = Kept.of(crowded)
    with run(crowded, standing, "--headless", "--realtime") as running:
        running.wait_for("door", what="released")
        running.send()
        running.wait_for("door", what="secured")
        ended = running.end(timeout=IN_TIME)
    assert ended.code in ENDED_BY_SIGTERM
    secured(ended)
    sound(before)


@pytest.mark.data
def test_a_power_cut_while_the_door_is_released(crowded: Path, standing: Path) -> None:
    """Nobody can secure a door then but the door itself; what was decided is in the journal."""
    before = Kept.of(crowded)
    with run(crowded, standing, "--headless", "--realtime") as running:
        running.wait_for("decision", outcome="granted")
        until = time.monotonic() + IN_TIME
        while b'"by":"grant"' not in (crowded / "journal.jsonl").read_bytes():
            assert time.monotonic() < until, "the release is written right after it is told"
            time.sleep(0.05)
        ended = running.end(signal.SIGKILL)
    assert ended.code == -signal.SIGKILL
    journal = (crowded / "journal.jsonl").read_bytes()
    assert b'"event":"authorised"' in journal
    assert b'"by":"grant"' in journal
    sound(before)


@pytest.mark.data
@pytest.mark.parametrize("after_seconds", [0.3, 0.6, 0.9, 1.2, 1.5])
def test_while_somebody_is_enrolled(home: Path, after_seconds: float) -> None:
    """All of their references or none of them."""
    before = Kept.of(home)
    pictures = evaluation_data.for_enrolment(PERSON)
    arguments = ("--home", home, "--subject", PERSON, "--consent", "form 3", "--json")
    with Running("enrol", *arguments, *pictures, env=environment()) as running:
        time.sleep(after_seconds)
        ended = running.end(timeout=IN_TIME)
    assert ended.code in ENDED_BY_SIGTERM
    with OpenHome.open(home) as open_home:
        made = {person.subject: person.references for person in open_home.references.people()}
    assert made.pop(PERSON, len(pictures)) == len(pictures)
    assert made == {ANNA: 1, BORIS: 1}
    assert verified(home).sealed
    assert (home / "journal.jsonl").read_bytes().startswith(before.files["journal.jsonl"])
    assert rows(home)["subjects"][:2] == before.stored["subjects"]
