"""A display without a window manager, as most kiosks have: the keyboard still works."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

PROGRAM = """
import sys
from kiosk_screen import LANE, SITE
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from kiosk.ui.app import WindowParts, run_window

def look():
    active = QApplication.activeWindow()
    if active is not None:
        print("has the keyboard", flush=True)
        bridge[0].quit()

def ready(made):
    bridge.append(made)
    timer.start(20)

bridge = []
app = QApplication([])
timer = QTimer()
timer.timeout.connect(look)
QTimer.singleShot(20000, lambda: bridge[0].quit(1))
sys.exit(run_window(WindowParts(
    site=SITE, lane=LANE, latest=lambda: None, on_ready=ready, on_quit=lambda: None,
    on_fault=print, warn=print, fullscreen=sys.argv[1] == "full", size=(640, 400),
)))
"""


@pytest.fixture
def display() -> Iterator[str]:
    """A display of our own, with nothing else on it."""
    ours, theirs = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "800x600x24", "-nolisten", "tcp"],  # noqa: S607 - from the path
        pass_fds=(theirs,),
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    with os.fdopen(ours) as said:
        number = said.readline().strip()
        yield f":{number}"
        server.terminate()
        server.wait(10.0)


@pytest.mark.parametrize("size", ["full", "window"])
def test_the_window_has_the_keyboard(display: str, size: str) -> None:
    """Else neither Tab nor the installer's keys reach it."""
    paths = os.pathsep.join(filter(None, sys.path))
    more = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, size],
        env=os.environ | more,
        capture_output=True,
        text=True,
        timeout=60.0,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "has the keyboard\n"), done.stderr
