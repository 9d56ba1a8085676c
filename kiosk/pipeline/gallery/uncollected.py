"""Work that makes very many objects, without Python's search for cycles among them.

A search looks at every object and lets no other thread run meanwhile: with 50,000 references that
is tenths of a second, in which a running kiosk looks at no frame. Whatever is in no cycle is let go
all the same.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_at_work = 0


@contextmanager
def uncollected() -> Iterator[None]:
    """Work during which nothing searches for cycles; several threads may be at such work."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(more: int) -> None:
    global _at_work  # noqa: PLW0603 - the search is one for the whole process
    with _lock:
        _at_work += more
        if _at_work:
            gc.disable()
        else:
            gc.enable()
