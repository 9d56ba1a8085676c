"""Nobody takes what a kiosk prints: people are let in all the same, and the journal says so."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import evaluation_data
import pytest
from kept_home import verified
from kiosk_process import COMMAND, PATIENCE, environment, hurry
from mjpeg_camera import MjpegCamera

pytestmark = [pytest.mark.weights, pytest.mark.data]

PERSON = "person_0001"


@pytest.fixture
def home(tmp_path: Path, furnished: Callable[[Path], Path]) -> Path:
    home = furnished(tmp_path / "home")
    text = "[access]\ngranted_hold_seconds = 1\nretry_seconds = 1\n[door]\nrelease_seconds = 1\n"
    (home / "config.toml").write_text(text, encoding="utf-8")
    return home


def journal(home: Path) -> list[str]:
    return (home / "journal.jsonl").read_text(encoding="ascii").splitlines()


def wait_until(seen: Callable[[], bool]) -> None:
    looked = threading.Event()
    for _ in range(int(PATIENCE / 0.05)):
        if seen():
            return
        looked.wait(0.05)
    raise AssertionError("it never came")


def full() -> tuple[int, int | None]:
    """A disk without room."""
    return os.open("/dev/full", os.O_WRONLY), None


def gone() -> tuple[int, int | None]:
    """A pipe whose reader has gone away."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing, None


def stuck() -> tuple[int, int | None]:
    """A pipe that is full, and that nobody reads."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"." * 4096)
    except BlockingIOError:
        os.set_blocking(writing, True)
    return writing, reading


@pytest.mark.parametrize(
    ("kind", "streams"),
    [
        pytest.param(full, ("stdout",), id="full", marks=pytest.mark.long),
        pytest.param(gone, ("stdout", "stderr"), id="gone, both", marks=pytest.mark.long),
        pytest.param(stuck, ("stdout", "stderr"), id="stuck, both"),
    ],
)
def test_the_door_goes_on(
    home: Path,
    camera: MjpegCamera,
    kind: Callable[[], tuple[int, int | None]],
    streams: Sequence[str],
) -> None:
    descriptor, kept = kind()
    where = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = subprocess.Popen(
        [*COMMAND, "run", "--home", str(home), "--headless", "--json", "--source", camera.url],
        stdin=subprocess.DEVNULL,
        env=environment(),
        **(where | dict.fromkeys(streams, descriptor)),  # type: ignore[call-overload] # the streams
    )
    hurry(started)
    os.close(descriptor)
    try:
        wait_until(lambda: any('"event":"output"' in line for line in journal(home)))
        before = len(journal(home))
        wait_until(lambda: sum('"by":"grant"' in line for line in journal(home)[before:]) > 1)
    finally:
        started.send_signal(signal.SIGTERM)
        code = started.wait(PATIENCE)
        if kept is not None:
            os.close(kept)
    assert code == 0
    assert verified(home).sealed
    last = journal(home)[-1]
    assert '"event":"stopped"' in last
    assert '"lost_lines":' in last


@pytest.mark.long
def test_a_replay_whose_output_nobody_takes_says_so(home: Path) -> None:
    """Its output is all that it is for."""
    walk = next(iter(evaluation_data.walks(PERSON).values()))[0].parent
    with open("/dev/full", "w", encoding="utf-8") as disk:  # noqa: PTH123 - a device
        done = subprocess.run(
            [*COMMAND, "run", "--home", home, "--headless", "--json", "--source", f"images:{walk}"],
            stdin=subprocess.DEVNULL,
            stdout=disk,
            stderr=subprocess.PIPE,
            env=environment(),
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 4
    problem, remedy = done.stderr.splitlines()
    assert problem.startswith("kiosk: The standard output could not be written")
    assert "No space left on device" in problem
    assert remedy.endswith(".")
    assert '"problem":"The standard output could not be written' in journal(home)[-1]
