"""A terminal that is closed, and every other signal that ends a process: the door is locked first.

The relay is a plain coil behind a real Modbus server, which nothing but the kiosk switches off.
"""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import termios
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from kept_home import verified
from kiosk_process import COMMAND, PATIENCE, Running, environment
from mjpeg_camera import MjpegCamera
from rig_modbus import ModbusTcpRig

from kiosk.store.open_home import OpenHome

Wired = Callable[[Path], Path]
"""A home that is given something."""


@pytest.fixture
def home(tmp_path: Path, wired: Wired) -> Path:
    """A kiosk's, before anybody is enrolled."""
    OpenHome.open(tmp_path / "home").close()
    return wired(tmp_path / "home")


def wait_until(seen: Callable[[], bool]) -> None:
    """Until something is so; fails if it never is."""
    looked = threading.Event()
    for _ in range(int(PATIENCE / 0.02)):
        if seen():
            return
        looked.wait(0.02)
    raise AssertionError("it never came")


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGHUP,
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGQUIT,
        signal.SIGABRT,
        signal.SIGUSR1,
        signal.SIGPWR,
        signal.SIGRTMAX,
    ],
)
def test_a_release_at_the_command_line_is_ended(
    home: Path, relay: ModbusTcpRig, number: int
) -> None:
    with Running("door", "release", "--seconds", "50", "--home", home) as running:
        wait_until(lambda: relay.unlocked)
        ended = running.end(number)
    assert not relay.unlocked
    ended.refused(4, "was ended by", "the door is locked")


def test_a_test_of_the_door_is_ended(home: Path, relay: ModbusTcpRig) -> None:
    with Running("door", "test", "--seconds", "50", "--home", home) as running:
        wait_until(lambda: relay.unlocked)
        ended = running.end(signal.SIGHUP)
    assert not relay.unlocked
    ended.refused(4, "SIGHUP")


def test_whoever_starts_it_to_outlive_its_terminal_is_obeyed(
    home: Path, relay: ModbusTcpRig
) -> None:
    nohup = ("nohup", *COMMAND)
    arguments = ("door", "release", "--seconds", "1.5", "--home", home)
    with Running(*arguments, command=nohup) as running:
        wait_until(lambda: relay.unlocked)
        running.send(signal.SIGHUP)
        ended = running.ended()
    assert ended.code == 0
    assert not relay.unlocked


@pytest.fixture
def crowded(tmp_path: Path, wired: Wired, furnished: Wired) -> Path:
    """A home in which somebody real is enrolled."""
    return wired(furnished(tmp_path / "crowded"))


@pytest.mark.data
@pytest.mark.weights
@pytest.mark.parametrize(
    ("way", "numbers"),
    [
        (("--headless",), [signal.SIGHUP]),
        ((), [signal.SIGHUP, signal.SIGHUP]),
        (("--headless",), [signal.SIGTSTP, signal.SIGTTOU, signal.SIGQUIT]),
    ],
    ids=["headless", "windowed and twice", "not suspended"],
)
def test_a_kiosk_ends_in_order(
    crowded: Path,
    relay: ModbusTcpRig,
    camera: MjpegCamera,
    way: Sequence[str],
    numbers: Sequence[int],
) -> None:
    arguments = ("run", "--home", crowded, "--source", camera.url, "--json", *way)
    with Running(*arguments) as running:
        running.wait_for("decision", outcome="granted")
        assert relay.unlocked
        for number in numbers:
            running.send(number)
        ended = running.ended()
    assert (ended.code, ended.err) == (0, "")
    assert not relay.unlocked
    assert last_entry(crowded) == "stopped"


@pytest.mark.data
@pytest.mark.weights
def test_the_terminal_itself_is_closed(
    crowded: Path, relay: ModbusTcpRig, camera: MjpegCamera
) -> None:
    """The kernel sends the signal, and every word to the terminal fails from then on."""
    ours, theirs = pty.openpty()
    started = subprocess.Popen(
        [*COMMAND, "run", "--home", str(crowded), "--headless", "--source", camera.url],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(),
        start_new_session=True,
        preexec_fn=lambda: controlled_by(0),  # noqa: PLW1509 - no other thread of ours forks
    )
    os.close(theirs)
    try:
        wait_until(lambda: relay.unlocked)
    finally:
        os.close(ours)
    assert started.wait(PATIENCE) == 0
    assert not relay.unlocked
    assert last_entry(crowded) == "stopped"


def controlled_by(terminal: int) -> None:
    """Make a terminal the one of this session."""
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


def last_entry(home: Path) -> str:
    """What the journal, which is whole, says last."""
    assert verified(home).sealed
    line = (home / "journal.jsonl").read_text(encoding="ascii").splitlines()[-1]
    return line.partition('"event":"')[2].partition('"')[0]
