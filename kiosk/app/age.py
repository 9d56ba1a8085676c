"""The age of this process, the waiting time of a person at the door, and the end of its start."""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path
from typing import NoReturn

START_TIME_FIELD = 19
"""The index in /proc/self/stat after the process name (proc(5): field 22, in clock ticks)."""

BEGUN_ANEW = "LINTEL_BEGUN_ANEW"
"""The variable in which a program tells the next one in its process when that began, since boot."""

COLLECT_EVERY = 50_000
"""New objects between two garbage collections of a kiosk that runs."""


def end_start() -> None:
    """Collect garbage regularly from now on, but never look through what the start made.

    That stays until the end. Each collection of it would hold up a frame, for 17 ms and more.
    """
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)


def begin_anew() -> NoReturn:
    """Replace the program in this process by a new one with the same command line."""
    os.environ[BEGUN_ANEW] = str(time.clock_gettime(time.CLOCK_BOOTTIME))
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - its own command line, no shell


def seconds_since_start() -> float:
    """Seconds since the process, or the program in it, was started, in steps of 0.01 s."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    started = int(fields[START_TIME_FIELD]) / os.sysconf("SC_CLK_TCK")
    started = max(started, float(os.environ.get(BEGUN_ANEW, "0")))
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started
