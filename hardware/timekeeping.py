"""Whether a time server keeps this machine's clock, as far as the system knows."""

from __future__ import annotations

import ctypes
from pathlib import Path

RUN = Path("/run")
SYNCHRONISED = "systemd/timesync/synchronized"
"""Laid there by systemd-timesyncd once it has set the clock; it goes with the next start."""
SERVICES = (
    "systemd/timesync",
    "chrony/chronyd.pid",
    "chronyd.pid",
    "ntpd.pid",
    "ntpsec/ntpd.pid",
)
"""What is there while a time service runs."""
UNSYNCHRONISED = 0x40
"""STA_UNSYNC of adjtimex(2): whoever keeps the clock, the kernel knows."""


class _Timex(ctypes.Structure):
    """The head of the kernel's `struct timex`, and room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("frequency", ctypes.c_long),
        ("most_error", ctypes.c_long),
        ("error", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def synchronised(run: Path = RUN) -> bool | None:
    """Whether a time server has set the clock since the machine was started.

    Returns:
        None where nobody knows: the kernel does not say, or no time service runs that would have
        told it.
    """
    if kernel_synchronised() or (run / SYNCHRONISED).exists():
        return True
    return False if any((run / name).exists() for name in SERVICES) else None


def kernel_synchronised() -> bool | None:
    """Whether the kernel's clock follows a reference now; None where the kernel does not say."""
    read = _Timex()  # modes 0: nothing is set
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(read))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else not read.status & UNSYNCHRONISED


class Synchronisation:
    """The same, remembered: a clock that was set once since the start of the machine stays so.

    A network that is gone for a day does not shut the door.
    """

    def __init__(self, run: Path = RUN) -> None:
        self._run = run
        self._was_set = False

    def __call__(self) -> bool | None:
        """Whether it was set; None where nobody knows."""
        known = True if self._was_set else synchronised(self._run)
        self._was_set = known is True
        return known
