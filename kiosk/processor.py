"""Checks that the processor has the instructions that NumPy, OpenCV, LiteRT and Qt are built for.

Without them these libraries abort the process or fail to import, so the check comes first. Only the
standard library is used.
"""

from __future__ import annotations

import os
from pathlib import Path

EXIT_CODE = 4
"""The exit code of something that the kiosk needs and that is missing; see README."""
CPUINFO = Path("/proc/cpuinfo")
NEEDED = {
    "ssse3": "SSSE3",
    "sse4_1": "SSE4.1",
    "sse4_2": "SSE4.2",
    "popcnt": "POPCNT",
    "cx16": "CMPXCHG16B",
    "lahf_lm": "LAHF",
}
"""What x86-64-v2 adds to x86-64: the kernel's name of a feature -> the one in data sheets. AVX is
not among them: the libraries use it where it is there."""


def problem() -> str | None:
    """A message about this processor if it cannot run the kiosk; None if it can, or is unknown."""
    missing = lacking(CPUINFO) if os.uname().machine == "x86_64" else []
    if not missing:
        return None
    return (
        f"kiosk: This processor has no {', '.join(missing)}; NumPy, OpenCV and Qt need them.\n"
        "       Use one with x86-64-v2 (Intel Core, Intel Atom from 2013, AMD from 2013), or an "
        "ARM64 board."
    )


def lacking(cpuinfo: Path) -> list[str]:
    """The needed features that the first processor of the kernel's list does not have.

    Empty if the list cannot be read, or does not say: what is unknown may be tried.
    """
    try:
        with cpuinfo.open(encoding="ascii", errors="replace") as lines:
            flags = next((line for line in lines if line.startswith("flags")), "")
    except OSError:
        return []
    found = flags.partition(":")[2].split()
    return [name for flag, name in NEEDED.items() if flag not in found] if found else []
