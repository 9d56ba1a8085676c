"""Takes the oldest entries of a journal away without breaking its chain.

The head, which is sealed with the key, says where the journal begins: number and hash of the last
entry that went, which the first entry that is left continues. Nobody can move the beginning without
the key, and the chain from there to the head proves every entry that is left, as before.

The file is exchanged as a whole, in this order, each step durable before the next: the new file is
complete beside the old one; the head says the new beginning, and how many bytes of the old file go
before it; the new file takes the old one's place; the head says that nothing goes any more. After
a crash between two steps, whoever comes next makes the new file again from the old one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from kiosk.domain.errors import Refused
from kiosk.store.home import OWNER_ONLY_FILE, Home, flush_directory
from kiosk.store.journal.head import Beginning, Head, HeadFile
from kiosk.store.journal.verification import VerifiedEntry, placed

PIECE_BYTES = 1_000_000
"""Copied at once; somebody else may do something between two pieces."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """A copy of the entries that are left, as far as there were any.

    Attributes:
        last: the last entry that goes, with the place where it ends.
        copied: the bytes that were copied from there on.
        status: of the file that they were copied from.
    """

    last: VerifiedEntry
    copied: int
    status: os.stat_result


class Shortening:
    """Takes entries away from one home's journal.

    Args:
        home: holds the journal and its head.
        key: seals the head.
    """

    def __init__(self, home: Home, key: bytes) -> None:
        self._home = home
        self._head = HeadFile(home.head)
        self._key = key
        self._spare = home.journal.with_name(f"{home.journal.name}.new")

    def __repr__(self) -> str:
        return "Shortening(<hidden>)"

    def prepare(self, last: VerifiedEntry, pause: Callable[[], None]) -> Preparation:
        """Copy what is left, while others may append; nothing changes yet.

        Args:
            last: the last entry that goes, with the place where it ends.
            pause: called between two pieces.

        Raises:
            OSError: it cannot be copied.
        """
        with self._home.journal.open("rb") as old, _made(self._spare) as new:
            copied = _copy(old, new, last.end, os.fstat(old.fileno()).st_size, pause)
            status = os.fstat(old.fileno())
        return Preparation(last, copied, status)

    def commit(self, ready: Preparation, head: Head) -> Head:
        """Exchange the files. The caller excludes everybody else who writes.

        Args:
            ready: what was copied.
            head: the journal's head; nothing is unsettled.

        Returns:
            The new head.

        Raises:
            Refused: the journal was exchanged meanwhile.
            OSError: it could not be done; either all entries are there or those that are left.
        """
        with self._home.journal.open("rb") as old, self._spare.open("r+b") as new:
            if not os.path.samestat(os.fstat(old.fileno()), ready.status):
                raise Refused("The journal was exchanged meanwhile.", "Try again.")
            cut = ready.last.end
            new.seek(ready.copied)
            _copy(old, new, cut + ready.copied, head.size, lambda: None)
            new.truncate(head.size - cut)
            new.flush()
            os.fsync(new.fileno())
        flush_directory(self._home.path)
        begins = Beginning(ready.last.entry.number, ready.last.entry.hash)
        going = replace(head, size=head.size - cut, begins=begins, cut=cut)
        self._put(going)
        return self._exchange(going)

    def finish(self) -> None:
        """Finish what a crash has interrupted. The caller excludes everybody else who writes.

        Raises:
            JournalTampered: the head is not this kiosk's, or the file is neither the old nor the
                new one.
            OSError: it cannot be done now.
        """
        head = self._head.read(self._key)
        if head is None or not head.cut:
            return
        with self._home.journal.open("rb") as old:
            start, _ = placed(old, head)
            if start.size:
                with _made(self._spare) as new:
                    end = os.fstat(old.fileno()).st_size
                    _copy(old, new, start.size, end, lambda: None)
                flush_directory(self._home.path)
        self._exchange(head, already=not start.size)

    def _exchange(self, going: Head, *, already: bool = False) -> Head:
        if not already:
            self._spare.replace(self._home.journal)
            flush_directory(self._home.path)
        done = replace(going, cut=0)
        self._put(done)
        return done

    def _put(self, head: Head) -> None:
        self._head.stage(head, self._key)
        self._head.publish()
        self._head.settle()


@contextmanager
def _made(path: Path) -> Iterator[BinaryIO]:
    """A new file, for its owner only, flushed to disk at the end; a failure leaves none."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(path, flags, OWNER_ONLY_FILE), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _copy(old: BinaryIO, new: BinaryIO, begin: int, end: int, pause: Callable[[], None]) -> int:
    """Copy a part of a file, piece by piece; returns the number of bytes."""
    old.seek(begin)
    left = end - begin
    while left > 0 and (piece := old.read(min(PIECE_BYTES, left))):
        new.write(piece)
        left -= len(piece)
        pause()
    return end - begin - left
