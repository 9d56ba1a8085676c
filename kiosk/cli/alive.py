"""Whether a kiosk runs in a home: then camera and door are its, and nobody fights over them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def runs_in(home: Path) -> bool:
    """Whether one listens there, or another process has its references open."""
    from hardware.operators.local import listens
    from kiosk.store.home import Home

    return listens(home) or _is_held(Home(home).references)


def _is_held(file: Path, processes: Path = Path("/proc")) -> bool:
    """Whether another process that we may look at has a file open."""
    try:
        wanted = file.stat()
    except OSError:
        return False
    ours = str(os.getpid())
    others = (each for each in processes.glob("[0-9]*") if each.name != ours)
    return any(_has_open(each, wanted) for each in others)


def _has_open(process: Path, wanted: os.stat_result) -> bool:
    with contextlib.suppress(OSError):  # it ended meanwhile, or is not ours to look at
        return any(_is(each, wanted) for each in (process / "fd").iterdir())
    return False


def _is(descriptor: Path, wanted: os.stat_result) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(descriptor.stat(), wanted)
    return False
