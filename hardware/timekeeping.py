"""Clock synchronisation state of this machine, as the operating system reports it."""

from __future__ import annotations

import ctypes
from pathlib import Path

RUN = Path("/run")
SYNCHRONISED = "systemd/timesync/synchronized"
"""Created by systemd-timesyncd once it has set the clock; removed at the next boot."""
SERVICES = (
    "systemd/timesync",
    "chrony/chronyd.pid",
    "chronyd.pid",
    "ntpd.pid",
    "ntpsec/ntpd.pid",
)
"""Files and directories that exist while a time service runs."""
UNSYNCHRONISED = 0x40
"""STA_UNSYNC of adjtimex(2): the kernel's own flag, independent of the time service in use."""


class _Timex(ctypes.Structure):
    """The head of the kernel's `struct timex`, and padding for the rest of it."""

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
    """True if a time server has set the clock since boot.

    Returns:
        None if unknown: the kernel does not report it, and no time service that would is running.
    """
    if kernel_synchronised() or (run / SYNCHRONISED).exists():
        return True
    return False if any((run / name).exists() for name in SERVICES) else None


def kernel_synchronised() -> bool | None:
    """True if the kernel clock follows a reference now; None if the kernel does not report it."""
    read = _Timex()  # modes 0: read only
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(read))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else not read.status & UNSYNCHRONISED


class Synchronisation:
    """Remembered synchronisation: a clock that was set once since boot counts as set until reboot.

    A network outage of a day must not block access.
    """

    def __init__(self, run: Path = RUN) -> None:
        self._run = run
        self._was_set = False

    def __call__(self) -> bool | None:
        """True if the clock was set; None if unknown."""
        known = True if self._was_set else synchronised(self._run)
        self._was_set = known is True
        return known
