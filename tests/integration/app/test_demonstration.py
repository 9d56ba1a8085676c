"""The demonstration's own parts; what it shows is played by `tests/system/people/test_demo.py`."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from config.settings import PROFILES, load
from kiosk.app.demonstration.door import PlayedScene
from kiosk.app.demonstration.fleet import FleetStep, steps
from kiosk.app.demonstration.replayed import ReplayedKiosk, ShownCamera
from kiosk.app.demonstration.small_fleet import demo_fleet
from kiosk.cli import demo as command
from kiosk.domain.errors import BadInput, EndOfSource, OutOfServiceError, SubjectUnknown
from kiosk.domain.ports import Door
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.pipeline.replay import Replay

PIXELS = np.zeros((2, 2, 3), np.uint8)


class Recording:
    """Frames at these times."""

    def __init__(self, *times: float) -> None:
        self._frames = iter([Frame(PIXELS, Instant(at), n) for n, at in enumerate(times)])

    def read(self, timeout: float) -> Frame:
        assert timeout > 0.0
        frame = next(self._frames, None)
        if frame is None:
            raise EndOfSource("recording")
        return frame

    def close(self) -> None:
        """Nothing is held."""


class Time:
    """Real time, which passes as a test says."""

    def __init__(self) -> None:
        self.now = 100.0

    def wait(self, seconds: float) -> None:
        self.now += seconds


def test_frames_come_when_they_are_due_and_keep_the_times_of_the_recording() -> None:
    time = Time()
    camera = ShownCamera(Recording(0.0, 0.1, 0.2, 0.3), time.wait, lambda: time.now)
    read: list[tuple[float, float]] = []
    for slow in (0.0, 0.5, 0.0, 0.0):
        read.append((camera.read(1.0).captured_at, time.now))
        time.wait(slow)
    assert [at for at, _ in read] == [0.0, 0.1, 0.2, 0.3]
    assert [now for _, now in read] == pytest.approx([100.0, 100.1, 100.6, 100.7])


def test_the_preview_gives_each_frame_once() -> None:
    camera = ShownCamera(Recording(0.0))
    assert camera.preview() is None
    frame = camera.read(1.0)
    assert camera.preview() is frame
    assert camera.preview() is None


class Played:
    """A replay that ends when it is told to, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.over, self.closed = threading.Event(), 0
        self._error = error

    def run(self) -> None:
        if self._error is not None:
            raise self._error
        self.over.wait(30.0)

    def stop(self) -> None:
        self.over.set()

    def close(self) -> None:
        self.closed += 1


def made(played: Played, ended: Callable[[BadInput | None], None]) -> ReplayedKiosk:
    def make() -> tuple[Replay, Door]:
        return played, played  # type: ignore[return-value] # as much of both as is asked

    return ReplayedKiosk(ShownCamera(Recording()), make, ended)


@pytest.mark.parametrize("closed_by_hand", [True, False])
def test_a_replay_ends_by_itself_or_because_its_window_is_closed(*, closed_by_hand: bool) -> None:
    played, ended = Played(), threading.Event()
    kiosk = made(played, lambda _: ended.set())
    kiosk.start()
    if not closed_by_hand:
        played.over.set()
        assert ended.wait(30.0)
    assert kiosk.stop() == []
    assert played.closed == 1
    assert ended.is_set() is not closed_by_hand
    assert not kiosk.failed.is_set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_replay_that_fails_says_so_and_closes_its_door() -> None:
    played, ended = Played(OSError("no")), threading.Event()
    kiosk = made(played, lambda _: ended.set())
    kiosk.start()
    assert ended.wait(30.0)
    assert kiosk.stop() == []
    assert kiosk.failed.is_set()
    assert played.closed == 1


def test_a_step_is_as_it_should_only_if_nothing_else_came_of_it() -> None:
    step = FleetStep("comes", "second kiosk", "refused: not valid")
    assert not step.as_it_should
    step.seen.append("refused: not valid")
    assert step.as_it_should
    step.seen.append("granted: matched")
    assert not step.as_it_should


def test_its_fleet_is_real_and_its_kiosks_sync_by_themselves(tmp_path: Path) -> None:
    settings = load(tmp_path, PROFILES / "demo.toml")
    with demo_fleet(tmp_path, settings) as fleet:
        code, version = fleet.invite(SubjectId("demo-1"))
        assert code.startswith("LINTEL")
        heard = threading.Event()
        for _ in range(600):
            if min(fleet.first.version, fleet.second.version) >= version:
                break
            heard.wait(0.1)
        assert min(fleet.first.version, fleet.second.version) >= version
        assert (fleet.first.people, fleet.second.people) == (0, 0)
        with pytest.raises(SubjectUnknown):
            fleet.suspend(SubjectId("demo-1"))


# -- what is said of it --------------------------------------------------------------------------


def scene(*, released: bool) -> PlayedScene:
    return PlayedScene("the enrolled person", may_enter=True, releases=int(released))


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[command._Shown]:
    """What both parts have shown: all is as it should be, until a test changes it."""
    whole = steps()
    for step in whole:
        step.seen.append(step.expected)
    shown = command._Shown([scene(released=True)], 50.0, whole, 45.0)

    def play(_pictures: Path, *, say: bool) -> command._Shown:
        assert not say
        return shown

    monkeypatch.setattr(command, "_shown", play)
    return shown


def test_all_is_as_it_should_be(
    played: command._Shown, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.demo(tmp_path / "out", json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["as_it_should"]
    assert said["fleet"]["seconds"] == played.fleet_seconds
    assert said["pictures"] == 0


@pytest.mark.parametrize("wrong", ["door", "fleet", "skipped"])
def test_the_exit_code_says_if_a_part_was_not_as_it_should_be(
    played: command._Shown, wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    match wrong:
        case "door":
            played.scenes[0] = scene(released=False)
        case "fleet":
            played.steps[-1].seen[:] = ["granted: matched"]
        case _:
            played.steps.clear()
    with pytest.raises(OutOfServiceError):
        command.demo(tmp_path / "out", json=True)
    said = json.loads(capsys.readouterr().out)
    assert not said["as_it_should"]
    assert bool(said["skipped"]) is (wrong == "skipped")


class ClosedDoor:
    """The first part, whose window somebody closed."""

    over, seconds = False, 3.0

    def __init__(self, *parts: object) -> None:
        assert len(parts) == 3

    def enrol(self) -> None:
        """Somebody is enrolled."""

    def run(self) -> list[PlayedScene]:
        return [scene(released=True)]


def test_a_part_that_is_skipped_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("kiosk.app.demonstration.door.DoorDemonstration", ClosedDoor)
    monkeypatch.setattr("kiosk.app.demonstration.people.demo_people", lambda _: None)
    with pytest.raises(OutOfServiceError):
        command.demo(tmp_path / "out")
    said = capsys.readouterr().out
    assert "The second part, a fleet, was skipped: the window was closed" in said
    assert "Who came to the door" in said
