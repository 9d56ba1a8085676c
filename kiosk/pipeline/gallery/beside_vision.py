"""Long work in a thread of a running kiosk, which looks at frames in another one.

Only one thread at a time runs Python. Each of the many calls in which vision lets it go costs it up
to a switch interval until it goes on: with Python's five milliseconds a frame is lost. Python's
search for cycles looks at every object and lets no other thread run meanwhile: with 50,000
references that is tenths of a second. Whatever is in no cycle is let go all the same.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH_SECONDS = 0.0005
USUAL_SECONDS = sys.getswitchinterval()

_lock = threading.Lock()
_at_work = 0


@contextmanager
def beside_vision() -> Iterator[None]:
    """Work that other threads do not wait for long; several threads may be at such work."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(more: int) -> None:
    global _at_work  # noqa: PLW0603 - both settings are one for the whole process
    with _lock:
        _at_work += more
        if _at_work:
            gc.disable()
            sys.setswitchinterval(SWITCH_SECONDS)
        else:
            gc.enable()
            sys.setswitchinterval(USUAL_SECONDS)
