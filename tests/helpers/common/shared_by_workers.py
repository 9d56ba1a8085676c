"""Files that the first worker of a run makes, and all of them have."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A file or folder of this run; whoever comes while it is made waits for it.

    Args:
        factory: pytest's own.
        name: of it.
        make: makes it at this place.
    """
    root = factory.getbasetemp()
    # Each worker has a folder of its own in that of the run.
    place = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / f"shared-{name}"
    with place.with_suffix(".lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            begun = factory.mktemp("begun") / name
            make(begun)
            begun.rename(place)
    return place
