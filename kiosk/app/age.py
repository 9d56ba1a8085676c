"""The age of this process: the waiting time of a person at the door, imports included."""

from __future__ import annotations

import os
import time
from pathlib import Path

START_TIME_FIELD = 19
"""The index in /proc/self/stat after the process name (proc(5): field 22, in clock ticks)."""


def seconds_since_start() -> float:
    """Seconds since the process was started, in steps of 0.01 s."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    started = int(fields[START_TIME_FIELD]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started
