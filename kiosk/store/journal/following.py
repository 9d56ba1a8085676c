"""Reads a journal from a moment on, and as it grows; every entry is verified."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime

from kiosk.domain.audit import SealedEntry
from kiosk.store.home import Home
from kiosk.store.journal.verification import latest, walk

LOOK_SECONDS = 0.5
"""The interval between two looks for new entries."""


def written_at(sealed: SealedEntry) -> datetime:
    """The time of an entry."""
    return datetime.fromisoformat(sealed.entry.at_utc)


def since(
    home: Home, key: bytes | None, begin: datetime, count: int | None
) -> Sequence[SealedEntry]:
    """The entries from a moment on; the last ``count`` of them, if given. Raises as `walk`."""
    found = (place.entry for place in walk(home, key))
    return tuple(deque((each for each in found if written_at(each) >= begin), count))


def followed(home: Home, key: bytes | None, shown: Sequence[SealedEntry]) -> Iterator[SealedEntry]:
    """New entries as they are written, without an end. Raises as `walk`.

    A journal that was started anew is read from its start.

    Args:
        home: holds the journal.
        key: checks the head's seal; None leaves it unchecked.
        shown: the entries read before; what follows the last of them is new.
    """
    last = shown[-1].number if shown else _newest(home, key)
    while True:
        time.sleep(LOOK_SECONDS)
        newest = _newest(home, key)
        fresh = newest - last if newest >= last else newest
        if fresh:
            yield from latest(home, key, fresh)
        last = newest


def _newest(home: Home, key: bytes | None) -> int:
    """The number of the last entry; 0 if there is none."""
    return max((each.number for each in latest(home, key, 1)), default=0)
