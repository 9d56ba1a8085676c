"""After an enrolment that came to nothing: what files, mappings and memory of the process hold.

A process that has ended holds nothing. This one has seen the whole recording, is stopped before it
ends, and is looked through from outside. Files and mappings hold nothing of the person. Its memory
is another matter: what was freed there is not wiped, and stands until the room is needed again.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import disclosing_kiosk
import evaluation_data
import numpy as np
import process_memory
import pytest
from chosen import few_first
from disclosing_kiosk import MASK
from enrolment_films import AROUND, Film, frames_of
from kept_home import NAME, furnish
from kiosk_process import Running, environment, kiosk
from left_traces import Traces

from kiosk.store.open_home import OpenHome

pytestmark = [pytest.mark.data, pytest.mark.weights, pytest.mark.timeout(900)]

GRACE, *_, OTHER = evaluation_data.people()
DISCLOSING = (sys.executable, str(Path(disclosing_kiosk.__file__)))
FPS = 5
SHOWN_EVERY = 12
PIECE_BYTES = 64
"""Sixteen numbers in a row are no accident."""


def declined(film: Film, code: str) -> Film:
    return film.show(0.5).show(1.5, code).show(13.0).show(1.5, "LINTEL-NO").leave(6.0)


def abandoned(film: Film, code: str) -> Film:
    """Whoever goes away after four of five directions."""
    film.show(0.5).show(1.5, code).show(13.0).show(1.0, "LINTEL-YES").show(1.2)
    return film.turns(AROUND[:3]).leave(8.0)


def refused(film: Film, code: str) -> Film:
    """Another person is there for the last directions."""
    film.show(0.5).show(1.5, code).show(13.0).show(1.0, "LINTEL-YES").show(1.2)
    return film.turns(AROUND[:2]).cut_to(frames_of(OTHER)).show(4.0).leave(6.0)


ENDINGS: dict[str, Callable[[Film, str], Film]] = {
    "abandoned": abandoned,
    "declined": declined,
    "failed": refused,
}


@dataclass(frozen=True)
class StoppedKiosk:
    """A process that stands still.

    Attributes:
        pid: its id.
        ending: the last step that it told.
        vectors: the templates that it made.
        folders: the home, its temporary folder, and where it runs.
    """

    pid: int
    ending: str
    vectors: list[np.ndarray]
    folders: dict[str, Path]


@contextmanager
def stopped(home: Path, film: Film, tmp_path: Path) -> Iterator[StoppedKiosk]:
    folders = {name: tmp_path / name for name in ("user", "temporary", "working")}
    for folder in folders.values():
        folder.mkdir()
    env = environment(HOME=str(folders["user"]), TMPDIR=str(folders["temporary"]))
    given = ("run", "--home", home, "--source", film.source, "--headless", "--json")
    with Running(*given, command=DISCLOSING, env=env, cwd=folders["working"]) as running:
        told = running.wait_for("waits")
        running.send(signal.SIGSTOP)
        while "T" not in _state(running._child.pid):
            time.sleep(0.01)
        last = [said["step"] for said in running.heard if said["event"] == "enrolment"][-1]
        masked = [np.frombuffer(bytes.fromhex(each), np.uint32) for each in told["templates"]]
        vectors = [(each ^ MASK).view(np.float32) for each in masked]
        yield StoppedKiosk(running._child.pid, last, vectors, {"home": home, **folders})
        running.send(signal.SIGKILL)
        running.send(signal.SIGCONT)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


@pytest.mark.parametrize("ending", few_first(ENDINGS, 1))
def test_no_file_and_no_mapping_holds_anything_of_whoever_was_not_enrolled(
    tmp_path: Path, record_property: Callable[[str, object], None], ending: str
) -> None:
    home = furnish(tmp_path / "home")
    invited = ("--subject", "s-1", "--given-name", NAME, "--json")
    code = kiosk("invite", "--home", home, *invited).said["code"]
    film = ENDINGS[ending](Film(tmp_path / "film", frames_of(GRACE), FPS), code)
    with stopped(home, film, tmp_path) as process:
        # The door looked at them too, before they held their code up.
        assert process.ending == ending
        assert process.vectors
        reached = process_memory.mapped_for_writing(process.pid)
        reached |= process_memory.open_for_writing(process.pid)
        assert {path for path in reached if Path(path).parent != home} == set()
        frames = [evaluation_data.picture(p) for p in sorted(film.folder.iterdir())[::SHOWN_EVERY]]
        traces = Traces(frames, process.vectors, [NAME.encode()])
        assert traces.within(process.folders.values()) == []
        told = f"{remnants(process)} of {len(process.vectors)}"
        record_property("templates that still stand in memory", told)
    with OpenHome.open(home) as open_home:
        assert "s-1" not in open_home.references.subjects()


def remnants(process: StoppedKiosk) -> int:
    """How many of the templates have left their middle somewhere in the process's memory."""
    numbers = [vector.tobytes() for vector in process.vectors]
    wanted = {each[len(each) // 2 :][:PIECE_BYTES] for each in numbers}
    found: set[bytes] = set()
    for content in process_memory.writable(process.pid):
        found |= {each for each in wanted - found if each in content}
    return len(found)
