"""The memory of a mapped file, given back to the system: its pages can be read again at any time.

LiteRT maps a network's file, and XNNPACK copies most weights into an order of its own; of the file,
little is read after that. Without this, a process holds all weights twice.
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Iterator
from pathlib import Path

MAPS = Path("/proc/self/maps")
_PLACE = 5
"""Of a line of `MAPS`: the path, after addresses, permissions, offset, device and inode."""


def release_pages(file: Path) -> None:
    """Give back the memory of what this process has mapped of a file, for reading only.

    Where the system does not tell what is mapped, nothing happens.
    """
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, end in _read_only(str(file.resolve())):
        madvise(start, end - start, mmap.MADV_DONTNEED)


def _read_only(path: str) -> Iterator[tuple[int, int]]:
    """First address, and the one after the last, of each mapping that nobody has written to."""
    try:
        lines = MAPS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return
    for line in lines:
        parts = line.split(maxsplit=_PLACE)
        if len(parts) > _PLACE and parts[_PLACE] == path and parts[1].startswith("r--"):
            start, end = parts[0].split("-")
            yield int(start, 16), int(end, 16)
