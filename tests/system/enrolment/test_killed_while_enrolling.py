"""A kiosk that is killed at a step of an enrolment: somebody is wholly enrolled, or not at all.

The command itself runs, on a recording, and is killed when it says that a step was done, or when it
asks the kernel to flush a file, SQLite's own flushes included. What the
next kiosk finds is an enrolled person and a used invitation, or neither: and then it counts.
"""

from __future__ import annotations

import re
import shutil
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import evaluation_data
import pytest
import watched_calls
from chosen import few_first
from enrolment_films import Film, enrolling_turned, frames_of
from kept_home import furnish, verified
from kiosk_process import COMMAND, Ended, Running, kiosk

from kiosk.domain.enrolment.invitation import Invitation, InvitationRefusal, InvitationState
from kiosk.people.invitations import InvitationService
from kiosk.store.open_home import OpenHome

pytestmark = [pytest.mark.data, pytest.mark.weights, pytest.mark.timeout(900)]

GRACE = evaluation_data.people()[0]
STEPS = ["captured", "invited", "consented", "enrolled"]
FPS = 5
EVERY = 4
"""One flush in so many is tried, and the last."""
FLUSHES = ("fsync", "fdatasync")
FLUSH = re.compile(r"\b(fsync|fdatasync)\(")


@dataclass(frozen=True)
class Prepared:
    """A home with an invitation, and the recording of somebody who enrols with it."""

    home: Path
    film: Film
    code: str

    def home_at(self, path: Path) -> Path:
        return Path(shutil.copytree(self.home, path))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    home = furnish(tmp_path_factory.mktemp("prepared") / "home")
    code = kiosk("invite", "--home", home, "--subject", "s-1", "--json").said["code"]
    film = Film(tmp_path_factory.mktemp("film") / "frames", frames_of(GRACE), FPS)
    return Prepared(home, enrolling_turned(film, code), code)


def command_on(home: Path, film: Film) -> Sequence[str | Path]:
    return ("run", "--home", home, "--source", film.source, "--headless", "--json")


def wholly_or_not_at_all(home: Path, code: str) -> bool:
    """What the next kiosk finds; True if somebody is enrolled."""
    with OpenHome.open(home) as open_home:
        service = InvitationService(open_home)
        (kept,) = service.all()
        enrolled = "s-1" in open_home.references.subjects()
        again = service.present(code)
        if enrolled:
            assert open_home.references.count(open_home.references.show(kept.subject).subject) >= 3
            assert kept.state is InvitationState.USED
            assert again is InvitationRefusal.USED
        else:
            assert kept.state is InvitationState.OPEN
            assert isinstance(again, Invitation)
        assert len(open_home.references.subjects()) == 2 + enrolled
    assert verified(home).sealed
    return enrolled


@pytest.mark.parametrize("step", few_first(STEPS, 1))
def test_killed_when_a_step_was_done(prepared: Prepared, tmp_path: Path, step: str) -> None:
    home = prepared.home_at(tmp_path / "home")
    with Running(*command_on(home, prepared.film)) as running:
        running.wait_for("enrolment", step=step)
        running.send(signal.SIGKILL)
        assert running.ended().code == -signal.SIGKILL or step == "enrolled"
    enrolled = wholly_or_not_at_all(home, prepared.code)
    assert enrolled or step != "enrolled"
    assert not enrolled or step in {"captured", "enrolled"}


@pytest.mark.long
def test_whoever_was_not_enrolled_comes_again(prepared: Prepared, tmp_path: Path) -> None:
    home = prepared.home_at(tmp_path / "home")
    with Running(*command_on(home, prepared.film)) as running:
        running.wait_for("enrolment", step="consented")
        running.send(signal.SIGKILL)
    ended = kiosk(*command_on(home, prepared.film))
    assert ended.of("enrolment")[-1]["step"] == "enrolled"
    assert wholly_or_not_at_all(home, prepared.code)


def flushed(prepared: Prepared, home: Path, log: Path, *inject: str) -> Ended:
    """The run under strace, which may kill it."""
    traced = [
        watched_calls.available(),
        *("-f", "-qq", "-o", str(log), "-e", "signal=none", *inject),
        *COMMAND,
    ]
    with Running(*command_on(home, prepared.film), command=traced) as running:
        return running.ended()


@pytest.mark.long
def test_killed_at_any_flush_of_the_commit(prepared: Prepared, tmp_path: Path) -> None:
    """R25: each third one of the flushes from the last picture to the end, and the last."""
    log = tmp_path / "whole"
    trace = ("-e", "trace=fsync,fdatasync,write", "-s", "200")
    flushed(prepared, prepared.home_at(tmp_path / "counted"), log, *trace)
    before, commit = flushes_around_the_commit(log.read_text())
    assert before
    assert len(commit) > len(FLUSHES)
    seen = set()
    for at, (call, number) in enumerate(commit):
        if at % EVERY and at + 1 != len(commit):
            continue
        home = prepared.home_at(tmp_path / f"home-{at}")
        kill = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}")
        ended = flushed(prepared, home, tmp_path / "log", *kill)
        assert ended.code == -signal.SIGKILL, (call, number)
        seen.add(wholly_or_not_at_all(home, prepared.code))
    assert seen == {True, False}


def flushes_around_the_commit(log: str) -> tuple[int, list[tuple[str, int]]]:
    """How many flushes come before the last picture; and those from then on, as (call, which).

    They are counted by thread, as strace counts them.
    """
    counts: Counter[tuple[str, str]] = Counter()
    commit, begun = [], False
    for line in log.splitlines():
        begun = begun or ("write(" in line and "captured" in line)
        if found := FLUSH.search(line):
            thread, call = line.split(maxsplit=1)[0], found.group(1)
            counts[thread, call] += 1
            if begun:
                commit.append((call, counts[thread, call]))
    return counts.total() - len(commit), commit
