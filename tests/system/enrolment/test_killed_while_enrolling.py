"""A kiosk that is killed at a step of an enrolment: somebody is wholly enrolled, or not at all.

The command itself runs, on a recording, and is killed when it says that a step was done. What the
next kiosk finds is an enrolled person and a used invitation, or neither: and then it counts.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import evaluation_data
import pytest
from chosen import few_first
from enrolment_films import Film, enrolling_turned, frames_of
from kept_home import furnish, verified
from kiosk_process import Running, kiosk

from kiosk.domain.enrolment.invitation import Invitation, InvitationRefusal, InvitationState
from kiosk.people.invitations import InvitationService
from kiosk.store.open_home import OpenHome

pytestmark = [pytest.mark.data, pytest.mark.weights, pytest.mark.timeout(900)]

GRACE = evaluation_data.people()[0]
STEPS = ["captured", "invited", "consented", "enrolled"]
FPS = 5


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
