"""The machine of the kiosk: its clock, its disk and its ports that others can reach.

An unknown state is never assumed good: an unknown clock or disk is a warning.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hardware.timekeeping import synchronised
from kiosk.domain.errors import LintelError
from kiosk.domain.finding import Finding, Health
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.walltime import problem

if TYPE_CHECKING:
    from config.settings import Settings

MEGABYTE = 1_000_000
LEAST_MB, FEW_MB = 100, 1000
SET_CLOCK = Remedy(
    "Set the clock; one without a battery needs a time server before the kiosk starts. "
    "Until then nothing opens by schedule or by an operator's order. Where the clock is "
    "right, and a later time was written down by mistake, accept the time as it is.",
    NextStep.ACCEPT_CLOCK,
)


# -- clock ---------------------------------------------------------------------------------------


def clock(home: Path, now: datetime | None = None) -> Iterator[Finding]:
    """Check that the time is plausible, and that it is kept synchronised."""
    now, known = now or datetime.now(UTC), synchronised()
    said = f"{now:%Y-%m-%d %H:%M} UTC"
    why = problem(now, latest_known(home), synchronised=known)
    if why is not None:
        yield Finding("clock", Health.BAD, why, SET_CLOCK)
    elif known:
        yield Finding("clock", Health.OK, f"{said}, synchronised")
    else:
        remedy = (
            "Run a time service (systemd-timesyncd, chrony): schedules, days of validity and "
            "operators' orders go by this clock."
        )
        yield Finding("clock", Health.WARN, f"{said}, not known to be synchronised", remedy)


def latest_known(home: Path) -> int:
    """The latest time in a kiosk's journal, in milliseconds since 1970; 0 if there is none."""
    from kiosk.store.home import Home
    from kiosk.store.journal.head import HeadFile

    try:
        head = HeadFile(Home(home).head).read(None)
    except (LintelError, OSError):
        return 0  # reported by the check of the journal
    return head.latest_ms if head else 0


def zone(settings: Settings) -> Iterator[Finding]:
    """The time zone of the rules."""
    name = settings.rules.time_zone
    if name is None:
        yield Finding("time zone", Health.OK, "UTC: no rule depends on the time of day")
        return
    there = datetime.now(settings.rules.zone())
    yield Finding("time zone", Health.OK, f"{settings.rules.zone()}, where it is {there:%H:%M}")


# -- disk ----------------------------------------------------------------------------------------


def disk(home: Path) -> Iterator[Finding]:
    """Check the free space for the journal, and the encryption that protects a stolen disk."""
    place = next(each for each in (home, *home.parents) if each.exists())
    free = shutil.disk_usage(place).free // MEGABYTE
    health = Health.BAD if free < LEAST_MB else Health.WARN if free < FEW_MB else Health.OK
    full = "Free some room: once the journal cannot be written nobody is let in."
    yield Finding("disk", health, f"{free} MB free", full if health is not Health.OK else "")
    known = encrypted(place)
    if known:
        yield Finding("disk", Health.OK, "encrypted")
        return
    how = "not encrypted" if known is False else "not known to be encrypted"
    remedy = "Put the kiosk's home on an encrypted disk (LUKS): the key lies beside what it seals."
    yield Finding("disk", Health.WARN, how, remedy)


def encrypted(place: Path, blocks: Path = Path("/sys/dev/block")) -> bool | None:
    """True if a file is on an encrypted device; None if the device cannot be determined."""
    device = place.stat().st_dev
    node = blocks / f"{os.major(device)}:{os.minor(device)}"
    return _is_encrypted(node) if node.is_dir() else None


def _is_encrypted(node: Path) -> bool:
    """True if the device, or every device below it, is encrypted."""
    kind = node / "dm" / "uuid"
    if kind.is_file() and kind.read_text().startswith("CRYPT-"):
        return True
    below = list((node / "slaves").glob("*"))
    return bool(below) and all(map(_is_encrypted, below))


# -- network -------------------------------------------------------------------------------------

TABLES = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}
"""The kernel's socket tables, with the state of a socket that accepts data from anyone."""
FIRST_OF_CLIENTS = 32768
"""The first UDP port of the range that clients use for their own requests."""


class Socket(NamedTuple):
    """A port that accepts data."""

    protocol: str
    port: int


def network(tables: Path = Path("/proc/net")) -> Iterator[Finding]:
    """Report every port of this machine that others can reach."""
    open_ports = sorted(reachable(tables))
    if not open_ports:
        yield Finding("network", Health.OK, "no port of this machine can be reached from outside")
    for protocol, port in open_ports:
        remedy = "Close it, or let the firewall admit only those who need it. The kiosk needs none."
        said = f"{protocol} port {port}{_service(port, protocol)} can be reached from outside"
        yield Finding("network", Health.WARN, said, remedy)


def reachable(tables: Path) -> set[Socket]:
    """The sockets in the kernel's tables that are not bound to the loopback alone."""
    found = set()
    for table, waiting in TABLES.items():
        path = tables / table
        lines = path.read_text().splitlines()[1:] if path.is_file() else []
        for line in lines:
            _, local, _, state, *_ = line.split()
            address, _, number = local.partition(":")
            socket_ = Socket(table.removesuffix("6"), int(number, 16))
            of_client = socket_.protocol == "udp" and socket_.port >= FIRST_OF_CLIENTS
            if state == waiting and not of_client and not _is_own(address):
                found.add(socket_)
    return found


def _is_own(address: str) -> bool:
    """True if an address of the table, in words of the machine's byte order, is the loopback."""
    words = (int(address[at : at + 8], 16) for at in range(0, len(address), 8))
    found = ipaddress.ip_address(b"".join(struct.pack("=I", word) for word in words))
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _service(port: int, protocol: str) -> str:
    try:
        return f" ({socket.getservbyport(port, protocol)})"
    except OSError:
        return ""
