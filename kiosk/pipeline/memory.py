"""The memory of this program."""

from __future__ import annotations

from pathlib import Path


def peak_rss_mb() -> float:
    """The peak resident memory of this program, in MB.

    Not from `getrusage`: its value starts at the peak of the parent process, however large.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    (peak,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024
