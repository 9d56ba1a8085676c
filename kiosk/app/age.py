"""The age of this process, the waiting time of a person at the door, and the end of its start."""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path

START_TIME_FIELD = 19
"""The index in /proc/self/stat after the process name (proc(5): field 22, in clock ticks)."""

COLLECT_EVERY = 50_000
"""New objects between two garbage collections of a kiosk that runs."""


def end_start() -> None:
    """Collect garbage regularly from now on, but never look through what the start made.

    That stays until the end. Each collection of it would hold up a frame, for 17 ms and more.
    """
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)


def seconds_since_start() -> float:
    """Seconds since the process was started, in steps of 0.01 s."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    started = int(fields[START_TIME_FIELD]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started
