"""A whole enrolment, a run without a window and one with: nothing goes out, no picture is left.

Watched at the level of system calls, with `CI` unset, in a home, a temporary folder, a user's home
and a working directory of their own.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
import watched_calls
from kiosk_process import COMMAND, PATIENCE, Running, environment
from real_kiosk import FilmedModels
from watched_calls import Calls

from kiosk.domain.vision.template import Template

pytestmark = [pytest.mark.data, pytest.mark.weights, pytest.mark.timeout(300)]

PERSON = evaluation_data.people()[0]
KEPT = re.compile(
    r"key(\.new)?|references\.db(\.new)?(-wal|-shm|-journal)?|journal\.(jsonl|head(\.new)?)"
    r"|(presence|attempts)(\.new)?|keeping|(journal\.)?lock|control\.sock"
)
"""What may be written in the home, and nothing else anywhere."""

HARMLESS = re.compile(r"/dev/(null|tty|pts/\d+)|/proc/(self|\d+)/.*|pipe:.*|.*/__pycache__(/.*)?")
SOUND = re.compile(r".*/(\.config(/pulse(/[0-9a-f]+-runtime)?)?|pulse-\w+)")
"""Empty folders and a link that PulseAudio makes for whoever speaks through it."""

PICTURES = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF",
    b"\xff\xd8\xff\xdb\x00C\x00",
    b"Exif\x00\x00",
    b"\x89PNG\r\n",
    b"WEBPVP8",
)
"""How pictures begin; long enough that no ciphertext has one by chance."""

GRANTED, TRIES = "granted: matched", 3

PIECE = 24
"""So many bytes of a frame in a row are no accident, where they are not all alike."""


@dataclass(frozen=True)
class Whole:
    """What watched commands did: an enrolment, and each run until it was a grant."""

    calls: Calls
    homes: dict[str, Path]
    decisions: list[str]

    def left_behind(self) -> Iterator[tuple[Path, bytes]]:
        """Every file in every folder that was theirs."""
        for folder in self.homes.values():
            for path in folder.rglob("*"):
                if path.is_file():
                    yield path, path.read_bytes()


@pytest.fixture(scope="module")
def recording() -> Sequence[Path]:
    return next(iter(evaluation_data.walks(PERSON).values()))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, recording: Sequence[Path]) -> Whole:
    names = ("kiosk", "user", "temporary", "working")
    folders = {name: tmp_path_factory.mktemp(name) for name in names}
    logs = tmp_path_factory.mktemp("logs")
    env = environment(
        HOME=str(folders["user"]),
        TMPDIR=str(folders["temporary"]),
        PYTHONDONTWRITEBYTECODE="1",
    )
    env = {n: v for n, v in env.items() if not n.startswith("XDG_") and n != "CI"}
    home, source = ("--home", folders["kiosk"]), ("--source", f"images:{recording[0].parent}")
    enrolment = ("--subject", PERSON, "--consent", "form 3")

    def watched(*arguments: str | Path) -> list[str]:
        """What a command decided, by its outcome and reason; all that it calls is written down."""
        traced = watched_calls.command(COMMAND, logs / str(len(list(logs.iterdir()))))
        with Running(*arguments, command=traced, env=env, cwd=folders["working"]) as running:
            ended = running.ended(2 * PATIENCE)
        assert ended.code == 0, ended.err
        made = [said for said in ended.events if said.get("event") == "decision"]
        return [f"{said['outcome']}: {said['reason']}" for said in made]

    watched("enrol", *home, *enrolment, "--json", *evaluation_data.for_enrolment(PERSON))
    decisions = []
    for headless in (["--headless"], []):
        # Watched like this on a busy machine, a kiosk may be too slow for its own limits.
        tries = (watched("run", *home, *source, "--json", *headless) for _ in range(TRIES))
        decisions += next((each for each in tries if each == [GRANTED]), ["never granted"])
    return Whole(Calls.of(sorted(logs.iterdir()), folders["working"]), folders, decisions)


def test_the_main_job_was_done_meanwhile(whole: Whole) -> None:
    assert whole.decisions == [GRANTED, GRANTED]
    assert any("face_landmarker.task" in line for line in whole.calls.lines)


def test_no_internet_socket_is_opened(whole: Whole) -> None:
    assert whole.calls.internet == []


def test_nothing_is_written_but_what_a_home_keeps(whole: Whole) -> None:
    written = {path for path in whole.calls.written if not HARMLESS.fullmatch(path)}
    home = whole.homes["kiosk"]
    strange = {p for p in written if Path(p).parent != home or not KEPT.fullmatch(Path(p).name)}
    assert {path for path in strange if not SOUND.fullmatch(path)} == set()
    assert str(home / "references.db.new") in written
    assert str(home / "journal.jsonl") in written


def test_the_watch_would_see_a_file_that_is_written(tmp_path: Path) -> None:
    """The test of the tests: the same watch over a process that does what must not be done."""
    script = "import socket, os; open('a.jpg', 'w'); os.rename('a.jpg', 'b.jpg'); socket.socket()"
    log = tmp_path / "log"
    traced = watched_calls.command([sys.executable, "-c", script], log)
    subprocess.run(traced, cwd=tmp_path, check=True)
    calls = Calls.of([log], tmp_path)
    assert {str(tmp_path / "a.jpg"), str(tmp_path / "b.jpg")} <= calls.written
    assert len(calls.internet) == 1


def test_home_caches_temporary_and_working_folder_stay_empty(whole: Whole) -> None:
    """But for the folders of a sound system, where one is installed: not a byte is in them."""
    for name in ("user", "temporary", "working"):
        left = [path for path in whole.homes[name].rglob("*") if not SOUND.fullmatch(str(path))]
        assert left == []
        assert not any(path.is_file() for path in whole.homes[name].rglob("*"))


def test_no_picture_is_left(whole: Whole, recording: Sequence[Path]) -> None:
    """R32, R70: neither a file of a picture, nor the bytes of one that was given."""
    given = [path.read_bytes() for path in (*evaluation_data.for_enrolment(PERSON), *recording)]
    cut = {data[at : at + PIECE] for data in given for at in range(700, len(data) - PIECE, 997)}
    pieces = {piece for piece in cut if len(set(piece)) > PIECE // 3}
    assert len(pieces) > 100
    for path, content in whole.left_behind():
        assert not any(mark in content for mark in PICTURES), path
        assert not any(piece in content for piece in pieces), path


def test_no_raw_frame_is_left(whole: Whole, recording: Sequence[Path]) -> None:
    pieces = set()
    for photograph in (*evaluation_data.for_enrolment(PERSON)[:2], *recording[::8]):
        pixels = evaluation_data.picture(photograph)
        for view in (pixels, pixels[:, :, ::-1], pixels[:, :, 1]):
            rows = [np.ascontiguousarray(view[row, 280:360]).tobytes() for row in range(0, 480, 16)]
            pieces |= {row[:PIECE] for row in rows if len(set(row[:PIECE])) > PIECE // 3}
    assert len(pieces) > 100
    for path, content in whole.left_behind():
        assert not any(piece in content for piece in pieces), path


def test_no_template_is_left_in_the_clear(
    whole: Whole, references: dict[str, Sequence[Template]], models: FilmedModels
) -> None:
    """R66, R99: the very numbers that the enrolment made, in no form that could be written."""
    assert models.loaded.pack.space
    for template in references[PERSON]:
        forms = [template.vector.astype(kind).tobytes() for kind in ("<f4", ">f4", "<f8", "<f2")]
        text = ",".join(f"{value:.4f}" for value in template.vector[:8]).encode()
        pieces = [f[at : at + 16] for f in forms for at in range(0, len(f) - 16, 16)]
        for path, content in whole.left_behind():
            assert text not in content
            assert not any(piece in content for piece in pieces), path


def test_no_name_and_no_consent_text_is_left_in_the_clear(whole: Whole) -> None:
    for path, content in whole.left_behind():
        assert b"form 3" not in content, path
