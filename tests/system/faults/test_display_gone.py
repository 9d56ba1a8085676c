"""No display, or one that goes while somebody is let in: a sentence, exit code 4, a locked door."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_home import verified
from kiosk_process import PATIENCE, Running, environment, kiosk
from mjpeg_camera import MjpegCamera
from rig_modbus import ModbusTcpRig

pytestmark = pytest.mark.weights

Wired = Callable[[Path], Path]
"""A home that is given something."""


@pytest.fixture
def home(tmp_path: Path, wired: Wired, furnished: Wired) -> Path:
    return wired(furnished(tmp_path / "home"))


class Server:
    """A display server of our own, and what leads to it."""

    def __init__(self, process: subprocess.Popen[bytes], **leads: str) -> None:
        self.process = process
        self.leads = leads

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)


def x11(_: Path) -> Server:
    ours, theirs = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "800x480x24", "-nolisten", "tcp"],  # noqa: S607 - from the path
        pass_fds=(theirs,),
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    with os.fdopen(ours) as said:
        number = said.readline().strip()
    return Server(process, DISPLAY=f":{number}", QT_QPA_PLATFORM="xcb")


def wayland(folder: Path) -> Server:
    if shutil.which("weston") is None:
        pytest.skip("needs weston, a Wayland compositor: apt-get install weston")
    folder.mkdir(mode=0o700)
    process = subprocess.Popen(
        ["weston", "--backend=headless-backend.so", "--socket=ours"],  # noqa: S607 - from the path
        env=environment(XDG_RUNTIME_DIR=str(folder)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    waited = threading.Event()
    while not (folder / "ours").exists():
        assert process.poll() is None
        waited.wait(0.02)
    leads = {"XDG_RUNTIME_DIR": str(folder), "WAYLAND_DISPLAY": "ours"}
    return Server(process, QT_QPA_PLATFORM="wayland", **leads)


def last_entry(home: Path) -> dict[str, str]:
    assert verified(home).sealed
    line = (home / "journal.jsonl").read_text(encoding="ascii").splitlines()[-1]
    said = json.loads(line)
    assert said["event"] == "stopped"
    details: dict[str, str] = said["details"]
    return details


@pytest.mark.data
@pytest.mark.parametrize("begin", [x11, wayland])
def test_a_display_that_goes_while_somebody_is_let_in(
    home: Path,
    relay: ModbusTcpRig,
    camera: MjpegCamera,
    tmp_path: Path,
    begin: Callable[[Path], Server],
) -> None:
    server = begin(tmp_path / "run")
    try:
        arguments = ("run", "--home", home, "--source", camera.url, "--json")
        with Running(*arguments, env=environment(**server.leads)) as running:
            running.wait_for("decision", outcome="granted")
            assert relay.unlocked
            server.kill()
            ended = running.ended()
    finally:
        server.kill()
    assert not relay.unlocked
    ended.refused(4, "The display has gone")
    assert last_entry(home)["problem"].startswith("The display has gone")
    assert len(ended.of("summary")) == 1


@pytest.mark.parametrize(
    ("leads", "named"),
    [
        ({}, "neither DISPLAY nor WAYLAND_DISPLAY"),
        ({"DISPLAY": ":9999"}, "DISPLAY (:9999) cannot be opened"),
        ({"WAYLAND_DISPLAY": "nowhere"}, "WAYLAND_DISPLAY (nowhere) cannot be opened"),
        ({"QT_QPA_PLATFORM": "xcb", "DISPLAY": "nonsense"}, "DISPLAY (nonsense)"),
        ({"QT_QPA_PLATFORM": "paper"}, "QT_QPA_PLATFORM names paper"),
        ({"QT_QPA_PLATFORM": ""}, "neither DISPLAY nor WAYLAND_DISPLAY"),
    ],
)
def test_no_display_to_begin_with(home: Path, leads: dict[str, str], named: str) -> None:
    ended = kiosk("run", "--home", home, "--source", "device:0", env=without_display(**leads))
    ended.refused(4, named, "--headless")
    assert named in last_entry(home)["problem"]


@pytest.mark.parametrize("library", ["libxcb-cursor.so.0", "libEGL.so.1"])
def test_a_system_library_that_the_screen_needs_is_named(
    home: Path, tmp_path: Path, library: str
) -> None:
    """The loader meets a broken one first, as on a machine that lacks it."""
    (tmp_path / library).write_bytes(b"no library")
    leads = {"DISPLAY": ":9999", "LD_LIBRARY_PATH": str(tmp_path)}
    ended = kiosk("run", "--home", home, "--source", "device:0", env=without_display(**leads))
    ended.refused(4, library, "make setup", "--headless")


def test_the_demonstration_without_the_display_that_it_is_promised(tmp_path: Path) -> None:
    leads = without_display(DISPLAY=":9999", TMPDIR=str(tmp_path))
    ended = kiosk("demo", "--out", tmp_path / "out", env=leads)
    ended.refused(4, "DISPLAY (:9999) cannot be opened")
    assert [file.name for file in tmp_path.iterdir() if "lintel" in file.name] == []


def without_display(**leads: str) -> dict[str, str]:
    taken = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_SESSION_TYPE"}
    return {name: each for name, each in environment().items() if name not in taken} | leads
