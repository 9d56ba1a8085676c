"""What a process of ours holds: its writable memory, its mapped and its open files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \S+\s*(.*)")
WRITABLE_MODES = (os.O_WRONLY, os.O_RDWR)


def writable(pid: int) -> Iterator[bytes]:
    """The content of each writable mapping of a process that stands still.

    Raises:
        PermissionError: we may not read the memory of that process here.
    """
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for start, end, mode, _ in _mappings(pid):
            if mode.startswith("rw"):
                memory.seek(start)
                yield memory.read(end - start)


def mapped_for_writing(pid: int) -> set[str]:
    """The files that a process has mapped so that a write reaches them, deleted ones too."""
    return {name for *_, mode, name in _mappings(pid) if "w" in mode and "s" in mode and name}


def open_for_writing(pid: int) -> set[str]:
    """The regular files that a process has open to write them, deleted ones too."""
    folder = Path(f"/proc/{pid}")
    found = set()
    for descriptor in (folder / "fd").iterdir():
        flags = int(_told(folder / "fdinfo" / descriptor.name, "flags"), 8)
        if flags & os.O_ACCMODE in WRITABLE_MODES and descriptor.is_file():
            found.add(str(descriptor.readlink()))
    return found


def _told(path: Path, name: str) -> str:
    lines = path.read_text(encoding="ascii").splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith(f"{name}:"))


def _mappings(pid: int) -> Iterator[tuple[int, int, str, str]]:
    for line in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines():
        if found := MAPPING.fullmatch(line):
            start, end, mode, name = found.groups()
            yield int(start, 16), int(end, 16), mode, name
